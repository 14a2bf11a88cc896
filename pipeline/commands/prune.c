#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/commands/loaded.h"
#include "pipeline/survey.h"

/* More than this share of all outputs at once looks like a mistake: a root that is not mounted, a
 * typo in `to`. */
enum { PRUNE_PERCENT = 10 };

extern const struct command command_prune;

struct prune {
	struct survey survey;
	bool dry_run;
	uint64_t unreadable;
	uint64_t outputs, removed; /* that are to go, that are gone */
	uint64_t kept;             /* that lie in no output folder of this plan any more */
	struct error err;
	bool failed;
};

static void prune_complain(void *context, const char *what, const struct error *err)
{
	struct prune *prune = context;
	prune->unreadable++;
	command_complain(what, err);
}

/* What is no picture any more keeps no thumbnail. */
static bool prune_expect(struct prune *prune, const struct item *item, struct error *err)
{
	struct part parts[ITEM_PARTS];
	struct state_item found;
	struct state *state = prune->survey.state;
	struct arena *arena = &prune->survey.batch.arena;
	if (!state_expect_item(state, item->key, item->key_length, err) ||
		!state_walk(state, item->key, item->key_length, arena, &found, err))
		return false;
	if (found.status == OUTCOME_IGNORED ||
		!plan_outputs(prune->survey.plan, item, arena, parts, NULL))
		return true;
	for (size_t i = 0; i < prune->survey.plan->parts; i++) {
		const char *real = plan_path(&parts[i], found.late, arena);
		if (!state_expect_output(state, parts[i].path, real, err))
			return false;
	}
	return true;
}

static bool prune_walk(struct prune *prune, struct error *err)
{
	if (!state_expect_begin(prune->survey.state, err))
		return false;
	while (!prune->survey.complete) {
		if (!survey_step(&prune->survey, err))
			return false;
		for (size_t i = 0; i < prune->survey.batch.count; i++)
			if (!prune_expect(prune, &prune->survey.batch.items[i], err))
				return false;
	}
	return true;
}

/* The output root whose folder is in front of `path`; none where the plan has another output folder
 * now. */
static struct outputs *prune_root(const struct prune *prune, const char *path)
{
	const struct plan *plan = prune->survey.plan;
	for (size_t i = 0; i < plan->tail_count; i++) {
		const char *root = plan->tail[i].output_root;
		size_t length = root ? strlen(root) : 0;
		if (root && strncmp(path, root, length) == 0 && path[length] == '/')
			return prune->survey.outputs[i];
	}
	return NULL;
}

/* What an output row is worth: its file goes, only the row goes, or both stay. */
enum prune_fate { PRUNE_REMOVE, PRUNE_FORGET, PRUNE_KEEP, PRUNE_FAILED };

static enum prune_fate prune_fate(
	struct prune *prune, const struct state_output *output, const char *path)
{
	bool expected;
	if (digest_none(output->content))
		return PRUNE_FORGET; /* claimed, never made */
	if (!state_expected_path(prune->survey.state, path, &expected, &prune->err))
		return PRUNE_FAILED;
	if (expected)
		return PRUNE_FORGET; /* made again under another claim, e.g. after another `format`
				      */
	return prune_root(prune, path) ? PRUNE_REMOVE : PRUNE_KEEP;
}

static const char *prune_path(const struct state_output *output, struct arena *arena)
{
	const struct part part = { .path = (char *)output->path, .late = output->late_at };
	return plan_path(&part, output->late, arena);
}

static bool prune_count(
	void *context, const struct state_output *output, const char *key, size_t length)
{
	struct prune *prune = context;
	struct arena arena = { 0 };
	(void)key;
	(void)length;
	if (!output->path)
		return true;
	enum prune_fate fate = prune_fate(prune, output, prune_path(output, &arena));
	prune->outputs += fate == PRUNE_REMOVE;
	prune->kept += fate == PRUNE_KEEP;
	prune->failed = fate == PRUNE_FAILED;
	arena_finish(&arena);
	return !prune->failed;
}

static bool prune_carry_out(struct prune *prune, enum prune_fate fate,
	const struct state_output *output, const char *path)
{
	if (fate == PRUNE_REMOVE) {
		command_print(path, strlen(path));
		putchar('\n');
	}
	if (prune->dry_run || fate == PRUNE_KEEP)
		return true;
	if (fate == PRUNE_REMOVE && !outputs_remove(prune_root(prune, path), path, &prune->err))
		return false;
	prune->removed += fate == PRUNE_REMOVE;
	return state_forget_output(prune->survey.state, output->path, &prune->err);
}

static bool prune_remove(
	void *context, const struct state_output *output, const char *key, size_t length)
{
	struct prune *prune = context;
	struct arena arena = { 0 };
	(void)key;
	(void)length;
	if (!output->path)
		return true;
	const char *path = prune_path(output, &arena);
	enum prune_fate fate = prune_fate(prune, output, path);
	prune->failed = fate == PRUNE_FAILED || !prune_carry_out(prune, fate, output, path);
	arena_finish(&arena);
	return !prune->failed;
}

static bool prune_allowed(const struct prune *prune, bool yes, struct error *err)
{
	uint64_t items[OUTCOME_CANCELLED + 1], outputs = 0;
	if (prune->unreadable)
		return fail(err, ERROR_DENIED,
			"nothing was removed: %" PRIu64 " folder%s could not be read",
			prune->unreadable, prune->unreadable == 1 ? "" : "s");
	if (!state_counts(prune->survey.state, items, &outputs, err))
		return false;
	if (yes || prune->dry_run || prune->outputs * 100 <= outputs * PRUNE_PERCENT)
		return true;
	return fail(err, ERROR_LIMIT,
		"nothing was removed: %" PRIu64 " of %" PRIu64
		" outputs would go, more than %d %%; if that is right, say --yes",
		prune->outputs, outputs, PRUNE_PERCENT);
}

static bool prune_forget(struct prune *prune, struct error *err)
{
	uint64_t items = 0;
	return state_forget_unexpected_items(prune->survey.state, &items, err) &&
	       state_commit(prune->survey.state, err);
}

static bool prune_plan(struct prune *prune, bool yes, struct error *err)
{
	uint64_t outputs = 0, items = 0;
	struct state *state = prune->survey.state;
	if (!prune_walk(prune, err) ||
		!state_unexpected(state, prune_count, prune, &outputs, &items, err) ||
		(!prune->failed && !prune_allowed(prune, yes, err)) ||
		(!prune->failed &&
			!state_unexpected(state, prune_remove, prune, &outputs, &items, err)))
		return false;
	if (prune->failed) {
		*err = prune->err;
		return false;
	}
	fprintf(stderr, "nightmill: %" PRIu64 " outputs %s, %" PRIu64 " items %s\n",
		prune->dry_run ? prune->outputs : prune->removed,
		prune->dry_run ? "would be removed" : "removed", items,
		prune->dry_run ? "would be forgotten" : "forgotten");
	if (prune->kept)
		fprintf(stderr,
			"nightmill: %" PRIu64
			" outputs of an earlier `to` lie in another folder and stay there\n",
			prune->kept);
	return prune->dry_run || prune_forget(prune, err);
}

/* What stages make of all outputs together, without those that are gone. */
static bool prune_conclude(const struct prune *prune, struct error *err)
{
	const struct plan *plan = prune->survey.plan;
	for (size_t i = 0; prune->removed > 0 && i < plan->tail_count; i++) {
		const struct stage_plugin *stage = plan->tail[i].plugin;
		if (stage->conclude && !stage->conclude(plan->tail[i].prepared, err))
			return error_where(err, "%s", stage->plugin.name);
	}
	return true;
}

static int prune_command(int argc, char **argv)
{
	struct arguments arguments;
	struct loaded loaded;
	if (!arguments_parse(&command_prune, "Csyd", argc, argv, &arguments) ||
		!loaded_open(&loaded, &arguments))
		return EXIT_USAGE;
	struct prune prune = { .dry_run = arguments.dry_run };
	struct error err;
	const struct survey_options options = {
		.look_only = arguments.dry_run,
		.any_age = true,
		.complain = prune_complain,
		.context = &prune,
	};
	bool fine = survey_open(&prune.survey, &loaded.plan, &options, &err) &&
		    prune_plan(&prune, arguments.yes, &err) && prune_conclude(&prune, &err);
	int status = EXIT_FINE;
	if (!fine) {
		command_complain(NULL, &err);
		status = err.code == ERROR_LIMIT ? EXIT_HALTED : command_status(&err);
	}
	survey_close(&prune.survey);
	loaded_close(&loaded);
	return status;
}

const struct command command_prune = {
	.name = "prune",
	.usage = "prune CONFIG [--dry-run] [--yes] [--set path=value] [-C DIR]\n"
		 "  --dry-run  only list what would be removed\n"
		 "  --yes      allow more than a tenth of all outputs to go",
	.summary = "remove outputs that the plan would not make any more",
	.run = prune_command,
};
