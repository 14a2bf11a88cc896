#include "pipeline/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/cache_fake.h"

static int test_setup(void **state)
{
	(void)state;
	fake = (struct fake_store){ .rows = 10, .edition = 1, .micros = INT64_C(1700000000000000) };
	memset(&fake_tier, 0, sizeof(fake_tier));
	fake_notes = (struct fake_notes){ 0 };
	return 0;
}

/* One run: a new cache in front of what the tier has. Gives what it answers; `*counts` is its own
 * copy. */
static const char *test_run(
	const char *yaml, const char *tier_yaml, const char *keys, struct cache_counts *counts)
{
	struct cache *cache = cache_fake_open_shared("sieve", yaml, tier_yaml, "people");
	const char *said = cache_fake_ask(cache, keys);
	*counts = *cache_counts(cache);
	cache_close(cache);
	return said;
}

static const char *const test_keys = "k1 k2 k99 k3", *const test_said = "v1.1 v2.1 - v3.1";

static void test_another_run_asks_no_store(void **state)
{
	(void)state;
	struct cache_counts counts;
	assert_string_equal(test_run("", "", test_keys, &counts), test_said);
	assert_int_equal(counts.shared.misses, 4);
	assert_int_equal(counts.shared.puts, 4);
	assert_int_equal(fake.keys, 4);
	fake.micros += 5000000;
	assert_string_equal(test_run("", "", test_keys, &counts), test_said);
	assert_int_equal(counts.shared.hits, 4);
	assert_int_equal(counts.misses, 0);
	assert_int_equal(counts.loads, 0);
	assert_int_equal(counts.keys, 4);
	assert_int_equal(counts.age_most_micros, 5000000);
	assert_int_equal(counts.sampled_keys, 4); /* to know what was saved */
	/* What is kept of it is as old as it is. */
	struct cache *cache = cache_fake_open_shared("sieve", "{ ttl: 10s }", "", "people");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	fake.edition = 2;
	fake.micros += 4999999;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	assert_int_equal(cache_counts(cache)->hits, 1);
	assert_int_equal(cache_counts(cache)->age_most_micros, 9999999);
	fake.micros += 1;
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.2");
	cache_close(cache);
}

static void test_several_rows_stay_several(void **state)
{
	(void)state;
	struct cache_counts counts;
	fake.twice = true;
	assert_string_equal(test_run("", "", "k1 k99", &counts), "2 -");
	assert_string_equal(test_run("", "", "k1 k99", &counts), "2 -");
	assert_int_equal(counts.shared.hits, 2);
}

/* Every bit of every value, turned over: nothing that comes of it is served. */
static void test_damage_costs_time_only(void **state)
{
	(void)state;
	struct cache_counts counts;
	test_run("", "", test_keys, &counts);
	for (size_t i = 0; i < fake_tier.count; i++)
		for (uint32_t bit = 0; bit < fake_tier.values[i].length * 8; bit++) {
			fake_tier.values[i].bytes[bit / 8] ^= (char)(1 << bit % 8);
			assert_string_equal(test_run("", "", test_keys, &counts), test_said);
			assert_int_equal(counts.shared.unreadable, 1);
			assert_int_equal(counts.shared.hits, 3);
			assert_int_equal(counts.shared.puts, 1); /* as it should be again */
		}
	for (size_t i = 0; i < fake_tier.count; i++)
		for (uint32_t length = fake_tier.values[i].length; length-- > 0;) {
			fake_tier.values[i].length = length;
			assert_string_equal(test_run("", "", test_keys, &counts), test_said);
			assert_int_equal(counts.shared.unreadable, 1);
		}
}

/* Values under each other's names, and those of another table. */
static void test_what_is_another_s_is_not_taken(void **state)
{
	(void)state;
	struct cache_counts counts;
	test_run("", "", test_keys, &counts);
	for (size_t i = 1; i < fake_tier.count; i++) {
		struct digest name = fake_tier.values[i].name;
		fake_tier.values[i].name = fake_tier.values[0].name;
		fake_tier.values[0].name = name;
	}
	assert_string_equal(test_run("", "", test_keys, &counts), test_said);
	assert_int_equal(counts.shared.unreadable, 4);
	fake.edition = 2;
	struct cache *cache = cache_fake_open_shared("sieve", "", "", "another");
	assert_string_equal(cache_fake_ask(cache, test_keys), "v1.2 v2.2 - v3.2");
	assert_int_equal(cache_counts(cache)->shared.misses, 4);
	cache_close(cache);
}

/* What each setting does when rows change: the lines of the table in the documentation. */

static void test_change_ttl(void **state)
{
	(void)state;
	struct cache_counts counts;
	test_run("", "{ ttl: 10s }", "k1 k50", &counts);
	assert_int_equal(fake_tier.values[0].ttl_millis, 10000);
	fake.edition = 2;
	fake.rows = 60;
	fake.micros += 9999999;
	assert_string_equal(test_run("", "{ ttl: 10s }", "k1 k50", &counts), "v1.1 -");
	fake.micros += 1; /* even where the tier forgets nothing */
	assert_string_equal(test_run("", "{ ttl: 10s }", "k1 k50", &counts), "v1.2 v50.2");
	assert_int_equal(counts.shared.expired, 2);
	fake.micros -= 1000000; /* from the future */
	fake.edition = 3;
	assert_string_equal(test_run("", "{ ttl: 10s }", "k1", &counts), "v1.3");
}

static void test_change_local_ttl(void **state)
{
	(void)state;
	struct cache_counts counts;
	const char *yaml = "{ ttl: 5s, negative_ttl: 2s }";
	test_run(yaml, "", "k1 k50", &counts);
	assert_int_equal(fake_tier.values[0].ttl_millis, 5000);
	assert_int_equal(fake_tier.values[1].ttl_millis, 2000);
	fake.edition = 2;
	fake.rows = 60;
	fake.micros += 2000000;
	assert_string_equal(test_run(yaml, "", "k1 k50", &counts), "v1.1 v50.2");
	fake.micros += 3000000;
	assert_string_equal(test_run(yaml, "", "k1 k50", &counts), "v1.2 v50.2");
}

static void test_change_negative_not_kept(void **state)
{
	(void)state;
	struct cache_counts counts;
	test_run("{ negative_ttl: 0s }", "", "k1 k50", &counts);
	assert_int_equal(fake_tier.count, 1);
	test_run("", "", "k50", &counts);
	assert_int_equal(fake_tier.count, 2);
	fake.rows = 60;
	assert_string_equal(test_run("{ negative_ttl: 0s }", "", "k50", &counts), "v50.1");
}

static void test_change_validated(void **state)
{
	(void)state;
	struct cache_counts counts;
	const char *yaml = "{ validate: version, ttl: 5s, negative_ttl: 2s }";
	test_run(yaml, "", "k1 k50", &counts);
	fake.edition = 2;
	fake.micros += 3000000000; /* within the tier's hour: as the validator says, so it is */
	assert_string_equal(test_run(yaml, "", "k1 k50", &counts), "v1.1 -");
	assert_int_equal(counts.shared.hits, 2);
	fake.version++;
	fake.rows = 60;
	assert_string_equal(test_run(yaml, "", "k1 k50", &counts), "v1.2 v50.2");
	assert_int_equal(counts.shared.changed, 2);
	/* One who does not ask for the validator does not take what was kept by one who did. */
	fake.edition = 3;
	assert_string_equal(test_run("", "", "k1", &counts), "v1.3");
}

static void test_change_store_away(void **state)
{
	(void)state;
	struct cache_counts counts;
	test_run("", "", "k1", &counts);
	fake.edition = 2;
	fake.down = true;
	assert_string_equal(test_run("", "", "k1", &counts), "v1.1");
	assert_string_equal(test_run("", "", "k1 k2", &counts), "!");
	assert_string_equal(test_run("{ validate: version }", "", "k1", &counts), "!");
}

/* What came from the tier is served stale like any other. */
static void test_change_stale(void **state)
{
	(void)state;
	struct cache_counts counts;
	const char *yaml = "{ ttl: 10s, stale_if_error: 5s }";
	test_run(yaml, "", "k1", &counts);
	fake.micros += 4000000;
	struct cache *cache = cache_fake_open_shared("sieve", yaml, "", "people");
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	assert_int_equal(cache_counts(cache)->shared.hits, 1);
	fake.edition = 2;
	fake.down = true;
	fake.micros += 10999999; /* 14.999999 s since it was loaded */
	assert_string_equal(cache_fake_ask(cache, "k1"), "v1.1");
	assert_int_equal(cache_counts(cache)->stale_serves, 1);
	fake.micros += 1;
	assert_string_equal(cache_fake_ask(cache, "k1"), "!");
	cache_close(cache);
}

/* Away, it costs time: it is tried again after 1 s, 2 s and so on, and spoken of once. */
static void test_away(void **state)
{
	(void)state;
	struct cache *cache = cache_fake_open_shared("sieve", "{ entries: 1 }", "", "people");
	fake_tier.down = true;
	assert_string_equal(cache_fake_ask(cache, test_keys), test_said);
	assert_int_equal(fake_tier.gets + fake_tier.puts, 1);
	assert_int_equal(fake_notes.count, 1);
	assert_string_equal(fake_notes.last,
		"lookup as, behind faketier: going on without it: the tier is away");
	for (int rest = 1; rest <= 200; rest *= 2) {
		size_t gets = fake_tier.gets;
		fake.micros += (rest > 64 ? 64 : rest) * INT64_C(1000000) - 1;
		assert_string_equal(cache_fake_ask(cache, test_keys), test_said);
		assert_int_equal(fake_tier.gets, gets);
		fake.micros++;
		assert_string_equal(cache_fake_ask(cache, test_keys), test_said);
		assert_int_equal(fake_tier.gets, gets + 1);
	}
	assert_int_equal(fake_notes.count, 1);
	assert_int_equal(cache_counts(cache)->shared.failures, 9);
	fake_tier.down = false;
	fake.micros += 64000000;
	assert_string_equal(cache_fake_ask(cache, test_keys), test_said);
	assert_int_equal(cache_counts(cache)->shared.puts, 3); /* k3 is kept here */
	fake_tier.down = true; /* well in between: the rest begins anew */
	assert_string_equal(cache_fake_ask(cache, test_keys), test_said);
	size_t gets = fake_tier.gets;
	fake.micros += 1000000;
	assert_string_equal(cache_fake_ask(cache, test_keys), test_said);
	assert_int_equal(fake_tier.gets, gets + 1);
	cache_close(cache);
}

static void test_secrets_stay_here(void **state)
{
	(void)state;
	struct cache_counts counts;
	assert_string_equal(test_run("", "", "k1 k2* k3", &counts), "v1.1 v2.1 v3.1");
	assert_int_equal(fake_tier.asked, 2);
	assert_int_equal(fake_tier.given, 2);
	assert_int_equal(counts.shared.secret, 1);
	fake.secret = true; /* what a row holds may be, too */
	assert_string_equal(test_run("", "", "k4", &counts), "v4.1");
	assert_int_equal(fake_tier.given, 2);
	assert_string_equal(test_run("", "{ secrets: yes }", "k2* k4", &counts), "v2.1 v4.1");
	assert_int_equal(fake_tier.given, 4);
}

/* The order of the records is nothing that the tier is told. */
static void test_order_is_not_told(void **state)
{
	(void)state;
	struct cache_counts counts;
	fake_tier.ordered = true;
	test_run("", "", "k1 k2 k3 k4 k5 k6 k7 k8 k9", &counts);
	test_run("", "", "k9 k1 k2 k8 k3 k4 k5 k6 k7", &counts);
	assert_true(fake_tier.ordered);
	assert_int_equal(counts.shared.hits, 9);
}

static void test_time_saved(void **state)
{
	(void)state;
	struct cache_counts counts = {
		.loads = 2,
		.loaded_keys = 20,
		.load_micros = 2000,
		.samples = 1,
		.sampled_keys = 10,
		.sampled_micros = 400,
		.hits = 50,
		.by_key = true,
		.shared = { .name = "redis", .hits = 50, .micros = 300 },
	};
	/* 100 keys at 80 us each, less what the tier and the sample took */
	assert_int_equal(cache_saved_micros(&counts), 8000 - 300 - 400);
	counts.shared = (struct cache_counts_shared){ .name = NULL };
	counts.sampled_keys = counts.samples = 0;
	counts.sampled_micros = 0;
	assert_int_equal(cache_saved_micros(&counts), 5000);
	counts.by_key = false; /* 10 windows without a load, of which each cost 1 ms */
	counts.idle_windows = 10;
	assert_int_equal(cache_saved_micros(&counts), 10000);
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
		cmocka_unit_test_setup(test_another_run_asks_no_store, test_setup),
		cmocka_unit_test_setup(test_several_rows_stay_several, test_setup),
		cmocka_unit_test_setup(test_damage_costs_time_only, test_setup),
		cmocka_unit_test_setup(test_what_is_another_s_is_not_taken, test_setup),
		cmocka_unit_test_setup(test_change_ttl, test_setup),
		cmocka_unit_test_setup(test_change_local_ttl, test_setup),
		cmocka_unit_test_setup(test_change_negative_not_kept, test_setup),
		cmocka_unit_test_setup(test_change_validated, test_setup),
		cmocka_unit_test_setup(test_change_store_away, test_setup),
		cmocka_unit_test_setup(test_away, test_setup),
		cmocka_unit_test_setup(test_secrets_stay_here, test_setup),
		cmocka_unit_test_setup(test_order_is_not_told, test_setup),
		cmocka_unit_test_setup(test_change_stale, test_setup),
		cmocka_unit_test(test_time_saved),
	};
	return cmocka_run_group_tests(tests, NULL, test_teardown);
}
