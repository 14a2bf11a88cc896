#ifndef NIGHTMILL_CACHE_PRIVATE_H
#define NIGHTMILL_CACHE_PRIVATE_H

/* What the parts of a cache share: cache.c (what is fresh), cache_load.c (what is missing),
 * cache_whole.c (the whole table), cache_shared.c (a tier behind it). */

#include "pipeline/cache.h"
#include "pipeline/cache_entries.h"
#include "pipeline/cache_shared.h"
#include "pipeline/support/arena.h"

struct cache {
	const struct cache_plugin *plugin;
	struct cache_settings settings;
	const struct cache_setup *setup;
	struct cache_entries entries;
	struct cache_counts counts;
	struct arena window; /* what was loaded for the last call */
	uint32_t generation; /* of the validator */
	struct digest version;
	bool validated, loaded; /* a version is known; the whole table is there */
	int64_t loaded_micros;
	uint32_t loaded_generation;
	struct shared *shared; /* NULL: there is no tier */
};

/* One call of cache_get_many. */
struct cache_call {
	struct cache *cache;
	const struct slot *keys; /* asked for */
	uint64_t *hashes;
	struct cache_answer *answers;
	size_t count;
	int64_t now;
	size_t *missing; /* numbers of the keys that are to be loaded */
	struct slot *missing_keys;
	size_t missing_count;
};

/* How long an answer may be served without asking the store: -1 for ever, 0 not at all. */
int64_t cache_lifetime(const struct cache *cache, enum cache_found found);

void cache_answer_from(struct cache_answer *answer, const struct cache_entry *entry);

/* `age` in microseconds, at use. */
void cache_count_age(struct cache *cache, int64_t age);
void cache_count_hit(struct cache *cache, const struct cache_entry *entry, int64_t now);

/* The store works from now on, or has worked up to now. */
static inline void cache_store_begins(const struct cache *cache)
{
	stopwatch_enter(cache->setup->watch, cache->setup->store_spending);
}

static inline void cache_store_ends(const struct cache *cache)
{
	stopwatch_leave(cache->setup->watch);
}

/* Counts a load of `keys` keys that began at `from`. */
void cache_time(struct cache *cache, int64_t from, size_t keys);

/* Asks for the store's validator. What was loaded under another one is stale from now on. */
bool cache_validate(struct cache *cache, struct error *err);

/* Loads what is missing and keeps it; while the store has errors, true where every missing key has
 * an answer that may still be served. */
bool cache_load(struct cache_call *call, struct error *err);

/* Answers key `number` of the call, and puts the answer among the entries where it may be kept. */
void cache_keep(struct cache_call *call, size_t number, const struct cache_answer *answer,
	int64_t born_micros);

/* What keys cost without the cache: asks the store for them once, and forgets the rows. */
bool cache_sample(struct cache *cache, const struct slot *keys, size_t count, struct error *err);

/* All of cache_get_many for a cache that has the whole table. */
bool cache_get_whole(struct cache_call *call, struct error *err);

#endif
