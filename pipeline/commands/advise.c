#include <stdio.h>
#include <stdlib.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/flow.h"

extern const struct command command_advise;

static void advise_complain(void *context, const char *what, const struct error *err)
{
	(void)context;
	command_complain(what, err);
}

/* Takes the head through all records, or the first `limit`; nothing is done with them. */
static bool advise_walk(struct flow *flow, uint64_t limit, struct error *err)
{
	struct batch *batch = memory_zeroed(1, sizeof(*batch));
	bool fine = true, complete = false;
	uint64_t records = 0;
	while (fine && !complete && (!limit || records < limit)) {
		arena_reset(&batch->arena);
		fine = flow_step(flow, batch, &complete, err);
		records += fine ? batch->count : 0;
	}
	arena_finish(&batch->arena);
	free(batch);
	return fine;
}

static bool advise_measure(const struct plan *plan, uint64_t limit, struct error *err)
{
	const char *none[] = { NULL };
	struct source_setup setup = { .skip = none, .complain = advise_complain };
	struct flow *flow = NULL;
	struct text advice = { 0 };
	bool fine = flow_open(plan, &setup, FLOW_MEASURE, &flow, err) &&
		    advise_walk(flow, limit, err) && flow_advise(flow, &advice, err);
	if (fine)
		fputs(advice.length ? advice.data : "no lookup: nothing to advise\n", stdout);
	text_finish(&advice);
	flow_close(flow);
	return fine;
}

static int advise_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	struct error err;
	int status = EXIT_FINE;
	if (!arguments_parse(&command_advise, "Csln", argc, argv, &arguments) ||
		!loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	if (!advise_measure(&loaded.plan, arguments.limit, &err)) {
		command_complain(NULL, &err);
		status = command_status(&err);
	}
	loaded_close(&loaded);
	return status;
}

const struct command command_advise = {
	.name = "advise",
	.usage = "advise CONFIG [--limit N] [--set path=value] [-C DIR]\n"
		 "  --limit N  measure on the first N records alone",
	.summary = "measure what lookups cost, and tell which cache would be best",
	.run = advise_command,
};
