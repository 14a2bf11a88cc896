/* threads: a pool of POSIX threads that take items, oldest first, from one queue under a lock. */

#include <pthread.h>
#include <stdlib.h>

#include "pipeline/executors/auto.h"
#include "pipeline/executors/crew.h"
#include "pipeline/executors/front.h"
#include "pipeline/support/arena.h"

struct executor {
	struct crew crew;
	pthread_cond_t changed; /* items were given, or ended */
	pthread_mutex_t lock;
	/* under the lock, where backlog.h does not say "main's thread only": */
	struct front front;
	bool ended; /* take no more items */
};

static bool threads_take(struct executor *executor, struct taken *taken)
{
	pthread_mutex_lock(&executor->lock);
	bool found = backlog_take(&executor->front.backlog, taken);
	pthread_mutex_unlock(&executor->lock);
	return found;
}

static bool threads_wait_for_item(
	struct executor *executor, const struct crew_member *member, struct taken *taken)
{
	struct backlog *backlog = &executor->front.backlog;
	const _Atomic uint32_t *limit = &executor->crew.limit;
	pthread_mutex_lock(&executor->lock);
	while ((backlog->unstarted == 0 || member->rank >= atomic_load(limit)) &&
		!executor->ended) {
		completions_poke(&executor->crew.completions);
		pthread_cond_wait(&executor->changed, &executor->lock);
	}
	bool found = !executor->ended && backlog_take(backlog, taken);
	bool last = backlog->unstarted == 0;
	pthread_mutex_unlock(&executor->lock);
	if (last)
		completions_poke(&executor->crew.completions);
	return found;
}

static void threads_serve(struct executor *executor, struct crew_member *member)
{
	struct taken taken;
	while (threads_wait_for_item(executor, member, &taken))
		crew_process(member, &taken);
}

static bool threads_collect(struct executor *executor, struct outcome *outcome, uint32_t *window)
{
	return completions_pop(&executor->crew.completions, outcome, window);
}

static bool threads_hungry(struct executor *executor)
{
	pthread_mutex_lock(&executor->lock);
	bool hungry = executor->front.backlog.unstarted == 0;
	pthread_mutex_unlock(&executor->lock);
	return hungry;
}

static bool threads_failed(struct executor *executor, struct error *err)
{
	return crew_failed(&executor->crew, err);
}

static void threads_limit(struct executor *executor, uint32_t workers)
{
	pthread_mutex_lock(&executor->lock);
	atomic_store(&executor->crew.limit, workers);
	pthread_cond_broadcast(&executor->changed);
	pthread_mutex_unlock(&executor->lock);
	crew_fill(&executor->crew, workers);
}

static struct footprint threads_footprint(struct executor *executor)
{
	return crew_footprint(&executor->crew);
}

static bool threads_wait(struct executor *executor, int64_t deadline)
{
	return crew_wait(&executor->crew, &executor->front, deadline);
}

static const struct front_calls threads_calls = {
	.collect = threads_collect,
	.take = threads_take,
	.hungry = threads_hungry,
	.failed = threads_failed,
	.limit = threads_limit,
	.footprint = threads_footprint,
	.wait = threads_wait,
};

static void threads_end(struct executor *executor)
{
	pthread_mutex_lock(&executor->lock);
	executor->ended = true;
	pthread_cond_broadcast(&executor->changed);
	pthread_mutex_unlock(&executor->lock);
}

static void threads_close(struct executor *executor)
{
	if (!executor)
		return;
	threads_end(executor);
	crew_close(&executor->crew);
	pthread_cond_destroy(&executor->changed);
	pthread_mutex_destroy(&executor->lock);
	free(executor);
}

static bool threads_open(const void *settings, uint32_t workers, const struct work *work,
	struct executor **executor, struct error *err)
{
	struct executor *made = memory_zeroed(1, sizeof(*made));
	pthread_mutex_init(&made->lock, NULL);
	pthread_cond_init(&made->changed, NULL);
	made->front = (struct front){
		.calls = &threads_calls,
		.executor = made,
		.work = *work,
	};
	governor_init(&made->front.governor, settings, workers);
	made->crew = (struct crew){ .work = *work, .serve = threads_serve, .executor = made };
	if (!crew_open(&made->crew, &made->front.governor, err)) {
		threads_close(made);
		return false;
	}
	*executor = made;
	return true;
}

static void threads_give(struct executor *executor, const struct item *items, size_t count)
{
	front_given(&executor->front);
	if (count == 0)
		return;
	pthread_mutex_lock(&executor->lock);
	backlog_give(&executor->front.backlog, items, count);
	pthread_cond_broadcast(&executor->changed);
	pthread_mutex_unlock(&executor->lock);
}

static enum executor_event threads_next(
	struct executor *executor, bool more, struct outcome *outcome, int64_t deadline)
{
	return front_next(&executor->front, more, outcome, deadline);
}

static bool threads_adapt(struct executor *executor, int64_t now, struct text *why)
{
	return front_adapt(&executor->front, now, why);
}

static void threads_stop(struct executor *executor, enum executor_stop how)
{
	(void)how; /* a thread cannot be killed */
	executor->front.stopped = true;
	threads_end(executor);
}

static const struct error *threads_error(const struct executor *executor)
{
	return &executor->front.error;
}

const struct executor_plugin executor_threads = {
	.plugin = {
		.name = "threads",
		.summary = "Works on items in threads of one process that share one queue.",
		.options = auto_options,
		.settings_bytes = sizeof(struct auto_settings),
	},
	.workers = auto_workers,
	.most = auto_most,
	.open = threads_open,
	.give = threads_give,
	.next = threads_next,
	.adapt = threads_adapt,
	.stop = threads_stop,
	.error = threads_error,
	.close = threads_close,
};
