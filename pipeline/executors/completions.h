#ifndef NIGHTMILL_EXECUTORS_COMPLETIONS_H
#define NIGHTMILL_EXECUTORS_COMPLETIONS_H

/* Outcomes from the workers' threads to main's: a ring for each worker, which it alone fills and
 * main alone empties, without a lock. For poll there is a descriptor, which is seldom written: a
 * main that is busy is not told at all, and one that has just taken outcomes naps for a moment
 * first, in which it is told only of a ring that fills or a worker that has nothing to do. */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipeline/executors/nap.h"
#include "pipeline/item.h"
#include "pipeline/support/error.h"

struct completions_ring;

struct completions {
	int descriptor; /* an eventfd */
	struct completions_ring *rings;
	uint32_t count;
	uint32_t room;        /* of each ring, in outcomes; a power of 2 */
	_Atomic uint32_t nap; /* enum nap: main's, ended by whoever wakes it */
	_Atomic bool shut;
	/* main's alone: */
	uint32_t place; /* of the ring that it looks at first */
	bool took;      /* since it last fell asleep */
	bool dozes;     /* nothing was found a moment ago: it is to look again after NAP_MICROS */
};

/* For `workers` threads, numbered from 0. */
bool completions_open(struct completions *completions, uint32_t workers, struct error *err);

/* From the thread of worker number `worker`. Waits while its ring is full; after completions_shut
 * it forgets the outcome. */
void completions_push(struct completions *completions, uint32_t worker,
	const struct outcome *outcome, uint32_t window);

/* From main. False where there is none; from then on until the next call, what comes makes the
 * descriptor readable, unless `dozes` is set. */
bool completions_pop(struct completions *completions, struct outcome *outcome, uint32_t *window);

/* From any thread: main is to look again, because the caller has nothing to do or something changed
 * that is no outcome. */
void completions_poke(struct completions *completions);

/* From main, after poll: makes the descriptor unreadable. */
void completions_heard(struct completions *completions);

/* From main: nobody will take outcomes any more, so nobody may wait for room. */
void completions_shut(struct completions *completions);

/* After all threads have ended. */
void completions_close(struct completions *completions);

#endif
