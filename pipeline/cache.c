#include "pipeline/cache.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/cache_entries.h"
#include "pipeline/support/clock.h"

enum { CACHE_SCAN_STEP = 4096 };

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

/* The store works from now on, or has worked up to now. */
static void cache_store_begins(const struct cache *cache)
{
	stopwatch_enter(cache->setup->watch, cache->setup->store_spending);
}

static void cache_store_ends(const struct cache *cache)
{
	stopwatch_leave(cache->setup->watch);
}

static bool cache_ask_store(const struct cache *cache, const struct slot *keys, size_t count,
	const struct store_sink *sink, struct error *err)
{
	cache_store_begins(cache);
	bool fine = cache->setup->store_plugin->get_many(
		cache->setup->prepared, keys, count, sink, err);
	cache_store_ends(cache);
	return fine;
}

static void cache_time(struct cache *cache, int64_t from, size_t keys)
{
	cache->counts.loads++;
	cache->counts.loaded_keys += keys;
	cache->counts.load_micros += clock_micros() - from;
}

/* Asks for the store's validator. What was loaded under another one is stale from now on. */
static bool cache_validate(struct cache *cache, struct error *err)
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

/* How long an answer may be served without asking the store: -1 for ever, 0 not at all. */
static int64_t cache_lifetime(const struct cache *cache, enum cache_found found)
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

static void cache_answer_from(struct cache_answer *answer, const struct cache_entry *entry)
{
	*answer = (struct cache_answer){ entry->found, entry->values };
}

static void cache_count_hit(struct cache *cache, const struct cache_entry *entry, int64_t now)
{
	struct cache_counts *counts = &cache->counts;
	int64_t age = now - entry->born_micros;
	if (entry->found == CACHE_MISSING)
		counts->negative_hits++;
	else
		counts->hits++;
	counts->age_sum_micros += age;
	if (age > counts->age_most_micros)
		counts->age_most_micros = age;
}

/* For rows that are loaded: of several for one key it is told that there are several. */
static bool cache_load_row(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	struct cache_call *call = context;
	struct cache_answer *answer = &call->answers[call->missing[row->index]];
	if (answer->found != CACHE_MISSING) {
		answer->found = CACHE_SEVERAL;
		return true;
	}
	size_t columns = call->cache->setup->columns;
	struct slot *values = arena_alloc(&call->cache->window, columns * sizeof(*values));
	for (size_t i = 0; i < columns; i++) {
		values[i] = row->values[i];
		if (values[i].data)
			values[i].data =
				arena_copy(&call->cache->window, values[i].data, values[i].length);
	}
	*answer = (struct cache_answer){ CACHE_FOUND, values };
	return true;
}

static void cache_keep(struct cache_call *call)
{
	struct cache *cache = call->cache;
	if (!cache->plugin->victim)
		return;
	for (size_t i = 0; i < call->missing_count; i++) {
		size_t number = call->missing[i];
		const struct cache_answer *answer = &call->answers[number];
		if (answer->found == CACHE_MISSING && cache->settings.negative_ttl.micros == 0)
			continue;
		struct cache_entry *entry = entries_put(&cache->entries, &call->keys[number],
			call->hashes[number], answer, cache->setup->columns);
		if (!entry)
			continue;
		entry->born_micros = call->now;
		entry->generation = cache->generation;
	}
}

/* While the store has errors: true where every key has an answer that may still be served. */
static bool cache_serve_stale(struct cache_call *call)
{
	struct cache *cache = call->cache;
	int64_t most = cache->settings.stale_if_error.micros;
	for (size_t i = 0; i < call->missing_count; i++) {
		size_t number = call->missing[i];
		const struct cache_entry *entry = entries_find(
			&cache->entries, &call->keys[number], call->hashes[number], false);
		if (!entry || most == 0)
			return false;
		int64_t lifetime = cache_lifetime(cache, entry->found);
		if (call->now - entry->born_micros >= (lifetime < 0 ? 0 : lifetime) + most)
			return false;
		cache_answer_from(&call->answers[number], entry);
	}
	cache->counts.stale_serves += call->missing_count;
	return true;
}

static bool cache_load(struct cache_call *call, struct error *err)
{
	struct cache *cache = call->cache;
	const struct store_sink sink = { cache_load_row, call };
	for (size_t i = 0; i < call->missing_count; i++)
		call->answers[call->missing[i]] = (struct cache_answer){ CACHE_MISSING, NULL };
	int64_t from = clock_micros();
	if (!cache_ask_store(cache, call->missing_keys, call->missing_count, &sink, err)) {
		cache->counts.failed_loads++;
		return cache_serve_stale(call);
	}
	cache_time(cache, from, call->missing_count);
	cache->counts.misses += call->missing_count;
	cache_keep(call);
	return true;
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

static bool cache_sample_row(void *context, const struct store_row *row, struct error *err)
{
	(void)context;
	(void)row;
	(void)err;
	return true;
}

/* What the keys of a window would cost without the dictionary. */
static bool cache_sample(struct cache_call *call, struct error *err)
{
	struct cache_counts *counts = &call->cache->counts;
	const struct store_sink sink = { cache_sample_row, NULL };
	int64_t from = clock_micros();
	if (!cache_ask_store(call->cache, call->keys, call->count, &sink, err))
		return false;
	counts->sampled_keys += call->count;
	counts->sampled_micros += clock_micros() - from;
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
	if (validated && cache_fill(cache, call->now, err) && cache_sample(call, err))
		return true;
	cache->counts.failed_loads++;
	if (!cache->loaded || stale == 0 || age >= ttl + stale)
		return false;
	cache->counts.stale_serves += call->count;
	return true;
}

static bool cache_get_whole(struct cache_call *call, struct error *err)
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
	bool sampled = counts->sampled_keys > 0;
	double micros = (double)(sampled ? counts->sampled_micros : counts->load_micros);
	double keys = (double)(sampled ? counts->sampled_keys : counts->loaded_keys);
	double calls = (double)counts->loads;
	uint64_t hits = counts->hits + counts->negative_hits + counts->stale_serves;
	if (keys == 0 || calls == 0)
		return 0;
	double spent = sampled ? (double)(counts->load_micros + counts->sampled_micros) : 0;
	double saved = counts->by_key ? (double)hits * micros / keys
				      : (double)counts->idle_windows * micros / calls;
	return (int64_t)(saved - spent);
}

void cache_close(struct cache *cache)
{
	if (!cache)
		return;
	entries_finish(&cache->entries);
	arena_finish(&cache->window);
	free(cache);
}
