#include "pipeline/commands/command.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/commands/tables.h"
#include "pipeline/config.h"

extern const struct command command_list;

static void list_names(void)
{
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++) {
		printf("%s%s\n", i ? "\n" : "", entry.title);
		for (size_t k = 0; entry.plugins[k]; k++)
			printf("  %-14s %s\n", entry.plugins[k]->name, entry.plugins[k]->summary);
	}
}

static void list_reference(void)
{
	const struct plugin config = {
		.name = "config",
		.summary = "The top of a YAML file.",
		.options = config_options,
	};
	struct text text = { 0 };
	text_add_string(&text, "# Reference\n\n## Config\n\n");
	option_reference(&config, 3, &text);
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++) {
		text_addf(&text, "## %s\n\n", entry.title);
		for (size_t k = 0; entry.plugins[k]; k++)
			option_reference(entry.plugins[k], 3, &text);
	}
	fwrite(text.data, 1, text.length - 1, stdout);
	text_finish(&text);
}

static int list_run(int argc, char **argv)
{
	bool reference = argc == 2 && !strcmp(argv[1], "--reference");
	if (argc > 1 && !reference) {
		fprintf(stderr, "nightmill list: unexpected word '%s'\nusage: nightmill %s\n",
			argv[argc > 2 ? 2 : 1], command_list.usage);
		return EXIT_USAGE;
	}
	if (reference)
		list_reference();
	else
		list_names();
	return EXIT_FINE;
}

const struct command command_list = {
	.name = "list",
	.usage = "list [--reference]",
	.summary = "list sources, stages and executors; --reference: their options as Markdown",
	.run = list_run,
};
