#include <assert.h>
#include <string.h>

#include "pipeline/state_rows.h"

static_assert(OUTCOME_FAILED == 3, "the index of failures in state.c names the status by number");

#define ITEM_COLUMNS                                                                         \
	"number, status, size, mtime, strict, content, verdict, recipe, late, code, blame, " \
	"runs_failed, run, micros, error"

enum { COLUMN_ERROR = 14, COLUMN_KEY };

static uint32_t items_bounded(sqlite3_stmt *row, int column, uint32_t most, uint32_t otherwise)
{
	int64_t value = sqlite3_column_int64(row, column);
	return value >= 0 && value <= most ? (uint32_t)value : otherwise;
}

/* All but the error's text. */
static void items_read(sqlite3_stmt *row, struct state_item *item)
{
	*item = (struct state_item){
		.number = sqlite3_column_int64(row, 0),
		.status = items_bounded(row, 1, OUTCOME_CANCELLED, OUTCOME_CANCELLED),
		.validator = { .size = (uint64_t)sqlite3_column_int64(row, 2),
			.mtime_nanos = sqlite3_column_int64(row, 3),
			.strict = (uint64_t)sqlite3_column_int64(row, 4) },
		.content = state_column_digest(row, 5),
		.verdict = state_column_digest(row, 6),
		.recipe = state_column_digest(row, 7),
		.code = items_bounded(row, 9, ERROR_CODES - 1, ERROR_INTERNAL),
		.blame = items_bounded(row, 10, BLAME_PLACE, BLAME_MOMENT),
		.runs_failed = items_bounded(row, 11, UINT32_MAX, 0),
		.run = sqlite3_column_int64(row, 12),
		.micros = sqlite3_column_int64(row, 13),
		.error = "",
	};
	state_column_late(row, 8, item->late);
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_find(struct state *state, const char *key, size_t length, struct arena *arena,
	struct state_item *found, struct error *err)
{
	sqlite3_stmt *find = state_statement(
		state, STATE_FIND, "SELECT " ITEM_COLUMNS " FROM items WHERE key = ?1", err);
	if (!find)
		return false;
	state_bind_bytes(find, 1, key, length);
	bool row;
	if (!state_step(state, find, &row, err))
		return false;
	*found = (struct state_item){ .error = "" };
	if (!row)
		return true;
	items_read(find, found);
	if (sqlite3_column_bytes(find, COLUMN_ERROR) > 0)
		found->error = state_column_bytes(find, COLUMN_ERROR, arena, NULL);
	sqlite3_reset(find);
	return true;
}

bool state_number(
	struct state *state, const char *key, size_t length, int64_t *number, struct error *err)
{
	sqlite3_stmt *find = state_statement(
		state, STATE_NUMBER, "SELECT number FROM items WHERE key = ?1", err);
	if (!find)
		return false;
	state_bind_bytes(find, 1, key, length);
	bool row;
	if (!state_step(state, find, &row, err))
		return false;
	*number = row ? sqlite3_column_int64(find, 0) : 0;
	sqlite3_reset(find);
	return true;
}

static void items_bind(sqlite3_stmt *to, const struct state_item *item)
{
	sqlite3_bind_int64(to, 1, item->status);
	sqlite3_bind_int64(to, 2, (int64_t)item->validator.size);
	sqlite3_bind_int64(to, 3, item->validator.mtime_nanos);
	sqlite3_bind_int64(to, 4, (int64_t)item->validator.strict);
	state_bind_digest(to, 5, &item->content);
	state_bind_digest(to, 6, &item->verdict);
	state_bind_digest(to, 7, &item->recipe);
	state_bind_bytes(to, 8, item->late, strnlen(item->late, sizeof(item->late) - 1));
	sqlite3_bind_int64(to, 9, item->code);
	sqlite3_bind_int64(to, 10, item->blame);
	sqlite3_bind_int64(to, 11, item->runs_failed);
	sqlite3_bind_int64(to, 12, item->run);
	sqlite3_bind_int64(to, 13, item->micros);
	state_bind_name(to, 14, item->error ? item->error : "");
}

/* sqlite3_changes() is 0 afterwards where no row has this number and key. */
static bool items_update(struct state *state, const char *key, size_t length,
	const struct state_item *item, struct error *err)
{
	sqlite3_stmt *update = state_change(state, STATE_UPDATE,
		"UPDATE items SET status = ?1, size = ?2, mtime = ?3, strict = ?4, content = ?5, "
		"verdict = ?6, recipe = ?7, late = ?8, code = ?9, blame = ?10, runs_failed = ?11, "
		"run = ?12, micros = ?13, error = ?14 WHERE number = ?15 AND key = ?16",
		err);
	if (!update)
		return false;
	items_bind(update, item);
	sqlite3_bind_int64(update, 15, item->number);
	state_bind_bytes(update, 16, key, length);
	return state_run_through(state, update, err);
}

static bool items_insert(struct state *state, const char *key, size_t length,
	struct state_item *item, struct error *err)
{
	sqlite3_stmt *insert = state_change(state, STATE_INSERT,
		"INSERT INTO items(status, size, mtime, strict, content, verdict, recipe, late, "
		"code, blame, runs_failed, run, micros, error, key) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
		err);
	if (!insert)
		return false;
	items_bind(insert, item);
	state_bind_bytes(insert, 15, key, length);
	if (!state_run_through(state, insert, err))
		return false;
	item->number = sqlite3_last_insert_rowid(state->db);
	return true;
}

bool state_put(struct state *state, const char *key, size_t length, struct state_item *item,
	struct error *err)
{
	if (item->number && !items_update(state, key, length, item, err))
		return false;
	if (item->number && sqlite3_changes(state->db) > 0)
		return true;
	int64_t number;
	if (!state_number(state, key, length, &number, err))
		return false;
	if (!number)
		return items_insert(state, key, length, item, err);
	item->number = number;
	return items_update(state, key, length, item, err);
}

bool state_reserve(
	struct state *state, const char *key, size_t length, int64_t *number, struct error *err)
{
	if (!state_number(state, key, length, number, err))
		return false;
	if (*number)
		return true;
	struct state_item item = { .status = OUTCOME_CANCELLED };
	if (!items_insert(state, key, length, &item, err))
		return false;
	*number = item.number;
	return true;
}

static bool items_failure(sqlite3_stmt *row, struct arena *arena,
	bool (*each)(void *context, const char *key, size_t length, const struct state_item *item),
	void *context)
{
	struct state_item item;
	items_read(row, &item);
	item.error = state_column_bytes(row, COLUMN_ERROR, arena, NULL);
	size_t length;
	const char *key = state_column_bytes(row, COLUMN_KEY, arena, &length);
	bool more = each(context, key, length, &item);
	arena_reset(arena);
	return more;
}

bool state_failures(struct state *state,
	bool (*each)(void *context, const char *key, size_t length, const struct state_item *item),
	void *context, struct error *err)
{
	sqlite3_stmt *list = state_statement(state, STATE_FAILURES,
		"SELECT " ITEM_COLUMNS ", key FROM items WHERE status = 3 ORDER BY key", err);
	if (!list)
		return false;
	struct arena arena;
	arena_init(&arena);
	bool row, ok;
	do
		ok = state_step(state, list, &row, err);
	while (ok && row && items_failure(list, &arena, each, context));
	sqlite3_reset(list);
	arena_finish(&arena);
	return ok;
}

static bool items_count_outputs(struct state *state, uint64_t *outputs, struct error *err)
{
	sqlite3_stmt *count = state_statement(state, STATE_COUNT_OUTPUTS,
		"SELECT count(*) FROM outputs WHERE content IS NOT NULL", err);
	bool row;
	if (!count || !state_step(state, count, &row, err))
		return false;
	*outputs = row ? (uint64_t)sqlite3_column_int64(count, 0) : 0;
	sqlite3_reset(count);
	return true;
}

bool state_counts(struct state *state, uint64_t items[OUTCOME_CANCELLED + 1], uint64_t *outputs,
	struct error *err)
{
	sqlite3_stmt *count = state_statement(state, STATE_COUNT_ITEMS,
		"SELECT status, count(*) FROM items GROUP BY status", err);
	if (!count)
		return false;
	memset(items, 0, (OUTCOME_CANCELLED + 1) * sizeof(*items));
	bool row, ok;
	while ((ok = state_step(state, count, &row, err)) && row)
		items[items_bounded(count, 0, OUTCOME_CANCELLED, OUTCOME_CANCELLED)] +=
			(uint64_t)sqlite3_column_int64(count, 1);
	return ok && items_count_outputs(state, outputs, err);
}
