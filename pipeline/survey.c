#include "pipeline/survey.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/times.h"
#include "pipeline/support/clock.h"

/* Stages that write below the same folder share it. */
static struct outputs *survey_same_root(const struct survey *survey, size_t stage)
{
	const struct plan_stage *tail = survey->plan->tail;
	for (size_t i = 0; i < stage; i++)
		if (tail[i].output_root &&
			strcmp(tail[i].output_root, tail[stage].output_root) == 0)
			return survey->outputs[i];
	return NULL;
}

static bool survey_open_outputs(struct survey *survey, struct error *err)
{
	const struct plan *plan = survey->plan;
	survey->outputs = memory_zeroed(plan->tail_count, sizeof(struct outputs *));
	for (size_t i = 0; i < plan->tail_count; i++) {
		const char *root = plan->tail[i].output_root;
		survey->outputs[i] = root ? survey_same_root(survey, i) : NULL;
		if (!root || survey->outputs[i])
			continue;
		if (!outputs_open(root, plan->config->name, survey->options.look_only,
			    &survey->outputs[i], err))
			return false;
		if (!survey->options.look_only && !outputs_sweep(survey->outputs[i], err))
			return false;
	}
	return true;
}

static bool survey_open_source(struct survey *survey, struct error *err)
{
	const struct plan *plan = survey->plan;
	survey->setup = (struct source_setup){
		.skip = survey->skip,
		.strict = plan->config->check == CONFIG_CHECK_STRICT,
		.any_age = survey->options.any_age,
		.complain = survey->options.complain,
		.note = survey->options.note,
		.wait = survey->options.wait,
		.context = survey->options.context,
		.watch = survey->options.watch,
		.store_spending = TIMES_SOURCE_STORE,
	};
	for (size_t i = 0; i < plan->tail_count; i++)
		if (plan->tail[i].output_root)
			survey->skip[survey->setup.skip_count++] = plan->tail[i].output_root;
	return flow_open(plan, &survey->setup, survey->options.look_only ? FLOW_LOOK : FLOW_RUN,
		&survey->flow, err);
}

static bool survey_open_deeds(struct survey *survey, struct error *err)
{
	const struct survey_options *options = &survey->options;
	if (!deeds_open(
		    &survey->deeds, survey->plan, options->look_only, options->retry_failed, err))
		return false;
	survey->deeds.state = survey->state;
	return true;
}

bool survey_open(struct survey *survey, const struct plan *plan,
	const struct survey_options *options, struct error *err)
{
	survey->plan = plan;
	survey->options = *options;
	survey->salt = (struct salt){ plan->config->state, options->look_only, false, { 0 } };
	return state_open(plan->config->state, options->look_only ? STATE_READ : STATE_WRITE,
		       &survey->state, err) &&
	       (!plan->act || survey_open_deeds(survey, err)) && survey_open_outputs(survey, err) &&
	       survey_open_source(survey, err);
}

struct outputs *survey_outputs_of(const struct survey *survey, size_t part)
{
	return survey->outputs[plan_stage_of(survey->plan, part) - survey->plan->tail];
}

static bool survey_present(void *context, size_t part, const char *path)
{
	return outputs_present(survey_outputs_of(context, part), path);
}

static bool survey_reads_secret(const struct survey *survey, const struct item *item)
{
	const struct plan *plan = survey->plan;
	for (size_t i = 0; i < plan->read_count; i++)
		if (plan->read[i] < item->slot_count && item->slots[plan->read[i]].secret)
			return true;
	return false;
}

static bool survey_validate(struct survey *survey, struct item *item, struct error *err)
{
	plan_validate(survey->plan, item, &survey->scratch);
	return survey->plan->source->validates || !survey_reads_secret(survey, item) ||
	       salt_digest(&survey->salt, &survey->scratch, &item->validator.size, err);
}

static bool survey_judge(struct survey *survey, size_t index, struct error *err)
{
	struct item *item = &survey->batch.items[index];
	enum freshness *verdict = &survey->verdicts[index];
	struct part parts[ITEM_PARTS];
	struct state_item found;
	struct arena *arena = &survey->batch.arena;
	item->id = digest_of(item->key, item->key_length);
	item->attempt = 1;
	if (!survey_validate(survey, item, err))
		return false;
	const struct error *refused = survey->batch.refused[index];
	if (refused) {
		/* Once it is not refused any more, it is another. */
		item->validator.size = digest_of(refused->text, strlen(refused->text)).low;
		*verdict = FRESHNESS_REFUSED;
		return true;
	}
	if (survey->plan->act)
		return deeds_judge(&survey->deeds, item, clock_wall_nanos(), verdict, err);
	if (!state_walk(survey->state, item->key, item->key_length, arena, &found, err))
		return false;
	if (!plan_outputs(survey->plan, item, arena, parts, NULL)) {
		*verdict = FRESHNESS_INVALID;
		return true;
	}
	const struct freshness_case judged = {
		.plan = survey->plan,
		.state = survey->state,
		.found = &found,
		.parts = parts,
		.arena = arena,
		.force = survey->options.force,
		.retry_failed = survey->options.retry_failed,
		.present = survey_present,
		.context = survey,
	};
	return freshness_judge(&judged, item, verdict, err);
}

static bool survey_outputs_are_slow(const struct survey *survey)
{
	for (size_t i = 0; i < survey->plan->tail_count; i++)
		if (survey->outputs[i] && outputs_are_slow(survey->outputs[i]))
			return true;
	return false;
}

/* False where no more can be expected for now. */
static bool survey_expect_item(struct survey *survey, size_t index)
{
	struct item *item = &survey->batch.items[index];
	struct part parts[ITEM_PARTS];
	item->id = digest_of(item->key, item->key_length);
	if (survey->batch.refused[index] ||
		!plan_outputs(survey->plan, item, &survey->batch.arena, parts, NULL))
		return true;
	for (size_t i = 0; i < survey->plan->parts; i++)
		if (!outputs_expect(survey_outputs_of(survey, i), parts[i].path))
			return false;
	return true;
}

/* Before item `index` is judged, folders are read in which it and those behind it have outputs. */
static void survey_expect(struct survey *survey, size_t index)
{
	if (!survey_outputs_are_slow(survey))
		return;
	if (survey->expected < index)
		survey->expected = index;
	while (survey->expected < survey->batch.count &&
		survey_expect_item(survey, survey->expected))
		survey->expected++;
}

/* What was expected for items that turned out to be new, nobody has asked for. */
static void survey_expect_none(struct survey *survey)
{
	survey->expected = 0;
	for (size_t i = 0; i < survey->plan->tail_count; i++)
		if (survey->outputs[i])
			outputs_expect_none(survey->outputs[i]);
}

bool survey_step(struct survey *survey, struct error *err)
{
	arena_reset(&survey->batch.arena);
	survey->batch.count = 0;
	survey_expect_none(survey);
	if (!flow_step(survey->flow, &survey->batch, &survey->complete, err))
		return false;
	bool fine = true;
	stopwatch_enter(survey->options.watch, TIMES_JUDGE);
	for (size_t i = 0; i < survey->batch.count && fine; i++) {
		survey_expect(survey, i);
		fine = survey_judge(survey, i, err);
	}
	stopwatch_leave(survey->options.watch);
	return fine;
}

void survey_count(const struct survey *survey, struct state_run *counts)
{
	counts->items += survey->batch.count;
	for (size_t i = 0; i < survey->batch.count; i++) {
		enum freshness verdict = survey->verdicts[i];
		counts->up_to_date +=
			verdict == FRESHNESS_UP_TO_DATE || verdict == FRESHNESS_SETTLED;
		counts->known_failures += verdict == FRESHNESS_KNOWN_FAILURE ||
					  verdict == FRESHNESS_DOUBT ||
					  verdict == FRESHNESS_WAITING;
		counts->ignored += verdict == FRESHNESS_KNOWN_IGNORED;
	}
}

void survey_close(struct survey *survey)
{
	flow_close(survey->flow);
	survey->flow = NULL;
	text_finish(&survey->scratch);
	for (size_t i = 0; survey->outputs && i < survey->plan->tail_count; i++)
		if (survey->outputs[i] && !survey_same_root(survey, i))
			outputs_close(survey->outputs[i]);
	free(survey->outputs);
	survey->outputs = NULL;
	deeds_close(&survey->deeds);
	state_close(survey->state);
	survey->state = NULL;
	arena_finish(&survey->batch.arena);
}
