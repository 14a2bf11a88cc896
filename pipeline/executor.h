#ifndef NIGHTMILL_EXECUTOR_H
#define NIGHTMILL_EXECUTOR_H

/* An executor gives items to workers and hands back outcomes. All its functions are called from
 * main's thread.
 *
 *     struct executor *executor;
 *     if (!plugin->open(settings, &work, &executor, err)) ...
 *     plugin->give(executor, items, count);
 *     while ((event = plugin->next(executor, &outcome, deadline)) != EXECUTOR_IDLE) ...
 *     plugin->close(executor);
 *
 * Every item that was given yields exactly one outcome, in any order. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

/* What the work needs of the world, for an executor that shuts its workers in. Paths as main sees
 * them; each list ends with NULL and may be NULL itself. */
struct work_needs {
	const char *const *read;  /* folders and files */
	const char *const *write; /* folders in which files are made, written and removed */
	bool network, exec;
};

/* What is done with an item, behind functions, so that an executor knows neither stages nor plan.
 */
struct work {
	/* Per-worker state, made on the thread or in the process that will use it. `number` counts
	 * from 0. */
	bool (*open)(const void *context, uint32_t number, void **worker, struct error *err);
	/* Fills in the whole outcome. Cannot fail the executor: an error lives in the outcome. */
	void (*process)(void *worker, const struct item *item, struct outcome *outcome);
	void (*close)(void *worker); /* NULL is allowed */
	const void *context;
	const struct work_needs *needs; /* borrowed until close; NULL: nothing */
	int wake; /* a descriptor that becomes readable when main wants to be woken (a signal came);
		     not read here. -1: none */
};

enum executor_event {
	EXECUTOR_OUTCOME, /* `outcome` was filled in */
	EXECUTOR_HUNGRY,  /* nothing left that has not been started while a worker is free or nearly
			     so: give more */
	EXECUTOR_WOKEN,   /* work.wake is readable */
	EXECUTOR_DEADLINE, /* the deadline has passed */
	EXECUTOR_IDLE,     /* nothing outstanding: every item given has been handed back */
	EXECUTOR_FAILED, /* no worker can be started any more (executor_error says why); outstanding
			    items come back CANCELLED at the next calls */
};

enum executor_stop {
	STOP_DRAIN, /* items in hand are finished, the others come back as CANCELLED */
	STOP_NOW,   /* isolating executors kill their workers: items in hand come back as CANCELLED
		       too; the   others treat it as STOP_DRAIN */
};

struct executor;

struct executor_plugin {
	struct plugin plugin;
	bool isolates; /* a worker's crash costs the item it held and nothing else */

	/* The number of workers that these settings ask for, with `auto` resolved; at least 1.
	 * Adds the reason to `why` (may be NULL): "4 workers: 8 cpus, memory allows 11". */
	uint32_t (*workers)(const void *settings, struct text *why);

	/* The most workers that there may be at some time of a run with these settings: as
	 * `workers`, or more with `auto`. NULL: as `workers`. */
	uint32_t (*most)(const void *settings);

	/* Starts the workers. `workers` as resolved by the caller. `work` is copied. `settings`
	 * NULL: no limits of any kind. */
	bool (*open)(const void *settings, uint32_t workers, const struct work *work,
		struct executor **executor, struct error *err);

	/* Adds items; they are borrowed until each one's outcome has been handed back. May be
	 * called at any time before stop. Items given earlier are started earlier. count may be 0.
	 * At most EXECUTOR_WINDOWS windows (calls with items) may have outcomes outstanding. */
	void (*give)(struct executor *executor, const struct item *items, size_t count);

	/* Waits for the next event, until `deadline` (clock_micros(); INT64_MAX: for ever; in the
	 * past: looks without waiting). HUNGRY is returned only while `more` was last set true and
	 * at most once between two gives; an outcome that is ready goes first. Callers that have
	 * nothing to give set `more` to false. Outcomes go before WOKEN, WOKEN before HUNGRY,
	 * HUNGRY before DEADLINE; but after many outcomes in a row (sequential: in time) WOKEN
	 * and DEADLINE get a turn first, so that neither waits for as long as outcomes come. IDLE
	 * where nothing is outstanding and `more` is false or stop() was called or FAILED returned;
	 * it goes before DEADLINE. With nothing outstanding, HUNGRY told and nothing given, no
	 * `wake` and no deadline, it would wait for ever: an assert. */
	enum executor_event (*next)(
		struct executor *executor, bool more, struct outcome *outcome, int64_t deadline);

	/* With `auto`, looks again at what the number of workers depends on, where it is time at
	 * `now` (clock_micros()): call it now and then. True where another number of workers may
	 * hold an item from then on; adds "2 workers instead of 4: " and the reason to `why`.
	 * Outcomes do not depend on it. NULL: the number never changes. */
	bool (*adapt)(struct executor *executor, int64_t now, struct text *why);

	/* Nothing may be given afterwards; next() still hands everything back, then IDLE. May be
	 * called twice, NOW after DRAIN. */
	void (*stop)(struct executor *executor, enum executor_stop how);

	/* Why FAILED was returned. */
	const struct error *(*error)(const struct executor *executor);

	/* What these settings ask for and this system cannot give, for people; NULL: nothing. May
	 * be NULL itself. */
	const char *(*notice)(const void *settings);

	/* Ends all workers. Every outcome must have been handed back, or stop(STOP_NOW) called
	 * before. NULL is allowed. */
	void (*close)(struct executor *executor);
};

enum { EXECUTOR_WINDOWS = 8 };

/* The executor whose head `plugin` is. */
static inline const struct executor_plugin *executor_of(const struct plugin *plugin)
{
	return (const struct executor_plugin *)(const void *)plugin;
}

/* executors/table.c, NULL-terminated. */
extern const struct plugin *const executors[];

#endif
