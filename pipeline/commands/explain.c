#include <stdio.h>
#include <string.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/survey.h"

extern const struct command command_explain;

static void explain_parts(const struct survey *survey, const struct item *item)
{
	struct part parts[ITEM_PARTS];
	struct arena arena = { 0 };
	struct error err;
	if (!plan_outputs(survey->plan, item, &arena, parts, &err))
		printf("    %s\n", err.text);
	else
		for (size_t i = 0; i < survey->plan->parts; i++)
			printf("    %-3s %s: %s\n", item->due >> i & 1 ? "due" : "-", parts[i].name,
				plan_path(&parts[i], "*", &arena));
	arena_finish(&arena);
}

static bool explain_item(
	const struct survey *survey, const struct item *item, enum freshness verdict)
{
	struct text text = { 0 };
	struct arena arena = { 0 };
	struct state_item found;
	text_add_safe(&text, item->key, item->key_length);
	printf("%s: %s", text.data, freshness_word(verdict));
	bool fine = state_find(survey->state, item->key, item->key_length, &arena, &found, NULL);
	if (fine && found.status == OUTCOME_FAILED)
		printf(" (%s: %s)", error_word((enum error_code)found.code), found.error);
	else if (fine && found.status == OUTCOME_IGNORED && found.error[0])
		printf(" (%s)", found.error);
	putchar('\n');
	text_finish(&text);
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
		explain_item(survey, item, survey->verdicts[i]);
		if (asked)
			explain_parts(survey, item);
		(*shown)++;
	}
}

static void explain_complain(void *context, const char *what, const struct error *err)
{
	(void)context;
	fprintf(stderr, "nightmill: %s: %s\n", what, err->text);
}

static int explain_walk(struct survey *survey, const char *wanted, struct error *err)
{
	uint64_t shown = 0, items = 0;
	while (!survey->complete && !(wanted && shown)) {
		if (!survey_step(survey, err))
			return EXIT_USAGE;
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

static int explain_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	if (!arguments_parse(&command_explain, "Csfri", argc, argv, &arguments) ||
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
	if (status != EXIT_FINE)
		fprintf(stderr, "nightmill: %s\n", err.text);
	survey_close(&survey);
	loaded_close(&loaded);
	return status;
}

const struct command command_explain = {
	.name = "explain",
	.usage = "explain CONFIG [ITEM] [--force] [--retry-failed] [--set path=value] [-C DIR]",
	.summary = "tell what a run would do, and why",
	.run = explain_command,
};
