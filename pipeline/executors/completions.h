#ifndef NIGHTMILL_EXECUTORS_COMPLETIONS_H
#define NIGHTMILL_EXECUTORS_COMPLETIONS_H

/* A bounded queue of outcomes from the workers' threads to main's, with a descriptor for poll. The
 * descriptor is written only while main may be waiting, so that a busy main costs no system call.
 */

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/error.h"

enum { COMPLETIONS_ROOM = 256 };

struct completion {
	struct outcome outcome;
	uint32_t window;
};

struct completions {
	int descriptor; /* an eventfd */
	struct completion *ring;
	pthread_cond_t room; /* a place became free, or closed */
	pthread_mutex_t lock;
	/* under the lock: */
	size_t first, count;
	size_t pushing; /* threads that wait for room */
	bool waiting;   /* main found nothing and may be in poll */
	bool shut;
};

bool completions_open(struct completions *completions, struct error *err);

/* From any thread. Waits while the queue is full; after completions_shut it forgets the outcome. */
void completions_push(
	struct completions *completions, const struct outcome *outcome, uint32_t window);

/* From main. False where there is none; from then on until the next call, a push or a poke makes
 * the descriptor readable. */
bool completions_pop(struct completions *completions, struct outcome *outcome, uint32_t *window);

/* From any thread: main is to look again, at something that is no outcome. */
void completions_poke(struct completions *completions);

/* From main, after poll: makes the descriptor unreadable. */
void completions_heard(struct completions *completions);

/* From main: nobody will take outcomes any more, so nobody may wait for room. */
void completions_shut(struct completions *completions);

/* After all threads have ended. */
void completions_close(struct completions *completions);

#endif
