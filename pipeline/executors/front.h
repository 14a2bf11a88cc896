#ifndef NIGHTMILL_EXECUTORS_FRONT_H
#define NIGHTMILL_EXECUTORS_FRONT_H

/* Main's side of every executor: which event next() returns, and when. What differs between
 * executors stands behind five functions. All of it runs on main's thread. */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipeline/executor.h"
#include "pipeline/executors/backlog.h"
#include "pipeline/executors/governor.h"
#include "pipeline/executors/footprint.h"

struct front_calls {
	/* An outcome that is ready, and its window, without waiting. */
	bool (*collect)(struct executor *executor, struct outcome *outcome, uint32_t *window);
	/* Takes an item that was not started, so that it is never started. */
	bool (*take)(struct executor *executor, struct taken *taken);
	/* Every item given has been started. */
	bool (*hungry)(struct executor *executor);
	/* No worker is left and none will come; fills in why. */
	bool (*failed)(struct executor *executor, struct error *err);
	/* Lets `workers` workers hold an item from now on. NULL: it cannot. */
	void (*limit)(struct executor *executor, uint32_t workers);
	/* What its workers take of memory. */
	struct footprint (*footprint)(struct executor *executor);
	/* Waits until one of the others may answer differently, work.wake is readable, or
	 * `deadline`. True where work.wake is readable. May return early. */
	bool (*wait)(struct executor *executor, int64_t deadline);
};

struct front {
	const struct front_calls *calls;
	struct executor *executor;
	struct work work;
	struct backlog backlog; /* an executor with threads guards some of its fields */
	bool serves;            /* items are worked on within collect: it may take long */
	uint32_t row;           /* outcomes since WOKEN and DEADLINE had their turn */
	int64_t looked_micros;  /* when that was */
	uint64_t outcomes;      /* handed back, but for cancelled ones */
	struct governor governor;
	bool hungry_told, failed, stopped;
	struct error error; /* valid where failed */
};

/* What plugin->give does after it has added the window. */
void front_given(struct front *front);

/* plugin->adapt. */
bool front_adapt(struct front *front, int64_t now, struct text *why);

/* plugin->next. */
enum executor_event front_next(
	struct front *front, bool more, struct outcome *outcome, int64_t deadline);

/* `deadline`, or the end of a nap that begins now, if that is earlier. */
int64_t front_doze(int64_t deadline);

/* Polls `descriptors`, whose first one is filled in here with work.wake, until `deadline`. True
 * where work.wake is readable. A signal ends the wait early. */
bool front_poll(
	const struct front *front, struct pollfd *descriptors, nfds_t count, int64_t deadline);

#endif
