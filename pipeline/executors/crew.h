#ifndef NIGHTMILL_EXECUTORS_CREW_H
#define NIGHTMILL_EXECUTORS_CREW_H

/* POSIX threads that work on items and hand outcomes to main: what `threads` and `work-stealing`
 * share. They differ in how a thread comes by its next item. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipeline/executor.h"
#include "pipeline/executors/completions.h"
#include "pipeline/executors/footprint.h"
#include "pipeline/executors/front.h"

struct crew;

struct crew_member {
	struct crew *crew;
	uint32_t number;
	uint32_t rank; /* among those whose worker could be opened, from 0 */
	void *worker;  /* what work.open made; used by its thread alone */
	pthread_t thread;
};

struct crew {
	struct work work;
	struct completions completions;
	/* Runs on each thread whose worker could be opened, until the executor ends. */
	void (*serve)(struct executor *executor, struct crew_member *member);
	struct executor *executor;
	struct crew_member *members;
	uint32_t started;       /* threads; main's alone */
	uint32_t most;          /* threads that there may be */
	double base;            /* bytes that the process had before */
	const char *root;       /* of the governor; NULL: none */
	_Atomic uint32_t ranks; /* given out */
	/* Threads of this rank and above take no item; the executor's to change and to tell. */
	_Atomic uint32_t limit;
	pthread_mutex_t lock;
	/* under the lock: */
	uint32_t usable; /* threads that have not failed to open their worker */
	struct error error;
};

/* Starts threads for as many workers as `governor` (borrowed) allows at first; they block all
 * signals but those of faults. `work`, `serve` and `executor` are set by the caller before. On
 * failure some threads may run: crew_close is due all the same, after what makes serve return. */
bool crew_open(struct crew *crew, const struct governor *governor, struct error *err);

/* Starts threads where there are less than `workers`. */
void crew_fill(struct crew *crew, uint32_t workers);

/* For front_calls.footprint. */
struct footprint crew_footprint(const struct crew *crew);

/* Works on an item and hands its outcome to main. */
void crew_process(struct crew_member *member, const struct taken *taken);

/* Waits for the threads to end and frees everything. The executor must have told them to end.
 * Outcomes that nobody took are forgotten. */
void crew_close(struct crew *crew);

/* For front_calls.failed and .wait. */
bool crew_failed(struct crew *crew, struct error *err);
bool crew_wait(struct crew *crew, const struct front *front, int64_t deadline);

#endif
