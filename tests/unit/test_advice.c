#include "stages/lookup/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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

static const char *test_advise(const struct cache_counts *counts, const char *chosen,
	bool (*scan)(void *, size_t, const struct store_sink *, bool *, struct error *))
{
	static struct text text;
	const struct store_plugin plugin = { .scan = scan };
	const struct cache_setup setup = { .store_plugin = &plugin, .columns = 1 };
	const struct advice about = { counts, &setup, chosen };
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
	assert_non_null(strstr(text, "a remote cache would be slower than this store"));
	assert_non_null(strstr(test_advise(&counts, "lru", no_rows), "leave the cache out"));
	counts.load_micros = 900 * 70;
	assert_null(strstr(test_advise(&counts, "none", no_rows), "a remote cache"));
	/* Without a single key there is nothing to divide by. */
	counts = (struct cache_counts){ .name = "people", .as = "to", .by_key = true };
	assert_non_null(strstr(test_advise(&counts, "none", no_rows), "0 different"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advises_what_costs_least),
		cmocka_unit_test(test_advises_none_where_nothing_is_saved),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
