/* lookups: what a lookup costs.
 *
 *     lookups csv FILE    every key of the CSV once, through each cache, in windows of 256 and one
 * at a time lookups hits        nanoseconds for a hit, beside GLib's hash table lookups policies
 * hit ratios of sieve, lru and fifo on traces
 *
 * `benchmarks/lookups` makes the file and puts Python beside it. */

#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pipeline/cache.h"
#include "pipeline/cache_entries.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/yaml.h"

enum {
	WINDOW = 256,
	OBJECTS = 100000,
	REQUESTS = 2000000,
	REQUESTS_MOST = 7500000,
	KEY_BYTES = 24
};

static void lookups_die(const char *what)
{
	fprintf(stderr, "lookups: %s\n", what);
	exit(1);
}

static const struct plugin *lookups_find(const struct plugin *const *table, const char *name)
{
	for (; *table; table++)
		if (strcmp((*table)->name, name) == 0)
			return *table;
	lookups_die(name);
	return NULL;
}

static void *lookups_settings(const struct plugin *plugin, const char *text, struct arena *arena)
{
	struct problems problems = { 0 };
	void *settings = arena_alloc(arena, plugin->settings_bytes + 1);
	struct yaml_node *node = yaml_parse(arena, "benchmark", text, strlen(text), &problems);
	if (!node || !option_parse(plugin->options, node, node->place, settings, arena, &problems))
		lookups_die(text);
	return settings;
}

/* ---- over a CSV ---- */

struct lookups_csv {
	struct arena arena;
	const struct store_plugin *plugin;
	struct store_setup setup;
	void *store, *prepared;
	struct slot *keys; /* all of the file, shuffled */
	size_t count, room;
};

static bool lookups_key(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	struct lookups_csv *csv = context;
	if (csv->count == csv->room) {
		csv->room = csv->room ? csv->room * 2 : 1024;
		csv->keys = memory_resize(csv->keys, csv->room * sizeof(*csv->keys));
	}
	csv->keys[csv->count++] =
		(struct slot){ arena_copy(&csv->arena, row->key.data, row->key.length),
			row->key.length, false };
	return true;
}

static const struct store_query *lookups_query(void)
{
	static const size_t columns[] = { 1, 2 };
	static const struct store_query query = { .columns = columns, .column_count = 2 };
	return &query;
}

static void lookups_open_csv(struct lookups_csv *csv, const char *path)
{
	struct error err;
	char *yaml = arena_printf(&csv->arena, "{ path: '%s' }", path);
	csv->plugin = store_of(lookups_find(store_plugins, "csv"));
	void *settings = lookups_settings(&csv->plugin->plugin, yaml, &csv->arena);
	bool more = true;
	const struct store_sink sink = { lookups_key, csv };
	if (!csv->plugin->open(settings, &csv->setup, &csv->store, &err) ||
		!csv->plugin->prepare(csv->store, lookups_query(), &csv->prepared, &err))
		lookups_die(err.text);
	while (more)
		if (!csv->plugin->scan(csv->prepared, WINDOW, &sink, &more, &err))
			lookups_die(err.text);
	uint64_t random = 1;
	for (size_t i = csv->count; i > 1; i--) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
		size_t k = (size_t)((random >> 33) % i);
		struct slot kept = csv->keys[k];
		csv->keys[k] = csv->keys[i - 1];
		csv->keys[i - 1] = kept;
	}
}

/* Looks up the first `count` keys, `window` at a time; seconds. */
static double lookups_time(
	struct lookups_csv *csv, const char *cache_name, size_t count, size_t window)
{
	struct error err;
	struct cache_answer answers[WINDOW];
	struct option_plugin chosen = { .plugin = lookups_find(caches, cache_name) };
	const struct cache_setup setup = {
		.name = "csv",
		.as = "csv",
		.store_plugin = csv->plugin,
		.store = csv->store,
		.prepared = csv->prepared,
		.columns = 2,
	};
	chosen.settings = lookups_settings(chosen.plugin, "{}", &csv->arena);
	int64_t from = clock_micros();
	struct cache *cache = cache_open(&chosen, &setup);
	for (size_t first = 0; first < count; first += window) {
		size_t length = count - first < window ? count - first : window;
		if (!cache_get_many(cache, csv->keys + first, length, answers, &err))
			lookups_die(err.text);
		for (size_t i = 0; i < length; i++)
			if (answers[i].found != CACHE_FOUND)
				lookups_die("a key was not found");
	}
	cache_close(cache);
	return (double)(clock_micros() - from) / 1e6;
}

static void lookups_csv(const char *path)
{
	enum { SAMPLE_KEYS = 20, SAMPLE_WINDOWS = 4 };
	struct lookups_csv csv = { 0 };
	lookups_open_csv(&csv, path);
	double keys = (double)csv.count;
	printf("dictionary %.4f\n", lookups_time(&csv, "dictionary", csv.count, WINDOW));
	double windows = lookups_time(&csv, "none", (size_t)SAMPLE_WINDOWS * WINDOW, WINDOW);
	printf("windows %.4f\n", windows * keys / (SAMPLE_WINDOWS * WINDOW));
	printf("reread %.1f\n", lookups_time(&csv, "none", SAMPLE_KEYS, 1) * keys / SAMPLE_KEYS);
	csv.plugin->release(csv.prepared);
	csv.plugin->close(csv.store);
	free(csv.keys);
	arena_finish(&csv.arena);
}

/* ---- a hit ---- */

static char lookups_keys[OBJECTS][KEY_BYTES];

static void lookups_make_keys(void)
{
	for (int i = 0; i < OBJECTS; i++)
		snprintf(lookups_keys[i], KEY_BYTES, "person%d@example.org", i * 7919 % OBJECTS);
}

static double lookups_nanos(int64_t from)
{
	return (double)(clock_micros() - from) * 1e3 / REQUESTS;
}

static uint64_t lookups_next(uint64_t *random)
{
	*random = *random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *random >> 33;
}

static double lookups_hit(const char *policy)
{
	struct cache_entries entries;
	const struct cache_answer answer = { CACHE_FOUND, NULL };
	uint64_t random = 1, found = 0;
	entries_open(&entries, cache_of(lookups_find(caches, policy)), 0, 0);
	for (int i = 0; i < OBJECTS; i++) {
		struct slot key = { lookups_keys[i], (uint32_t)strlen(lookups_keys[i]), false };
		entries_put(&entries, &key, hashes_of(key.data, key.length), &answer, 0);
	}
	int64_t from = clock_micros();
	for (int i = 0; i < REQUESTS; i++) {
		const char *text = lookups_keys[lookups_next(&random) % OBJECTS];
		struct slot key = { text, (uint32_t)strlen(text), false };
		found +=
			entries_find(&entries, &key, hashes_of(key.data, key.length), true) != NULL;
	}
	double nanos = lookups_nanos(from);
	if (found != REQUESTS)
		lookups_die("a key was not found");
	entries_finish(&entries);
	return nanos;
}

static double lookups_glib(void)
{
	GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	uint64_t random = 1, found = 0;
	for (int i = 0; i < OBJECTS; i++)
		g_hash_table_insert(table, g_strdup(lookups_keys[i]), lookups_keys[i]);
	int64_t from = clock_micros();
	for (int i = 0; i < REQUESTS; i++)
		found += g_hash_table_lookup(
				 table, lookups_keys[lookups_next(&random) % OBJECTS]) != NULL;
	double nanos = lookups_nanos(from);
	if (found != REQUESTS)
		lookups_die("a key was not found");
	g_hash_table_destroy(table);
	return nanos;
}

static int lookups_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void lookups_hits(void)
{
	enum { ROUNDS = 7 };
	static const char *const policies[] = { "sieve", "lru", "fifo" };
	double nanos[4][ROUNDS], ratios[ROUNDS];
	lookups_make_keys();
	for (int round = 0; round < ROUNDS; round++) {
		nanos[3][round] = lookups_glib();
		for (int i = 0; i < 3; i++)
			nanos[i][round] = lookups_hit(policies[i]);
	}
	for (int i = 0; i < 4; i++) {
		for (int round = 0; round < ROUNDS; round++)
			ratios[round] = nanos[i][round] / nanos[3][round];
		qsort(ratios, ROUNDS, sizeof(*ratios), lookups_compare);
		qsort(nanos[i], ROUNDS, sizeof(**nanos), lookups_compare);
		if (i < 3)
			printf("%-6s %6.1f ns a hit, %.2f of GLib's\n", policies[i],
				nanos[i][ROUNDS / 2], ratios[ROUNDS / 2]);
		else
			printf("GLib   %6.1f ns a hit\n", nanos[i][ROUNDS / 2]);
	}
}

/* ---- policies ---- */

/* A trace: object number i of `count`. */
struct lookups_trace {
	const char *name;
	uint32_t *objects;
	size_t count;
};

/* Zipf's law by its cumulative weights. */
static void lookups_zipf(struct lookups_trace *trace, double skew, uint32_t objects, uint64_t seed)
{
	double *sums = memory_alloc(objects * sizeof(*sums)), sum = 0;
	for (uint32_t i = 0; i < objects; i++)
		sums[i] = sum += 1 / pow(i + 1, skew);
	for (size_t i = 0; i < trace->count; i++) {
		double at = (double)lookups_next(&seed) / 2147483648.0 * sum;
		uint32_t low = 0, high = objects - 1;
		while (low < high) {
			uint32_t middle = (low + high) / 2;
			if (sums[middle] < at)
				low = middle + 1;
			else
				high = middle;
		}
		trace->objects[i] = low;
	}
	free(sums);
}

/* Every so often someone walks through a stretch of objects that no one asks for again. */
static void lookups_add_scans(struct lookups_trace *trace)
{
	enum { EVERY = 50000, LENGTH = 15000 };
	uint32_t fresh = OBJECTS;
	for (size_t at = EVERY; at + LENGTH < trace->count; at += EVERY)
		for (size_t i = 0; i < LENGTH; i++)
			trace->objects[at + i] = fresh++;
}

/* One object after the other, again and again: worse than any order is good for. */
static void lookups_loop(struct lookups_trace *trace, uint32_t length)
{
	for (size_t i = 0; i < trace->count; i++)
		trace->objects[i] = (uint32_t)(i % length);
}

static double lookups_ratio(
	const struct lookups_trace *trace, const char *policy, size_t entries_most)
{
	struct cache_entries entries;
	const struct cache_answer answer = { CACHE_FOUND, NULL };
	size_t hits = 0;
	entries_open(&entries, cache_of(lookups_find(caches, policy)), entries_most, 0);
	for (size_t i = 0; i < trace->count; i++) {
		struct slot key = { (const char *)&trace->objects[i], sizeof(uint32_t), false };
		uint64_t hash = hashes_of(key.data, key.length);
		if (entries_find(&entries, &key, hash, true))
			hits++;
		else
			entries_put(&entries, &key, hash, &answer, 0);
		entries_bury(&entries);
	}
	entries_finish(&entries);
	return 100 * (double)hits / (double)trace->count;
}

struct lookups_kind {
	const char *name;
	double skew; /* 0: a loop */
	bool scans;
	uint32_t objects;
	size_t requests, sizes[2]; /* sizes: of the cache; 0: no second one */
};

static void lookups_trace_of(struct lookups_trace *trace, const struct lookups_kind *kind)
{
	trace->count = kind->requests;
	if (kind->skew > 0)
		lookups_zipf(trace, kind->skew, kind->objects, 7);
	else
		lookups_loop(trace, OBJECTS / 8);
	if (kind->scans)
		lookups_add_scans(trace);
}

/* Hit ratios, and by how much fewer misses there are than with fifo: the papers' measure. */
static void lookups_policies(void)
{
	static const char *const policies[] = { "fifo", "lru", "sieve" };
	static const struct lookups_kind kinds[] = {
		{ "zipf 0.8", 0.8, false, OBJECTS, REQUESTS, { 1000, 10000 } },
		{ "zipf 1.0", 1.0, false, OBJECTS, REQUESTS, { 1000, 10000 } },
		{ "zipf 1.2", 1.2, false, OBJECTS, REQUESTS, { 1000, 10000 } },
		{ "zipf 1.0, scans", 1.0, true, OBJECTS, REQUESTS, { 1000, 10000 } },
		{ "loop", 0, false, OBJECTS, REQUESTS, { 1000, 10000 } },
		/* As in the README of golang-fifo, so that its figures can stand beside. */
		{ "zipf 0.99", 0.99, false, 500000, REQUESTS_MOST, { 500, 0 } },
	};
	uint32_t *objects = memory_alloc(REQUESTS_MOST * sizeof(*objects));
	struct lookups_trace trace = { .objects = objects };
	printf("%-16s %7s  %6s %6s %6s   misses less than fifo: lru, sieve\n", "trace", "entries",
		policies[0], policies[1], policies[2]);
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		lookups_trace_of(&trace, &kinds[kind]);
		for (size_t i = 0; i < 2 && kinds[kind].sizes[i]; i++) {
			double hits[3];
			for (int k = 0; k < 3; k++)
				hits[k] = lookups_ratio(&trace, policies[k], kinds[kind].sizes[i]);
			printf("%-16s %7zu  %6.2f %6.2f %6.2f   %+6.1f %% %+6.1f %%\n",
				kinds[kind].name, kinds[kind].sizes[i], hits[0], hits[1], hits[2],
				100 * (1 - (100 - hits[1]) / (100 - hits[0])),
				100 * (1 - (100 - hits[2]) / (100 - hits[0])));
		}
	}
	free(objects);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "csv") == 0)
		lookups_csv(argv[2]);
	else if (argc == 2 && strcmp(argv[1], "hits") == 0)
		lookups_hits();
	else if (argc == 2 && strcmp(argv[1], "policies") == 0)
		lookups_policies();
	else
		lookups_die("csv FILE, hits or policies?");
	return 0;
}
