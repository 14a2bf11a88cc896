#include "stages/lookup/advice.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/cache_tier.h"
#include "pipeline/support/clock.h"

enum {
	ADVICE_SCAN_STEP = 4096,
	ADVICE_ENTRY_BYTES = 120,                    /* of memory for a row, beside its bytes */
	ADVICE_WORTH_MICROS = 10000,                 /* less is not worth a line of config */
	ADVICE_DICTIONARY_BYTES = 256 * 1024 * 1024, /* the default of `bytes` */
};

/* A Redis on the same host, 200 keys to a round trip and one; benchmarks/README.md has the figures.
 */
static const double advice_remote_micros = 3, advice_remote_alone_micros = 23;

/* The table, walked through. */
struct advice_table {
	size_t columns;
	uint64_t rows, bytes;
	int64_t micros;
};

static bool advice_row(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	struct advice_table *table = context;
	table->rows++;
	table->bytes += row->key.length + ADVICE_ENTRY_BYTES;
	for (size_t i = 0; i < table->columns; i++)
		table->bytes += sizeof(struct slot) + row->values[i].length;
	return true;
}

static bool advice_walk(
	const struct cache_setup *setup, struct advice_table *table, struct error *err)
{
	const struct store_sink sink = { advice_row, table };
	bool more = true;
	int64_t from = clock_micros();
	table->columns = setup->columns;
	while (more)
		if (!setup->store_plugin->scan(
			    setup->prepared, ADVICE_SCAN_STEP, &sink, &more, err))
			return false;
	table->micros = clock_micros() - from;
	return true;
}

static void advice_add_time(struct text *text, double micros)
{
	if (micros < 1000)
		text_addf(text, "%.1f us", micros);
	else if (micros < 1e6)
		text_addf(text, "%.1f ms", micros / 1e3);
	else
		text_addf(text, "%.2f s", micros / 1e6);
}

static void advice_add_line(struct text *text, const char *name, double micros)
{
	text_addf(text, "    %-12s ", name);
	advice_add_time(text, micros);
}

static void advice_add_measured(const struct advice *about, struct text *text)
{
	const struct cache_counts *counts = about->counts;
	double each = counts->misses ? (double)counts->keys / (double)counts->misses : 0;
	text_addf(text, "lookup %s (store %s, cache now: %s)\n", counts->as, counts->name,
		about->chosen);
	text_addf(text,
		"  %" PRIu64 " records asked for %" PRIu64 " keys, %" PRIu64
		" different ones: each %.1f times\n",
		counts->records, counts->keys, counts->misses, each);
	if (counts->loads == 0)
		return;
	text_add_string(text, "  a load takes ");
	advice_add_time(text, (double)counts->load_micros / (double)counts->loads);
	if (counts->by_key) {
		text_add_string(text, ", that is ");
		advice_add_time(text, (double)counts->load_micros / (double)counts->loaded_keys);
		text_add_string(text, " a key\n");
	} else
		text_add_string(text, ", however many keys it has: the store has no index\n");
}

/* What a run's lookups would cost with each cache. */
struct advice_costs {
	double none, bounded, dictionary;
	bool fits; /* the table, into a dictionary */
};

static struct advice_costs advice_costs(
	const struct cache_counts *counts, const struct advice_table *table)
{
	double windows = (double)(counts->loads + counts->idle_windows);
	double load = (double)counts->load_micros;
	struct advice_costs costs = {
		.bounded = load,
		.dictionary = (double)table->micros,
		.fits = table->bytes <= ADVICE_DICTIONARY_BYTES,
	};
	if (counts->by_key && counts->loaded_keys)
		costs.none = load / (double)counts->loaded_keys * (double)counts->keys;
	else if (counts->loads)
		costs.none = load / (double)counts->loads * windows;
	return costs;
}

static double advice_cost(const struct advice_costs *costs, const char *cache)
{
	if (strcmp(cache, "none") == 0)
		return costs->none;
	return strcmp(cache, "dictionary") == 0 ? costs->dictionary : costs->bounded;
}

/* Times of a busy machine differ by half from one moment to the next: a dictionary, the simplest,
 * is taken where it does not cost much more, and a cache that is there already is kept. */
static const char *advice_best(const struct advice_costs *costs, const char *chosen)
{
	static const double much = 2;
	const char *best =
		costs->fits && costs->dictionary <= much * costs->bounded ? "dictionary" : "sieve";
	const double least = advice_cost(costs, best);
	if (costs->none - least < ADVICE_WORTH_MICROS || costs->none < 1.2 * least)
		return "none";
	const bool cached = strcmp(chosen, "none") != 0;
	return cached && advice_cost(costs, chosen) <= much * least ? chosen : best;
}

static void advice_add_costs(
	const struct advice_costs *costs, const struct advice_table *table, struct text *text)
{
	text_add_string(text, "  all lookups of a run would take\n");
	advice_add_line(text, "none", costs->none);
	text_add_string(text, "\n");
	advice_add_line(text, "sieve", costs->bounded);
	text_add_string(text, ", where all answers fit\n");
	advice_add_line(text, "dictionary", costs->dictionary);
	text_addf(text, ", to load %" PRIu64 " rows, about ", table->rows);
	text_add_bytes(text, (double)table->bytes);
	text_add_string(text, costs->fits ? "\n" : ": too many for its default\n");
}

static void advice_add_best(const struct advice *about, const char *best, struct text *text)
{
	if (strcmp(best, about->chosen) == 0)
		text_addf(text, "  keep `cache: %s`\n", best);
	else if (strcmp(best, "none") == 0)
		text_add_string(text, "  leave the cache out: it would save nothing to speak of\n");
	else
		text_addf(text, "  add to the lookup: cache: { %s: {} }\n", best);
}

enum {
	ADVICE_WINDOW = 256,
	ADVICE_ROUNDS = 5,
	ADVICE_TTL_MILLIS = 10000,
	ADVICE_VALUE_MOST = 65536
};

/* A window of values of `bytes` bytes each goes into the tier, for some seconds. */
static bool advice_fill_tier(const struct cache_tier_plugin *plugin, void *tier,
	const struct digest *names, size_t bytes, struct error *err)
{
	struct cache_tier_value values[ADVICE_WINDOW];
	char *value = memory_zeroed(bytes + 1, 1);
	for (size_t i = 0; i < ADVICE_WINDOW; i++)
		values[i] = (struct cache_tier_value){ names[i], { value, (uint32_t)bytes, false },
			ADVICE_TTL_MILLIS };
	bool fine = plugin->put_many(tier, values, ADVICE_WINDOW, err);
	free(value);
	return fine;
}

/* What a key costs by the tier that the config has: the least of some windows of values that are
 * there. False where it can't be asked. */
static bool advice_ask_tier(
	const struct option_plugin *behind, size_t bytes, double *micros, struct error *err)
{
	const struct cache_tier_plugin *plugin = cache_tier_of(behind->plugin);
	struct digest names[ADVICE_WINDOW];
	struct slot values[ADVICE_WINDOW];
	void *tier = plugin->open(behind->settings);
	for (uint64_t i = 0; i < ADVICE_WINDOW; i++)
		names[i] = digest_of(&i, sizeof(i));
	bool fine = advice_fill_tier(plugin, tier, names, bytes, err);
	for (int round = 0; fine && round < ADVICE_ROUNDS; round++) {
		int64_t from = clock_micros();
		fine = plugin->get_many(tier, names, ADVICE_WINDOW, values, err);
		double each = (double)(clock_micros() - from) / ADVICE_WINDOW;
		if (fine && (round == 0 || each < *micros))
			*micros = each;
	}
	plugin->close(tier);
	return fine;
}

/* Is what is behind the cache worth its way? */
static void advice_add_behind(const struct advice *about, const struct advice_costs *costs,
	const struct advice_table *table, struct text *text)
{
	const char *name = about->behind->plugin->name;
	struct error why = { 0 };
	double key = advice_remote_micros;
	size_t bytes = table->rows ? (size_t)(table->bytes / table->rows) : 0;
	if (bytes > ADVICE_VALUE_MOST)
		bytes = ADVICE_VALUE_MOST;
	if (advice_ask_tier(about->behind, bytes, &key, &why)) {
		text_addf(text, "  %s takes ", name);
		advice_add_time(text, key);
		text_add_string(text, " a key, in windows of 256\n");
	} else
		text_addf(text, "  %s can't be asked (%s): taken as %.0f us a key\n", name,
			why.text, key);
	double shared = key * (double)about->counts->misses;
	bool dictionary = costs->fits && costs->dictionary < costs->bounded;
	double least = dictionary ? costs->dictionary : costs->bounded;
	text_addf(text, "  behind a cache, and with all keys in it, a run's lookups would take ");
	advice_add_time(text, shared);
	if (shared < least)
		text_addf(text, ": keep `behind: %s`\n", name);
	else
		text_addf(text,
			": leave `behind: %s` out, a remote cache would be slower than this %s%s\n",
			name, about->setup->store_plugin->plugin.name,
			dictionary ? " with a dictionary" : "");
}

static void advice_add_remote(const struct advice *about, struct text *text)
{
	const struct cache_counts *counts = about->counts;
	if (!counts->by_key || counts->loaded_keys == 0)
		return;
	double key = (double)counts->load_micros / (double)counts->loaded_keys;
	if (key > advice_remote_micros)
		return;
	text_addf(text,
		"  a remote cache would be slower than this %s: a Redis on the same host takes "
		"%.0f us a key in a pipeline, %.0f us alone\n",
		about->setup->store_plugin->plugin.name, advice_remote_micros,
		advice_remote_alone_micros);
}

bool advice_add(const struct advice *about, struct text *text, struct error *err)
{
	struct advice_table table = { 0 };
	if (!advice_walk(about->setup, &table, err))
		return false;
	const struct advice_costs costs = advice_costs(about->counts, &table);
	advice_add_measured(about, text);
	advice_add_costs(&costs, &table, text);
	advice_add_best(about, advice_best(&costs, about->chosen), text);
	if (about->behind)
		advice_add_behind(about, &costs, &table, text);
	else
		advice_add_remote(about, text);
	return true;
}
