#include "pipeline/cache_shared.h"

#include <stdlib.h>

#include "pipeline/cache_packed.h"
#include "pipeline/cache_private.h"
#include "pipeline/cache_tier.h"
#include "pipeline/support/clock.h"

enum { SHARED_REST_MICROS = 1000000, SHARED_REST_MOST_MICROS = 64000000 };

struct shared {
	struct cache *cache;
	const struct cache_tier_plugin *plugin;
	const struct cache_tier_settings *settings;
	void *tier;
	struct digest table;
	int64_t rest_micros, again_micros; /* it is left alone until then; rest 0: it is well */
	bool complained;
	uint64_t windows; /* that it had answers for */
	struct text bytes;
};

struct shared *shared_open(const struct option_plugin *behind, struct cache *cache)
{
	struct shared *shared = memory_zeroed(1, sizeof(*shared));
	/* Another validator counts other things. */
	struct digest validate =
		digest_of(&(uint32_t){ (uint32_t)cache->settings.validate }, sizeof(uint32_t));
	shared->cache = cache;
	shared->plugin = cache_tier_of(behind->plugin);
	shared->settings = behind->settings;
	shared->tier = shared->plugin->open(behind->settings);
	shared->table = digest_mix(cache->setup->table, validate);
	cache->counts.shared.name = shared->plugin->plugin.name;
	return shared;
}

static int64_t shared_wall_micros(const struct cache *cache)
{
	return cache->setup->wall ? cache->setup->wall() : clock_wall_nanos() / 1000;
}

/* Nothing can be said to be fresh where the validator is to decide and is not known. */
static bool shared_usable(const struct shared *shared, int64_t now)
{
	const struct cache *cache = shared->cache;
	if (cache->settings.validate != CACHE_VALIDATE_NONE && !cache->validated)
		return false;
	return shared->rest_micros == 0 || now >= shared->again_micros;
}

static struct packed_about shared_about(const struct shared *shared)
{
	struct packed_about about = {
		.table = shared->table,
		.columns = shared->cache->setup->columns,
	};
	if (shared->cache->validated)
		about.version = shared->cache->version;
	return about;
}

static struct digest shared_name(const struct shared *shared, const struct slot *key)
{
	return digest_mix(shared->table, digest_of(key->data, key->length));
}

/* Told once a run; the summary has the count. */
static void shared_complain(struct shared *shared, const struct error *err)
{
	const struct cache_setup *setup = shared->cache->setup;
	struct text what = { 0 };
	if (!shared->complained && setup->note) {
		text_addf(&what, "lookup %s, behind %s: going on without it", setup->as,
			shared->plugin->plugin.name);
		setup->note(setup->context, what.data, err);
	}
	shared->complained = true;
	text_finish(&what);
}

/* After a call of the tier that began at `from`. One that failed is left alone, twice as long each
 * time. */
static void shared_after(
	struct shared *shared, const struct cache_call *call, int64_t from, const struct error *err)
{
	struct cache_counts_shared *counts = &shared->cache->counts.shared;
	counts->calls++;
	counts->micros += clock_micros() - from;
	if (!err) {
		shared->rest_micros = 0;
		return;
	}
	counts->failures++;
	shared_complain(shared, err);
	shared->rest_micros = shared->rest_micros ? shared->rest_micros * 2 : SHARED_REST_MICROS;
	if (shared->rest_micros > SHARED_REST_MOST_MICROS)
		shared->rest_micros = SHARED_REST_MOST_MICROS;
	shared->again_micros = call->now + shared->rest_micros;
}

/* True where an answer of this age may be served. One that the validator has just confirmed is as
 * good as new. */
static bool shared_fresh(const struct shared *shared, enum cache_found found, int64_t *age)
{
	const struct cache *cache = shared->cache;
	int64_t lifetime = cache_lifetime(cache, found);
	/* From the future: some clock is wrong. */
	if (*age < 0 || *age >= shared->settings->ttl.micros)
		return false;
	if (lifetime < 0 || *age < lifetime)
		return true;
	if (!cache->validated || lifetime == 0)
		return false;
	*age = 0;
	return true;
}

/* True where the bytes are a fresh answer to missing key `number`, which is kept. */
static bool shared_take(
	struct shared *shared, struct cache_call *call, size_t number, const struct slot *bytes)
{
	struct cache *cache = shared->cache;
	struct cache_counts_shared *counts = &cache->counts.shared;
	const struct packed_about about = shared_about(shared);
	struct packed_answer packed = { .born_micros = 0 };
	if (!bytes->data) {
		counts->misses++;
		return false;
	}
	enum packed_verdict verdict =
		packed_read(bytes, &about, &call->keys[number], &cache->window, &packed);
	int64_t age = shared_wall_micros(cache) - packed.born_micros;
	counts->unreadable += verdict == PACKED_UNREADABLE;
	counts->changed += verdict == PACKED_CHANGED;
	if (verdict != PACKED_FINE)
		return false;
	if (!shared_fresh(shared, packed.answer.found, &age)) {
		counts->expired++;
		return false;
	}
	cache_keep(call, number, &packed.answer, call->now - age);
	counts->hits++;
	cache_count_age(cache, age);
	return true;
}

/* What the store would have taken for what the tier answered: asked for the first window, the
 * second, the fourth and so on. */
static void shared_sample(struct shared *shared, const struct slot *keys, size_t count)
{
	struct error err;
	if (count == 0)
		return;
	shared->windows++;
	if ((shared->windows & (shared->windows - 1)) == 0)
		cache_sample(shared->cache, keys, count, &err);
}

/* A missing key that the tier may know of. */
struct shared_asked {
	struct digest name;
	size_t place; /* among the missing ones */
};

static int shared_compare(struct digest a, struct digest b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return (a.low > b.low) - (a.low < b.low);
}

static int shared_compare_asked(const void *a, const void *b)
{
	const struct shared_asked *x = a, *y = b;
	return shared_compare(x->name, y->name);
}

/* By name: whoever watches the tier learns which rows a window asks for, not in which order, which
 * would be that of the records. */
static size_t shared_ask(
	const struct shared *shared, const struct cache_call *call, struct shared_asked *asked)
{
	size_t count = 0;
	for (size_t i = 0; i < call->missing_count; i++) {
		if (call->missing_keys[i].secret && !shared->settings->secrets) {
			shared->cache->counts.shared.secret++;
			continue;
		}
		asked[count++] =
			(struct shared_asked){ shared_name(shared, &call->missing_keys[i]), i };
	}
	qsort(asked, count, sizeof(*asked), shared_compare_asked);
	return count;
}

/* What the tier has for each missing key, in their order; NULL data where it was not asked. False
 * where it could not be asked for any. */
static bool shared_fetch(
	struct shared *shared, const struct cache_call *call, struct slot *bytes, bool *was_asked)
{
	struct error err = { 0 };
	struct arena *arena = &shared->cache->window;
	struct shared_asked *asked = arena_alloc(arena, call->missing_count * sizeof(*asked));
	size_t count = shared_ask(shared, call, asked);
	if (count == 0)
		return false;
	struct digest *names = arena_alloc(arena, count * sizeof(*names));
	struct slot *values = arena_alloc(arena, count * sizeof(*values));
	for (size_t i = 0; i < count; i++)
		names[i] = asked[i].name;
	int64_t from = clock_micros();
	bool fine = shared->plugin->get_many(shared->tier, names, count, values, &err);
	shared_after(shared, call, from, fine ? NULL : &err);
	for (size_t i = 0; fine && i < count; i++) {
		bytes[asked[i].place] = values[i];
		was_asked[asked[i].place] = true;
	}
	return fine;
}

void shared_look(struct shared *shared, struct cache_call *call)
{
	struct arena *arena = &shared->cache->window;
	if (!shared_usable(shared, call->now))
		return;
	struct slot *bytes = arena_alloc(arena, call->missing_count * sizeof(*bytes));
	struct slot *taken = arena_alloc(arena, call->missing_count * sizeof(*taken));
	bool *was_asked = arena_alloc(arena, call->missing_count * sizeof(*was_asked));
	size_t left = 0, taken_count = 0;
	if (!shared_fetch(shared, call, bytes, was_asked))
		return;
	for (size_t i = 0; i < call->missing_count; i++) {
		size_t number = call->missing[i];
		struct slot key = call->missing_keys[i];
		if (was_asked[i] && shared_take(shared, call, number, &bytes[i])) {
			taken[taken_count++] = key;
			continue;
		}
		call->missing[left] = number;
		call->missing_keys[left++] = key;
	}
	call->missing_count = left;
	shared_sample(shared, taken, taken_count);
}

static bool shared_is_secret(
	const struct slot *key, const struct cache_answer *answer, size_t columns)
{
	bool secret = key->secret;
	for (size_t i = 0; answer->values && i < columns; i++)
		secret |= answer->values[i].secret;
	return secret;
}

/* How long the tier may keep an answer; 0: not at all. */
static int64_t shared_ttl_millis(const struct shared *shared, const struct cache_answer *answer)
{
	int64_t ttl = shared->settings->ttl.micros;
	int64_t lifetime = cache_lifetime(shared->cache, answer->found);
	if (lifetime == 0)
		return 0;
	if (lifetime > 0 && lifetime < ttl && !shared->cache->validated)
		ttl = lifetime;
	return (ttl + 999) / 1000;
}

static int shared_compare_values(const void *a, const void *b)
{
	const struct cache_tier_value *x = a, *y = b;
	return shared_compare(x->name, y->name);
}

/* What was loaded as values for the tier, those that it may have, by name. */
static size_t shared_pack(
	struct shared *shared, const struct cache_call *call, struct cache_tier_value *values)
{
	struct cache *cache = shared->cache;
	const struct packed_about about = shared_about(shared);
	int64_t born = shared_wall_micros(cache);
	size_t count = 0;
	for (size_t i = 0; i < call->missing_count; i++) {
		const struct slot *key = &call->missing_keys[i];
		const struct cache_answer *answer = &call->answers[call->missing[i]];
		int64_t ttl = shared_ttl_millis(shared, answer);
		if (ttl == 0 || (!shared->settings->secrets &&
					shared_is_secret(key, answer, about.columns)))
			continue;
		text_clear(&shared->bytes);
		packed_add(&shared->bytes, &about, key, &(struct packed_answer){ *answer, born });
		const char *copy =
			arena_copy(&cache->window, shared->bytes.data, shared->bytes.length);
		values[count++] = (struct cache_tier_value){
			.name = shared_name(shared, key),
			.bytes = { copy, (uint32_t)shared->bytes.length, false },
			.ttl_millis = ttl,
		};
	}
	qsort(values, count, sizeof(*values), shared_compare_values);
	return count;
}

void shared_keep(struct shared *shared, struct cache_call *call)
{
	struct cache *cache = shared->cache;
	struct error err = { 0 };
	if (!shared_usable(shared, call->now))
		return;
	struct cache_tier_value *values =
		arena_alloc(&cache->window, call->missing_count * sizeof(*values));
	size_t count = shared_pack(shared, call, values);
	if (count == 0)
		return;
	int64_t from = clock_micros();
	bool fine = shared->plugin->put_many(shared->tier, values, count, &err);
	shared_after(shared, call, from, fine ? NULL : &err);
	cache->counts.shared.puts += fine ? count : 0;
}

void shared_close(struct shared *shared)
{
	if (!shared)
		return;
	shared->plugin->close(shared->tier);
	text_finish(&shared->bytes);
	free(shared);
}
