#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/head.h"
#include "pipeline/support/text.h"

extern const struct command command_check;

/* What head stages have to say, as comments. */
static int check_heads(const struct plan *plan)
{
	struct text notes = { 0 };
	struct error err;
	bool fine = true;
	for (size_t i = 0; i < plan->head_count && fine; i++) {
		const struct head_stage *head = plan->head[i].plugin->head;
		if (head->check)
			fine = head->check(plan->head[i].prepared, &notes, &err);
	}
	if (notes.length)
		fputs(notes.data, stdout);
	text_finish(&notes);
	if (!fine)
		command_complain(NULL, &err);
	return fine ? EXIT_FINE : command_status(&err);
}

/* No error: the config may be for another machine. The dot takes a folder. */
static void check_roots(const struct plan *plan)
{
	struct text inside = { .data = NULL };
	for (size_t i = 0; i < plan->roots.count; i++) {
		text_clear(&inside);
		text_addf(&inside, "%s/.", plan->roots.items[i]);
		if (access(inside.data, R_OK | X_OK) != 0)
			printf("# root '%s' cannot be read here: %s\n", plan->roots.items[i],
				strerror(errno));
	}
	text_finish(&inside);
}

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
	check_roots(&loaded.plan);
	int status = check_heads(&loaded.plan);
	loaded_close(&loaded);
	return status;
}

const struct command command_check = {
	.name = "check",
	.usage = "check CONFIG [--executor NAME] [--workers N|auto] [--set path=value] [-C DIR]",
	.summary = "validate a config and print the resolved plan",
	.run = check_command,
};
