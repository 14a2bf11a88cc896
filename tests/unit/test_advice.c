#include "stages/lookup/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/cache_tier.h"

static bool no_rows(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err)
{
	(void)prepared;
	(void)most;
	(void)sink;
	(void)err;
	*more = false;
	return true;
}

static bool large_rows(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err)
{
	(void)prepared;
	(void)most;
	static const struct slot value = { .data = "", .length = 300000000 };
	const struct store_row row = { .values = &value };
	*more = false;
	return sink->row(sink->context, &row, err);
}

static const struct option_plugin *test_behind;
static bool test_away;

static void *tier_open(const void *settings)
{
	return (void *)settings;
}

static bool tier_get_many(void *tier, const struct digest *names, size_t count, struct slot *values,
	struct error *err)
{
	(void)tier;
	(void)names;
	(void)count;
	(void)values;
	return !test_away || (fail)(err, ERROR_READ, "it is away");
}

static bool tier_put_many(
	void *tier, const struct cache_tier_value *values, size_t count, struct error *err)
{
	(void)tier;
	(void)values;
	assert_int_equal(count, 256);
	return !test_away || (fail)(err, ERROR_READ, "it is away");
}

static void tier_close(void *tier)
{
	(void)tier;
}

static const char *test_advise(const struct cache_counts *counts, const char *chosen,
	bool (*scan)(void *, size_t, const struct store_sink *, bool *, struct error *))
{
	static struct text text;
	const struct store_plugin plugin = { .plugin.name = "sqlite", .scan = scan };
	const struct cache_setup setup = { .store_plugin = &plugin, .columns = 1 };
	const struct advice about = { counts, &setup, chosen, test_behind };
	text_finish(&text);
	assert_true(advice_add(&about, &text, NULL));
	return text.data;
}

static void test_advises_what_costs_least(void **state)
{
	(void)state;
	struct cache_counts counts = {
		.name = "people",
		.as = "to",
		.records = 100000,
		.keys = 100000,
		.misses = 100000,
		.loads = 391,
		.loaded_keys = 100000,
		.load_micros = 10000000,
	};
	/* Every key once, no index: 391 walks against one. */
	assert_non_null(strstr(test_advise(&counts, "none", no_rows),
		"add to the lookup: cache: { dictionary: {} }"));
	/* The same where the table is too large, and keys come again. */
	counts.idle_windows = 391;
	assert_non_null(strstr(test_advise(&counts, "none", large_rows), "{ sieve: {} }"));
	assert_non_null(strstr(test_advise(&counts, "none", large_rows), "too many"));
	assert_non_null(strstr(test_advise(&counts, "sieve", large_rows), "keep `cache: sieve`"));
}

static void test_advises_none_where_nothing_is_saved(void **state)
{
	(void)state;
	struct cache_counts counts = {
		.name = "people",
		.as = "to",
		.records = 1000,
		.keys = 1000,
		.misses = 900,
		.loads = 4,
		.loaded_keys = 900,
		.load_micros = 1440,
		.by_key = true,
	};
	const char *text = test_advise(&counts, "none", no_rows);
	assert_non_null(strstr(text, "keep `cache: none`"));
	assert_non_null(strstr(text, "1.6 us a key"));
	assert_non_null(strstr(text, "a remote cache would be slower than this sqlite"));
	assert_non_null(strstr(test_advise(&counts, "lru", no_rows), "leave the cache out"));
	counts.load_micros = 900 * 70;
	assert_null(strstr(test_advise(&counts, "none", no_rows), "a remote cache"));
	/* Without a single key there is nothing to divide by. */
	counts = (struct cache_counts){ .name = "people", .as = "to", .by_key = true };
	assert_non_null(strstr(test_advise(&counts, "none", no_rows), "0 different"));
}

/* Whether a tier is worth its way: here it costs nothing, or, being away, what a Redis does. */
static void test_advises_on_what_is_behind(void **state)
{
	(void)state;
	static const struct cache_tier_plugin tier = {
		.plugin = { .name = "redis" },
		.open = tier_open,
		.get_many = tier_get_many,
		.put_many = tier_put_many,
		.close = tier_close,
	};
	const struct option_plugin behind = { .plugin = &tier.plugin };
	struct cache_counts counts = {
		.name = "people",
		.as = "to",
		.records = 1000,
		.keys = 1000,
		.misses = 1000,
		.loads = 4,
		.loaded_keys = 1000,
		.load_micros = 70000,
		.by_key = true,
	};
	test_behind = &behind;
	const char *text = test_advise(&counts, "sieve", large_rows);
	assert_non_null(strstr(text, "keep `behind: redis`"));
	test_away = true;
	text = test_advise(&counts, "sieve", large_rows);
	assert_non_null(strstr(text, "redis can't be asked (it is away): taken as 3 us a key"));
	assert_non_null(strstr(text, "keep `behind: redis`"));
	counts.load_micros = 1600;
	assert_non_null(strstr(test_advise(&counts, "sieve", large_rows),
		"3.0 ms: leave `behind: redis` out, a remote cache would be slower than this "
		"sqlite\n"));
	counts.load_micros = 70000; /* but the whole table is there at once */
	assert_non_null(strstr(test_advise(&counts, "sieve", no_rows),
		"slower than this sqlite with a dictionary"));
	test_behind = NULL;
	test_away = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advises_what_costs_least),
		cmocka_unit_test(test_advises_none_where_nothing_is_saved),
		cmocka_unit_test(test_advises_on_what_is_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
