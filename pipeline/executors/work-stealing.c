/* work-stealing: a window is put whole where everyone may steal; each thread takes the upper half
 * of what it finds, there or at another thread, as its own range; threads without work sleep on a
 * futex. */

#include <linux/futex.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pipeline/executors/auto.h"
#include "pipeline/executors/crew.h"
#include "pipeline/executors/front.h"
#include "pipeline/executors/range.h"
#include "pipeline/support/arena.h"

enum {
	STEALING_LINE = 64,     /* bytes of a cache line */
	STEALING_START = -4096, /* the first item's number, so that every run crosses the wrap */
	STEALING_EVERYONE = 1 << 30
};

struct stealing_worker {
	alignas(STEALING_LINE) _Atomic uint64_t
		ranges[EXECUTOR_WINDOWS];                /* by place of the window */
	alignas(STEALING_LINE) _Atomic uint64_t started; /* items; only its thread adds */
	/* its thread's alone: */
	uint64_t order;  /* of executor.order, for which `bare` holds */
	uint32_t bare;   /* a bit for each place where nothing was left to steal */
	uint32_t random; /* never 0 */
};

struct executor {
	struct crew crew;
	/* main's alone, but for a window's items and first number: written before its ranges are
	 * put */
	struct front front;
	uint32_t first[EXECUTOR_WINDOWS]; /* number of the first item, by place */
	uint32_t next;                    /* number of the next item to be given */
	uint64_t given;                   /* items */
	uint64_t cancelled;               /* a range taken to be cancelled, of the window below */
	uint32_t cancelled_window;
	/* everyone's: */
	struct stealing_worker *workers; /* and one more: the shelf, where main puts windows. No
					    thread owns it: a range is filled by its one owner or
					    nobody would notice what it overwrites */
	uint32_t count;                  /* of threads */
	_Atomic uint64_t order; /* low half: place + 1 of each window in 4 bits, oldest lowest; high
				   half: gives */
	_Atomic uint32_t epoch; /* the futex: changes when there is something new to be found */
	_Atomic uint32_t sleepers;
	_Atomic bool ended;
};

/* The epoch changes first and sleepers are counted first: whoever is not seen here will see the new
 * epoch. */
static void stealing_announce(struct executor *executor, int wake)
{
	atomic_fetch_add(&executor->epoch, 1);
	if (atomic_load(&executor->sleepers) > 0)
		syscall(SYS_futex, &executor->epoch, FUTEX_WAKE_PRIVATE, wake, NULL, NULL, 0);
}

static uint32_t stealing_random(struct stealing_worker *me)
{
	me->random ^= me->random << 13;
	me->random ^= me->random >> 17;
	me->random ^= me->random << 5;
	return me->random;
}

/* A step that visits all of `count` before it comes back to the first. */
static uint32_t stealing_stride(uint32_t random, uint32_t count)
{
	for (uint32_t stride = 1 + random % count;; stride = 1 + stride % count) {
		uint32_t a = stride, b = count;
		while (b > 0) {
			uint32_t rest = a % b;
			a = b;
			b = rest;
		}
		if (a == 1)
			return stride;
	}
}

/* Main may wait to hear that nothing is left to be started, and only the end of a range can be that
 * moment. */
static void stealing_started(
	struct executor *executor, struct stealing_worker *me, bool range_ended)
{
	atomic_fetch_add(&me->started, 1);
	if (range_ended)
		completions_poke(&executor->crew.completions);
}

static void stealing_found(
	const struct executor *executor, uint32_t place, uint32_t number, struct taken *taken)
{
	*taken = (struct taken){
		.item = &executor->front.backlog.list[place].items[number - executor->first[place]],
		.window = place,
	};
}

static bool stealing_take_own(
	struct executor *executor, struct stealing_worker *me, uint32_t place, struct taken *taken)
{
	uint32_t number, left;
	if (!range_take(&me->ranges[place], &number, &left))
		return false;
	stealing_found(executor, place, number, taken);
	stealing_started(executor, me, left == 0);
	return true;
}

static bool stealing_steal(
	struct executor *executor, struct stealing_worker *me, uint32_t place, uint64_t *stolen)
{
	uint32_t victims = executor->count + 1;
	uint32_t victim = executor->count; /* the shelf first */
	uint32_t stride = stealing_stride(stealing_random(me), victims);
	for (uint32_t i = 0; i < victims; i++) {
		struct stealing_worker *other = &executor->workers[victim];
		if (other != me && range_steal(&other->ranges[place], stolen))
			return true;
		victim = (victim + stride) % victims;
	}
	return false;
}

static bool stealing_take_other(
	struct executor *executor, struct stealing_worker *me, uint32_t place, struct taken *taken)
{
	uint64_t stolen;
	if (!stealing_steal(executor, me, place, &stolen)) {
		me->bare |= 1U << place;
		return false;
	}
	uint32_t left = range_size(stolen) - 1;
	stealing_found(executor, place, range_low(stolen), taken);
	if (left > 0) {
		range_put(&me->ranges[place], range_low(stolen) + 1, range_high(stolen));
		stealing_announce(executor, 1);
	}
	stealing_started(executor, me, left == 0);
	return true;
}

/* An item of the oldest window that has one. `thorough` looks at places again that were bare
 * before: a thief on its way may have hidden something. */
static bool stealing_find(
	struct executor *executor, struct stealing_worker *me, bool thorough, struct taken *taken)
{
	uint64_t order = atomic_load(&executor->order);
	if (thorough || order != me->order)
		me->bare = 0;
	me->order = order;
	for (uint32_t places = (uint32_t)order; places != 0; places >>= 4) {
		uint32_t place = (places & 15) - 1;
		if (stealing_take_own(executor, me, place, taken))
			return true;
		if (!(me->bare & 1U << place) && stealing_take_other(executor, me, place, taken))
			return true;
	}
	return false;
}

/* Sleeps until something is announced, unless an item is found after the epoch was read. */
static bool stealing_park(
	struct executor *executor, struct stealing_worker *me, struct taken *taken)
{
	atomic_fetch_add(&executor->sleepers, 1);
	uint32_t epoch = atomic_load(&executor->epoch);
	bool ended = atomic_load(&executor->ended);
	bool found = !ended && stealing_find(executor, me, true, taken);
	if (!ended && !found) {
		completions_poke(&executor->crew.completions);
		syscall(SYS_futex, &executor->epoch, FUTEX_WAIT_PRIVATE, epoch, NULL, NULL, 0);
	}
	atomic_fetch_sub(&executor->sleepers, 1);
	return found;
}

/* What it has is the others' to steal. It sleeps on the limit itself, so that it is not woken in
 * place of one that may work. */
static void stealing_rest(struct executor *executor, const struct crew_member *member)
{
	_Atomic uint32_t *limit = &executor->crew.limit;
	stealing_announce(executor, STEALING_EVERYONE);
	completions_poke(&executor->crew.completions);
	uint32_t seen = atomic_load(limit);
	while (!atomic_load(&executor->ended) && member->rank >= seen) {
		syscall(SYS_futex, limit, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
		seen = atomic_load(limit);
	}
}

static void stealing_set_limit(struct executor *executor, uint32_t workers)
{
	atomic_store(&executor->crew.limit, workers);
	syscall(SYS_futex, &executor->crew.limit, FUTEX_WAKE_PRIVATE, STEALING_EVERYONE, NULL, NULL,
		0);
}

static void stealing_serve(struct executor *executor, struct crew_member *member)
{
	struct stealing_worker *me = &executor->workers[member->number];
	while (!atomic_load(&executor->ended)) {
		struct taken taken;
		if (member->rank >= atomic_load(&executor->crew.limit))
			stealing_rest(executor, member);
		else if (stealing_find(executor, me, false, &taken) ||
			 stealing_park(executor, me, &taken))
			crew_process(member, &taken);
	}
	/* Main cancels what is left; it may have missed what was on its way here. */
	completions_poke(&executor->crew.completions);
}

static bool stealing_grab(struct executor *executor)
{
	const struct backlog *backlog = &executor->front.backlog;
	size_t victims = executor->count + 1;
	for (size_t i = 0; i < backlog->count * victims; i++) {
		uint32_t place = backlog->order[i / victims];
		struct stealing_worker *worker = &executor->workers[i % victims];
		executor->cancelled_window = place;
		if (range_steal(&worker->ranges[place], &executor->cancelled))
			return true;
	}
	return false;
}

static bool stealing_take(struct executor *executor, struct taken *taken)
{
	if (range_size(executor->cancelled) == 0 && !stealing_grab(executor))
		return false;
	uint32_t number = range_low(executor->cancelled);
	stealing_found(executor, executor->cancelled_window, number, taken);
	executor->cancelled = range_pack(number + 1, range_high(executor->cancelled));
	return true;
}

static bool stealing_collect(struct executor *executor, struct outcome *outcome, uint32_t *window)
{
	return completions_pop(&executor->crew.completions, outcome, window);
}

static bool stealing_hungry(struct executor *executor)
{
	uint64_t started = 0;
	for (uint32_t i = 0; i < executor->count; i++)
		started += atomic_load(&executor->workers[i].started);
	return started == executor->given;
}

static bool stealing_failed(struct executor *executor, struct error *err)
{
	return crew_failed(&executor->crew, err);
}

static void stealing_limit(struct executor *executor, uint32_t workers)
{
	stealing_set_limit(executor, workers);
	crew_fill(&executor->crew, workers);
}

static struct footprint stealing_footprint(struct executor *executor)
{
	return crew_footprint(&executor->crew);
}

static bool stealing_wait(struct executor *executor, int64_t deadline)
{
	return crew_wait(&executor->crew, &executor->front, deadline);
}

static const struct front_calls stealing_calls = {
	.collect = stealing_collect,
	.take = stealing_take,
	.hungry = stealing_hungry,
	.failed = stealing_failed,
	.limit = stealing_limit,
	.footprint = stealing_footprint,
	.wait = stealing_wait,
};

static void stealing_end(struct executor *executor)
{
	atomic_store(&executor->ended, true);
	stealing_announce(executor, STEALING_EVERYONE);
	/* Another value, or one that is about to sleep on it would miss the end. */
	stealing_set_limit(executor, UINT32_MAX);
}

static void stealing_close(struct executor *executor)
{
	if (!executor)
		return;
	stealing_end(executor);
	crew_close(&executor->crew);
	free(executor->workers);
	free(executor);
}

static void stealing_make_workers(struct executor *executor, uint32_t count)
{
	executor->workers = memory_aligned(count + 1, sizeof(*executor->workers), STEALING_LINE);
	executor->count = count;
	for (uint32_t i = 0; i <= count; i++)
		executor->workers[i] = (struct stealing_worker){ .random = i + 1 };
}

static bool stealing_open(const void *settings, uint32_t workers, const struct work *work,
	struct executor **executor, struct error *err)
{
	struct executor *made = memory_zeroed(1, sizeof(*made));
	made->next = (uint32_t)STEALING_START;
	made->front = (struct front){
		.calls = &stealing_calls,
		.executor = made,
		.work = *work,
	};
	governor_init(&made->front.governor, settings, workers);
	made->crew = (struct crew){ .work = *work, .serve = stealing_serve, .executor = made };
	stealing_make_workers(made, made->front.governor.most);
	if (!crew_open(&made->crew, &made->front.governor, err)) {
		stealing_close(made);
		return false;
	}
	*executor = made;
	return true;
}

static uint64_t stealing_order(const struct backlog *backlog, uint64_t before)
{
	uint64_t order = (before >> 32) + 1;
	order <<= 32;
	for (size_t i = 0; i < backlog->count; i++)
		order |= (uint64_t)(backlog->order[i] + 1) << 4 * i;
	return order;
}

static void stealing_give(struct executor *executor, const struct item *items, size_t count)
{
	front_given(&executor->front);
	if (count == 0)
		return;
	uint32_t place = backlog_give(&executor->front.backlog, items, count);
	executor->first[place] = executor->next;
	struct stealing_worker *shelf = &executor->workers[executor->count];
	range_put(&shelf->ranges[place], executor->next, executor->next + (uint32_t)count);
	executor->next += (uint32_t)count;
	executor->given += count;
	uint64_t before = atomic_load(&executor->order);
	atomic_store(&executor->order, stealing_order(&executor->front.backlog, before));
	stealing_announce(executor, STEALING_EVERYONE);
}

static enum executor_event stealing_next(
	struct executor *executor, bool more, struct outcome *outcome, int64_t deadline)
{
	return front_next(&executor->front, more, outcome, deadline);
}

static bool stealing_adapt(struct executor *executor, int64_t now, struct text *why)
{
	return front_adapt(&executor->front, now, why);
}

static void stealing_stop(struct executor *executor, enum executor_stop how)
{
	(void)how; /* a thread cannot be killed */
	executor->front.stopped = true;
	stealing_end(executor);
}

static const struct error *stealing_error(const struct executor *executor)
{
	return &executor->front.error;
}

const struct executor_plugin executor_work_stealing = {
	.plugin = {
		.name = "work-stealing",
		.summary = "Works on items in threads that take over each other's share.",
		.options = auto_options,
		.settings_bytes = sizeof(struct auto_settings),
	},
	.workers = auto_workers,
	.most = auto_most,
	.open = stealing_open,
	.give = stealing_give,
	.next = stealing_next,
	.adapt = stealing_adapt,
	.stop = stealing_stop,
	.error = stealing_error,
	.close = stealing_close,
};
