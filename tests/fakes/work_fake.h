#ifndef NIGHTMILL_TESTS_WORK_FAKE_H
#define NIGHTMILL_TESTS_WORK_FAKE_H

/* Work for the executors' tests: it counts what it was asked to do in memory that worker processes
 * share, and fails, crashes, hangs or lies where it was told to. An item is known by its ticket. */

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/executor.h"

enum work_deed {
	WORK_NOTHING,
	WORK_FAIL, /* an error of the item, with a known text */
	WORK_SEGV, /* writes where nothing is */
	WORK_ABORT,
	WORK_EXIT_0, /* silently */
	WORK_EXIT_3,
	WORK_CLOSE,   /* closes the descriptors it has, then sleeps for ever */
	WORK_GARBAGE, /* an outcome for another item */
	WORK_WAIT,    /* until work_release */
};

struct work_shared {
	sem_t gate;  /* WORK_WAIT */
	sem_t begun; /* posted by WORK_WAIT before it waits */
	_Atomic uint32_t opened, closed, refused;
	_Atomic uint32_t started[]; /* times, by ticket */
};

struct work_fake {
	uint8_t *deeds; /* enum work_deed by ticket, for the first attempt only; shared too */
	uint32_t refuse_workers; /* a bit for each worker whose open fails */
	bool crash_in_open;
	struct work_shared *shared;
	struct item *items; /* by ticket, from 0 */
	size_t count;
};

/* `count` items with keys and slots of differing kinds, and work that does nothing with them. */
struct work_fake *work_fake_new(size_t count);
void work_fake_free(struct work_fake *fake);

/* What an executor is given; `wake` as in struct work. */
struct work work_fake_work(const struct work_fake *fake, int wake);

/* Lets `times` items go that wait or will wait. */
void work_fake_release(struct work_fake *fake, size_t times);

/* True once for every item that has begun to wait. */
bool work_fake_has_begun(struct work_fake *fake);

#endif
