#ifndef NIGHTMILL_CACHE_SHARED_H
#define NIGHTMILL_CACHE_SHARED_H

/* Between a cache and the tier behind it: packs answers, judges what comes back, and leaves a tier
 * alone for a while that has failed. Nothing that a tier does changes an answer or makes a run
 * fail: whatever is not beyond doubt is loaded from the store. */

#include "pipeline/cache.h"

struct cache_call;
struct shared;

/* `behind` is borrowed. */
struct shared *shared_open(const struct option_plugin *behind, struct cache *cache);

/* Takes those of the call's missing keys that the tier can answer out of the missing ones. */
void shared_look(struct shared *shared, struct cache_call *call);

/* Gives the tier what was loaded for the missing keys. */
void shared_keep(struct shared *shared, struct cache_call *call);

/* NULL is allowed. */
void shared_close(struct shared *shared);

#endif
