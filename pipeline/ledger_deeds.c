#include "pipeline/ledger_deeds.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/ledger_private.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/text.h"

#define DEED_COLUMNS \
	"id, state, key, label, name, words, what, attempts, code, next, since, changed, "

/* A ledger of an earlier version, which is only read, has none of these. */
static const char *deed_select(const struct ledger *ledger)
{
	return ledger->has_editions ? "SELECT " DEED_COLUMNS "edition, moment, number FROM deeds "
				    : "SELECT " DEED_COLUMNS "0, 0, number FROM deeds ";
}

/* As they stand in SQL. */
static_assert(LEDGER_SENDING == 2 && LEDGER_DOUBT == 6, "numbers of states are kept in files");

const char *ledger_state_word(enum ledger_state state)
{
	static const char *const words[LEDGER_STATES] = {
		[LEDGER_NONE] = "none",
		[LEDGER_PLANNED] = "planned",
		[LEDGER_SENDING] = "sending",
		[LEDGER_ACCEPTED] = "accepted",
		[LEDGER_DEFERRED] = "deferred",
		[LEDGER_FAILED] = "failed",
		[LEDGER_DOUBT] = "in doubt",
		[LEDGER_LAPSED] = "lapsed",
	};
	return state < LEDGER_STATES ? words[state] : "unknown";
}

static const char *deed_text(sqlite3_stmt *row, int column, struct arena *arena)
{
	const char *text = (const char *)sqlite3_column_text(row, column);
	if (!text)
		return "";
	return arena ? arena_copy(arena, text, (size_t)sqlite3_column_bytes(row, column)) : text;
}

static struct digest deed_digest(sqlite3_stmt *row, int column)
{
	struct digest digest = { 0 };
	if (sqlite3_column_bytes(row, column) == (int)sizeof(digest))
		memcpy(&digest, sqlite3_column_blob(row, column), sizeof(digest));
	return digest;
}

/* Texts are copied into `arena`; without one they stay SQLite's. */
static void deed_read(sqlite3_stmt *row, struct arena *arena, struct ledger_deed *deed)
{
	const int state = sqlite3_column_int(row, 1);
	const char *key = sqlite3_column_blob(row, 2);
	const size_t length = (size_t)sqlite3_column_bytes(row, 2);
	*deed = (struct ledger_deed){
		.id = deed_digest(row, 0),
		.state = state > LEDGER_NONE && state < LEDGER_STATES ? (enum ledger_state)state
								      : LEDGER_DOUBT,
		.key = arena ? arena_copy(arena, key ? key : "", length) : key,
		.key_length = length,
		.label = deed_text(row, 3, arena),
		.name = deed_text(row, 4, arena),
		.words = deed_text(row, 5, arena),
		.what = deed_digest(row, 6),
		.attempts = (uint32_t)sqlite3_column_int64(row, 7),
		.code = (uint32_t)sqlite3_column_int64(row, 8),
		.next_nanos = sqlite3_column_int64(row, 9),
		.planned_nanos = sqlite3_column_int64(row, 10),
		.changed_nanos = sqlite3_column_int64(row, 11),
		.edition = (uint32_t)sqlite3_column_int64(row, 12),
		.moment = sqlite3_column_int64(row, 13),
		.number = sqlite3_column_int64(row, 14),
	};
}

bool ledger_deed(struct ledger *ledger, const char *job, struct ledger_deed *row,
	struct arena *arena, struct error *err)
{
	const struct digest id = row->id;
	*row = (struct ledger_deed){ .id = id, .key = "", .label = "", .name = "", .words = "" };
	if (!ledger->has_deeds)
		return true;
	char sql[256];
	snprintf(sql, sizeof(sql), "%sWHERE job = ?1 AND id = ?2", deed_select(ledger));
	sqlite3_stmt *ask = ledger_prepare(ledger, LEDGER_SQL_FIND, sql, err);
	if (!ask)
		return false;
	sqlite3_bind_text(ask, 1, job, -1, SQLITE_STATIC);
	sqlite3_bind_blob(ask, 2, &id, sizeof(id), SQLITE_STATIC);
	const int result = sqlite3_step(ask);
	if (result == SQLITE_ROW)
		deed_read(ask, arena, row);
	const bool fine = result == SQLITE_ROW || result == SQLITE_DONE ||
			  ledger_fail(ledger, "cannot read", err);
	sqlite3_reset(ask);
	return fine;
}

/* The condition of a filter, with parameters by name. */
static void deed_condition(
	const struct ledger *ledger, const struct ledger_filter *filter, struct text *sql)
{
	text_addf(sql, "%sWHERE job = :job", deed_select(ledger));
	if (filter->states)
		text_addf(sql, " AND (%u >> state) & 1", filter->states);
	if (filter->prefix)
		text_add_string(sql, " AND key >= :from AND key < :behind");
	if (filter->word)
		text_add_string(sql,
			" AND (label = :word COLLATE NOCASE OR name = :word OR key = CAST(:word AS "
			"BLOB) OR lower(hex(id)) = :word)");
	text_add_string(sql, " ORDER BY changed, number");
}

/* From the prefix on, and before the first that no longer begins with it, so that the index
 * serves. */
static void deed_bind_prefix(sqlite3_stmt *ask, const struct ledger_filter *filter)
{
	const int behind = sqlite3_bind_parameter_index(ask, ":behind");
	size_t length = filter->prefix_length;
	sqlite3_bind_blob64(ask, sqlite3_bind_parameter_index(ask, ":from"), filter->prefix,
		filter->prefix_length, SQLITE_STATIC);
	while (length > 0 && (unsigned char)filter->prefix[length - 1] == 0xff)
		length--;
	unsigned char *copy = memory_alloc(length + 1);
	memcpy(copy, filter->prefix, length);
	if (length > 0)
		copy[length - 1]++;
	sqlite3_bind_blob64(ask, behind, copy, length, free);
}

static void deed_bind(sqlite3_stmt *ask, const struct ledger_filter *filter)
{
	sqlite3_bind_text(
		ask, sqlite3_bind_parameter_index(ask, ":job"), filter->job, -1, SQLITE_STATIC);
	if (filter->prefix)
		deed_bind_prefix(ask, filter);
	if (filter->word)
		sqlite3_bind_text(ask, sqlite3_bind_parameter_index(ask, ":word"), filter->word, -1,
			SQLITE_STATIC);
}

/* The statement of the last walk, where it asked the same: head stages walk for each record. */
static sqlite3_stmt *deed_prepare(
	struct ledger *ledger, const struct ledger_filter *filter, struct error *err)
{
	struct text sql = { 0 };
	sqlite3_stmt *ask = ledger->walk;
	deed_condition(ledger, filter, &sql);
	ledger->walk = NULL;
	if (!ask || strcmp(sqlite3_sql(ask), sql.data) != 0) {
		sqlite3_finalize(ask);
		ask = NULL;
		if (sqlite3_prepare_v2(ledger->db, sql.data, -1, &ask, NULL) != SQLITE_OK)
			ledger_fail(ledger, "cannot read", err);
	}
	text_finish(&sql);
	if (ask)
		deed_bind(ask, filter);
	return ask;
}

static void deed_keep(struct ledger *ledger, sqlite3_stmt *ask)
{
	sqlite3_reset(ask);
	sqlite3_finalize(ledger->walk); /* of a walk within this one */
	ledger->walk = ask;
}

bool ledger_walk(struct ledger *ledger, const struct ledger_filter *filter,
	bool (*each)(void *context, const struct ledger_deed *row), void *context,
	struct error *err)
{
	int result = SQLITE_DONE;
	bool more = true;
	if (!ledger->has_deeds)
		return true;
	sqlite3_stmt *ask = deed_prepare(ledger, filter, err);
	if (!ask)
		return false;
	while (more && (result = sqlite3_step(ask)) == SQLITE_ROW) {
		struct ledger_deed row;
		deed_read(ask, NULL, &row);
		more = each(context, &row);
	}
	const bool fine = result == SQLITE_ROW || result == SQLITE_DONE ||
			  ledger_fail(ledger, "cannot read", err);
	deed_keep(ledger, ask);
	return fine;
}

bool ledger_counts(
	struct ledger *ledger, const char *job, uint64_t counts[LEDGER_STATES], struct error *err)
{
	static const char sql[] = "SELECT state, count(*) FROM deeds WHERE job = ?1 GROUP BY state";
	sqlite3_stmt *ask = NULL;
	int result;
	memset(counts, 0, LEDGER_STATES * sizeof(*counts));
	if (!ledger->has_deeds)
		return true;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, job, -1, SQLITE_STATIC);
	while ((result = sqlite3_step(ask)) == SQLITE_ROW) {
		const int state = sqlite3_column_int(ask, 0);
		if (state > LEDGER_NONE && state < LEDGER_STATES)
			counts[state] = (uint64_t)sqlite3_column_int64(ask, 1);
	}
	sqlite3_finalize(ask);
	return result == SQLITE_DONE || ledger_fail(ledger, "cannot read", err);
}

bool ledger_resolve(struct ledger *ledger, const char *job, struct digest id, enum ledger_state to,
	struct error *err)
{
	static const char sql[] = "UPDATE deeds SET state = ?3, words = ?4, next = 0, changed = ?5 "
				  "WHERE job = ?1 AND id = ?2 AND state IN (2, 6)";
	int changed = 0;
	sqlite3_stmt *put = ledger->has_deeds && ledger_begin(ledger, err)
				    ? ledger_prepare(ledger, LEDGER_SQL_RESOLVE, sql, err)
				    : NULL;
	if (!put)
		return ledger->has_deeds ? false : fail(err, ERROR_MISSING, "there are no deeds");
	sqlite3_bind_text(put, 1, job, -1, SQLITE_STATIC);
	sqlite3_bind_blob(put, 2, &id, sizeof(id), SQLITE_STATIC);
	sqlite3_bind_int(put, 3, (int)to);
	sqlite3_bind_text(put, 4, LEDGER_RESOLVED, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 5, clock_wall_nanos());
	if (!ledger_run(ledger, put, &changed, err))
		return false;
	char hex[DIGEST_HEX_BYTES];
	digest_hex(id, hex);
	return changed == 1 || fail(err, ERROR_USAGE, "'%s' is not in doubt", hex);
}
