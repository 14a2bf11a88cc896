#ifndef NIGHTMILL_CACHE_ENTRIES_H
#define NIGHTMILL_CACHE_ENTRIES_H

/* The entries of a cache: found by key, bounded, evicted in a policy's order. Knows nothing of
 * freshness. */

#include "pipeline/cache.h"
#include "pipeline/support/hashes.h"

/* One allocation: values, then their bytes and the key's. */
struct cache_entry {
	uint64_t hash;
	const char *key;
	uint32_t key_length;
	uint32_t generation; /* of the validator that it was loaded under */
	int64_t born_micros;
	struct cache_entry *next; /* among those that are to be freed */
	size_t bytes;
	enum cache_found found;
	struct slot values[];
};

struct cache_entries {
	const struct cache_plugin *policy;
	struct hashes hashes;
	struct cache_entry **list; /* by number; NULL: free */
	struct cache_order order;
	uint32_t *unused; /* numbers that are free */
	size_t unused_count, count, room;
	size_t bytes;
	size_t most_entries, most_bytes; /* 0: any number */
	uint64_t evictions;
	struct cache_entry *graves; /* taken out, but an answer may still point to them */
};

void entries_open(struct cache_entries *entries, const struct cache_plugin *policy,
	size_t most_entries, size_t most_bytes);

/* The entry of a key, or NULL. Tells the policy of the hit where `hit`. */
struct cache_entry *entries_find(
	struct cache_entries *entries, const struct slot *key, uint64_t hash, bool hit);

/* Puts an entry in the place of what the key had, evicting others until there is room. NULL where
 * it alone would be too large. `values` (NULL unless FOUND) are copied. */
struct cache_entry *entries_put(struct cache_entries *entries, const struct slot *key,
	uint64_t hash, const struct cache_answer *answer, size_t columns);

/* Frees what was taken out: answers given before are not valid any more. */
void entries_bury(struct cache_entries *entries);

size_t entries_bytes(const struct cache_entries *entries);

void entries_finish(struct cache_entries *entries);

#endif
