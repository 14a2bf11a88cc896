/* What is remembered of one item after the other. Whoever walks a source asks for keys that are
 * nearly in their order: a statement stays at its row, and the next key is mostly in the next. */

#include <string.h>

#include "pipeline/state_rows.h"

enum state_walk_column {
	WALK_KEY,
	WALK_NUMBER,
	WALK_STATUS,
	WALK_SIZE,
	WALK_MTIME,
	WALK_STRICT,
	WALK_CONTENT,
	WALK_RECIPE,
	WALK_LATE,
};

enum { WALK_STEPS = 4 }; /* more cost as much as a search */

void state_walk_leave(struct state *state)
{
	if (state->walk.row)
		sqlite3_reset(state->statements[STATE_WALK]);
	state->walk.row = state->walk.known = false;
}

/* As SQLite compares bytes. */
static int state_walk_compare(const void *a, size_t a_length, const void *b, size_t b_length)
{
	const size_t common = a_length < b_length ? a_length : b_length;
	const int order = common ? memcmp(a, b, common) : 0;
	return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* Where the walk is, beside `key`. Behind the last row is behind every key. */
static int state_walk_order(const struct state *state, const char *key, size_t length)
{
	sqlite3_stmt *rows = state->statements[STATE_WALK];
	if (!state->walk.row)
		return 1;
	const void *found = sqlite3_column_blob(rows, WALK_KEY);
	const int bytes = sqlite3_column_bytes(rows, WALK_KEY);
	return state_walk_compare(found, (size_t)bytes, key, length);
}

static bool state_walk_step(struct state *state, struct error *err)
{
	struct state_walk *walk = &state->walk;
	walk->known = state_step(state, state->statements[STATE_WALK], &walk->row, err);
	return walk->known;
}

/* By some steps to the first row that does not come before `key`. `*order` stays below 0 where it
 * was not reached. */
static bool state_walk_advance(
	struct state *state, const char *key, size_t length, int *order, struct error *err)
{
	struct state_walk *walk = &state->walk;
	const struct text *from = &walk->from;
	*order = -1;
	if (!walk->known)
		return true;
	const int since = state_walk_compare(from->data, from->length, key, length);
	if (since > 0)
		return true;
	*order = walk->hit ? since : state_walk_order(state, key, length);
	for (unsigned left = walk->far ? 1 : WALK_STEPS; *order < 0 && left > 0; left--) {
		if (!state_walk_step(state, err))
			return false;
		*order = state_walk_order(state, key, length);
	}
	walk->far = *order < 0;
	return true;
}

/* The same by a search. */
static bool state_walk_search(
	struct state *state, const char *key, size_t length, int *order, struct error *err)
{
	state_walk_leave(state);
	/* A copy: it stays bound for longer than the caller's key lasts. */
	sqlite3_bind_blob64(
		state->statements[STATE_WALK], 1, length ? key : "", length, SQLITE_TRANSIENT);
	if (!state_walk_step(state, err))
		return false;
	*order = state_walk_order(state, key, length);
	return true;
}

static void state_walk_read(sqlite3_stmt *rows, struct state_item *item)
{
	*item = (struct state_item){
		.number = sqlite3_column_int64(rows, WALK_NUMBER),
		.status = OUTCOME_MADE,
		.validator = { .size = (uint64_t)sqlite3_column_int64(rows, WALK_SIZE),
			.mtime_nanos = sqlite3_column_int64(rows, WALK_MTIME),
			.strict = (uint64_t)sqlite3_column_int64(rows, WALK_STRICT) },
		.content = state_column_digest(rows, WALK_CONTENT),
		.recipe = state_column_digest(rows, WALK_RECIPE),
		.error = "",
	};
	state_column_late(rows, WALK_LATE, item->late);
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_walk(struct state *state, const char *key, size_t length, struct arena *arena,
	struct state_item *found, struct error *err)
{
	sqlite3_stmt *rows = state_statement(state, STATE_WALK,
		"SELECT key, number, status, size, mtime, strict, content, recipe, late FROM items "
		"WHERE key >= ?1 ORDER BY key",
		err);
	int order;
	if (!rows || !state_walk_advance(state, key, length, &order, err) ||
		(order < 0 && !state_walk_search(state, key, length, &order, err)))
		return false;
	text_clear(&state->walk.from);
	text_add(&state->walk.from, key, length);
	state->walk.hit = order == 0;
	*found = (struct state_item){ .error = "" };
	if (order != 0)
		return true;
	if (sqlite3_column_int64(rows, WALK_STATUS) != OUTCOME_MADE)
		return state_find(state, key, length, arena, found, err);
	state_walk_read(rows, found);
	return true;
}
