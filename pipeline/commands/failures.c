#include <stdio.h>
#include <string.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/state.h"

extern const struct command command_failures;

static bool failures_print(
	void *context, const char *key, size_t length, const struct state_item *item)
{
	(void)context;
	command_print(key, length);
	printf(": ");
	command_print(item->error, strlen(item->error));
	printf(" (%s, %u run%s)\n", error_word((enum error_code)item->code), item->runs_failed,
		item->runs_failed == 1 ? "" : "s");
	return true;
}

static int failures_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	if (!arguments_parse(&command_failures, "Cs", argc, argv, &arguments) ||
		!loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	struct state *state = NULL;
	struct error err;
	loaded_mention_state(&loaded);
	bool fine = state_open(loaded.config.state, STATE_READ, &state, &err) &&
		    state_failures(state, failures_print, NULL, &err);
	if (!fine)
		command_complain(NULL, &err);
	state_close(state);
	loaded_close(&loaded);
	return fine ? EXIT_FINE : command_status(&err);
}

const struct command command_failures = {
	.name = "failures",
	.usage = "failures CONFIG [--set path=value] [-C DIR]",
	.summary = "list the items that failed, with the reason",
	.run = failures_command,
};
