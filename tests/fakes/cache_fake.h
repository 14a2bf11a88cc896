#ifndef NIGHTMILL_TESTS_CACHE_FAKE_H
#define NIGHTMILL_TESTS_CACHE_FAKE_H

/* A store of rows "kN" -> a value that changes when it is told to, which counts what it is asked;
 * a tier in memory; and a cache between the two. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/cache.h"
#include "pipeline/cache_tier.h"

struct fake_store {
	int rows;    /* k0 to k(rows - 1) are there */
	int edition; /* part of every value */
	int version; /* what version() says */
	bool down;   /* it has errors */
	bool twice;  /* every row comes twice */
	bool secret; /* its values are */
	size_t loads, keys;
	int64_t micros; /* the time */
};

extern struct fake_store fake;

enum { FAKE_TIER_VALUES = 64, FAKE_TIER_BYTES = 512 };

/* What the tier holds, and did. */
struct fake_tier {
	struct {
		struct digest name;
		char bytes[FAKE_TIER_BYTES];
		uint32_t length;
		int64_t ttl_millis;
	} values[FAKE_TIER_VALUES];
	size_t count;
	bool down;
	bool ordered;        /* names came in their own order each time; the test's to set first */
	size_t gets, puts;   /* calls */
	size_t asked, given; /* keys, values */
};

extern struct fake_tier fake_tier;

extern struct fake_notes {
	size_t count;
	char last[256]; /* what, and the error's text */
} fake_notes;

extern struct arena fake_arena; /* the test's to finish */

/* A cache by its YAML word and options, over a store of ten rows. */
struct cache *cache_fake_open(const char *name, const char *yaml);

/* The same with the tier behind it, over the store as it is; `table` stands for what is asked of
 * it. */
struct cache *cache_fake_open_shared(
	const char *name, const char *yaml, const char *tier_yaml, const char *table);

/* What the cache says to keys, "k1 k2": "v1.1 -" ("-": no row, "2": several, "!": an error). A key
 * is secret where a '*' stands behind it. Valid until the next call. */
const char *cache_fake_ask(struct cache *cache, const char *keys);

#endif
