#include "pipeline/state_rows.h"

/* Where the time of a run went, and what its lookups were; of the last runs only. */

enum { SPENT_RUNS = 200 };

bool state_forget_spent(struct state *state, int64_t run, struct error *err)
{
	static const struct {
		enum state_statement statement;
		const char *sql;
	} tables[] = {
		{ STATE_FORGET_SPENT, "DELETE FROM spent WHERE run <= ?1" },
		{ STATE_FORGET_LOOKUPS, "DELETE FROM lookups WHERE run <= ?1" },
	};
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		sqlite3_stmt *forget = state_change(state, tables[i].statement, tables[i].sql, err);
		if (!forget)
			return false;
		sqlite3_bind_int64(forget, 1, run - SPENT_RUNS);
		if (!state_run_through(state, forget, err))
			return false;
	}
	return true;
}

bool state_put_spent(
	struct state *state, int64_t run, const struct state_spent *spent, struct error *err)
{
	sqlite3_stmt *insert = state_change(state, STATE_PUT_SPENT,
		"INSERT INTO spent(run, what, line, worker, waits, times, micros) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		err);
	if (!insert)
		return false;
	sqlite3_bind_int64(insert, 1, run);
	state_bind_name(insert, 2, spent->what);
	sqlite3_bind_int(insert, 3, spent->line);
	sqlite3_bind_int(insert, 4, spent->worker);
	sqlite3_bind_int(insert, 5, spent->waits);
	sqlite3_bind_int64(insert, 6, (int64_t)spent->times);
	sqlite3_bind_int64(insert, 7, spent->micros);
	return state_run_through(state, insert, err);
}

/* Lists are short, and their length is known by the query. */
static void *spent_room(struct arena *arena, sqlite3_stmt *row, int column, size_t each)
{
	return arena_alloc(arena, (size_t)sqlite3_column_int64(row, column) * each);
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_spent(struct state *state, int64_t run, struct arena *arena, struct state_spent **spent,
	size_t *count, struct error *err)
{
	sqlite3_stmt *list = state_statement(state, STATE_SPENT,
		"SELECT what, line, worker, waits, times, micros, count(*) OVER () FROM spent "
		"WHERE run = ?1 ORDER BY worker, micros DESC, what",
		err);
	bool row = false, fine = list != NULL;
	*count = 0;
	*spent = NULL;
	if (list)
		sqlite3_bind_int64(list, 1, run);
	while (fine && (fine = state_step(state, list, &row, err)) && row) {
		if (!*spent)
			*spent = spent_room(arena, list, 6, sizeof(**spent));
		(*spent)[(*count)++] = (struct state_spent){
			.what = state_column_bytes(list, 0, arena, NULL),
			.line = sqlite3_column_int(list, 1),
			.worker = sqlite3_column_int(list, 2) != 0,
			.waits = sqlite3_column_int(list, 3) != 0,
			.times = (uint64_t)sqlite3_column_int64(list, 4),
			.micros = sqlite3_column_int64(list, 5),
		};
	}
	return fine;
}

bool state_put_lookup(
	struct state *state, int64_t run, const struct state_lookup *lookup, struct error *err)
{
	sqlite3_stmt *insert = state_change(state, STATE_PUT_LOOKUP,
		"INSERT INTO lookups(run, name, store, cache, records, keys, hits, negative_hits, "
		"stale, misses, loads, load_micros, saved_micros) "
		"VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
		err);
	if (!insert)
		return false;
	const uint64_t counts[] = { lookup->records, lookup->keys, lookup->hits,
		lookup->negative_hits, lookup->stale, lookup->misses, lookup->loads };
	sqlite3_bind_int64(insert, 1, run);
	state_bind_name(insert, 2, lookup->name);
	state_bind_name(insert, 3, lookup->store);
	state_bind_name(insert, 4, lookup->cache);
	for (int i = 0; i < 7; i++)
		sqlite3_bind_int64(insert, 5 + i, (int64_t)counts[i]);
	sqlite3_bind_int64(insert, 12, lookup->load_micros);
	sqlite3_bind_int64(insert, 13, lookup->saved_micros);
	return state_run_through(state, insert, err);
}

static void lookup_read(sqlite3_stmt *row, struct arena *arena, struct state_lookup *lookup)
{
	*lookup = (struct state_lookup){
		.name = state_column_bytes(row, 0, arena, NULL),
		.store = state_column_bytes(row, 1, arena, NULL),
		.cache = state_column_bytes(row, 2, arena, NULL),
		.records = (uint64_t)sqlite3_column_int64(row, 3),
		.keys = (uint64_t)sqlite3_column_int64(row, 4),
		.hits = (uint64_t)sqlite3_column_int64(row, 5),
		.negative_hits = (uint64_t)sqlite3_column_int64(row, 6),
		.stale = (uint64_t)sqlite3_column_int64(row, 7),
		.misses = (uint64_t)sqlite3_column_int64(row, 8),
		.loads = (uint64_t)sqlite3_column_int64(row, 9),
		.load_micros = sqlite3_column_int64(row, 10),
		.saved_micros = sqlite3_column_int64(row, 11),
	};
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_lookups(struct state *state, int64_t run, struct arena *arena,
	struct state_lookup **lookups, size_t *count, struct error *err)
{
	sqlite3_stmt *list = state_statement(state, STATE_LOOKUPS,
		"SELECT name, store, cache, records, keys, hits, negative_hits, stale, misses, "
		"loads, load_micros, saved_micros, count(*) OVER () FROM lookups WHERE run = ?1 "
		"ORDER BY rowid",
		err);
	bool row = false, fine = list != NULL;
	*count = 0;
	*lookups = NULL;
	if (list)
		sqlite3_bind_int64(list, 1, run);
	while (fine && (fine = state_step(state, list, &row, err)) && row) {
		if (!*lookups)
			*lookups = spent_room(arena, list, 12, sizeof(**lookups));
		lookup_read(list, arena, &(*lookups)[(*count)++]);
	}
	return fine;
}
