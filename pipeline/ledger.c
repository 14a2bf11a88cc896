#include "pipeline/ledger.h"

#include <sqlite3.h>
#include <string.h>

#include "pipeline/ledger_private.h"
#include "pipeline/ledger_seal.h"
#include "pipeline/support/clock.h"

enum { LEDGER_MOST_BYTES = 1 << 30 /* of one value; SQLite's own limit is a little below */ };

static bool ledger_need_key(struct ledger *ledger, bool make, struct error *err)
{
	if (!ledger->has_key)
		ledger->has_key = ledger_key_read(ledger->key_path, make, ledger->key, err);
	return ledger->has_key;
}

static bool ledger_damaged(
	const struct ledger *ledger, const struct ledger_fact *fact, struct error *err)
{
	return fail(err, ERROR_DAMAGED,
		"the ledger '%s': '%s' in '%s' was changed, or sealed with another key than '%s'",
		ledger->path, fact->key, fact->scope, ledger->key_path);
}

static bool ledger_unseal(struct ledger *ledger, int64_t number, struct ledger_fact *fact,
	struct arena *arena, struct error *err)
{
	const struct ledger_seal seal = { ledger->key, fact->scope, fact->key };
	sqlite3_blob *blob = NULL;
	if (!ledger_need_key(ledger, false, err))
		return false;
	if (sqlite3_blob_open(ledger->db, "main", "facts", "value", number, 0, &blob) !=
		SQLITE_OK) {
		sqlite3_blob_close(blob);
		return ledger_fail(ledger, "cannot read", err);
	}
	bool fine = ledger_unsealed_bytes((size_t)sqlite3_blob_bytes(blob), &fact->length);
	unsigned char *value = arena_alloc(arena, fine ? fact->length + 1 : 1);
	fine = fine && ledger_seal_read(&seal, blob, value, fact->length);
	sqlite3_blob_close(blob);
	fact->value = value;
	return fine || ledger_damaged(ledger, fact, err);
}

/* True where there is nothing in it yet. */
static bool ledger_is_empty(struct ledger *ledger)
{
	int64_t tables = 0;
	return !ledger->db ||
	       (ledger_number(ledger, "SELECT count(*) FROM sqlite_schema", &tables) &&
		       tables == 0);
}

/* `ask` stands on the row: number, sealed, written, value where it is not sealed. */
static bool ledger_take(struct ledger *ledger, sqlite3_stmt *ask, struct ledger_fact *fact,
	struct arena *arena, struct error *err)
{
	fact->sealed = sqlite3_column_int(ask, 1);
	fact->written_nanos = sqlite3_column_int64(ask, 2);
	if (fact->sealed)
		return ledger_unseal(ledger, sqlite3_column_int64(ask, 0), fact, arena, err);
	const void *value = sqlite3_column_blob(ask, 3);
	fact->length = (size_t)sqlite3_column_bytes(ask, 3);
	fact->value = arena_copy(arena, value ? value : "", fact->length);
	return true;
}

bool ledger_get(
	struct ledger *ledger, struct ledger_fact *fact, struct arena *arena, struct error *err)
{
	static const char sql[] =
		"SELECT number, sealed, written, CASE WHEN sealed THEN NULL ELSE value END "
		"FROM facts WHERE scope = ?1 AND key = ?2";
	sqlite3_stmt *ask = NULL;
	fact->value = NULL;
	fact->length = 0;
	if (ledger_is_empty(ledger))
		return true;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, fact->scope, -1, SQLITE_STATIC);
	sqlite3_bind_text(ask, 2, fact->key, -1, SQLITE_STATIC);
	const int result = sqlite3_step(ask);
	bool fine = result == SQLITE_DONE || result == SQLITE_ROW ||
		    ledger_fail(ledger, "cannot read", err);
	if (result == SQLITE_ROW)
		fine = ledger_take(ledger, ask, fact, arena, err);
	sqlite3_finalize(ask);
	return fine;
}

bool ledger_begin(struct ledger *ledger, struct error *err)
{
	if (!ledger->open_transaction)
		ledger->open_transaction = ledger_execute(ledger, "BEGIN IMMEDIATE", err);
	return ledger->open_transaction;
}

/* Writes the row, with room for what is to be sealed; `*number` is its own. */
static bool ledger_put_row(
	struct ledger *ledger, const struct ledger_fact *fact, int64_t *number, struct error *err)
{
	static const char sql[] =
		"INSERT INTO facts(scope, key, sealed, written, value) VALUES(?1, ?2, ?3, ?4, ?5) "
		"ON CONFLICT(scope, key) DO UPDATE SET sealed = ?3, written = ?4, value = ?5 "
		"RETURNING number";
	sqlite3_stmt *put = NULL;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &put, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot write", err);
	sqlite3_bind_text(put, 1, fact->scope, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 2, fact->key, -1, SQLITE_STATIC);
	sqlite3_bind_int(put, 3, fact->sealed);
	sqlite3_bind_int64(put, 4, clock_wall_nanos());
	if (fact->sealed)
		sqlite3_bind_zeroblob64(put, 5, ledger_sealed_bytes(fact->length));
	else
		sqlite3_bind_blob64(put, 5, fact->value, fact->length, SQLITE_STATIC);
	bool fine = sqlite3_step(put) == SQLITE_ROW;
	if (fine)
		*number = sqlite3_column_int64(put, 0);
	fine = fine && sqlite3_step(put) == SQLITE_DONE;
	if (!fine)
		ledger_fail(ledger, "cannot write", err);
	sqlite3_finalize(put);
	return fine;
}

static bool ledger_put_sealed(
	struct ledger *ledger, const struct ledger_fact *fact, int64_t number, struct error *err)
{
	const struct ledger_seal seal = { ledger->key, fact->scope, fact->key };
	sqlite3_blob *blob = NULL;
	bool fine = sqlite3_blob_open(ledger->db, "main", "facts", "value", number, 1, &blob) ==
			    SQLITE_OK &&
		    ledger_seal_write(&seal, blob, fact->value, fact->length);
	if (!fine)
		ledger_fail(ledger, "cannot write", err);
	sqlite3_blob_close(blob);
	return fine;
}

bool ledger_put(struct ledger *ledger, const struct ledger_fact *fact, struct error *err)
{
	int64_t sealed = 0, number = 0;
	if (fact->length > LEDGER_MOST_BYTES - (LEDGER_MOST_BYTES >> 8))
		return fail(err, ERROR_LIMIT, "a fact of %zu bytes is too large for the ledger",
			fact->length);
	/* A ledger that has sealed facts and no key must not get a new one beside them. */
	ledger_number(ledger, "SELECT count(*) FROM facts WHERE sealed", &sealed);
	if (fact->sealed && !ledger_need_key(ledger, sealed == 0, err))
		return false;
	return ledger_begin(ledger, err) && ledger_put_row(ledger, fact, &number, err) &&
	       (!fact->sealed || ledger_put_sealed(ledger, fact, number, err));
}

static void ledger_add(struct ledger_facts *facts, size_t *room, sqlite3_stmt *row,
	const char *scope, struct arena *arena)
{
	if (facts->count == *room) {
		struct ledger_fact *list = facts->list;
		*room = *room * 2 + 16;
		facts->list = arena_alloc(arena, *room * sizeof(*list));
		if (list)
			memcpy(facts->list, list, facts->count * sizeof(*list));
	}
	const char *key = (const char *)sqlite3_column_text(row, 0);
	facts->list[facts->count++] = (struct ledger_fact){
		.scope = scope,
		.key = arena_copy(arena, key ? key : "", key ? strlen(key) : 0),
		.sealed = sqlite3_column_int(row, 1),
		.written_nanos = sqlite3_column_int64(row, 2),
	};
}

bool ledger_list(struct ledger *ledger, const char *scope, struct arena *arena,
	struct ledger_facts *facts, struct error *err)
{
	static const char sql[] =
		"SELECT key, sealed, written FROM facts WHERE scope = ?1 ORDER BY "
		"written DESC, number DESC";
	sqlite3_stmt *ask = NULL;
	size_t room = 0;
	*facts = (struct ledger_facts){ 0 };
	if (ledger_is_empty(ledger))
		return true;
	if (sqlite3_prepare_v2(ledger->db, sql, -1, &ask, NULL) != SQLITE_OK)
		return ledger_fail(ledger, "cannot read", err);
	sqlite3_bind_text(ask, 1, scope, -1, SQLITE_STATIC);
	int result;
	while ((result = sqlite3_step(ask)) == SQLITE_ROW)
		ledger_add(facts, &room, ask, scope, arena);
	const bool fine = result == SQLITE_DONE || ledger_fail(ledger, "cannot read", err);
	sqlite3_finalize(ask);
	return fine;
}

void ledger_rollback(struct ledger *ledger)
{
	if (ledger->open_transaction)
		sqlite3_exec(ledger->db, "ROLLBACK", NULL, NULL, NULL);
	ledger->open_transaction = false;
}

bool ledger_commit(struct ledger *ledger, struct error *err)
{
	if (!ledger->open_transaction)
		return true;
	ledger->open_transaction = false;
	return ledger_execute(ledger, "COMMIT", err);
}

sqlite3_stmt *ledger_prepare(
	struct ledger *ledger, enum ledger_statement which, const char *sql, struct error *err)
{
	sqlite3_stmt **kept = &ledger->statements[which];
	if (!*kept && sqlite3_prepare_v3(ledger->db, sql, -1, SQLITE_PREPARE_PERSISTENT, kept,
			      NULL) != SQLITE_OK) {
		ledger_fail(ledger, "cannot use", err);
		return NULL;
	}
	sqlite3_reset(*kept);
	return *kept;
}

bool ledger_run(struct ledger *ledger, sqlite3_stmt *statement, int *changed, struct error *err)
{
	const bool fine =
		sqlite3_step(statement) == SQLITE_DONE || ledger_fail(ledger, "cannot write", err);
	sqlite3_reset(statement);
	if (changed)
		*changed = sqlite3_changes(ledger->db);
	return fine;
}
