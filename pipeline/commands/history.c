#include <inttypes.h>
#include <stdio.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/state.h"
#include "pipeline/support/clock.h"

enum { HISTORY_RUNS = 20 };

extern const struct command command_history;

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

static int history_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	if (!arguments_parse(&command_history, "Csl", argc, argv, &arguments) ||
		!loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	struct state *state = NULL;
	struct error err;
	struct state_run *runs;
	size_t count = 0;
	size_t most = arguments.limit ? arguments.limit : HISTORY_RUNS;
	loaded_mention_state(&loaded);
	bool fine = state_open(loaded.config.state, STATE_READ, &state, &err) &&
		    state_runs(state, most, &loaded.arena, &runs, &count, &err);
	if (fine && count)
		printf("%5s  %-19s  %10s  %4s  %s\n", "run", "started", "took", "exit", "items");
	for (size_t i = 0; fine && i < count; i++)
		history_print(&runs[i]);
	if (!fine)
		command_complain(NULL, &err);
	state_close(state);
	loaded_close(&loaded);
	return fine ? EXIT_FINE : command_status(&err);
}

const struct command command_history = {
	.name = "history",
	.usage = "history CONFIG [--limit N] [--set path=value] [-C DIR]",
	.summary = "list the last runs",
	.run = history_command,
};
