/* No more begin within any minute than may, in all and of one key, and no one waits longer than
 * that needs. */

#include "pipeline/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SECOND = 1000000, MINUTE = 60 * SECOND, MOST = 4096 };

/* What began, and when. */
static struct {
	int64_t times[MOST];
	char keys[MOST];
	uint64_t numbers[MOST];
	size_t count;
} begun;

static void add(struct pace *pace, char key, uint64_t number)
{
	const char name[] = { key, '\0' };
	const struct item item = { .key = "key", .key_length = 3, .bytes = number };
	pace_add(pace, &item, key ? name : NULL);
}

/* Takes all that may begin now. The key is the item's number in front of the decimal point. */
static void take(struct pace *pace, int64_t now, const char *keys)
{
	const struct item *item;
	while ((item = pace_take(pace, now)) != NULL) {
		assert_memory_equal(item->key, "key", 3);
		begun.times[begun.count] = now;
		begun.numbers[begun.count] = item->bytes;
		begun.keys[begun.count++] = keys[item->bytes % strlen(keys)];
	}
}

/* Runs by the clock of pace_due alone, until nothing waits; the time it took. */
static int64_t run_down(struct pace *pace, const char *keys)
{
	int64_t now = 1000;
	const int64_t start = now;
	begun.count = 0;
	while (pace->count > 0) {
		const int64_t due = pace_due(pace);
		assert_true(due != INT64_MAX);
		now = due > now ? due : now;
		const size_t before = begun.count;
		take(pace, now, keys);
		assert_true(begun.count > before);
	}
	assert_true(pace_due(pace) == INT64_MAX);
	return now - start;
}

/* The most that began within any minute, of one key or (0) of all. */
static size_t most_in_a_minute(char key)
{
	size_t most = 0;
	for (size_t i = 0; i < begun.count; i++) {
		size_t count = 0;
		for (size_t j = i; j < begun.count && begun.times[j] < begun.times[i] + MINUTE; j++)
			count += !key || begun.keys[j] == key;
		most = count > most ? count : most;
	}
	return most;
}

static void test_no_limit(void **state)
{
	(void)state;
	struct pace pace;
	pace_open(&pace, 0, 0);
	assert_null(pace_take(&pace, 0));
	for (uint64_t i = 0; i < 1000; i++)
		add(&pace, "ab"[i % 2], i);
	assert_int_equal(run_down(&pace, "ab"), 0);
	assert_int_equal(begun.count, 1000);
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(begun.numbers[i], i);
	pace_close(&pace);
}

static void test_limit_of_all(void **state)
{
	(void)state;
	struct pace pace;
	pace_open(&pace, 100, 0);
	for (uint64_t i = 0; i < 1000; i++)
		add(&pace, 'a', i);
	assert_int_equal(run_down(&pace, "a"), 9 * MINUTE);
	assert_int_equal(most_in_a_minute(0), 100);
	pace_close(&pace);
}

static void test_limit_of_keys(void **state)
{
	(void)state;
	struct pace pace;
	pace_open(&pace, 60, 20);
	/* Half of them are of one key. */
	for (uint64_t i = 0; i < 400; i++)
		add(&pace, "aabc"[i % 4], i);
	assert_int_equal(run_down(&pace, "aabc"), 9 * MINUTE);
	assert_int_equal(begun.count, 400);
	assert_int_equal(most_in_a_minute('a'), 20);
	assert_int_equal(most_in_a_minute('b'), 20);
	assert_true(most_in_a_minute(0) <= 60);
	/* One that has to wait holds up no other. */
	int64_t last_of_b = 0;
	for (size_t i = 0; i < begun.count; i++)
		if (begun.keys[i] == 'b')
			last_of_b = begun.times[i];
	assert_true(last_of_b <= 1000 + 4 * (int64_t)MINUTE);
	/* Each key keeps its order. */
	for (size_t i = 0; i < begun.count; i++)
		for (size_t j = i + 1; j < begun.count; j++)
			assert_true(begun.keys[i] != begun.keys[j] ||
				    begun.numbers[i] < begun.numbers[j]);
	pace_close(&pace);
}

static void test_without_key(void **state)
{
	(void)state;
	struct pace pace;
	pace_open(&pace, 0, 1);
	for (uint64_t i = 0; i < 10; i++)
		add(&pace, '\0', i);
	assert_int_equal(run_down(&pace, "-"), 0);
	pace_close(&pace);
}

/* Times that came one by one count as those that came together. */
static void test_slides(void **state)
{
	(void)state;
	struct pace pace;
	pace_open(&pace, 3, 0);
	for (uint64_t i = 0; i < 5; i++)
		add(&pace, 'a', i);
	assert_non_null(pace_take(&pace, 0));
	assert_non_null(pace_take(&pace, 30 * SECOND));
	assert_non_null(pace_take(&pace, 50 * SECOND));
	assert_null(pace_take(&pace, 59 * SECOND));
	assert_int_equal(pace_due(&pace), MINUTE);
	assert_non_null(pace_take(&pace, MINUTE));
	assert_null(pace_take(&pace, MINUTE));
	assert_int_equal(pace_due(&pace), MINUTE + 30 * SECOND);
	pace_close(&pace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_limit_of_all),
		cmocka_unit_test(test_limit_of_keys),
		cmocka_unit_test(test_without_key),
		cmocka_unit_test(test_slides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
