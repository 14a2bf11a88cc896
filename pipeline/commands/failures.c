#include <stdio.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/state.h"

extern const struct command command_failures;

static bool failures_print(
	void *context, const char *key, size_t length, const struct state_item *item)
{
	struct text *text = context;
	text_clear(text);
	text_add_safe(text, key, length);
	printf("%s: %s (%s, %u run%s)\n", text->data, item->error,
		error_word((enum error_code)item->code), item->runs_failed,
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
	struct text text = { 0 };
	bool fine = state_open(loaded.config.state, STATE_READ, &state, &err) &&
		    state_failures(state, failures_print, &text, &err);
	if (!fine)
		fprintf(stderr, "nightmill: %s\n", err.text);
	text_finish(&text);
	state_close(state);
	loaded_close(&loaded);
	return fine ? EXIT_FINE : EXIT_INTERNAL;
}

const struct command command_failures = {
	.name = "failures",
	.usage = "failures CONFIG [--set path=value] [-C DIR]",
	.summary = "list the items that failed, with the reason",
	.run = failures_command,
};
