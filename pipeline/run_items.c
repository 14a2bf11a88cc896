#include "pipeline/run_items.h"

#include "pipeline/run_deeds.h"
#include "pipeline/support/clock.h"

enum {
	HALT_LEAST = 100, /* finished items, before a percentage means anything */
	/* For a path whose owner is under way: seconds in all. */
	CLAIM_ATTEMPTS = 6,
	CLAIM_WAIT_MICROS = 50000,
};

static bool run_too_many_failures(const struct run *run)
{
	const struct option_share *halt = &run->plan->config->on_error.halt;
	uint64_t finished = run->now.made + run->now.unchanged + run->now.failed;
	if (!halt->is_percent)
		return run->new_failures > (uint64_t)halt->count;
	return finished >= HALT_LEAST && halt->percent < 100 &&
	       (double)run->new_failures * 100 > halt->percent * (double)finished;
}

static void run_count_failure(struct run *run, const struct item *item,
	const struct outcome *outcome, enum recorder_news news)
{
	/* Whoever asks for another try wants to hear how it ended. */
	bool asked = run->options->force || run->options->retry_failed;
	if (news == RECORDER_KNOWN && !asked) {
		run->now.known_failures++;
		return;
	}
	run->now.failed++;
	run->new_failures++;
	progress_outcome(run->progress, item, outcome, false);
	if (run->stopping || !run_too_many_failures(run))
		return;
	struct error why;
	fail(&why, ERROR_LIMIT, "%lu items newly failed, more than on_error.halt allows",
		(unsigned long)run->new_failures);
	run_halt(run, "halted", &why);
}

static bool run_retry(struct run *run, const struct item *item, const struct outcome *outcome)
{
	const struct config_on_error *policy = &run->plan->config->on_error;
	if (outcome->status != OUTCOME_FAILED || outcome->error.blame != BLAME_MOMENT ||
		run->stopping || item->attempt > (uint32_t)policy->retries)
		return false;
	uint32_t doublings = item->attempt < 10 ? item->attempt - 1 : 9;
	int64_t wait = policy->backoff.micros << doublings;
	if (!retries_add(&run->retries, item, clock_micros() + wait))
		return false;
	recorder_discard(&run->recorder, item, outcome);
	progress_outcome(run->progress, item, outcome, true);
	return true;
}

static void run_count(struct run *run, const struct item *item, const struct outcome *outcome,
	enum recorder_news news)
{
	struct state_run *now = &run->now;
	now->bytes_read += outcome->bytes_read;
	now->bytes_written += outcome->bytes_written;
	now->pixels += outcome->pixels;
	now->parts += (uint64_t)__builtin_popcountll(outcome->made);
	if (outcome->status == OUTCOME_FAILED) {
		run_count_failure(run, item, outcome, news);
		return;
	}
	now->made += outcome->status == OUTCOME_MADE;
	now->unchanged += outcome->status == OUTCOME_UNCHANGED;
	now->ignored += outcome->status == OUTCOME_IGNORED;
	progress_outcome(run->progress, item, outcome, false);
}

void run_record(struct run *run, const struct item *item, struct outcome *outcome)
{
	struct error err;
	enum recorder_news news = RECORDER_NEW;
	if (!recorder_outcome(&run->recorder, item, outcome, &news, &err)) {
		run_halt(run, "state", &err);
		return;
	}
	if (outcome->status == OUTCOME_FAILED && outcome->error.blame == BLAME_PLACE) {
		const struct plan_stage *stage = &run->plan->tail[outcome->stage];
		run_halt(run, stage->output_root ? stage->output_root : "output", &outcome->error);
		return;
	}
	run_count(run, item, outcome, news);
}

void run_reject(struct run *run, const struct item *item, const struct error *err)
{
	struct outcome outcome = outcome_of(item, OUTCOME_FAILED);
	struct error trouble;
	enum recorder_news news = RECORDER_NEW;
	outcome.error = *err;
	outcome.error.blame = BLAME_ITEM;
	if (!recorder_outcome(&run->recorder, item, &outcome, &news, &trouble)) {
		run_halt(run, "state", &trouble);
		return;
	}
	run_count_failure(run, item, &outcome, news);
}

/* In hand when the run before this one ended badly: alone, in a process of its own. */
static void run_take_care(struct run *run, const struct item *item)
{
	struct outcome outcome;
	careful_process(&run->careful, item, &outcome);
	if (outcome.status == OUTCOME_CANCELLED) {
		run->now.cancelled++;
		return;
	}
	run_record(run, item, &outcome);
	notes_clear(run->notes, item->id);
}

static void run_hand_over(struct run *run, const struct item *item)
{
	struct error err;
	run->given++;
	if (!run->careful.executor || !notes_suspected(run->notes, item->id))
		windows_add(&run->windows, item);
	else if (recorder_before_give(&run->recorder, &err))
		run_take_care(run, item);
	else
		run_halt(run, "state", &err);
}

/* Another item has its path. Whether it is anything that a stage is for shows its content alone: so
 * it is given with nothing due. Known collisions are not opened again. */
static void run_collide(
	struct run *run, const struct item *item, enum freshness verdict, const struct error *err)
{
	if (verdict == FRESHNESS_COLLIDED) {
		run_reject(run, item, err);
		return;
	}
	struct item looked_at = *item;
	looked_at.due = 0;
	looked_at.known = (struct digest){ 0 };
	run_hand_over(run, &looked_at);
}

static void run_add(struct run *run, const struct item *item, enum freshness verdict)
{
	struct error err;
	if (run->options->limit && run->given >= run->options->limit) {
		run->limited = run->survey.complete = true;
		run->now.cancelled++;
		return;
	}
	if (verdict == FRESHNESS_SOON) {
		run_deeds_take_soon(run, item);
		return;
	}
	if (run->plan->act) {
		run_deeds_take(run, item, false);
		return;
	}
	switch (recorder_claim(&run->recorder, item, &err)) {
	case RECORDER_CLAIMED:
		run_hand_over(run, item);
		break;
	case RECORDER_TAKEN:
	case RECORDER_PENDING:
		run_collide(run, item, verdict, &err);
		break;
	case RECORDER_INVALID:
		run_reject(run, item, &err);
		break;
	default:
		run_halt(run, "state", &err);
	}
}

void run_judged(struct run *run, size_t index)
{
	struct error err;
	const struct item *item = &run->survey.batch.items[index];
	enum freshness verdict = run->survey.verdicts[index];
	if (verdict == FRESHNESS_REFUSED)
		run_reject(run, item, run->survey.batch.refused[index]);
	else if (verdict < FRESHNESS_DUE_END)
		run_add(run, item, verdict);
	else if (verdict == FRESHNESS_SETTLED && run->plan->act)
		run_deeds_settled(run, item);
	else if (verdict == FRESHNESS_SETTLED && !recorder_settle(&run->recorder, item, &err))
		run_halt(run, "state", &err);
}

void run_fill_retries(struct run *run)
{
	int64_t now = clock_micros();
	const struct item *item;
	while ((run->plan->act || windows_have_room(&run->windows, 1)) &&
		(item = retries_first(&run->retries, now)) != NULL) {
		if (run->plan->act)
			run_deeds_take(run, item, true);
		else
			windows_add(&run->windows, item);
		retries_drop(&run->retries);
	}
}

/* An item that was given with nothing due has turned out to be one for the stages: does its path
 * still belong to another? */
static void run_claim_again(struct run *run, const struct item *item)
{
	struct error err;
	struct item again = *item;
	again.due = plan_all_parts(run->plan);
	enum recorder_claim claim = recorder_claim(&run->recorder, &again, &err);
	if (claim == RECORDER_BROKEN) {
		run_halt(run, "state", &err);
		return;
	}
	int64_t when = clock_micros();
	if (claim == RECORDER_PENDING && item->attempt < CLAIM_ATTEMPTS) {
		again.due = 0;
		when += CLAIM_WAIT_MICROS << item->attempt;
		claim = RECORDER_CLAIMED;
	}
	if (claim != RECORDER_CLAIMED)
		run_reject(run, item, &err);
	else if (!retries_add(&run->retries, &again, when))
		run->now.cancelled++;
}

void run_outcome(struct run *run, struct outcome *outcome)
{
	const struct item *item = windows_find(&run->windows, outcome);
	if (!item)
		return;
	if (run->plan->act)
		run_deeds_outcome(run, item, outcome);
	else if (outcome->status == OUTCOME_CANCELLED) {
		recorder_discard(&run->recorder, item, outcome);
		run->now.cancelled++;
	} else if (outcome->status == OUTCOME_MADE && item->due == 0)
		run_claim_again(run, item);
	else if (!run_retry(run, item, outcome))
		run_record(run, item, outcome);
	windows_release(&run->windows, outcome);
}
