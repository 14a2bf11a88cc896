#ifndef NIGHTMILL_EXECUTORS_GOVERNOR_H
#define NIGHTMILL_EXECUTORS_GOVERNOR_H

/* `workers: auto` during a run: every two seconds it looks again at CPUs, quota and memory, and at
 * what tasks waited for meanwhile, and says how many workers may hold an item from then on. What an
 * item's outcome is never depends on it. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/executors/auto.h"
#include "pipeline/support/text.h"

enum { GOVERNOR_MICROS = 2000000 /* between two looks */ };

/* What one look finds. Times and counts since the machine was started; -1: not known. */
struct governor_facts {
	int64_t micros; /* of the clock */
	struct auto_facts limits;
	int64_t memory_some, memory_full; /* microseconds in which some task, or all, waited for
					     memory */
	int64_t disk_some;                /* for a disk */
	uint64_t kills;                   /* of processes, because memory ran out */
	uint64_t outcomes;                /* of this run */
};

struct governor {
	const char *root; /* in front of /proc and /sys; NULL: the number of workers is fixed */
	uint32_t workers; /* that may hold an item now */
	uint32_t most;    /* that there can be */
	uint32_t quiet;   /* looks in a row without a reason for fewer */
	uint32_t rests;   /* looks for which the disk is no reason */
	bool trying;      /* one worker less, because of the disk, since the look before */
	double rate;      /* outcomes a second before that */
	struct governor_facts before; /* micros 0: none yet */
};

/* `settings` start with a struct auto_settings; NULL, or a number: fixed. */
void governor_init(struct governor *governor, const void *settings, uint32_t workers);

/* It is time to look. */
bool governor_is_due(const struct governor *governor, int64_t now);

/* Fills in all but micros, outcomes and what only the executor knows of limits. */
void governor_look(const char *root, struct governor_facts *facts);

/* Judges what a look has found. True where governor->workers has changed; adds "2 workers instead
 * of 4: ..." to `why`. */
bool governor_judge(
	struct governor *governor, const struct governor_facts *facts, struct text *why);

#endif
