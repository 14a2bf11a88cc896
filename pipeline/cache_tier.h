#ifndef NIGHTMILL_CACHE_TIER_H
#define NIGHTMILL_CACHE_TIER_H

/* A tier is a cache that runs and hosts share, behind a run's own cache and in front of the store.
 * It holds bytes under names and may lose or garble any of them, or be away, at any time: what
 * makes sure that this costs time only is in cache_shared.h. Main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"

/* The settings of every tier begin with these. */
struct cache_tier_settings {
	struct option_duration ttl; /* how long a value may be served, across runs */
	bool secrets;               /* rows that were found by a secret key may go there too */
};

/* What is to be kept. */
struct cache_tier_value {
	struct digest name;
	struct slot bytes;
	int64_t ttl_millis; /* may be forgotten then; above 0 */
};

struct cache_tier_plugin {
	struct plugin plugin; /* its settings begin with struct cache_tier_settings */

	/* Judges settings beyond what rows can say, when the plan is made. May be NULL. */
	bool (*check)(const void *settings, struct error *err);

	/* Connects to nothing yet. Settings are borrowed until close. */
	void *(*open)(const void *settings);

	/* Fills in the bytes of each name, absent where it has none; valid until the next call.
	 * False where it is away, slow or makes no sense: whatever was filled in does not count.
	 * The next call tries again. */
	bool (*get_many)(void *tier, const struct digest *names, size_t count, struct slot *values,
		struct error *err);

	/* Keeps values; false as above: some may have been kept. */
	bool (*put_many)(
		void *tier, const struct cache_tier_value *values, size_t count, struct error *err);

	void (*close)(void *tier);
};

/* The tier whose head `plugin` is. */
static inline const struct cache_tier_plugin *cache_tier_of(const struct plugin *plugin)
{
	return (const struct cache_tier_plugin *)(const void *)plugin;
}

/* pipeline/caches/table.c, NULL-terminated. */
extern const struct plugin *const cache_tiers[];

#endif
