/* sequential: works on each item within next(), on main's thread. */

#include <stdlib.h>

#include "pipeline/executors/front.h"
#include "pipeline/support/arena.h"

struct executor {
	struct front front;
	void *worker;
	bool opened;
	struct error error; /* why not opened */
};

static bool sequential_take(struct executor *executor, struct taken *taken)
{
	return backlog_take(&executor->front.backlog, taken);
}

static bool sequential_collect(struct executor *executor, struct outcome *outcome, uint32_t *window)
{
	struct taken taken;
	if (!executor->opened || executor->front.stopped || !sequential_take(executor, &taken))
		return false;
	executor->front.work.process(executor->worker, taken.item, outcome);
	*window = taken.window;
	return true;
}

static bool sequential_hungry(struct executor *executor)
{
	return executor->front.backlog.unstarted == 0;
}

static bool sequential_failed(struct executor *executor, struct error *err)
{
	if (!executor->opened)
		*err = executor->error;
	return !executor->opened;
}

static bool sequential_wait(struct executor *executor, int64_t deadline)
{
	struct pollfd wake;
	return front_poll(&executor->front, &wake, 1, deadline);
}

static const struct front_calls sequential_calls = {
	.collect = sequential_collect,
	.take = sequential_take,
	.hungry = sequential_hungry,
	.failed = sequential_failed,
	.wait = sequential_wait,
};

static uint32_t sequential_workers(const void *settings, struct text *why)
{
	(void)settings;
	if (why)
		text_add_string(why, "1 worker");
	return 1;
}

static bool sequential_open(const void *settings, uint32_t workers, const struct work *work,
	struct executor **executor, struct error *err)
{
	(void)settings;
	(void)workers;
	(void)err;
	struct executor *made = memory_zeroed(1, sizeof(*made));
	made->front = (struct front){
		.calls = &sequential_calls,
		.executor = made,
		.work = *work,
		.serves = true,
	};
	made->opened = work->open(work->context, 0, &made->worker, &made->error);
	*executor = made;
	return true;
}

static void sequential_give(struct executor *executor, const struct item *items, size_t count)
{
	front_given(&executor->front);
	if (count > 0)
		backlog_give(&executor->front.backlog, items, count);
}

static enum executor_event sequential_next(
	struct executor *executor, bool more, struct outcome *outcome, int64_t deadline)
{
	return front_next(&executor->front, more, outcome, deadline);
}

static void sequential_stop(struct executor *executor, enum executor_stop how)
{
	(void)how;
	executor->front.stopped = true;
}

static const struct error *sequential_error(const struct executor *executor)
{
	return &executor->front.error;
}

static void sequential_close(struct executor *executor)
{
	if (!executor)
		return;
	if (executor->opened && executor->front.work.close)
		executor->front.work.close(executor->worker);
	free(executor);
}

static const struct option sequential_options[] = {
	{ .name = NULL },
};

const struct executor_plugin executor_sequential = {
	.plugin = {
		.name = "sequential",
		.summary = "Works on one item after the other in the main process.",
		.options = sequential_options,
	},
	.workers = sequential_workers,
	.open = sequential_open,
	.give = sequential_give,
	.next = sequential_next,
	.stop = sequential_stop,
	.error = sequential_error,
	.close = sequential_close,
};
