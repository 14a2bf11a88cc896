/* What a cache lacks is loaded here. */

#include "pipeline/cache_private.h"
#include "pipeline/support/clock.h"

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

void cache_keep(struct cache_call *call, size_t number, const struct cache_answer *answer,
	int64_t born_micros)
{
	struct cache *cache = call->cache;
	call->answers[number] = *answer;
	if (!cache->plugin->victim)
		return;
	if (answer->found == CACHE_MISSING && cache->settings.negative_ttl.micros == 0)
		return;
	struct cache_entry *entry = entries_put(&cache->entries, &call->keys[number],
		call->hashes[number], answer, cache->setup->columns);
	if (!entry)
		return;
	entry->born_micros = born_micros;
	entry->generation = cache->generation;
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

bool cache_load(struct cache_call *call, struct error *err)
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
	for (size_t i = 0; i < call->missing_count; i++)
		cache_keep(call, call->missing[i], &call->answers[call->missing[i]], call->now);
	if (cache->shared)
		shared_keep(cache->shared, call);
	return true;
}

static bool cache_sample_row(void *context, const struct store_row *row, struct error *err)
{
	(void)context;
	(void)row;
	(void)err;
	return true;
}

bool cache_sample(struct cache *cache, const struct slot *keys, size_t count, struct error *err)
{
	const struct store_sink sink = { cache_sample_row, NULL };
	int64_t from = clock_micros();
	if (!cache_ask_store(cache, keys, count, &sink, err))
		return false;
	cache->counts.samples++;
	cache->counts.sampled_keys += count;
	cache->counts.sampled_micros += clock_micros() - from;
	return true;
}
