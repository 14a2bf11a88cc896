#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/state.h"
#include "pipeline/support/clock.h"

enum { HISTORY_RUNS = 20 };

extern const struct command command_history;

/* The last runs, newest first. */
struct history {
	struct state_run *runs;
	size_t count;
};

static void history_print(const struct state_run *run)
{
	char started[CLOCK_TEXT_BYTES], took[CLOCK_TEXT_BYTES];
	clock_text(run->started_nanos, started);
	clock_duration_text(run->micros, took);
	if (run->finished_nanos == 0)
		printf("%5" PRId64 "  %s  %10s  %4s  did not finish\n", run->number, started, "-",
			"-");
	else
		printf("%5" PRId64 "  %s  %10s  %4d  %" PRIu64 " made, %" PRIu64
		       " up to date, %" PRIu64 " failed, %" PRIu64 " known failures, %s x %u\n",
			run->number, started, took, run->exit_status, run->made,
			run->up_to_date + run->unchanged, run->failed, run->known_failures,
			run->executor, run->workers);
}

static void history_print_spent(
	const struct state_spent *spent, size_t count, bool worker, const char *label)
{
	int64_t total = 0;
	char took[CLOCK_TEXT_BYTES];
	for (size_t i = 0; i < count; i++)
		total += spent[i].worker == worker ? spent[i].micros : 0;
	if (total == 0)
		return;
	clock_duration_text(total, took);
	printf("%s: %s\n", label, took);
	for (size_t i = 0; i < count; i++) {
		if (spent[i].worker != worker)
			continue;
		clock_duration_text(spent[i].micros, took);
		printf("  %5.1f %%  %12s  %9" PRIu64 " times  line %-4d %s%s\n",
			100 * (double)spent[i].micros / (double)total, took, spent[i].times,
			spent[i].line, spent[i].what, spent[i].waits ? ", waiting" : "");
	}
}

static void history_print_lookup(const struct state_lookup *lookup)
{
	char loading[CLOCK_TEXT_BYTES], saved[CLOCK_TEXT_BYTES];
	int64_t micros = lookup->saved_micros;
	clock_duration_text(lookup->load_micros, loading);
	clock_duration_text(micros < 0 ? -micros : micros, saved);
	printf("lookup %s (store %s, cache %s): %" PRIu64 " keys of %" PRIu64 " records: %" PRIu64
	       " hits, %" PRIu64 " hits without a row, %" PRIu64 " stale, %" PRIu64
	       " misses; %" PRIu64 " loads, %s; %s %s\n",
		lookup->name, lookup->store, lookup->cache, lookup->keys, lookup->records,
		lookup->hits, lookup->negative_hits, lookup->stale, lookup->misses, lookup->loads,
		loading, micros < 0 ? "lost" : "saved", saved);
}

static bool history_show(
	struct state *state, const struct state_run *run, struct arena *arena, struct error *err)
{
	struct state_spent *spent;
	struct state_lookup *lookups;
	size_t count, lookup_count;
	if (!state_spent(state, run->number, arena, &spent, &count, err) ||
		!state_lookups(state, run->number, arena, &lookups, &lookup_count, err))
		return false;
	history_print(run);
	history_print_spent(spent, count, false, "main");
	history_print_spent(spent, count, true, "workers");
	for (size_t i = 0; i < lookup_count; i++)
		history_print_lookup(&lookups[i]);
	return true;
}

/* The run that was asked for by its number, or `last`. */
static bool history_one(struct state *state, const char *wanted, struct arena *arena,
	const struct history *history, struct error *err)
{
	char *end;
	bool last = strcmp(wanted, "last") == 0;
	long long number = strtoll(wanted, &end, 10);
	if (!last && (*end != '\0' || number < 1))
		return fail(err, ERROR_USAGE, "run '%s': expected its number, or last", wanted);
	for (size_t i = 0; i < history->count; i++)
		if (last || history->runs[i].number == number)
			return history_show(state, &history->runs[i], arena, err);
	return fail(
		err, ERROR_USAGE, last ? "there was no run yet" : "there is no run '%s'", wanted);
}

static void history_list(const struct history *history)
{
	if (history->count)
		printf("%5s  %-19s  %10s  %4s  %s\n", "run", "started", "took", "exit", "items");
	for (size_t i = 0; i < history->count; i++)
		history_print(&history->runs[i]);
}

static int history_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	if (!arguments_parse(&command_history, "Csli", argc, argv, &arguments) ||
		!loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	struct state *state = NULL;
	struct error err;
	struct history history = { .count = 0 };
	size_t most = arguments.item ? SIZE_MAX : arguments.limit ? arguments.limit : HISTORY_RUNS;
	loaded_mention_state(&loaded);
	bool fine = state_open(loaded.config.state, STATE_READ, &state, &err) &&
		    state_runs(state, most, &loaded.arena, &history.runs, &history.count, &err);
	if (fine && arguments.item)
		fine = history_one(state, arguments.item, &loaded.arena, &history, &err);
	else if (fine)
		history_list(&history);
	if (!fine)
		command_complain(NULL, &err);
	state_close(state);
	loaded_close(&loaded);
	return fine ? EXIT_FINE : command_status(&err);
}

const struct command command_history = {
	.name = "history",
	.usage = "history CONFIG [RUN] [--limit N] [--set path=value] [-C DIR]\n"
		 "  RUN is a number, or last: where its time went, and what its lookups were",
	.summary = "list the last runs, or show one",
	.run = history_command,
};
