#include "pipeline/commands/loaded.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool loaded_open(struct loaded *loaded, const struct arguments *arguments)
{
	struct problems problems = { 0 };
	*loaded = (struct loaded){ 0 };
	bool fine = config_read(&loaded->arena, arguments->config, arguments->sets,
		arguments->set_count, &loaded->config, &problems);
	fine = fine && config_replace_executor(&loaded->config, arguments->executor,
			       arguments->workers, &loaded->arena, &problems);
	fine = fine && plan_make(&loaded->config, &loaded->arena, &loaded->plan, &problems);
	if (arguments->has_now)
		loaded->plan.now_seconds = arguments->now_seconds;
	problems_print(&problems);
	problems_finish(&problems);
	if (!fine)
		loaded_close(loaded);
	return fine;
}

static bool loaded_progress(const char *text, enum progress_mode *mode)
{
	*mode = PROGRESS_AUTO;
	if (!text)
		return true;
	for (int i = 0; progress_modes[i]; i++) {
		if (strcmp(progress_modes[i], text) != 0)
			continue;
		*mode = (enum progress_mode)i;
		return true;
	}
	fprintf(stderr, "nightmill: --progress '%s': expected auto, plain, json or none\n", text);
	return false;
}

bool loaded_options(const struct arguments *arguments, struct run_options *options)
{
	*options = (struct run_options){
		.config = arguments->config,
		.command = "run",
		.failures = "failures",
		.dry_run = arguments->dry_run,
		.force = arguments->force,
		.retry_failed = arguments->retry_failed,
		.strict = arguments->strict,
		.limit = arguments->limit,
		.yes = arguments->yes,
	};
	return loaded_progress(arguments->progress, &options->progress);
}

void loaded_mention_state(const struct loaded *loaded)
{
	const char *path = loaded->config.state;
	char *folder = *path == '/' ? NULL : getcwd(NULL, 0);
	if (access(path, F_OK) != 0)
		fprintf(stderr, "nightmill: no state at '%s%s%s': nothing has run from here yet\n",
			folder ? folder : "", folder ? "/" : "", path);
	free(folder);
}

void loaded_close(struct loaded *loaded)
{
	arena_finish(&loaded->arena);
}
