#include "pipeline/run_loop.h"

#include <poll.h>
#include <string.h>

#include "pipeline/commands/command.h"
#include "pipeline/run_deeds.h"
#include "pipeline/run_items.h"
#include "pipeline/signals.h"
#include "pipeline/support/clock.h"

enum { MICROS_PER_SECOND = 1000000, MICROS_PER_MILLI = 1000, TICK_MICROS = 100000 };

static void run_stop(struct run *run, enum executor_stop how, int status)
{
	if (!run->stopping || how == STOP_NOW)
		run->plugin->stop(run->executor, how);
	run->acting.killed |= how == STOP_NOW && run->plugin->isolates;
	if (!run->stopping) {
		run->status = status;
		run->give_up_micros =
			clock_micros() + (int64_t)SIGNALS_GRACE_SECONDS * MICROS_PER_SECOND;
	}
	run->stopping = true;
}

/* The disk, the state or the source: going on would only fail again. */
void run_halt(struct run *run, const char *what, const struct error *err)
{
	bool first = run->status != EXIT_HALTED && run->status != EXIT_INTERNAL &&
		     run->status != EXIT_NO_PAIRING;
	int status = command_status(err);
	if (status != EXIT_INTERNAL && status != EXIT_NO_PAIRING)
		status = EXIT_HALTED;
	if (first)
		progress_note(run->progress, what, err);
	if (run->executor)
		run_stop(run, STOP_DRAIN, status);
	run->stopping = true;
	run->status = status;
}

void run_complain(void *context, const char *what, const struct error *err)
{
	struct run *run = context;
	run->unreadable++;
	if (run->progress)
		progress_note(run->progress, what, err);
}

void run_note(void *context, const char *what, const struct error *err)
{
	const struct run *run = context;
	if (run->progress && err->code == ERROR_NONE)
		progress_tell(run->progress, what, err);
	else if (run->progress)
		progress_note(run->progress, what, err);
}

bool run_pause(void *context, int64_t micros)
{
	const struct run *run = context;
	const int64_t most = run->plan->config->max_time.micros;
	const int64_t left = most ? run->started_micros + most - clock_micros() : micros;
	struct pollfd wake = { .fd = run->wake, .events = POLLIN };
	if (left <= 0)
		return false;
	micros = left < micros ? left : micros;
	return poll(&wake, 1, (int)(micros / MICROS_PER_MILLI) + 1) <= 0;
}

static bool run_can_fill(struct run *run)
{
	if (run->stopping || run->survey.complete)
		return false;
	return run->plan->act ? run_deeds_room(run) : windows_have_room(&run->windows, ITEM_STEP);
}

void run_note_lookups(struct run *run)
{
	const struct cache_counts *counts[PROGRESS_LOOKUPS];
	size_t count = flow_lookups(run->survey.flow, counts, PROGRESS_LOOKUPS);
	if (count)
		progress_lookups(run->progress, counts, count);
}

static void run_give(struct run *run)
{
	size_t count = 0;
	if (run->plan->act) {
		run_deeds_give(run);
		return;
	}
	if (!run->hungry || run->stopping || windows_waiting(&run->windows) == 0)
		return;
	struct error err;
	if (!recorder_before_give(&run->recorder, &err)) {
		run_halt(run, "state", &err);
		return;
	}
	const struct item *items = windows_give(&run->windows, &count);
	run->plugin->give(run->executor, items, count);
	run->hungry = false;
}

static void run_signal(struct run *run)
{
	int number = 0;
	int taken = signals_take(&number);
	if (taken == 0)
		return;
	run->signals += taken;
	if (run->signals > 1) {
		run_stop(run, STOP_NOW, EXIT_SIGNAL + number);
		run->give_up_micros = clock_micros();
		return;
	}
	struct error why;
	fail(&why, ERROR_INTERNAL, "items in hand are finished, a second signal stops at once");
	progress_note(run->progress, strsignal(number), &why);
	run_stop(run, STOP_DRAIN, EXIT_SIGNAL + number);
}

static void run_watch_time(struct run *run)
{
	int64_t now = clock_micros(), most = run->plan->config->max_time.micros;
	if (!run->stopping && most && now - run->started_micros >= most) {
		struct error why;
		fail(&why, ERROR_TIMEOUT, "max_time has passed, the rest is left for the next run");
		progress_note(run->progress, "out of time", &why);
		run_stop(run, STOP_DRAIN, EXIT_OUT_OF_TIME);
	}
	if (!run->stopping || now < run->give_up_micros)
		return;
	run_stop(run, STOP_NOW, 0);
	run->abandoned = !run->plugin->isolates;
}

static void run_fill(struct run *run)
{
	struct error err;
	if (!run->stopping)
		run_fill_retries(run);
	if (!run_can_fill(run))
		return;
	if (!survey_step(&run->survey, &err)) {
		/* It may have given up waiting because of them. */
		run_signal(run);
		run_watch_time(run);
		if (!run->stopping)
			run_halt(run, "source", &err);
		return;
	}
	survey_count(&run->survey, &run->now);
	stopwatch_enter(times_main(run->times), TIMES_CLAIM);
	for (size_t i = 0; i < run->survey.batch.count && !run->stopping; i++)
		run_judged(run, i);
	stopwatch_leave(times_main(run->times));
	progress_source(run->progress, flow_counts(run->survey.flow), run->survey.complete);
}

static void run_adapt(struct run *run)
{
	struct text why = { .data = NULL };
	if (run->plugin->adapt && run->plugin->adapt(run->executor, clock_micros(), &why))
		progress_workers(run->progress, why.data);
	text_finish(&why);
}

static void run_tick(struct run *run)
{
	struct error err;
	progress_tick(run->progress);
	run_watch_time(run);
	run_adapt(run);
	if (!recorder_tick(&run->recorder, false, &err))
		run_halt(run, "state", &err);
}

static bool run_has_more(struct run *run)
{
	if (run->plan->act && run_deeds_left(run))
		return true;
	return !run->stopping &&
	       (!run->survey.complete || windows_waiting(&run->windows) || run->retries.count);
}

static int64_t run_deadline(struct run *run)
{
	if (run_can_fill(run) || run->acting.end_count > 0)
		return 0;
	int64_t tick = clock_micros() + TICK_MICROS, retry = retries_due(&run->retries);
	if (run->plan->act) {
		int64_t turn = run_deeds_due(run);
		retry = turn < retry ? turn : retry;
	}
	/* A retry that finds no room waits for an outcome, not for its time. */
	bool room = !run->stopping && (run->plan->act || windows_have_room(&run->windows, 1));
	return room && retry < tick ? retry : tick;
}

/* What main waits for: with a free worker and something to give it is not the workers. */
static enum times_purpose run_waits_for(struct run *run)
{
	const int64_t turn = run->plan->act ? run_deeds_due(run) : INT64_MAX;
	return turn != INT64_MAX && turn > clock_micros() ? TIMES_PACE : TIMES_WAIT;
}

/* Nothing is under way, but an item waits for its next attempt. */
static bool run_wait(struct run *run)
{
	if (!run_has_more(run))
		return false;
	int64_t micros = run_deadline(run) - clock_micros();
	if (micros <= 0 || windows_waiting(&run->windows))
		return true;
	struct pollfd wake = { .fd = run->wake, .events = POLLIN };
	stopwatch_enter(times_main(run->times), run_waits_for(run));
	int woken = poll(&wake, 1, (int)(micros / MICROS_PER_MILLI) + 1);
	stopwatch_leave(times_main(run->times));
	if (woken > 0)
		run_signal(run);
	return true;
}

/* False where the run has ended. */
static bool run_event(struct run *run, enum executor_event event)
{
	switch (event) {
	case EXECUTOR_HUNGRY:
		run->hungry = true;
		return true;
	case EXECUTOR_WOKEN:
		run_signal(run);
		return true;
	case EXECUTOR_FAILED:
		run_halt(run, "executor", run->plugin->error(run->executor));
		return true;
	case EXECUTOR_IDLE:
		return run_wait(run);
	default:
		return true;
	}
}

/* A plan that acts gives when a worker is free, hungry or not; outcomes that are ready are taken
 * together. */
static enum executor_event run_next(struct run *run, struct outcome *outcome)
{
	if (!run->plan->act)
		return run->plugin->next(run->executor, run_has_more(run) && !run->hungry, outcome,
			run_deadline(run));
	int64_t deadline = run->acting.eager ? 0 : run_deadline(run);
	run->acting.eager = false;
	return run->plugin->next(run->executor, false, outcome, deadline);
}

static bool run_step(struct run *run)
{
	struct outcome outcome;
	struct stopwatch *watch = times_main(run->times);
	stopwatch_enter(watch, run_waits_for(run));
	enum executor_event event = run_next(run, &outcome);
	if (event != EXECUTOR_OUTCOME) {
		stopwatch_leave(watch);
		return run_event(run, event);
	}
	stopwatch_change(watch, TIMES_RECORD);
	run_outcome(run, &outcome);
	stopwatch_leave(watch);
	return true;
}

void run_loop(struct run *run)
{
	do {
		run_fill(run);
		run_give(run);
		read_ahead_step(run->ahead, &run->windows);
		run_tick(run);
	} while (!run->abandoned && run_step(run));
}
