#ifndef NIGHTMILL_RETRIES_H
#define NIGHTMILL_RETRIES_H

/* Items whose failure was the moment's, waiting for their next attempt. Bounded: beyond
 * RETRIES_MOST an item is not kept, it has failed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"

enum { RETRIES_MOST = 4096 };

struct retries {
	struct retry *first; /* by time, soonest first */
	size_t count;
};

/* Keeps a copy of the item, to be tried at `due_micros` (clock_micros()) with its attempt counted
 * up. False where there are too many. */
bool retries_add(struct retries *retries, const struct item *item, int64_t due_micros);

/* When the first one is due; INT64_MAX: none waits. */
int64_t retries_due(const struct retries *retries);

/* The first one that is due by `now`, NULL if none is; valid until retries_drop. */
const struct item *retries_first(const struct retries *retries, int64_t now);

/* Removes the first one. */
void retries_drop(struct retries *retries);

void retries_close(struct retries *retries);

#endif
