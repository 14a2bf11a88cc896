#include "pipeline/run_deeds.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/commands/command.h"
#include "pipeline/deeds_guard.h"
#include "pipeline/ledger.h"
#include "pipeline/run_items.h"
#include "pipeline/signals.h"
#include "pipeline/support/clock.h"

enum {
	ACTING_QUEUE = 4096, /* items that wait for their turn at most, and a batch */
	NANOS_PER_MICRO = 1000,
	DOUBLINGS = 9, /* of the time between attempts, at most */
};

/* What is put off for longer than this is left for the next run. */
static const int64_t acting_patience_micros = DEEDS_PATIENCE_SECONDS * INT64_C(1000000);

static bool acting_ended(struct run *run, const char *what, const struct error *err)
{
	run_halt(run, what, err);
	return false;
}

/* The first walk. Both walks complain of the same things: the second does it aloud. */
static void acting_count(void *context, const char *what, const struct error *err)
{
	(void)what;
	(void)err;
	++*(uint64_t *)context;
}

static bool acting_plan_batch(struct run *run, struct batch *batch, struct error *err)
{
	struct survey *survey = &run->survey;
	const int64_t now = clock_wall_nanos();
	for (size_t i = 0; i < batch->count; i++) {
		struct item *item = &batch->items[i];
		item->id = digest_of(item->key, item->key_length);
		plan_validate(run->plan, item, &survey->scratch);
		if (!batch->refused[i] && !deeds_plan(&survey->deeds, item, now, err))
			return false;
	}
	return true;
}

/* Head stages look only: what they write to the ledger, they write in the second walk, once it is
 * clear that there is one. */
static bool acting_walk(struct run *run, uint64_t *unreadable, int *signal, struct error *err)
{
	struct source_setup setup = run->survey.setup;
	struct batch *batch = memory_zeroed(1, sizeof(*batch));
	struct flow *flow = NULL;
	setup.complain = acting_count;
	setup.note = NULL;
	setup.context = unreadable;
	bool complete = false, fine = flow_open(run->plan, &setup, FLOW_LOOK, &flow, err);
	while (fine && !complete && signals_take(signal) == 0) {
		arena_reset(&batch->arena);
		batch->count = 0;
		fine = flow_step(flow, batch, &complete, err) && acting_plan_batch(run, batch, err);
	}
	flow_close(flow);
	arena_finish(&batch->arena);
	free(batch);
	return fine;
}

static bool acting_guard(struct run *run, struct error *err)
{
	struct deeds *deeds = &run->survey.deeds;
	const struct run_options *options = run->options;
	if (!deeds_guard(deeds, options->yes, options->limit, err))
		return acting_ended(run, "halted", err);
	if (deeds->due && !deeds_begin_round(deeds, options->limit, err))
		return acting_ended(run, "ledger", err);
	pace_open(&run->acting.pace, deeds->rules.per_minute, deeds->rules.key_per_minute);
	run->acting.ends = memory_zeroed(run->now.workers, sizeof(*run->acting.ends));
	return true;
}

bool run_deeds_plan(struct run *run)
{
	struct error err;
	struct deeds *deeds = &run->survey.deeds;
	uint64_t unreadable = 0;
	int signal = 0;
	if (!deeds_stock(deeds, clock_wall_nanos(), &err))
		return acting_ended(run, "ledger", &err);
	if (!acting_walk(run, &unreadable, &signal, &err)) {
		ledger_rollback(deeds->ledger);
		return acting_ended(run, "source", &err);
	}
	if (signal) {
		ledger_rollback(deeds->ledger);
		run->stopping = true;
		run->status = EXIT_SIGNAL + signal;
		return false;
	}
	if (!deeds_planned(deeds, unreadable == 0, clock_wall_nanos(), &err))
		return acting_ended(run, "ledger", &err);
	return acting_guard(run, &err);
}

bool run_deeds_room(const struct run *run)
{
	return run->acting.pace.count < ACTING_QUEUE;
}

static bool acting_about(
	struct run *run, const struct item *item, struct act_about *about, struct error *err)
{
	const struct plan_stage *stage = run->plan->act;
	*about = (struct act_about){ .label = "" };
	arena_reset(&run->acting.scratch);
	return stage->plugin->act->about(stage->prepared, item, &run->acting.scratch, about, err);
}

void run_deeds_take(struct run *run, const struct item *item, bool again)
{
	struct error err;
	struct act_about about;
	if (!acting_about(run, item, &about, &err)) {
		run_reject(run, item, &err);
		return;
	}
	run->given += !again;
	pace_add(&run->acting.pace, item, about.pace);
}

void run_deeds_take_soon(struct run *run, const struct item *item)
{
	struct error err;
	struct item first = *item;
	int64_t next = 0;
	first.attempt = 0; /* the retry's is one more */
	if (!deeds_next(&run->survey.deeds, item->id, &next, &err)) {
		run_halt(run, "ledger", &err);
		return;
	}
	const int64_t wait = (next - clock_wall_nanos()) / NANOS_PER_MICRO;
	if (retries_add(&run->retries, &first, clock_micros() + (wait > 0 ? wait : 0)))
		run->given++;
	else
		run->now.cancelled++;
}

void run_deeds_settled(struct run *run, const struct item *item)
{
	struct error err;
	enum recorder_news news;
	struct outcome outcome = outcome_of(item, OUTCOME_MADE);
	if (!recorder_outcome(&run->recorder, item, &outcome, &news, &err))
		run_halt(run, "state", &err);
}

static bool acting_settle(struct run *run, int64_t now, struct error *err)
{
	struct acting *acting = &run->acting;
	for (size_t i = 0; i < acting->end_count; i++)
		if (!deeds_settle(&run->survey.deeds, &acting->ends[i], now, err))
			return false;
	return true;
}

/* Fills the window with what is to begin now. An item whose row says something else (it was given
 * twice by the source) is left out. */
static bool acting_claim(struct run *run, int64_t now, struct error *err)
{
	const struct acting *acting = &run->acting;
	const struct item *item;
	while (!run->stopping && windows_have_room(&run->windows, 1) &&
		acting->in_hand + windows_waiting(&run->windows) < run->now.workers &&
		(item = pace_take(&run->acting.pace, clock_micros())) != NULL) {
		bool claimed = false;
		if (!deeds_claim(&run->survey.deeds, item->id, now, &claimed, err))
			return false;
		if (claimed)
			windows_add(&run->windows, item);
	}
	return true;
}

/* One commit for what has ended and what begins. */
static bool acting_write(struct run *run, struct error *err)
{
	struct deeds *deeds = &run->survey.deeds;
	const int64_t now = clock_wall_nanos();
	if (acting_settle(run, now, err) && acting_claim(run, now, err) &&
		deeds_commit(deeds, err)) {
		run->acting.end_count = 0;
		return true;
	}
	ledger_rollback(deeds->ledger);
	return false;
}

void run_deeds_give(struct run *run)
{
	struct error err;
	size_t count = 0;
	if (run->acting.eager || (!run->acting.end_count && run_deeds_due(run) > clock_micros()))
		return;
	if (!acting_write(run, &err)) {
		run_halt(run, "ledger", &err);
		return;
	}
	if (windows_waiting(&run->windows) == 0)
		return;
	const struct item *items = windows_give(&run->windows, &count);
	run->acting.in_hand += count;
	run->plugin->give(run->executor, items, count);
}

int64_t run_deeds_due(struct run *run)
{
	const bool free_hand = !run->stopping && run->acting.in_hand < run->now.workers &&
			       windows_have_room(&run->windows, 1);
	return free_hand ? pace_due(&run->acting.pace) : INT64_MAX;
}

bool run_deeds_left(const struct run *run)
{
	return run->acting.end_count > 0 || (!run->stopping && run->acting.pace.count > 0);
}

/* A worker that was killed may have been in the middle of it. */
static void acting_end_killed(const struct run *run, struct outcome *outcome, struct deeds_end *end)
{
	end->state = run->survey.deeds.rules.resend ? LEDGER_DEFERRED : LEDGER_DOUBT;
	snprintf(end->words, sizeof(end->words), "its worker was stopped over it");
	fail(&outcome->error, ERROR_DOUBT, "%s", end->words);
	outcome->status = OUTCOME_FAILED;
}

/* True where it is tried again in this run. */
static bool acting_put_off(struct run *run, const struct item *item, const struct outcome *outcome,
	struct deeds_end *end)
{
	const struct config_on_error *policy = &run->plan->config->on_error;
	const uint32_t doublings = item->attempt - 1 < DOUBLINGS ? item->attempt - 1 : DOUBLINGS;
	int64_t wait = policy->backoff.micros << doublings;
	if (wait < outcome->deed.wait_micros)
		wait = outcome->deed.wait_micros;
	end->next = clock_wall_nanos() + wait * NANOS_PER_MICRO;
	return !run->stopping && item->attempt <= (uint32_t)policy->retries &&
	       wait <= acting_patience_micros &&
	       retries_add(&run->retries, item, clock_micros() + wait);
}

/* What the state is told: as the ledger has it. */
static void acting_amend(const struct deeds_end *end, struct outcome *outcome)
{
	if (end->state == LEDGER_ACCEPTED) {
		outcome->status = OUTCOME_MADE;
		return;
	}
	if (end->state == LEDGER_DOUBT && outcome->error.code != ERROR_DOUBT) {
		if (outcome->error.code == ERROR_NONE)
			fail(&outcome->error, ERROR_DOUBT, "its stage did not say how it ended");
		error_where(&outcome->error, "in doubt");
		outcome->error.code = ERROR_DOUBT;
		outcome->error.blame = BLAME_ITEM;
	}
	if (outcome->status == OUTCOME_MADE)
		outcome->status = OUTCOME_FAILED;
}

void run_deeds_outcome(struct run *run, const struct item *item, struct outcome *outcome)
{
	struct acting *acting = &run->acting;
	struct deeds_end *end = &acting->ends[acting->end_count++];
	acting->in_hand--;
	acting->eager = true;
	deeds_end_of(&run->survey.deeds, outcome, end);
	if (outcome->status == OUTCOME_CANCELLED && acting->killed)
		acting_end_killed(run, outcome, end);
	else if (outcome->status == OUTCOME_CANCELLED) {
		end->state = LEDGER_PLANNED;
		run->now.cancelled++;
		return;
	}
	acting_amend(end, outcome);
	if (end->state == LEDGER_DEFERRED && acting_put_off(run, item, outcome, end))
		progress_outcome(run->progress, item, outcome, true);
	else
		run_record(run, item, outcome);
}

static void acting_tell_doubts(struct run *run)
{
	struct error err;
	const struct act_rules *rules = &run->survey.deeds.rules;
	if (!deeds_in_doubt(&run->survey.deeds, &run->doubts, &err)) {
		run_halt(run, "ledger", &err);
		return;
	}
	if (run->doubts == 0)
		return;
	struct text ask = { 0 };
	if (rules->doubts)
		text_addf(&ask, ": nightmill %s %s %s", run->plan->act->plugin->plugin.name,
			rules->doubts, run->options->config);
	fail(&err, ERROR_DOUBT,
		"%" PRIu64 " %s: begun, and nobody knows how it ended; not done again until that "
		"is resolved%s",
		run->doubts, run->doubts == 1 ? rules->noun : rules->plural,
		ask.data ? ask.data : "");
	text_finish(&ask);
	progress_note(run->progress, "in doubt", &err);
}

void run_deeds_finish(struct run *run)
{
	struct error err;
	run->stopping = true;
	if (run->acting.end_count && !acting_write(run, &err))
		run_halt(run, "ledger", &err);
	run->now.cancelled += run->acting.pace.count;
	pace_close(&run->acting.pace);
	arena_finish(&run->acting.scratch);
	free(run->acting.ends);
	run->acting.ends = NULL;
	acting_tell_doubts(run);
}

void run_deeds_show(struct run *run, const struct item *item)
{
	struct error err;
	struct act_about about;
	struct deeds *deeds = &run->survey.deeds;
	if (!acting_about(run, item, &about, &err) ||
		!deeds_plan(deeds, item, clock_wall_nanos(), &err)) {
		run_complain(run, "dry run", &err);
		return;
	}
	printf("%s\t", deeds->rules.noun);
	command_print(about.label, strlen(about.label));
	putchar('\t');
	command_print(item->key, item->key_length);
	putchar('\n');
}

void run_deeds_show_end(struct run *run)
{
	struct error err;
	if (!deeds_guard(&run->survey.deeds, run->options->yes, run->options->limit, &err))
		progress_note(run->progress, "a run would halt", &err);
	arena_finish(&run->acting.scratch);
	acting_tell_doubts(run);
}
