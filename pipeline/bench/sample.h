#ifndef NIGHTMILL_BENCH_SAMPLE_H
#define NIGHTMILL_BENCH_SAMPLE_H

/* An even sample of all items of a source, the same one in each call over the same items: those
 * with the least ids, which are digests of their keys. Their order has nothing to do with folders
 * or sizes. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/plan.h"
#include "pipeline/support/arena.h"

struct sample {
	struct item *items; /* `room` places, the caller's */
	size_t count, room;
	uint64_t seen;       /* items that the source gave and that have valid paths */
	struct arena *arena; /* for what the items point to */
};

/* Walks the whole source of the plan. Every part of every item is due. What cannot be read is told
 * on standard error. */
bool sample_take(struct sample *sample, const struct plan *plan, struct error *err);

#endif
