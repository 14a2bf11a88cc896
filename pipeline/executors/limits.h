#ifndef NIGHTMILL_EXECUTORS_LIMITS_H
#define NIGHTMILL_EXECUTORS_LIMITS_H

/* What a worker process may use, for one item or for all of its life. All zero: anything. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"
#include "pipeline/support/error.h"

struct limits {
	struct option_duration timeout; /* of the clock, for an item */
	struct option_duration cpu;     /* of the processors, for an item */
	struct option_bytes memory;     /* address space beyond what the process starts with */
	int files;                      /* descriptors; 0: as many as main may have */
	int recycle;                    /* items of a process; 0: no end */
	bool sandbox;
};

/* Binds this process, and makes the kernel choose it before main where memory runs out. In a worker
 * process, before it opens anything. */
bool limits_enter(const struct limits *limits, struct error *err);

/* Lets this process have `more` descriptors beyond those of a usual one, up to its hard limit. In
 * main, before it opens them. */
bool limits_make_room(uint32_t more, struct error *err);

/* Starts the count of CPU time: over it, SIGPROF ends the process. In the worker, before each item.
 */
void limits_arm(const struct limits *limits);

/* An item that failed because memory or descriptors ran out was over one of these limits: says
 * which. In the worker, after each item. */
void limits_judge(const struct limits *limits, struct outcome *outcome);

/* How many processes the kernel has killed on this machine because memory ran out; 0 where it does
 * not say. `root` stands in front of /proc. */
uint64_t limits_kills(const char *root);

#endif
