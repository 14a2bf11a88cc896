#ifndef NIGHTMILL_FLOW_H
#define NIGHTMILL_FLOW_H

/* The source and the head stages behind it, moved on one small piece of work at a time. Where a
 * plan has no head, a step is the source's own. Main's thread only. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/cache.h"
#include "pipeline/plan.h"
#include "pipeline/source.h"

struct flow;

enum flow_purpose {
	FLOW_RUN,
	FLOW_LOOK,    /* nothing is to act on the world */
	FLOW_MEASURE, /* nor that; for flow_advise */
};

/* Opens the source and every head stage of the plan. `setup` (whose fields, stores and now_seconds
 * are filled in here) is borrowed until close. `*flow` is the caller's to close, on failure too. */
bool flow_open(const struct plan *plan, struct source_setup *setup, enum flow_purpose purpose,
	struct flow **flow, struct error *err);

/* The next items into `batch`, whose arena the caller resets before. None is not the end: that is
 * `*complete`. What they point to is valid until the next call. */
bool flow_step(struct flow *flow, struct batch *batch, bool *complete, struct error *err);

/* What the source found; where there is a head, `items` are those that came out of it. */
const struct source_counts *flow_counts(struct flow *flow);

/* True where the source says that the item of this key is not there any more; in doubt false. */
bool flow_gone(const struct flow *flow, const char *key, size_t length);

/* Fills in the figures of the head's lookups, up to date, for `most` of them; returns how many. */
size_t flow_lookups(const struct flow *flow, const struct cache_counts **counts, size_t most);

/* After the last item has come to its end: lets each head stage do what it held back until then. */
bool flow_commit(struct flow *flow, struct error *err);

/* Adds what each head stage would have otherwise, after the last item. */
bool flow_advise(struct flow *flow, struct text *advice, struct error *err);

/* NULL is allowed. */
void flow_close(struct flow *flow);

#endif
