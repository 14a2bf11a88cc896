/* A cache that has the whole table. */

#include "pipeline/cache_private.h"
#include "pipeline/support/clock.h"

enum { CACHE_SCAN_STEP = 4096 };

/* A table on its way into memory. */
struct cache_filling {
	struct cache *cache;
	struct cache_entries entries;
	int64_t now;
};

static bool cache_fill_row(void *context, const struct store_row *row, struct error *err)
{
	struct cache_filling *filling = context;
	struct cache *cache = filling->cache;
	if (!row->key.data)
		return true;
	uint64_t hash = hashes_of(row->key.data, row->key.length);
	struct cache_answer answer = { CACHE_FOUND, row->values };
	if (entries_find(&filling->entries, &row->key, hash, false))
		answer = (struct cache_answer){ CACHE_SEVERAL, NULL };
	struct cache_entry *entry =
		entries_put(&filling->entries, &row->key, hash, &answer, cache->setup->columns);
	entries_bury(&filling->entries);
	entry->born_micros = filling->now;
	entry->generation = cache->generation;
	if (cache->settings.bytes.bytes == 0 ||
		entries_bytes(&filling->entries) <= (size_t)cache->settings.bytes.bytes)
		return true;
	return fail(err, ERROR_LIMIT,
		"store '%s' does not fit into its dictionary: raise `bytes`, or take `sieve`",
		cache->setup->name);
}

static bool cache_fill(struct cache *cache, int64_t now, struct error *err)
{
	struct cache_filling filling = { .cache = cache, .now = now };
	const struct store_sink sink = { cache_fill_row, &filling };
	const struct cache_setup *setup = cache->setup;
	bool more = true, fine = true;
	int64_t from = clock_micros();
	entries_open(&filling.entries, cache->plugin, 0, 0);
	cache_store_begins(cache);
	while (fine && more)
		fine = setup->store_plugin->scan(
			setup->prepared, CACHE_SCAN_STEP, &sink, &more, err);
	cache_store_ends(cache);
	if (!fine) {
		entries_finish(&filling.entries);
		return false;
	}
	entries_finish(&cache->entries);
	cache->entries = filling.entries;
	cache->loaded = true;
	cache->loaded_micros = now;
	cache->loaded_generation = cache->generation;
	cache_time(cache, from, cache->entries.count);
	return true;
}

/* Sees to it that the whole table is there and fresh, or may be served stale. */
static bool cache_refill(struct cache_call *call, bool validated, struct error *err)
{
	struct cache *cache = call->cache;
	int64_t ttl = cache->settings.ttl.micros, age = call->now - cache->loaded_micros;
	int64_t stale = cache->settings.stale_if_error.micros;
	bool current = cache->loaded && cache->loaded_generation == cache->generation;
	bool expired = ttl && age >= ttl;
	if (validated && current && expired && cache->validated) {
		cache->counts.revalidations++;
		cache->loaded_micros = call->now;
		expired = false;
	}
	if (validated && current && !expired)
		return true;
	if (validated && cache_fill(cache, call->now, err) &&
		cache_sample(cache, call->keys, call->count, err))
		return true;
	cache->counts.failed_loads++;
	if (!cache->loaded || stale == 0 || age >= ttl + stale)
		return false;
	cache->counts.stale_serves += call->count;
	return true;
}

bool cache_get_whole(struct cache_call *call, struct error *err)
{
	struct cache *cache = call->cache;
	uint64_t loads = cache->counts.loads, stale = cache->counts.stale_serves;
	struct error why;
	bool validated = cache_validate(cache, &why);
	if (!cache_refill(call, validated, &why)) {
		if (err)
			*err = why;
		return false;
	}
	bool counted = cache->counts.stale_serves != stale;
	for (size_t i = 0; i < call->count; i++) {
		const struct slot *key = &call->keys[i];
		const struct cache_entry *entry = entries_find(
			&cache->entries, key, hashes_of(key->data, key->length), false);
		call->answers[i] = (struct cache_answer){ CACHE_MISSING, NULL };
		if (entry) {
			cache_answer_from(&call->answers[i], entry);
			if (!counted)
				cache_count_hit(cache, entry, call->now);
		} else
			cache->counts.negative_hits += !counted;
	}
	cache->counts.idle_windows += cache->counts.loads == loads;
	return true;
}
