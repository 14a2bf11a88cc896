#include "tests/fakes/cache_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/support/text.h"
#include "tests/fakes/work_fake.h"

struct fake_store fake;
struct fake_tier fake_tier;
struct fake_notes fake_notes;
struct arena fake_arena;

static int64_t fake_clock(void)
{
	return fake.micros;
}

static bool fake_row(const struct store_sink *sink, size_t index, int number, struct error *err)
{
	char key[16], value[32];
	snprintf(key, sizeof(key), "k%d", number);
	snprintf(value, sizeof(value), "v%d.%d", number, fake.edition);
	const struct slot slots[] = { { value, (uint32_t)strlen(value), fake.secret },
		{ .data = NULL } };
	const struct store_row row = {
		.index = index,
		.key = { key, (uint32_t)strlen(key), false },
		.values = slots,
	};
	return sink->row(sink->context, &row, err) &&
	       (!fake.twice || sink->row(sink->context, &row, err));
}

static bool fake_down(struct error *err)
{
	return (fail)(err, ERROR_READ, "the server is away");
}

static bool fake_get_many(void *prepared, const struct slot *keys, size_t count,
	const struct store_sink *sink, struct error *err)
{
	(void)prepared;
	fake.loads++;
	fake.keys += count;
	if (fake.down)
		return fake_down(err);
	for (size_t i = 0; i < count; i++) {
		char *end = NULL;
		long number = strtol(keys[i].data + 1, &end, 10);
		if (number < fake.rows && !fake_row(sink, i, (int)number, err))
			return false;
	}
	return true;
}

static bool fake_scan(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err)
{
	(void)prepared;
	(void)most;
	fake.loads++;
	*more = false;
	if (fake.down)
		return fake_down(err);
	for (int i = 0; i < fake.rows; i++)
		if (!fake_row(sink, 0, i, err))
			return false;
	return true;
}

static bool fake_version(
	void *store, enum store_version kind, struct digest *version, struct error *err)
{
	(void)store;
	(void)kind;
	if (fake.down)
		return fake_down(err);
	*version = digest_of(&fake.version, sizeof(fake.version));
	return true;
}

static const struct store_plugin fake_plugin = {
	.versions = 1U << STORE_VERSION,
	.get_many = fake_get_many,
	.scan = fake_scan,
	.version = fake_version,
};

static void fake_note(void *context, const char *what, const struct error *err)
{
	(void)context;
	fake_notes.count++;
	snprintf(fake_notes.last, sizeof(fake_notes.last), "%.80s: %.160s", what, err->text);
}

static struct cache_setup fake_setup = {
	.name = "fake",
	.as = "as",
	.store_plugin = &fake_plugin,
	.columns = 2,
	.clock = fake_clock,
	.wall = fake_clock,
	.note = fake_note,
};

/* ---- the tier ---- */

struct fake_tier_settings {
	struct cache_tier_settings tier;
};

#define SETTINGS struct fake_tier_settings
static const struct option fake_tier_options[] = {
	{ "ttl", DURATION(tier.ttl), .fallback = "1h", .help = "-" },
	{ "secrets", BOOLEAN(tier.secrets), .fallback = "no", .help = "-" },
	{ .name = NULL },
};
#undef SETTINGS

static void *fake_tier_open(const void *settings)
{
	(void)settings;
	return &fake_tier;
}

static size_t fake_tier_find(struct digest name)
{
	size_t i = 0;
	while (i < fake_tier.count && !digest_equal(fake_tier.values[i].name, name))
		i++;
	return i;
}

/* Digests, each `stride` bytes behind the other, ascend. */
static bool fake_tier_ordered(const struct digest *first, size_t stride, size_t count)
{
	const char *at = (const char *)first;
	for (size_t i = 1; i < count; i++, at += stride) {
		const struct digest *a = (const struct digest *)(const void *)at;
		const struct digest *b = (const struct digest *)(const void *)(at + stride);
		if (a->high > b->high || (a->high == b->high && a->low >= b->low))
			return false;
	}
	return true;
}

static bool fake_tier_get_many(void *tier, const struct digest *names, size_t count,
	struct slot *values, struct error *err)
{
	(void)tier;
	fake_tier.gets++;
	fake_tier.asked += count;
	fake_tier.ordered &= fake_tier_ordered(names, sizeof(*names), count);
	for (size_t i = 0; i < count; i++) {
		size_t k = fake_tier_find(names[i]);
		values[i] = (struct slot){ .data = NULL };
		if (k < fake_tier.count)
			values[i] = (struct slot){ fake_tier.values[k].bytes,
				fake_tier.values[k].length, false };
	}
	return !fake_tier.down || (fail)(err, ERROR_READ, "the tier is away");
}

static bool fake_tier_put_many(
	void *tier, const struct cache_tier_value *values, size_t count, struct error *err)
{
	(void)tier;
	fake_tier.puts++;
	if (fake_tier.down)
		return (fail)(err, ERROR_READ, "the tier is away");
	for (size_t i = 0; i < count; i++) {
		size_t k = fake_tier_find(values[i].name);
		assert_true(k < FAKE_TIER_VALUES && values[i].bytes.length <= FAKE_TIER_BYTES);
		fake_tier.count += k == fake_tier.count;
		fake_tier.values[k].name = values[i].name;
		fake_tier.values[k].length = values[i].bytes.length;
		fake_tier.values[k].ttl_millis = values[i].ttl_millis;
		memcpy(fake_tier.values[k].bytes, values[i].bytes.data, values[i].bytes.length);
	}
	fake_tier.given += count;
	fake_tier.ordered &= fake_tier_ordered(&values->name, sizeof(*values), count);
	return true;
}

static void fake_tier_close(void *tier)
{
	(void)tier;
}

static const struct cache_tier_plugin fake_tier_plugin = {
	.plugin = { "faketier", "In memory.", fake_tier_options,
		sizeof(struct fake_tier_settings) },
	.open = fake_tier_open,
	.get_many = fake_tier_get_many,
	.put_many = fake_tier_put_many,
	.close = fake_tier_close,
};

/* ---- the cache ---- */

static const struct plugin *fake_find(const char *name)
{
	for (size_t i = 0; caches[i]; i++)
		if (strcmp(caches[i]->name, name) == 0)
			return caches[i];
	fail_msg("there is no cache %s", name);
	return NULL;
}

struct cache *cache_fake_open(const char *name, const char *yaml)
{
	struct option_plugin chosen = { .plugin = fake_find(name) };
	fake = (struct fake_store){ .rows = 10, .edition = 1 };
	chosen.settings = work_fake_settings(chosen.plugin, yaml, &fake_arena);
	return cache_open(&chosen, &fake_setup);
}

struct cache *cache_fake_open_shared(
	const char *name, const char *yaml, const char *tier_yaml, const char *table)
{
	struct option_plugin chosen = { .plugin = fake_find(name) };
	struct cache_settings *settings = work_fake_settings(chosen.plugin, yaml, &fake_arena);
	chosen.settings = settings;
	settings->behind.plugin = &fake_tier_plugin.plugin;
	settings->behind.settings =
		work_fake_settings(&fake_tier_plugin.plugin, tier_yaml, &fake_arena);
	fake_setup.table = digest_of(table, strlen(table));
	return cache_open(&chosen, &fake_setup);
}

const char *cache_fake_ask(struct cache *cache, const char *keys)
{
	static struct text said;
	struct slot slots[64];
	struct cache_answer answers[64];
	struct error err = { 0 };
	size_t count = 0;
	char *copy = strdup(keys), *rest = copy;
	for (char *key; (key = strsep(&rest, " ")) != NULL;) {
		uint32_t length = (uint32_t)strcspn(key, "*");
		slots[count++] = (struct slot){ key, length, key[length] == '*' };
	}
	text_clear(&said);
	text_add(&said, "", 0);
	bool fine = cache_get_many(cache, slots, count, answers, &err);
	for (size_t i = 0; fine && i < count; i++) {
		text_add_string(&said, i ? " " : "");
		if (answers[i].found == CACHE_FOUND)
			text_add(&said, answers[i].values[0].data, answers[i].values[0].length);
		else
			text_add_string(&said, answers[i].found == CACHE_MISSING ? "-" : "2");
	}
	if (!fine) {
		assert_string_equal(err.text, "the server is away");
		text_add_string(&said, "!");
	}
	free(copy);
	return said.data;
}
