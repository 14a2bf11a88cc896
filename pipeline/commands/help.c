#include "pipeline/commands/command.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/commands/tables.h"
#include "pipeline/commands/verb.h"
#include "pipeline/config.h"

extern const struct command command_help;

enum { HELP_NAMES = 256 };

static void help_overview(void)
{
	fputs("usage: nightmill COMMAND ...\n\nCommands\n", stdout);
	for (size_t i = 0; commands[i]; i++)
		printf("  %-9s %s\n", commands[i]->name, commands[i]->summary);
	verb_list(stdout);
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++) {
		printf("\n%s\n", entry.title);
		for (size_t k = 0; entry.plugins[k]; k++)
			printf("  %-14s %s\n", entry.plugins[k]->name, entry.plugins[k]->summary);
	}
	fputs("\nnightmill help NAME tells more about each; nightmill help config about the top of "
	      "a config.\n",
		stdout);
}

static void help_plugin(const struct plugin *plugin)
{
	struct text text = { 0 };
	option_help(plugin, &text);
	fwrite(text.data, 1, text.length, stdout);
	text_finish(&text);
}

/* Usage is one line or several, the options of a long one in square brackets. */
static void help_command(const struct command *command)
{
	printf("usage: nightmill %s\n\n%s\n", command->usage, command->summary);
}

/* Prints all that goes by the name; false where nothing does. */
static bool help_name(const char *name)
{
	const struct plugin config = { "config", "The top of a YAML file.", config_options,
		sizeof(struct config) };
	bool found = false;
	for (size_t i = 0; commands[i]; i++) {
		if (strcmp(commands[i]->name, name) != 0)
			continue;
		help_command(commands[i]);
		found = true;
	}
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++) {
		for (size_t k = 0; entry.plugins[k]; k++) {
			if (strcmp(entry.plugins[k]->name, name) != 0)
				continue;
			fputs(found ? "\n" : "", stdout);
			help_plugin(entry.plugins[k]);
			found = true;
		}
	}
	if (!found && !strcmp(name, config.name))
		help_plugin(&config);
	return found || !strcmp(name, config.name);
}

static int help_unknown(const char *name)
{
	const char *names[HELP_NAMES] = { "config" };
	size_t count = 1;
	for (size_t i = 0; commands[i] && count < HELP_NAMES; i++)
		names[count++] = commands[i]->name;
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++)
		for (size_t k = 0; entry.plugins[k] && count < HELP_NAMES; k++)
			names[count++] = entry.plugins[k]->name;
	const char *nearest = text_nearest(name, names, count);
	struct text text = { 0 };
	text_add_string(&text, "nightmill help: nothing is called '");
	text_add_safe(&text, name, strlen(name));
	if (nearest)
		text_addf(&text, "' (did you mean '%s'?)\n", nearest);
	else
		text_add_string(&text, "'; nightmill help shows all names\n");
	fputs(text.data, stderr);
	text_finish(&text);
	return EXIT_USAGE;
}

static int help_run(int argc, char **argv)
{
	if (argc > 2) {
		fprintf(stderr, "nightmill help: unexpected word '%s'\nusage: nightmill %s\n",
			argv[2], command_help.usage);
		return EXIT_USAGE;
	}
	if (argc == 2)
		return help_name(argv[1]) ? EXIT_FINE : help_unknown(argv[1]);
	help_overview();
	return EXIT_FINE;
}

const struct command command_help = {
	.name = "help",
	.usage = "help [NAME]",
	.summary = "tell about a command, a source, a stage or an executor",
	.run = help_run,
};
