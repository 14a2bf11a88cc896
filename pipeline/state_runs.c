#include "pipeline/state_rows.h"

#define RUN_COLUMNS                                                                         \
	"started, finished, name, executor, workers, exit_status, items, made, unchanged, " \
	"up_to_date, ignored, failed, known_failures, cancelled, parts, bytes_read, "       \
	"bytes_written, pixels, micros, cpu_micros, peak_bytes"

enum { RUN_NAME = 3, RUN_EXECUTOR, RUN_NUMBER = 22, RUN_NUMBERS = 19 };

/* Parameters (from 1) of the numbers, in the order of runs_numbers. */
static const int runs_columns[RUN_NUMBERS] = { 1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
	18, 19, 20, 21 };

static void runs_bind(sqlite3_stmt *to, const struct state_run *run)
{
	const int64_t numbers[RUN_NUMBERS] = { run->started_nanos, run->finished_nanos,
		run->workers, run->exit_status, (int64_t)run->items, (int64_t)run->made,
		(int64_t)run->unchanged, (int64_t)run->up_to_date, (int64_t)run->ignored,
		(int64_t)run->failed, (int64_t)run->known_failures, (int64_t)run->cancelled,
		(int64_t)run->parts, (int64_t)run->bytes_read, (int64_t)run->bytes_written,
		(int64_t)run->pixels, run->micros, run->cpu_micros, (int64_t)run->peak_bytes };
	for (size_t i = 0; i < RUN_NUMBERS; i++)
		sqlite3_bind_int64(to, runs_columns[i], numbers[i]);
	state_bind_name(to, RUN_NAME, run->name ? run->name : "");
	state_bind_name(to, RUN_EXECUTOR, run->executor ? run->executor : "");
}

static bool runs_insert(struct state *state, struct state_run *run, struct error *err)
{
	sqlite3_stmt *insert = state_change(state, STATE_INSERT_RUN,
		"INSERT INTO runs(" RUN_COLUMNS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
		"?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
		err);
	if (!insert)
		return false;
	runs_bind(insert, run);
	if (!state_run_through(state, insert, err))
		return false;
	run->number = sqlite3_last_insert_rowid(state->db);
	return true;
}

static bool runs_update(struct state *state, const struct state_run *run, struct error *err)
{
	sqlite3_stmt *update = state_change(state, STATE_UPDATE_RUN,
		"UPDATE runs SET (" RUN_COLUMNS ") = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
		"?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21) WHERE number = ?22",
		err);
	if (!update)
		return false;
	runs_bind(update, run);
	sqlite3_bind_int64(update, RUN_NUMBER, run->number);
	return state_run_through(state, update, err);
}

bool state_put_run(struct state *state, struct state_run *run, struct error *err)
{
	return run->number ? runs_update(state, run, err) : runs_insert(state, run, err);
}

static uint64_t runs_count(sqlite3_stmt *row, int parameter)
{
	return (uint64_t)sqlite3_column_int64(row, parameter - 1);
}

static void runs_read(sqlite3_stmt *row, struct arena *arena, struct state_run *run)
{
	*run = (struct state_run){
		.started_nanos = sqlite3_column_int64(row, 0),
		.finished_nanos = sqlite3_column_int64(row, 1),
		.name = state_column_bytes(row, RUN_NAME - 1, arena, NULL),
		.executor = state_column_bytes(row, RUN_EXECUTOR - 1, arena, NULL),
		.workers = (uint32_t)runs_count(row, 5),
		.exit_status = sqlite3_column_int(row, 5),
		.items = runs_count(row, 7),
		.made = runs_count(row, 8),
		.unchanged = runs_count(row, 9),
		.up_to_date = runs_count(row, 10),
		.ignored = runs_count(row, 11),
		.failed = runs_count(row, 12),
		.known_failures = runs_count(row, 13),
		.cancelled = runs_count(row, 14),
		.parts = runs_count(row, 15),
		.bytes_read = runs_count(row, 16),
		.bytes_written = runs_count(row, 17),
		.pixels = runs_count(row, 18),
		.micros = (int64_t)runs_count(row, 19),
		.cpu_micros = (int64_t)runs_count(row, 20),
		.peak_bytes = runs_count(row, 21),
		.number = sqlite3_column_int64(row, RUN_NUMBER - 1),
	};
}

/* Runs are few (one a night), so the list may grow by doubling in the arena. */
static struct state_run *runs_room(
	struct arena *arena, struct state_run *list, size_t count, size_t *room)
{
	if (count < *room)
		return list;
	*room = *room ? 2 * *room : 16;
	struct state_run *longer = arena_alloc(arena, *room * sizeof(*longer));
	for (size_t i = 0; i < count; i++)
		longer[i] = list[i];
	return longer;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are state.h's. */
bool state_runs(struct state *state, size_t most, struct arena *arena, struct state_run **runs,
	size_t *count, struct error *err)
{
	sqlite3_stmt *list = state_statement(state, STATE_RUNS,
		"SELECT " RUN_COLUMNS ", number FROM runs ORDER BY number DESC LIMIT ?1", err);
	if (!list)
		return false;
	sqlite3_bind_int64(list, 1, most < INT64_MAX ? (int64_t)most : INT64_MAX);
	*runs = NULL;
	*count = 0;
	size_t room = 0;
	bool row, ok;
	while ((ok = state_step(state, list, &row, err)) && row) {
		*runs = runs_room(arena, *runs, *count, &room);
		runs_read(list, arena, &(*runs)[(*count)++]);
	}
	return ok;
}

static struct state_run totals_read(sqlite3_stmt *row)
{
	return (struct state_run){
		.made = runs_count(row, 3),
		.unchanged = runs_count(row, 4),
		.up_to_date = runs_count(row, 5),
		.ignored = runs_count(row, 6),
		.failed = runs_count(row, 7),
		.known_failures = runs_count(row, 8),
		.cancelled = runs_count(row, 9),
		.items = runs_count(row, 10),
		.parts = runs_count(row, 11),
		.bytes_read = runs_count(row, 12),
		.bytes_written = runs_count(row, 13),
		.pixels = runs_count(row, 14),
		.micros = (int64_t)runs_count(row, 15),
		.cpu_micros = (int64_t)runs_count(row, 16),
	};
}

bool state_totals(struct state *state, struct state_totals *totals, struct error *err)
{
	bool row = false;
	sqlite3_stmt *sum = state_statement(state, STATE_TOTALS,
		"SELECT count(*), max(finished) FILTER (WHERE exit_status = 0), sum(made), "
		"sum(unchanged), sum(up_to_date), sum(ignored), sum(failed), sum(known_failures), "
		"sum(cancelled), sum(items), sum(parts), sum(bytes_read), sum(bytes_written), "
		"sum(pixels), sum(micros), sum(cpu_micros) FROM runs WHERE finished > 0",
		err);
	*totals = (struct state_totals){ .runs = 0 };
	if (!sum || !state_step(state, sum, &row, err))
		return false;
	if (!row)
		return true;
	totals->runs = runs_count(sum, 1);
	totals->succeeded_nanos = (int64_t)runs_count(sum, 2);
	totals->sums = totals_read(sum);
	return state_step(state, sum, &row, err);
}
