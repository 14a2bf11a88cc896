#include <stdio.h>
#include <string.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/executor.h"
#include "pipeline/survey.h"

extern const struct command command_explain;

static void explain_parts(const struct survey *survey, const struct item *item)
{
	struct part parts[ITEM_PARTS];
	struct arena arena = { 0 };
	struct error err;
	if (!plan_outputs(survey->plan, item, &arena, parts, &err))
		command_complain("no output", &err);
	else
		for (size_t i = 0; i < survey->plan->parts; i++) {
			const char *path = plan_path(&parts[i], "*", &arena);
			printf("    %-3s %s: ", item->due >> i & 1 ? "due" : "-", parts[i].name);
			command_print(path, strlen(path));
			putchar('\n');
		}
	arena_finish(&arena);
}

static bool explain_item(const struct survey *survey, size_t index)
{
	struct arena arena = { 0 };
	struct state_item found;
	const struct item *item = &survey->batch.items[index];
	const struct error *refused = survey->batch.refused[index];
	command_print(item->key, item->key_length);
	printf(": %s", freshness_word(survey->verdicts[index]));
	bool fine = state_find(survey->state, item->key, item->key_length, &arena, &found, NULL);
	const char *why = refused ? refused->text : fine ? found.error : "";
	if (*why) {
		printf(" (");
		command_print(why, strlen(why));
		putchar(')');
	}
	putchar('\n');
	arena_finish(&arena);
	return fine;
}

static void explain_batch(struct survey *survey, const char *wanted, uint64_t *shown)
{
	for (size_t i = 0; i < survey->batch.count; i++) {
		const struct item *item = &survey->batch.items[i];
		bool asked = wanted && strlen(wanted) == item->key_length &&
			     memcmp(wanted, item->key, item->key_length) == 0;
		if (wanted ? !asked : survey->verdicts[i] > FRESHNESS_DUE_END)
			continue;
		explain_item(survey, i);
		if (asked)
			explain_parts(survey, item);
		(*shown)++;
	}
}

static void explain_complain(void *context, const char *what, const struct error *err)
{
	(void)context;
	command_complain(what, err);
}

static int explain_walk(struct survey *survey, const char *wanted, struct error *err)
{
	uint64_t shown = 0, items = 0;
	while (!survey->complete && !(wanted && shown)) {
		if (!survey_step(survey, err))
			return command_status(err);
		items += survey->batch.count;
		explain_batch(survey, wanted, &shown);
	}
	if (wanted && !shown) {
		fail(err, ERROR_MISSING, "the source gives no item '%s'", wanted);
		return EXIT_USAGE;
	}
	if (!wanted)
		printf("%llu of %llu items due\n", (unsigned long long)shown,
			(unsigned long long)items);
	return EXIT_FINE;
}

static void explain_workers(const struct option_plugin *executor)
{
	struct text why = { 0 };
	executor_of(executor->plugin)->workers(executor->settings, &why);
	printf("executor %s, %s\n", executor->plugin->name, why.data);
	text_finish(&why);
}

static int explain_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	if (!arguments_parse(&command_explain, "Csfrin", argc, argv, &arguments) ||
		!loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	struct survey survey = { 0 };
	struct error err;
	const struct survey_options options = {
		.force = arguments.force,
		.retry_failed = arguments.retry_failed,
		.look_only = true,
		.complain = explain_complain,
	};
	int status = EXIT_USAGE;
	if (survey_open(&survey, &loaded.plan, &options, &err))
		status = explain_walk(&survey, arguments.item, &err);
	else
		status = command_status(&err);
	if (status == EXIT_FINE && !arguments.item)
		explain_workers(&loaded.plan.config->executor);
	if (status != EXIT_FINE)
		command_complain(NULL, &err);
	survey_close(&survey);
	loaded_close(&loaded);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.usage = "explain CONFIG [ITEM] [--force] [--retry-failed] [--now TIME] [--set path=value] "
		 "[-C DIR]",
	.summary = "tell what a run would do, and why",
	.run = explain_command,
};
