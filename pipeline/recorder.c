#include "pipeline/recorder.h"

#include <string.h>

#include "pipeline/support/clock.h"

enum { SYNC_EVERY_MICROS = 5000000, ROWS_MOST = 16384 };

struct recorder_row {
	struct recorder_row *next;
	const char *key;
	size_t key_length;
	struct state_item item;
	struct state_output *outputs; /* those that were made */
	size_t output_count;
};

static void recorder_batch_clear(struct recorder_batch *batch)
{
	arena_reset(&batch->arena);
	batch->first = NULL;
	batch->end = &batch->first;
	batch->count = 0;
}

bool recorder_open(struct recorder *recorder, struct survey *survey, struct error *err)
{
	*recorder = (struct recorder){ .survey = survey, .asked_micros = clock_micros() };
	recorder_batch_clear(&recorder->fresh);
	recorder_batch_clear(&recorder->syncing);
	int descriptors[ITEM_PARTS];
	size_t count = 0;
	for (size_t i = 0; i < survey->plan->tail_count; i++)
		if (survey->outputs[i])
			descriptors[count++] = outputs_descriptor(survey->outputs[i]);
	return count == 0 || syncer_open(descriptors, count, &recorder->syncer, err);
}

static bool recorder_claim_part(struct recorder *recorder, int64_t number, const struct part *part,
	const char **owner, struct error *err)
{
	size_t length = 0;
	*owner = NULL;
	return state_claim(recorder->survey->state, number, part->path, part->name,
		&recorder->scratch, owner, &length, err);
}

bool recorder_claim(
	struct recorder *recorder, const struct item *item, bool *state_failed, struct error *err)
{
	struct part parts[ITEM_PARTS];
	int64_t number;
	*state_failed = false;
	arena_reset(&recorder->scratch);
	if (!plan_outputs(recorder->survey->plan, item, &recorder->scratch, parts, err))
		return false;
	*state_failed = true;
	if (!state_reserve(recorder->survey->state, item->key, item->key_length, &number, err))
		return false;
	for (size_t i = 0; i < recorder->survey->plan->parts; i++) {
		const char *owner;
		if (!(item->due >> i & 1))
			continue;
		if (!recorder_claim_part(recorder, number, &parts[i], &owner, err))
			return false;
		if (!owner)
			continue;
		*state_failed = false;
		struct text text = { 0 };
		text_add_safe(&text, owner, strlen(owner));
		fail(err, ERROR_COLLISION, "output '%s' belongs to '%s' already", parts[i].path,
			text.data);
		text_finish(&text);
		return false;
	}
	*state_failed = false;
	return true;
}

void recorder_discard(
	struct recorder *recorder, const struct item *item, const struct outcome *outcome)
{
	for (uint32_t i = 0; i < recorder->survey->plan->parts; i++) {
		char name[STAGE_TEMPORARY_BYTES];
		if (!((item->due | outcome->made) >> i & 1))
			continue;
		stage_temporary(item->id, item->attempt, i, name);
		outputs_discard(survey_outputs_of(recorder->survey, i), name);
	}
}

/* An output whose extension has changed with the content leaves its predecessor behind. */
static bool recorder_remove_old(struct recorder *recorder, uint32_t index, const struct part *part,
	const struct recorder_row *row, const char *late, struct error *err)
{
	if (part->late == SIZE_MAX || row->item.late[0] == '\0' ||
		strcmp(row->item.late, late) == 0)
		return true;
	const char *path = plan_path(part, row->item.late, &recorder->scratch);
	return outputs_remove(survey_outputs_of(recorder->survey, index), path, err);
}

static bool recorder_place_part(struct recorder *recorder, const struct item *item, uint32_t index,
	const char *path, struct error *err)
{
	char name[STAGE_TEMPORARY_BYTES];
	stage_temporary(item->id, item->attempt, index, name);
	return outputs_place(survey_outputs_of(recorder->survey, index), name, path, err);
}

/* Renames all parts that were made; row->item still holds what was remembered. */
static bool recorder_place(struct recorder *recorder, const struct item *item,
	const struct outcome *outcome, struct recorder_row *row, struct error *err)
{
	struct part parts[ITEM_PARTS];
	const struct plan *plan = recorder->survey->plan;
	if (!plan_outputs(plan, item, &recorder->fresh.arena, parts, err))
		return false;
	row->outputs = arena_alloc(&recorder->fresh.arena, plan->parts * sizeof(*row->outputs));
	for (uint32_t i = 0; i < plan->parts; i++) {
		if (!(outcome->made >> i & 1))
			continue;
		const char *path = plan_path(&parts[i], outcome->late, &recorder->scratch);
		if (!recorder_place_part(recorder, item, i, path, err) ||
			!recorder_remove_old(recorder, i, &parts[i], row, outcome->late, err))
			return false;
		row->outputs[row->output_count++] = (struct state_output){
			.path = parts[i].path,
			.part = parts[i].name,
			.recipe = parts[i].recipe,
			.late = arena_copy(
				&recorder->fresh.arena, outcome->late, strlen(outcome->late)),
			.late_at = parts[i].late,
		};
	}
	row->item.recipe = plan_recipe(plan, parts);
	return true;
}

static bool recorder_same_failure(
	const struct state_item *before, const struct item *item, const struct outcome *outcome)
{
	bool same_time = before->validator.mtime_nanos == item->validator.mtime_nanos ||
			 before->validator.mtime_nanos == VALIDATOR_UNTRUSTED;
	return before->status == OUTCOME_FAILED && before->code == outcome->error.code &&
	       before->validator.size == item->validator.size && same_time;
}

/* What the row says after a failure; content, recipe and late of the last success stay, its outputs
 * do too. */
static void recorder_fill_failure(struct recorder *recorder, const struct item *item,
	const struct outcome *outcome, struct recorder_row *row, enum recorder_news *news)
{
	bool same = recorder_same_failure(&row->item, item, outcome);
	bool item_to_blame = outcome->error.blame == BLAME_ITEM;
	*news = same && row->item.blame == BLAME_ITEM ? RECORDER_KNOWN : RECORDER_NEW;
	row->item.code = outcome->error.code;
	row->item.blame = item_to_blame || same ? BLAME_ITEM : outcome->error.blame;
	row->item.error = arena_copy(
		&recorder->fresh.arena, outcome->error.text, strlen(outcome->error.text));
	row->item.runs_failed++;
}

static void recorder_fill(struct recorder *recorder, const struct item *item,
	const struct outcome *outcome, struct recorder_row *row, enum recorder_news *news)
{
	struct state_item *state = &row->item;
	if (outcome->status == OUTCOME_FAILED)
		recorder_fill_failure(recorder, item, outcome, row, news);
	else {
		state->code = state->blame = state->runs_failed = 0;
		state->error = arena_copy(
			&recorder->fresh.arena, outcome->error.text, strlen(outcome->error.text));
	}
	if (outcome->status == OUTCOME_MADE || outcome->status == OUTCOME_UNCHANGED) {
		state->content = outcome->content;
		memcpy(state->late, outcome->status == OUTCOME_MADE ? outcome->late : state->late,
			sizeof(state->late));
	}
	state->validator = freshness_validator(item, outcome);
	state->status = outcome->status == OUTCOME_UNCHANGED ? OUTCOME_MADE : outcome->status;
	state->verdict = recorder->survey->plan->verdict;
	state->run = recorder->run;
	state->micros = outcome->micros;
}

static void recorder_queue(struct recorder *recorder, struct recorder_row *row)
{
	row->next = NULL;
	*recorder->fresh.end = row;
	recorder->fresh.end = &row->next;
	recorder->fresh.count++;
}

bool recorder_outcome(struct recorder *recorder, const struct item *item, struct outcome *outcome,
	enum recorder_news *news, struct error *err)
{
	struct arena *arena = &recorder->fresh.arena;
	struct recorder_row *row = arena_alloc(arena, sizeof(*row));
	arena_reset(&recorder->scratch);
	if (!state_find(
		    recorder->survey->state, item->key, item->key_length, arena, &row->item, err))
		return false;
	if (outcome->status == OUTCOME_MADE &&
		!recorder_place(recorder, item, outcome, row, &outcome->error))
		outcome->status = OUTCOME_FAILED;
	if (outcome->status == OUTCOME_FAILED)
		recorder_discard(recorder, item, outcome);
	if (outcome->status == OUTCOME_FAILED && outcome->error.blame == BLAME_PLACE)
		return true;
	row->key = arena_copy(arena, item->key, item->key_length);
	row->key_length = item->key_length;
	recorder_fill(recorder, item, outcome, row, news);
	recorder_queue(recorder, row);
	return true;
}

static bool recorder_write(
	struct recorder *recorder, const struct recorder_batch *batch, struct error *err)
{
	struct state *state = recorder->survey->state;
	for (struct recorder_row *row = batch->first; row; row = row->next) {
		if (!state_put(state, row->key, row->key_length, &row->item, err))
			return false;
		for (size_t i = 0; i < row->output_count; i++)
			if (!state_put_output(state, row->item.number, &row->outputs[i], err))
				return false;
	}
	return state_commit(state, err);
}

/* What is fresh now waits for the sync that begins; outcomes from now on for the next. */
static bool recorder_ask(struct recorder *recorder, struct error *err)
{
	struct recorder_batch empty = recorder->syncing;
	recorder->syncing = recorder->fresh;
	recorder->fresh = empty;
	if (!recorder->syncing.first)
		recorder->syncing.end = &recorder->syncing.first;
	recorder_batch_clear(&recorder->fresh);
	recorder->asked_micros = clock_micros();
	return !recorder->syncer || syncer_ask(recorder->syncer, err);
}

static bool recorder_collect(struct recorder *recorder, bool wait, struct error *err)
{
	bool done = true;
	if (recorder->syncer && !syncer_done(recorder->syncer, wait, &done, err))
		return false;
	if (!done)
		return true;
	bool written = recorder_write(recorder, &recorder->syncing, err);
	recorder_batch_clear(&recorder->syncing);
	return written;
}

bool recorder_tick(struct recorder *recorder, bool finish, struct error *err)
{
	bool full = recorder->fresh.count >= ROWS_MOST;
	if (recorder->syncing.count && !recorder_collect(recorder, finish || full, err))
		return false;
	bool due = clock_micros() - recorder->asked_micros >= SYNC_EVERY_MICROS;
	if (recorder->fresh.count == 0 || recorder->syncing.count || !(finish || full || due))
		return true;
	return recorder_ask(recorder, err) && recorder_collect(recorder, finish, err);
}

void recorder_close(struct recorder *recorder)
{
	syncer_close(recorder->syncer);
	arena_finish(&recorder->fresh.arena);
	arena_finish(&recorder->syncing.arena);
	arena_finish(&recorder->scratch);
	*recorder = (struct recorder){ 0 };
}
