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
	WORK_TRAP,
	WORK_KILL,   /* as an administrator would */
	WORK_EXIT_0, /* silently */
	WORK_EXIT_3,
	WORK_CLOSE,   /* closes the descriptors it has, then sleeps for ever */
	WORK_GARBAGE, /* an outcome for another item */
	WORK_BABBLE,  /* bytes that are no outcome, there and wherever it can write */
	WORK_HANG,
	WORK_STOP,  /* stops itself, as a debugger would */
	WORK_SPIN,  /* computes for ever */
	WORK_EAT,   /* takes memory until there is none, and fails for that */
	WORK_DEEP,  /* calls itself until its stack ends */
	WORK_FILES, /* opens files until it may not, and fails for that */
	WORK_WAIT,  /* until work_release */
};

enum { WORK_PIDS = 64 };

struct work_shared {
	sem_t gate;  /* WORK_WAIT */
	sem_t begun; /* posted by WORK_WAIT before it waits */
	_Atomic uint32_t opened, closed, refused;
	_Atomic int32_t pids[WORK_PIDS]; /* of each worker's last process, by number */
	_Atomic uint32_t started[];      /* times, by ticket */
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

/* The settings that `yaml` ("" or a mapping) gives an executor; `arena` owns them. A mistake in it
 * is fatal. */
void *work_fake_settings(const struct plugin *plugin, const char *yaml, struct arena *arena);

#endif
