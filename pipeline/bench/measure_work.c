#include "pipeline/bench/measure_work.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/bench/usage.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/windows.h"

enum { MEASURE_SECOND = 1000000 };

/* Stands around the workload's worker and notes when it works. */
struct measure_watch {
	const struct work *work;
	struct measure_board *board;
};

struct measure_worker {
	const struct measure_watch *watch;
	uint32_t number;
	void *worker;
};

static bool measure_open_worker(
	const void *context, uint32_t number, void **worker, struct error *err)
{
	const struct measure_watch *watch = context;
	void *inner = NULL;
	if (!watch->work->open(watch->work->context, number, &inner, err))
		return false;
	struct measure_worker *made = memory_alloc(sizeof(*made));
	*made = (struct measure_worker){ watch, number, inner };
	*worker = made;
	return true;
}

static void measure_process(void *worker, const struct item *item, struct outcome *outcome)
{
	const struct measure_worker *self = worker;
	struct measure_span *span = &self->watch->board->spans[item->ticket];
	int64_t begun = clock_micros();
	self->watch->work->process(self->worker, item, outcome);
	*span = (struct measure_span){ begun, clock_micros(), self->number, outcome->status };
}

static void measure_close_worker(void *worker)
{
	struct measure_worker *self = worker;
	if (self && self->watch->work->close)
		self->watch->work->close(self->worker);
	free(self);
}

struct measure_feed {
	const struct measure_case *what;
	struct executor *executor;
	size_t given, window; /* items; the window grows as a run's does */
	int64_t given_micros, deadline;
	bool stopping;
};

static void measure_give(struct measure_feed *feed)
{
	const struct workload *workload = feed->what->workload;
	int64_t now = clock_micros();
	if (feed->given > 0 && now - feed->given_micros < MEASURE_SECOND &&
		feed->window < WINDOW_MOST)
		feed->window *= 2;
	size_t left = feed->what->count - feed->given;
	size_t count = left < feed->window ? left : feed->window;
	feed->given_micros = now;
	feed->what->plugin->give(feed->executor, workload->items + feed->given, count);
	feed->given += count;
}

static void measure_outcome(
	const struct measure_feed *feed, struct measured *measured, const struct outcome *outcome)
{
	struct workload *workload = feed->what->workload;
	if (outcome->status != OUTCOME_CANCELLED)
		measured->items++;
	measured->outcomes[outcome->status]++;
	measured->pixels += outcome->pixels;
	if (workload->discard)
		workload->discard(workload, outcome);
}

static void measure_stop(struct measure_feed *feed)
{
	feed->what->plugin->stop(feed->executor, STOP_DRAIN);
	feed->stopping = true;
	feed->deadline = INT64_MAX;
}

static void measure_feed(struct measure_feed *feed, struct measured *measured)
{
	const struct executor_plugin *plugin = feed->what->plugin;
	struct outcome outcome;
	enum executor_event event;
	do {
		bool more = !feed->stopping && feed->given < feed->what->count;
		event = plugin->next(feed->executor, more, &outcome, feed->deadline);
		if (event == EXECUTOR_OUTCOME)
			measure_outcome(feed, measured, &outcome);
		else if (event == EXECUTOR_HUNGRY)
			measure_give(feed);
		else if (event == EXECUTOR_DEADLINE)
			measure_stop(feed);
		else if (event == EXECUTOR_FAILED)
			snprintf(measured->trouble, sizeof(measured->trouble), "%.190s",
				plugin->error(feed->executor)->text);
	} while (event != EXECUTOR_IDLE);
}

static void measure_refused(struct measured *measured, const struct error *err)
{
	snprintf(measured->trouble, sizeof(measured->trouble), "%.190s", err->text);
}

void measure_work(struct measure_board *board, const struct measure_case *what)
{
	struct measured *measured = &board->measured;
	const struct work *inner = &what->workload->work;
	const struct measure_watch watch = { inner, board };
	struct work work = *inner;
	if (!what->workload->tiny) {
		work.open = measure_open_worker;
		work.process = measure_process;
		work.close = measure_close_worker;
		work.context = &watch;
	}
	struct measure_feed feed = { .what = what, .window = WINDOW_LEAST };
	struct error err;
	struct usage before = usage_now();
	measured->started_micros = clock_micros();
	feed.deadline =
		what->most_micros ? measured->started_micros + what->most_micros : INT64_MAX;
	if (!what->plugin->open(what->settings, what->workers, &work, &feed.executor, &err)) {
		measure_refused(measured, &err);
		return;
	}
	measure_feed(&feed, measured);
	measured->wall_micros = clock_micros() - measured->started_micros;
	what->plugin->close(feed.executor);
	struct usage after = usage_now();
	measured->cpu_micros = after.cpu_micros - before.cpu_micros;
	measured->major_faults = after.major_faults - before.major_faults;
	measured->read_bytes = after.read_bytes - before.read_bytes;
	measured->queued_micros =
		after.queued_micros < 0 ? -1 : after.queued_micros - before.queued_micros;
	measured->peak_bytes = after.peak_bytes;
	measured->fine = !measured->trouble[0];
}
