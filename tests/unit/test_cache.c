#include "pipeline/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/cache_fake.h"

enum { ROWS = 100000 };

/* Every cache gives the same answers while the rows don't change, and none leaves one out. */
static void test_all_caches_answer_alike(void **state)
{
	(void)state;
	static const char *const yaml[] = { "", "{ entries: 2 }", "{ bytes: 1KiB }",
		"{ ttl: 1s, negative_ttl: 1s }", "{ negative_ttl: 0s }", "{ validate: version }" };
	for (size_t i = 0; caches[i]; i++)
		for (size_t k = 0; k < sizeof(yaml) / sizeof(*yaml); k++) {
			bool takes = k == 0 || !strcmp(caches[i]->name, "sieve") ||
				     !strcmp(caches[i]->name, "lru") ||
				     !strcmp(caches[i]->name, "fifo");
			if (!takes)
				continue;
			struct cache *cache = cache_fake_open(caches[i]->name, yaml[k]);
			for (int round = 0; round < 3; round++) {
				assert_string_equal(cache_fake_ask(cache, "k1 k2 k3 k99 k4"),
					"v1.1 v2.1 v3.1 - v4.1");
				assert_string_equal(
					cache_fake_ask(cache, "k4 k98 k1"), "v4.1 - v1.1");
				fake.micros += 700000;
			}
			cache_close(cache);
		}
}

static void test_several_rows_for_a_key(void **state)
{
	(void)state;
	for (size_t i = 0; caches[i]; i++) {
		struct cache *cache = cache_fake_open(caches[i]->name, "");
		fake.twice = true;
		assert_string_equal(cache_fake_ask(cache, "k1 k99"), "2 -");
		assert_string_equal(cache_fake_ask(cache, "k1"), "2");
		cache_close(cache);
	}
}

/* What each setting does when rows change: the lines of the table in the documentation. */

static void test_change_none(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open("none", "");
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	fake.edition = 2;
	fake.rows = 60;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.2 v50.2");
	fake.down = true;
	assert_string_equal(cache_fake_ask(cache, "k1"), "!");
	cache_close(cache);
}

static void test_change_dictionary(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open("dictionary", "");
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	fake.edition = 2;
	fake.rows = 60;
	fake.micros += INT64_C(1000000000000);
	fake.down = true;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	cache_close(cache);
}

static void test_change_dictionary_ttl(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open("dictionary", "{ ttl: 10s }");
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	fake.edition = 2;
	fake.rows = 60;
	fake.micros += 9999999;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	fake.micros += 1;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.2 v50.2");
	fake.micros += 10000000;
	fake.down = true;
	assert_string_equal(cache_fake_ask(cache, "k1"), "!");
	cache_close(cache);
}

static void test_change_dictionary_stale(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open("dictionary", "{ ttl: 10s, stale_if_error: 5s }");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.edition = 2;
	fake.down = true;
	fake.micros += 14999999;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	assert_int_equal(cache_counts(cache)->stale_serves, 2);
	fake.micros += 1;
	assert_string_equal(cache_fake_ask(cache, "k1"), "!");
	fake.down = false;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.2");
	cache_close(cache);
}

static void test_change_dictionary_validated(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open("dictionary", "{ validate: version, ttl: 10s }");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.edition = 2;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.version++;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.2");
	size_t loads = fake.loads;
	fake.micros += 10000000; /* expired, but as it was */
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.2");
	assert_int_equal(fake.loads, loads);
	assert_int_equal(cache_counts(cache)->revalidations, 1);
	assert_int_equal(cache_counts(cache)->changes, 1);
	fake.down = true;
	assert_string_equal(cache_fake_ask(cache, "k1"), "!");
	cache_close(cache);
}

static void test_change_bounded(void **state)
{
	struct cache *cache = cache_fake_open(*state, "{ negative_ttl: 5s }");
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	fake.edition = 2;
	fake.rows = 60;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	assert_int_equal(cache_counts(cache)->negative_hits, 1);
	fake.micros += 5000000;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 v50.2");
	cache_close(cache);
}

static void test_change_negative_not_kept(void **state)
{
	struct cache *cache = cache_fake_open(*state, "{ negative_ttl: 0s }");
	assert_string_equal(cache_fake_ask(cache, "k50"), "-");
	fake.rows = 60;
	assert_string_equal(cache_fake_ask(cache, "k50"), "v50.1");
	cache_close(cache);
}

static void test_change_bounded_ttl(void **state)
{
	struct cache *cache = cache_fake_open(*state, "{ ttl: 10s }");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.edition = 2;
	fake.micros += 9999999;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	assert_int_equal(cache_counts(cache)->age_most_micros, 9999999);
	fake.micros += 1;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.2");
	fake.micros += 10000000;
	fake.down = true;
	assert_string_equal(cache_fake_ask(cache, "k1"), "!");
	cache_close(cache);
}

static void test_change_bounded_stale(void **state)
{
	struct cache *cache = cache_fake_open(*state, "{ ttl: 10s, stale_if_error: 5s }");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.edition = 2;
	fake.down = true;
	fake.micros += 14999999;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	assert_string_equal(cache_fake_ask(cache, "k1 k2"), "!"); /* k2 is not there to be served */
	fake.micros += 1;
	assert_string_equal(cache_fake_ask(cache, "k1"), "!");
	fake.down = false;
	assert_string_equal(cache_fake_ask(cache, "k1 k2"), "v1.2 v2.2");
	cache_close(cache);
}

static void test_change_bounded_validated(void **state)
{
	struct cache *cache =
		cache_fake_open(*state, "{ validate: version, ttl: 10s, stale_if_error: 20s }");
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	fake.edition = 2;
	fake.rows = 60;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.1 -");
	fake.version++;
	assert_string_equal(cache_fake_ask(cache, "k1 k50"), "v1.2 v50.2");
	size_t loads = fake.loads;
	fake.micros += 10000000;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.2");
	assert_int_equal(fake.loads, loads);
	fake.down = true; /* its validator too: nothing can be said to be fresh */
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.2");
	assert_int_equal(cache_counts(cache)->stale_serves, 1);
	cache_close(cache);
}

static void test_a_failed_load_replaces_nothing(void **state)
{
	struct cache *cache = cache_fake_open(*state, "");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.down = true;
	assert_string_equal(cache_fake_ask(cache, "k1 k2"), "!");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.down = false;
	assert_string_equal(cache_fake_ask(cache, "k2"), "v2.1");
	cache_close(cache);
}

static void test_only_what_is_missing_is_loaded(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open("sieve", "");
	cache_fake_ask(cache, "k1 k2 k3");
	cache_fake_ask(cache, "k1 k4 k3");
	assert_int_equal(fake.loads, 2);
	assert_int_equal(fake.keys, 4);
	const struct cache_counts *counts = cache_counts(cache);
	assert_int_equal(counts->keys, 6);
	assert_int_equal(counts->hits, 2);
	assert_int_equal(counts->misses, 4);
	assert_int_equal(counts->entries, 4);
	cache_close(cache);
}

/* The textbook's order of each policy, in a cache of three. */
static void test_victims(void **state)
{
	(void)state;
	static const struct {
		const char *cache, *left;
	} cases[] = {
		{ "fifo", "k2 k3 k4" },  /* k1 was first, used or not */
		{ "lru", "k1 k3 k4" },   /* k2 was used longest ago */
		{ "sieve", "k1 k3 k4" }, /* k1 was used again, k2 was not */
	};
	for (size_t i = 0; i < 3; i++) {
		struct cache *cache = cache_fake_open(cases[i].cache, "{ entries: 3 }");
		cache_fake_ask(cache, "k1");
		cache_fake_ask(cache, "k2");
		cache_fake_ask(cache, "k3");
		cache_fake_ask(cache, "k1");
		cache_fake_ask(cache, "k4");
		assert_int_equal(cache_counts(cache)->evictions, 1);
		size_t loads = fake.loads;
		cache_fake_ask(cache, cases[i].left);
		assert_int_equal(fake.loads, loads);
		cache_close(cache);
	}
}

static void test_bounds_hold(void **state)
{
	(void)state;
	static const char *const bounded[] = { "fifo", "lru", "sieve" };
	for (size_t i = 0; i < 3; i++) {
		struct cache *cache = cache_fake_open(bounded[i], "{ entries: 50, bytes: 4KiB }");
		fake.rows = ROWS;
		unsigned random = 1;
		for (int step = 0; step < 20000; step++) {
			char key[16], expected[32];
			random = random * 1664525 + 1013904223;
			int number = (int)((random >> 8) % 300);
			snprintf(key, sizeof(key), "k%d", number);
			snprintf(expected, sizeof(expected), "v%d.1", number);
			assert_string_equal(cache_fake_ask(cache, key), expected);
			assert_true(cache_counts(cache)->entries <= 50);
		}
		assert_true(cache_counts(cache)->evictions > 1000);
		assert_true(cache_counts(cache)->hits > 1000);
		cache_close(cache);
	}
}

static void test_a_dictionary_that_is_too_large(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open("dictionary", "{ bytes: 64KiB }");
	struct error err = { 0 };
	struct cache_answer answer;
	const struct slot key = { "k1", 2, false };
	fake.rows = 5000;
	assert_false(cache_get_many(cache, &key, 1, &answer, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	assert_non_null(strstr(err.text, "`bytes`"));
	cache_close(cache);
}

static int test_teardown(void **state)
{
	(void)state;
	arena_finish(&fake_arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_caches_answer_alike),
		cmocka_unit_test(test_several_rows_for_a_key),
		cmocka_unit_test(test_change_none),
		cmocka_unit_test(test_change_dictionary),
		cmocka_unit_test(test_change_dictionary_ttl),
		cmocka_unit_test(test_change_dictionary_stale),
		cmocka_unit_test(test_change_dictionary_validated),
		cmocka_unit_test_prestate(test_change_bounded, (void *)"sieve"),
		cmocka_unit_test_prestate(test_change_bounded, (void *)"lru"),
		cmocka_unit_test_prestate(test_change_bounded, (void *)"fifo"),
		cmocka_unit_test_prestate(test_change_negative_not_kept, (void *)"sieve"),
		cmocka_unit_test_prestate(test_change_negative_not_kept, (void *)"lru"),
		cmocka_unit_test_prestate(test_change_negative_not_kept, (void *)"fifo"),
		cmocka_unit_test_prestate(test_change_bounded_ttl, (void *)"sieve"),
		cmocka_unit_test_prestate(test_change_bounded_ttl, (void *)"lru"),
		cmocka_unit_test_prestate(test_change_bounded_ttl, (void *)"fifo"),
		cmocka_unit_test_prestate(test_change_bounded_stale, (void *)"sieve"),
		cmocka_unit_test_prestate(test_change_bounded_stale, (void *)"lru"),
		cmocka_unit_test_prestate(test_change_bounded_stale, (void *)"fifo"),
		cmocka_unit_test_prestate(test_change_bounded_validated, (void *)"sieve"),
		cmocka_unit_test_prestate(test_change_bounded_validated, (void *)"lru"),
		cmocka_unit_test_prestate(test_change_bounded_validated, (void *)"fifo"),
		cmocka_unit_test_prestate(test_a_failed_load_replaces_nothing, (void *)"sieve"),
		cmocka_unit_test_prestate(test_a_failed_load_replaces_nothing, (void *)"lru"),
		cmocka_unit_test_prestate(test_a_failed_load_replaces_nothing, (void *)"fifo"),
		cmocka_unit_test(test_only_what_is_missing_is_loaded),
		cmocka_unit_test(test_victims),
		cmocka_unit_test(test_bounds_hold),
		cmocka_unit_test(test_a_dictionary_that_is_too_large),
	};
	return cmocka_run_group_tests(tests, NULL, test_teardown);
}
