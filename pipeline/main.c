#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/commands/command.h"
#include "pipeline/commands/verb.h"
#include "pipeline/support/text.h"

static const struct command *main_find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int main_usage(FILE *out)
{
	fputs("nightmill runs a batch pipeline described in YAML, every night.\n\n"
	      "usage: nightmill COMMAND ...\n\n",
		out);
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	verb_list(out);
	fputs("\nnightmill help NAME tells more about a command, a source, a stage or an "
	      "executor.\n",
		out);
	return out == stdout ? EXIT_FINE : EXIT_USAGE;
}

static bool main_is_file(const char *name)
{
	struct stat status;
	return stat(name, &status) == 0 && !S_ISDIR(status.st_mode);
}

static int main_unknown(const char *name)
{
	const char *names[64];
	size_t count = 0;
	while (commands[count] && count < sizeof(names) / sizeof(*names)) {
		names[count] = commands[count]->name;
		count++;
	}
	const char *nearest = text_nearest(name, names, count);
	fprintf(stderr, "nightmill: unknown command '%s'", name);
	if (main_is_file(name))
		fprintf(stderr, " (did you mean 'run %s'?)", name);
	else if (nearest)
		fprintf(stderr, " (did you mean '%s'?)", nearest);
	fputs("; nightmill help lists all\n", stderr);
	return EXIT_USAGE;
}

static bool main_wants_help(int argc, char **argv)
{
	return argc > 2 && (strcmp(argv[2], "--help") == 0 || strcmp(argv[2], "-h") == 0);
}

static int main_help(const struct command *command)
{
	printf("%s: %s\n\nusage: nightmill %s\n", command->name, command->summary, command->usage);
	return EXIT_FINE;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return main_usage(stderr);
	const char *name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return main_usage(stdout);
	if (strcmp(name, "--version") == 0)
		name = "version";
	const struct command *command = main_find(name);
	const struct stage_plugin *stage = command ? NULL : verb_stage(name);
	if (!command && !stage)
		return main_unknown(name);
	int status = stage                         ? verb_run(stage, argc - 1, argv + 1)
		     : main_wants_help(argc, argv) ? main_help(command)
						   : command->run(argc - 1, argv + 1);
	/* A full disk behind standard output must not pass for success. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_FINE) {
		perror("nightmill: standard output");
		status = EXIT_INTERNAL;
	}
	return status;
}
