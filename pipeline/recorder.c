#include "pipeline/recorder.h"

#include <string.h>
#include <sys/stat.h>

#include "pipeline/support/clock.h"
#include "pipeline/recorder_failures.h"
#include "pipeline/times.h"

enum { SYNC_FIRST_MICROS = 500000, SYNC_EVERY_MICROS = 5000000, ROWS_MOST = 16384 };

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
	*recorder = (struct recorder){
		.survey = survey,
		.asked_micros = clock_micros(),
		.wait_micros = SYNC_FIRST_MICROS,
	};
	recorder_batch_clear(&recorder->fresh);
	recorder_batch_clear(&recorder->syncing);
	int descriptors[ITEM_PARTS];
	size_t count = 0;
	for (size_t i = 0; i < survey->plan->tail_count; i++)
		if (survey->outputs[i])
			descriptors[count++] = outputs_descriptor(survey->outputs[i]);
	return count == 0 || syncer_open(descriptors, count, &recorder->syncer, err);
}

static bool recorder_owner_gone(const struct recorder *recorder, const struct state_owner *owner)
{
	return flow_gone(recorder->survey->flow, owner->key, owner->length);
}

static enum recorder_claim recorder_claim_part(
	struct recorder *recorder, int64_t number, const struct part *part, struct error *err)
{
	struct state *state = recorder->survey->state;
	struct state_owner owner;
	if (!state_claim(state, number, part->path, part->name, &recorder->scratch, &owner, err))
		return RECORDER_BROKEN;
	if (!owner.key)
		return RECORDER_CLAIMED;
	if (recorder_owner_gone(recorder, &owner))
		return state_take_over(state, number, part->path, part->name, err)
			       ? RECORDER_CLAIMED
			       : RECORDER_BROKEN;
	fail(err, ERROR_COLLISION, "output '%s' belongs to '%s' already", part->path, owner.key);
	return owner.made ? RECORDER_TAKEN : RECORDER_PENDING;
}

static enum recorder_claim recorder_claim_parts(struct recorder *recorder, const struct item *item,
	int64_t number, const struct part *parts, struct error *err)
{
	enum recorder_claim claim = RECORDER_CLAIMED;
	for (size_t i = 0; i < recorder->survey->plan->parts && claim == RECORDER_CLAIMED; i++)
		if (item->due >> i & 1)
			claim = recorder_claim_part(recorder, number, &parts[i], err);
	return claim;
}

/* An item whose content is only compared may keep all that it has. */
static bool recorder_withdraw(struct recorder *recorder, const struct item *item, int64_t number,
	const struct part *parts, struct error *err)
{
	if (!digest_none(item->known))
		return true;
	for (size_t i = 0; i < recorder->survey->plan->parts; i++)
		if (item->due >> i & 1 && !state_withdraw(recorder->survey->state, number,
						  parts[i].path, &recorder->withdrawn, err))
			return false;
	return true;
}

enum recorder_claim recorder_claim(
	struct recorder *recorder, const struct item *item, struct error *err)
{
	struct part parts[ITEM_PARTS];
	int64_t number;
	struct state *state = recorder->survey->state;
	arena_reset(&recorder->scratch);
	if (!plan_outputs(recorder->survey->plan, item, &recorder->scratch, parts, err))
		return RECORDER_INVALID;
	if (!state_reserve(state, item->key, item->key_length, &number, err))
		return RECORDER_BROKEN;
	enum recorder_claim claim = recorder_claim_parts(recorder, item, number, parts, err);
	bool fine = true;
	if (claim == RECORDER_CLAIMED)
		fine = recorder_withdraw(recorder, item, number, parts, err);
	else if (claim != RECORDER_BROKEN)
		fine = state_release(state, number, err);
	return fine ? claim : RECORDER_BROKEN;
}

bool recorder_before_give(struct recorder *recorder, struct error *err)
{
	bool withdrawn = recorder->withdrawn;
	recorder->withdrawn = false;
	if (!withdrawn)
		return true;
	stopwatch_enter(recorder->survey->options.watch, TIMES_COMMIT);
	bool committed = state_commit(recorder->survey->state, err);
	stopwatch_leave(recorder->survey->options.watch);
	return committed;
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

/* An output whose extension has changed with the content leaves its predecessor behind: its path,
 * or NULL. */
static const char *recorder_old_path(struct recorder *recorder, const struct part *part,
	const struct state_item *before, const char *late)
{
	if (part->late == SIZE_MAX || before->late[0] == '\0' || strcmp(before->late, late) == 0)
		return NULL;
	return plan_path(part, before->late, &recorder->scratch);
}

static bool recorder_place_part(struct recorder *recorder, const struct item *item, uint32_t index,
	const char *path, struct error *err)
{
	char name[STAGE_TEMPORARY_BYTES];
	stage_temporary(item->id, item->attempt, index, name);
	if (outputs_place(survey_outputs_of(recorder->survey, index), name, path, err))
		return true;
	/* A folder that is gone, or a disk with errors: no other item would fare better. What is
	 * denied may be so in one folder only, by a link that lies in the way or by its owner. */
	struct stat status;
	bool folder = lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
	if (folder)
		err->blame = BLAME_ITEM;
	else if (err->blame == BLAME_MOMENT && err->code != ERROR_DENIED)
		err->blame = BLAME_PLACE;
	return false;
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
		const char *old = recorder_old_path(recorder, &parts[i], &row->item, outcome->late);
		if (!recorder_place_part(recorder, item, i, path, err) ||
			(old && !outputs_remove(survey_outputs_of(recorder->survey, i), old, err)))
			return false;
		row->outputs[row->output_count++] = (struct state_output){
			.path = parts[i].path,
			.part = parts[i].name,
			.recipe = parts[i].recipe,
			.content = outcome->content,
			.late = arena_copy(
				&recorder->fresh.arena, outcome->late, strlen(outcome->late)),
			.late_at = parts[i].late,
		};
	}
	/* Parts that were not due and are of other content: the next run looks at each. */
	bool all = outcome->made == plan_all_parts(plan) ||
		   digest_equal(outcome->content, row->item.content);
	row->item.recipe = all ? plan_recipe(plan, parts) : (struct digest){ 0 };
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

/* What a permission or a mount can mend without touching the file is tried in every run, but told
 * twice only. */
static bool recorder_stays_moment(enum error_code code)
{
	return code == ERROR_DENIED || code == ERROR_MISSING;
}

/* What the row says after a failure; content, recipe and late of the last success stay, its outputs
 * do too. */
static void recorder_fill_failure(struct recorder *recorder, const struct item *item,
	const struct outcome *outcome, struct recorder_row *row, enum recorder_news *news)
{
	const struct error *err = &outcome->error;
	bool same = recorder_same_failure(&row->item, item, outcome);
	bool told = row->item.blame == BLAME_ITEM || row->item.runs_failed > 1;
	*news = same && told ? RECORDER_KNOWN : RECORDER_NEW;
	row->item.code = err->code;
	row->item.blame = same && !recorder_stays_moment(err->code) ? BLAME_ITEM : err->blame;
	row->item.error = arena_copy(&recorder->fresh.arena, err->text, strlen(err->text));
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
	state->verdict = plan_verdict(recorder->survey->plan, (enum error_code)state->code);
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
	if (outcome->status == OUTCOME_IGNORED &&
		!state_release(recorder->survey->state, row->item.number, err))
		return false;
	if (outcome->status == OUTCOME_FAILED)
		recorder_discard(recorder, item, outcome);
	if (outcome->status == OUTCOME_FAILED && outcome->error.blame == BLAME_PLACE)
		return true;
	recorder_failures(recorder, item, outcome, row->item.status == OUTCOME_FAILED);
	row->key = arena_copy(arena, item->key, item->key_length);
	row->key_length = item->key_length;
	recorder_fill(recorder, item, outcome, row, news);
	recorder_queue(recorder, row);
	return true;
}

bool recorder_settle(struct recorder *recorder, const struct item *item, struct error *err)
{
	struct part parts[ITEM_PARTS];
	struct arena *arena = &recorder->fresh.arena;
	struct recorder_row *row = arena_alloc(arena, sizeof(*row));
	if (!state_find(
		    recorder->survey->state, item->key, item->key_length, arena, &row->item, err) ||
		!plan_outputs(recorder->survey->plan, item, arena, parts, err))
		return false;
	row->key = arena_copy(arena, item->key, item->key_length);
	row->key_length = item->key_length;
	row->item.recipe = plan_recipe(recorder->survey->plan, parts);
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
	recorder->wait_micros = recorder->wait_micros * 2 < SYNC_EVERY_MICROS
					? recorder->wait_micros * 2
					: SYNC_EVERY_MICROS;
	return !recorder->syncer || syncer_ask(recorder->syncer, err);
}

static bool recorder_collect(struct recorder *recorder, bool wait, struct error *err)
{
	bool done = true;
	struct stopwatch *watch = recorder->survey->options.watch;
	if (recorder->syncer) {
		stopwatch_enter(watch, TIMES_SYNC);
		bool fine = syncer_done(recorder->syncer, wait, &done, err);
		stopwatch_leave(watch);
		if (!fine)
			return false;
	}
	if (!done)
		return true;
	stopwatch_enter(watch, TIMES_COMMIT);
	bool written = recorder_write(recorder, &recorder->syncing, err);
	stopwatch_leave(watch);
	recorder_batch_clear(&recorder->syncing);
	return written;
}

static bool recorder_move_on(struct recorder *recorder, bool finish, struct error *err)
{
	bool full = recorder->fresh.count >= ROWS_MOST;
	if (recorder->syncing.count && !recorder_collect(recorder, finish || full, err))
		return false;
	bool due = clock_micros() - recorder->asked_micros >= recorder->wait_micros;
	if (recorder->fresh.count == 0 || recorder->syncing.count || !(finish || full || due))
		return true;
	return recorder_ask(recorder, err) && recorder_collect(recorder, finish, err);
}

bool recorder_tick(struct recorder *recorder, bool finish, struct error *err)
{
	if (recorder->broken || recorder_move_on(recorder, finish, err))
		return true;
	/* The kernel tells of a lost write once: what waits for the next sync is as doubtful. */
	recorder->broken = true;
	recorder_batch_clear(&recorder->syncing);
	recorder_batch_clear(&recorder->fresh);
	return false;
}

void recorder_close(struct recorder *recorder)
{
	syncer_close(recorder->syncer);
	arena_finish(&recorder->fresh.arena);
	arena_finish(&recorder->syncing.arena);
	arena_finish(&recorder->scratch);
	*recorder = (struct recorder){ 0 };
}
