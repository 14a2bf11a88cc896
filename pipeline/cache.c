#include "pipeline/cache.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/cache_private.h"
#include "pipeline/support/clock.h"

static int64_t cache_now(const struct cache *cache)
{
	return cache->setup->clock ? cache->setup->clock() : clock_micros();
}

struct cache *cache_open(const struct option_plugin *chosen, const struct cache_setup *setup)
{
	struct cache *cache = memory_zeroed(1, sizeof(*cache));
	cache->plugin = cache_of(chosen->plugin);
	cache->setup = setup;
	if (cache->plugin->plugin.settings_bytes)
		cache->settings = *(const struct cache_settings *)chosen->settings;
	cache->counts.name = setup->name;
	cache->counts.as = setup->as;
	cache->counts.cache = cache->plugin->plugin.name;
	cache->counts.by_key = setup->store_plugin->indexed;
	entries_open(&cache->entries, cache->plugin, (size_t)cache->settings.entries,
		(size_t)cache->settings.bytes.bytes);
	if (cache->settings.behind.plugin)
		cache->shared = shared_open(&cache->settings.behind, cache);
	return cache;
}

/* Never called: it has no bounds. */
static uint32_t cache_measuring_victim(struct cache_order *order)
{
	return order->oldest;
}

struct cache *cache_open_measuring(const struct cache_setup *setup)
{
	static const struct cache_plugin measuring = {
		.plugin = { .name = "measured", .settings_bytes = sizeof(struct cache_settings) },
		.victim = cache_measuring_victim,
	};
	struct cache_settings settings = { .negative_ttl.micros = INT64_MAX };
	const struct option_plugin chosen = { .plugin = &measuring.plugin, .settings = &settings };
	return cache_open(&chosen, setup);
}

void cache_time(struct cache *cache, int64_t from, size_t keys)
{
	cache->counts.loads++;
	cache->counts.loaded_keys += keys;
	cache->counts.load_micros += clock_micros() - from;
}

bool cache_validate(struct cache *cache, struct error *err)
{
	static const enum store_version kinds[] = {
		[CACHE_VALIDATE_TIMES] = STORE_TIMES,
		[CACHE_VALIDATE_HASH] = STORE_HASH,
		[CACHE_VALIDATE_VERSION] = STORE_VERSION,
	};
	struct digest version;
	if (cache->settings.validate == CACHE_VALIDATE_NONE)
		return true;
	const struct cache_setup *setup = cache->setup;
	cache_store_begins(cache);
	bool told = setup->store_plugin->version(
		setup->store, kinds[cache->settings.validate], &version, err);
	cache_store_ends(cache);
	if (!told)
		return false;
	if (cache->validated && digest_equal(version, cache->version))
		return true;
	cache->counts.changes += cache->validated;
	cache->generation++;
	cache->version = version;
	cache->validated = true;
	return true;
}

int64_t cache_lifetime(const struct cache *cache, enum cache_found found)
{
	if (found == CACHE_MISSING)
		return cache->settings.negative_ttl.micros;
	return cache->settings.ttl.micros ? cache->settings.ttl.micros : -1;
}

static bool cache_fresh(struct cache *cache, struct cache_entry *entry, int64_t now)
{
	int64_t lifetime = cache_lifetime(cache, entry->found);
	if (entry->generation != cache->generation)
		return false;
	if (lifetime < 0 || now - entry->born_micros < lifetime)
		return true;
	if (!cache->validated)
		return false;
	/* The validator has just said that it is as it was. */
	cache->counts.revalidations++;
	entry->born_micros = now;
	return true;
}

void cache_answer_from(struct cache_answer *answer, const struct cache_entry *entry)
{
	*answer = (struct cache_answer){ entry->found, entry->values };
}

void cache_count_age(struct cache *cache, int64_t age)
{
	cache->counts.age_sum_micros += age;
	if (age > cache->counts.age_most_micros)
		cache->counts.age_most_micros = age;
}

void cache_count_hit(struct cache *cache, const struct cache_entry *entry, int64_t now)
{
	struct cache_counts *counts = &cache->counts;
	int64_t age = now - entry->born_micros;
	if (entry->found == CACHE_MISSING)
		counts->negative_hits++;
	else
		counts->hits++;
	cache_count_age(cache, age);
}

/* Answers from entries that are fresh; the others are missing. */
static void cache_look(struct cache_call *call)
{
	struct cache *cache = call->cache;
	for (size_t i = 0; i < call->count; i++) {
		call->hashes[i] = hashes_of(call->keys[i].data, call->keys[i].length);
		struct cache_entry *entry =
			entries_find(&cache->entries, &call->keys[i], call->hashes[i], true);
		if (entry && cache_fresh(cache, entry, call->now)) {
			cache_answer_from(&call->answers[i], entry);
			cache_count_hit(cache, entry, call->now);
			continue;
		}
		call->missing[call->missing_count] = i;
		call->missing_keys[call->missing_count++] = call->keys[i];
	}
}

static bool cache_get_some(struct cache_call *call, struct error *err)
{
	struct cache *cache = call->cache;
	struct arena *arena = &cache->window;
	call->hashes = arena_alloc(arena, call->count * sizeof(*call->hashes));
	call->missing = arena_alloc(arena, call->count * sizeof(*call->missing));
	call->missing_keys = arena_alloc(arena, call->count * sizeof(*call->missing_keys));
	struct error why;
	if (!cache_validate(cache, &why)) {
		/* Nothing can be said to be fresh. */
		cache->generation++;
		cache->validated = false;
	}
	cache_look(call);
	if (call->missing_count && cache->shared)
		shared_look(cache->shared, call);
	cache->counts.idle_windows += call->missing_count == 0;
	return call->missing_count == 0 || cache_load(call, err);
}

static bool cache_get(struct cache_call *call, struct error *err)
{
	struct cache *cache = call->cache;
	entries_bury(&cache->entries);
	arena_reset(&cache->window);
	cache->counts.keys += call->count;
	return cache->plugin->whole ? cache_get_whole(call, err) : cache_get_some(call, err);
}

bool cache_get_many(struct cache *cache, const struct slot *keys, size_t count,
	struct cache_answer *answers, struct error *err)
{
	struct cache_call call = {
		.cache = cache,
		.keys = keys,
		.answers = answers,
		.count = count,
		.now = cache_now(cache),
	};
	if (count == 0)
		return true;
	stopwatch_enter(cache->setup->watch, cache->setup->cache_spending);
	bool fine = cache_get(&call, err);
	stopwatch_leave(cache->setup->watch);
	return fine;
}

struct cache_counts *cache_counts(struct cache *cache)
{
	cache->counts.entries = cache->entries.count;
	cache->counts.bytes = entries_bytes(&cache->entries);
	cache->counts.evictions = cache->entries.evictions;
	return &cache->counts;
}

int64_t cache_saved_micros(const struct cache_counts *counts)
{
	/* A dictionary's loads are walks: what a key or window costs is known from its sample
	 * alone. */
	bool walks = counts->samples > 0 && !counts->shared.name;
	double micros = (double)(counts->sampled_micros + (walks ? 0 : counts->load_micros));
	double keys = (double)(counts->sampled_keys + (walks ? 0 : counts->loaded_keys));
	double calls = (double)(counts->samples + (walks ? 0 : counts->loads));
	uint64_t hits =
		counts->hits + counts->negative_hits + counts->stale_serves + counts->shared.hits;
	if (keys == 0 || calls == 0)
		return 0;
	double spent = (double)counts->sampled_micros + (double)counts->shared.micros +
		       (walks ? (double)counts->load_micros : 0);
	double saved = counts->by_key ? (double)hits * micros / keys
				      : (double)counts->idle_windows * micros / calls;
	return (int64_t)(saved - spent);
}

void cache_close(struct cache *cache)
{
	if (!cache)
		return;
	shared_close(cache->shared);
	entries_finish(&cache->entries);
	arena_finish(&cache->window);
	free(cache);
}
