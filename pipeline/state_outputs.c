#include "pipeline/state_rows.h"

struct outputs_owner {
	int64_t item; /* 0: nobody that is still remembered */
	struct state_owner who;
};

static bool outputs_find_owner(struct state *state, const char *path, struct arena *arena,
	struct outputs_owner *owner, struct error *err)
{
	sqlite3_stmt *find = state_statement(state, STATE_OWNER,
		"SELECT items.number, items.key, outputs.content FROM outputs LEFT JOIN items "
		"ON items.number = outputs.item WHERE path = ?1",
		err);
	if (!find)
		return false;
	state_bind_name(find, 1, path);
	bool row;
	if (!state_step(state, find, &row, err))
		return false;
	*owner = (struct outputs_owner){ .item = row ? sqlite3_column_int64(find, 0) : 0 };
	if (owner->item) {
		owner->who.key = state_column_bytes(find, 1, arena, &owner->who.length);
		owner->who.made = sqlite3_column_type(find, 2) != SQLITE_NULL;
	}
	sqlite3_reset(find);
	return true;
}

bool state_take_over(
	struct state *state, int64_t number, const char *path, const char *part, struct error *err)
{
	sqlite3_stmt *change = state_change(state, STATE_TAKE_OVER,
		"UPDATE outputs SET item = ?1, part = ?2, recipe = NULL, content = NULL, "
		"late = NULL, late_at = NULL WHERE path = ?3",
		err);
	if (!change)
		return false;
	sqlite3_bind_int64(change, 1, number);
	state_bind_name(change, 2, part);
	state_bind_name(change, 3, path);
	return state_run_through(state, change, err);
}

/* sqlite3_changes() is 0 afterwards where the path has an owner already. */
static bool outputs_insert(
	struct state *state, int64_t number, const char *path, const char *part, struct error *err)
{
	sqlite3_stmt *insert = state_change(state, STATE_CLAIM,
		"INSERT INTO outputs(path, item, part) VALUES(?1, ?2, ?3) "
		"ON CONFLICT(path) DO NOTHING",
		err);
	if (!insert)
		return false;
	state_bind_name(insert, 1, path);
	sqlite3_bind_int64(insert, 2, number);
	state_bind_name(insert, 3, part);
	return state_run_through(state, insert, err);
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_claim(struct state *state, int64_t number, const char *path, const char *part,
	struct arena *arena, struct state_owner *owner, struct error *err)
{
	*owner = (struct state_owner){ .key = NULL };
	if (!outputs_insert(state, number, path, part, err))
		return false;
	if (sqlite3_changes(state->db) > 0)
		return true;
	struct outputs_owner found;
	if (!outputs_find_owner(state, path, arena, &found, err))
		return false;
	if (found.item == number)
		return true;
	if (!found.item)
		return state_take_over(state, number, path, part, err);
	*owner = found.who;
	return true;
}

bool state_release(struct state *state, int64_t number, struct error *err)
{
	sqlite3_stmt *release = state_change(state, STATE_RELEASE,
		"DELETE FROM outputs WHERE item = ?1 AND content IS NULL", err);
	if (!release)
		return false;
	sqlite3_bind_int64(release, 1, number);
	return state_run_through(state, release, err);
}

static bool outputs_withdraw_item(struct state *state, int64_t number, struct error *err)
{
	sqlite3_stmt *change = state_change(state, STATE_WITHDRAW_ITEM,
		"UPDATE items SET recipe = NULL WHERE number = ?1 AND recipe IS NOT NULL", err);
	if (!change)
		return false;
	sqlite3_bind_int64(change, 1, number);
	return state_run_through(state, change, err);
}

bool state_withdraw(
	struct state *state, int64_t number, const char *path, bool *changed, struct error *err)
{
	sqlite3_stmt *change = state_change(state, STATE_WITHDRAW,
		"UPDATE outputs SET recipe = NULL WHERE path = ?1 AND recipe IS NOT NULL", err);
	if (!change)
		return false;
	state_bind_name(change, 1, path);
	if (!state_run_through(state, change, err))
		return false;
	if (sqlite3_changes(state->db) == 0)
		return true;
	*changed = true;
	return outputs_withdraw_item(state, number, err);
}

bool state_put_output(
	struct state *state, int64_t number, const struct state_output *output, struct error *err)
{
	sqlite3_stmt *put = state_change(state, STATE_PUT_OUTPUT,
		"INSERT INTO outputs(path, item, part, recipe, late, late_at, content) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(path) DO UPDATE SET "
		"part = excluded.part, recipe = excluded.recipe, late = excluded.late, "
		"late_at = excluded.late_at, content = excluded.content "
		"WHERE item = excluded.item",
		err);
	if (!put)
		return false;
	state_bind_name(put, 1, output->path);
	sqlite3_bind_int64(put, 2, number);
	state_bind_name(put, 3, output->part);
	state_bind_digest(put, 4, &output->recipe);
	state_bind_name(put, 5, output->late);
	state_bind_digest(put, 7, &output->content);
	if (output->late_at == SIZE_MAX)
		sqlite3_bind_null(put, 6);
	else
		sqlite3_bind_int64(put, 6, (int64_t)output->late_at);
	if (!state_run_through(state, put, err))
		return false;
	return sqlite3_changes(state->db) > 0 ||
	       fail(err, ERROR_INTERNAL, "the output '%s' belongs to another item", output->path);
}

static void outputs_reserve(
	struct state_output **list, size_t *count, size_t *room, struct arena *arena)
{
	if (*count < *room)
		return;
	size_t wanted = *room ? 2 * *room : 4;
	struct state_output *longer = arena_alloc(arena, wanted * sizeof(*longer));
	for (size_t i = 0; i < *count; i++)
		longer[i] = (*list)[i];
	*list = longer;
	*room = wanted;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_outputs(struct state *state, int64_t number, struct arena *arena,
	struct state_output **outputs, size_t *count, struct error *err)
{
	sqlite3_stmt *list = state_statement(state, STATE_OUTPUTS,
		"SELECT path, part, recipe, content, late, late_at FROM outputs WHERE item = ?1 "
		"ORDER BY path",
		err);
	if (!list)
		return false;
	sqlite3_bind_int64(list, 1, number);
	*outputs = NULL;
	*count = 0;
	size_t room = 0;
	bool row, ok;
	while ((ok = state_step(state, list, &row, err)) && row) {
		outputs_reserve(outputs, count, &room, arena);
		state_column_output(list, 0, arena, &(*outputs)[(*count)++]);
	}
	return ok;
}
