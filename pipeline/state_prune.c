#include "pipeline/state_rows.h"

enum { LEFT_KEY = 6, LEFT_ITEM };

bool state_expect_begin(struct state *state, struct error *err)
{
	state->expecting = 0;
	return state_execute(state,
		"CREATE TEMP TABLE IF NOT EXISTS expected_items(number INTEGER PRIMARY KEY);"
		"CREATE TEMP TABLE IF NOT EXISTS expected_outputs(path BLOB, item INTEGER, "
		"PRIMARY KEY(path, item)) WITHOUT ROWID;"
		"CREATE TEMP TABLE IF NOT EXISTS expected_paths(path BLOB PRIMARY KEY) "
		"WITHOUT ROWID;"
		"CREATE TEMP TABLE IF NOT EXISTS listed_items(number INTEGER PRIMARY KEY);"
		"DELETE FROM expected_items; DELETE FROM expected_outputs; "
		"DELETE FROM expected_paths; DELETE FROM listed_items;",
		err);
}

bool state_expect_item(struct state *state, const char *key, size_t length, struct error *err)
{
	if (!state_number(state, key, length, &state->expecting, err))
		return false;
	if (!state->expecting)
		return true;
	sqlite3_stmt *insert = state_statement(state, STATE_EXPECT_ITEM,
		"INSERT OR IGNORE INTO temp.expected_items VALUES(?1)", err);
	if (!insert)
		return false;
	sqlite3_bind_int64(insert, 1, state->expecting);
	return state_run_through(state, insert, err);
}

static bool prune_expect_path(struct state *state, const char *real, struct error *err)
{
	sqlite3_stmt *insert = state_statement(state, STATE_EXPECT_PATH,
		"INSERT OR IGNORE INTO temp.expected_paths VALUES(?1)", err);
	if (!insert)
		return false;
	state_bind_name(insert, 1, real);
	return state_run_through(state, insert, err);
}

bool state_expected_path(struct state *state, const char *real, bool *expected, struct error *err)
{
	sqlite3_stmt *find = state_statement(state, STATE_EXPECTED_PATH,
		"SELECT 1 FROM temp.expected_paths WHERE path = ?1", err);
	if (!find)
		return false;
	state_bind_name(find, 1, real);
	if (!state_step(state, find, expected, err))
		return false;
	sqlite3_reset(find);
	return true;
}

bool state_expect_output(struct state *state, const char *path, const char *real, struct error *err)
{
	if (!state->expecting)
		return true;
	if (!prune_expect_path(state, real, err))
		return false;
	sqlite3_stmt *insert = state_statement(state, STATE_EXPECT_OUTPUT,
		"INSERT OR IGNORE INTO temp.expected_outputs VALUES(?1, ?2)", err);
	if (!insert)
		return false;
	state_bind_name(insert, 1, path);
	sqlite3_bind_int64(insert, 2, state->expecting);
	return state_run_through(state, insert, err);
}

struct prune_list {
	struct state *state;
	bool (*each)(
		void *context, const struct state_output *output, const char *key, size_t length);
	void *context;
	uint64_t *outputs;
	struct arena arena;
	bool stopped;
};

/* The caller may forget an output while it is told of it: its item must not be told of again as one
 * without any. */
static bool prune_listed(struct state *state, int64_t item, struct error *err)
{
	sqlite3_stmt *insert = state_statement(state, STATE_LEFT_LISTED,
		"INSERT OR IGNORE INTO temp.listed_items VALUES(?1)", err);
	if (!insert)
		return false;
	sqlite3_bind_int64(insert, 1, item);
	return state_run_through(state, insert, err);
}

static bool prune_output(struct prune_list *list, sqlite3_stmt *row, struct error *err)
{
	if (!prune_listed(list->state, sqlite3_column_int64(row, LEFT_ITEM), err))
		return false;
	struct state_output output;
	state_column_output(row, 0, &list->arena, &output);
	size_t length;
	const char *key = state_column_bytes(row, LEFT_KEY, &list->arena, &length);
	++*list->outputs;
	list->stopped = !list->each(list->context, &output, key, length);
	arena_reset(&list->arena);
	return true;
}

/* An output is expected where its owner would make it: the path alone is not enough, for the owner
 * may be gone while another item waits for the path. */
static bool prune_outputs(struct prune_list *list, struct error *err)
{
	sqlite3_stmt *left = state_statement(list->state, STATE_LEFT_OUTPUTS,
		"SELECT o.path, o.part, o.recipe, o.content, o.late, o.late_at, items.key, o.item "
		"FROM outputs AS o LEFT JOIN items ON items.number = o.item "
		"WHERE NOT EXISTS (SELECT 1 FROM temp.expected_outputs AS e "
		"WHERE e.path = o.path AND e.item = o.item) ORDER BY o.path",
		err);
	if (!left)
		return false;
	bool row, ok;
	while ((ok = state_step(list->state, left, &row, err)) && row && !list->stopped) {
		ok = prune_output(list, left, err);
		if (!ok)
			break;
	}
	sqlite3_reset(left);
	return ok;
}

static bool prune_items(struct prune_list *list, struct error *err)
{
	if (list->stopped)
		return true;
	sqlite3_stmt *left = state_statement(list->state, STATE_LEFT_ITEMS,
		"SELECT key FROM items WHERE number NOT IN (SELECT number FROM "
		"temp.expected_items) "
		"AND number NOT IN (SELECT number FROM temp.listed_items) ORDER BY key",
		err);
	if (!left)
		return false;
	const struct state_output none = { .path = NULL, .late_at = SIZE_MAX };
	bool row, ok;
	while ((ok = state_step(list->state, left, &row, err)) && row && !list->stopped) {
		size_t length;
		const char *key = state_column_bytes(left, 0, &list->arena, &length);
		list->stopped = !list->each(list->context, &none, key, length);
		arena_reset(&list->arena);
	}
	sqlite3_reset(left);
	return ok;
}

static bool prune_count_items(struct state *state, uint64_t *items, struct error *err)
{
	sqlite3_stmt *count = state_statement(state, STATE_COUNT_LEFT,
		"SELECT count(*) FROM items "
		"WHERE number NOT IN (SELECT number FROM temp.expected_items)",
		err);
	bool row;
	if (!count || !state_step(state, count, &row, err))
		return false;
	*items = row ? (uint64_t)sqlite3_column_int64(count, 0) : 0;
	sqlite3_reset(count);
	return true;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_unexpected(struct state *state,
	bool (*each)(
		void *context, const struct state_output *output, const char *key, size_t length),
	void *context, uint64_t *outputs, uint64_t *items, struct error *err)
{
	struct prune_list list = {
		.state = state, .each = each, .context = context, .outputs = outputs
	};
	*outputs = 0;
	arena_init(&list.arena);
	bool ok = prune_count_items(state, items, err) && prune_outputs(&list, err) &&
		  prune_items(&list, err);
	arena_finish(&list.arena);
	return ok;
}

bool state_forget_output(struct state *state, const char *path, struct error *err)
{
	sqlite3_stmt *forget = state_change(
		state, STATE_FORGET_OUTPUT, "DELETE FROM outputs WHERE path = ?1", err);
	if (!forget)
		return false;
	state_bind_name(forget, 1, path);
	return state_run_through(state, forget, err);
}

bool state_forget_unexpected_items(struct state *state, uint64_t *count, struct error *err)
{
	sqlite3_stmt *forget = state_change(state, STATE_FORGET_ITEMS,
		"DELETE FROM items WHERE number NOT IN (SELECT number FROM temp.expected_items) "
		"AND NOT EXISTS (SELECT 1 FROM outputs WHERE item = items.number)",
		err);
	if (!forget || !state_run_through(state, forget, err))
		return false;
	*count = (uint64_t)sqlite3_changes64(state->db);
	return true;
}
