#include <stdio.h>

#include "pipeline/commands/loaded.h"

extern const struct command command_check;

static int check_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	if (!arguments_parse(&command_check, "Csew", argc, argv, &arguments) ||
		!loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	struct text text = { 0 };
	config_canonical(&loaded.config, &text);
	fputs(text.data, stdout);
	text_finish(&text);
	for (size_t i = 0; i < loaded.plan.tail_count; i++)
		if (loaded.plan.tail[i].output_root)
			printf("# %s writes below %s; the source leaves that folder out by "
			       "itself\n",
				loaded.plan.tail[i].plugin->plugin.name,
				loaded.plan.tail[i].output_root);
	loaded_close(&loaded);
	return EXIT_FINE;
}

const struct command command_check = {
	.name = "check",
	.usage = "check CONFIG [--executor NAME] [--workers N|auto] [--set path=value] [-C DIR]",
	.summary = "validate a config and print the resolved plan",
	.run = check_command,
};
