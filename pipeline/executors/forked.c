/* forked: worker processes, one socket each, each within limits and a sandbox. A worker's death
 * costs the item that it held and nothing else. */

#include <stdlib.h>

#include "pipeline/executors/auto.h"
#include "pipeline/executors/front.h"
#include "pipeline/executors/pool.h"
#include "pipeline/executors/sandbox.h"
#include "pipeline/support/arena.h"

struct forked_settings {
	struct auto_settings crew; /* first, for auto_workers */
	struct limits limits;
};

#define SETTINGS struct forked_settings
static const struct option forked_options[] = {
	AUTO_WORKERS(crew.workers),
	{ "timeout", DURATION(limits.timeout), RANGE(0, 86400), .fallback = "5m",
		.help = "Time that an item may take before its worker is killed; 0s: any. A slow "
			"disk counts, so the item is tried again." },
	{ "cpu", DURATION(limits.cpu), RANGE(0, 86400), .affects = AFFECTS_LIMIT, .fallback = "0s",
		.help = "Processor time that an item may take before its worker is ended; 0s: "
			"any." },
	{ "memory", BYTES(limits.memory), RANGE(0, 1LL << 50), .affects = AFFECTS_LIMIT,
		.fallback = "1GiB",
		.help = "Address space of a worker beyond what it starts with; 0: any. The net "
			"below max_memory, which refuses a picture by its header." },
	{ "files", INTEGER(limits.files), RANGE(16, 65536), .affects = AFFECTS_LIMIT,
		.fallback = "64", .help = "Descriptors that a worker may have open." },
	{ "recycle", INTEGER(limits.recycle), RANGE(0, 1000000000), .fallback = "0",
		.help = "Items after which a fresh process takes a worker's place, for libraries "
			"that leak; 0: never." },
	{ "sandbox", BOOLEAN(limits.sandbox), .fallback = "on",
		.help = "Lets workers read the sources and the system's libraries, write the "
			"temporary folders, and do nothing else: no network, no programs." },
	{ .name = NULL },
};
#undef SETTINGS

struct executor {
	struct front front;
	struct pool pool;
};

static bool forked_collect(struct executor *executor, struct outcome *outcome, uint32_t *window)
{
	return pool_collect(&executor->pool, outcome, window);
}

static bool forked_take(struct executor *executor, struct taken *taken)
{
	return pool_take(&executor->pool, taken);
}

static bool forked_hungry(struct executor *executor)
{
	return executor->front.backlog.unstarted + executor->pool.again_count == 0;
}

static bool forked_failed(struct executor *executor, struct error *err)
{
	return pool_failed(&executor->pool, err);
}

static void forked_limit(struct executor *executor, uint32_t workers)
{
	pool_limit(&executor->pool, workers);
}

static struct footprint forked_footprint(struct executor *executor)
{
	return pool_footprint(&executor->pool);
}

static bool forked_wait(struct executor *executor, int64_t deadline)
{
	return pool_wait(&executor->pool, deadline);
}

static const struct front_calls forked_calls = {
	.collect = forked_collect,
	.take = forked_take,
	.hungry = forked_hungry,
	.failed = forked_failed,
	.limit = forked_limit,
	.footprint = forked_footprint,
	.wait = forked_wait,
};

static void forked_close(struct executor *executor)
{
	if (!executor)
		return;
	pool_close(&executor->pool);
	free(executor);
}

static bool forked_open(const void *settings, uint32_t workers, const struct work *work,
	struct executor **executor, struct error *err)
{
	const struct forked_settings *own = settings;
	struct executor *made = memory_zeroed(1, sizeof(*made));
	made->front = (struct front){
		.calls = &forked_calls,
		.executor = made,
		.work = *work,
	};
	made->pool.front = &made->front;
	made->pool.making.work = &made->front.work;
	if (own)
		made->pool.making.limits = own->limits;
	governor_init(&made->front.governor, settings, workers);
	if (!pool_open(&made->pool, err)) {
		forked_close(made);
		return false;
	}
	*executor = made;
	return true;
}

static void forked_give(struct executor *executor, const struct item *items, size_t count)
{
	front_given(&executor->front);
	if (count == 0)
		return;
	backlog_give(&executor->front.backlog, items, count);
	pool_feed(&executor->pool);
}

static enum executor_event forked_next(
	struct executor *executor, bool more, struct outcome *outcome, int64_t deadline)
{
	return front_next(&executor->front, more, outcome, deadline);
}

static bool forked_adapt(struct executor *executor, int64_t now, struct text *why)
{
	return front_adapt(&executor->front, now, why);
}

static void forked_stop(struct executor *executor, enum executor_stop how)
{
	executor->front.stopped = true;
	pool_stop(&executor->pool, how == STOP_NOW);
}

static const struct error *forked_error(const struct executor *executor)
{
	return &executor->front.error;
}

static const char *forked_notice(const void *settings)
{
	return ((const struct forked_settings *)settings)->limits.sandbox ? sandbox_lacks() : NULL;
}

const struct executor_plugin executor_forked = {
	.plugin = {
		.name = "forked",
		.summary = "Works on items in processes of their own, so that a crash costs one item.",
		.options = forked_options,
		.settings_bytes = sizeof(struct forked_settings),
	},
	.isolates = true,
	.workers = auto_workers,
	.most = auto_most,
	.notice = forked_notice,
	.open = forked_open,
	.give = forked_give,
	.next = forked_next,
	.adapt = forked_adapt,
	.stop = forked_stop,
	.error = forked_error,
	.close = forked_close,
};
