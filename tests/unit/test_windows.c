#include "pipeline/windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/retries.h"

static struct item windows_item(const char *key, const struct slot *slots, size_t count)
{
	return (struct item){
		.id = digest_of(key, strlen(key)),
		.attempt = 1,
		.key = key,
		.key_length = strlen(key),
		.slots = slots,
		.slot_count = count,
	};
}

static void windows_fill(struct windows *windows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char key[32];
		snprintf(key, sizeof(key), "item %zu", i);
		const struct item item = windows_item(key, NULL, 0);
		windows_add(windows, &item);
	}
}

static void test_copies_survive_their_originals(void **unused)
{
	(void)unused;
	struct windows windows;
	windows_open(&windows);
	assert_true(windows_have_room(&windows, 1));
	char key[] = "root/a.jpg", other[] = "elsewhere";
	const struct slot slots[] = {
		{ .data = key + 5, .length = 5 },
		{ .data = other, .length = 9, .secret = true },
		{ .data = NULL },
	};
	const struct item item = windows_item(key, slots, 3);
	windows_add(&windows, &item);
	memset(key, 'x', sizeof(key));
	memset(other, 'x', sizeof(other));
	size_t count;
	const struct item *given = windows_give(&windows, &count);
	assert_int_equal(count, 1);
	assert_memory_equal(given->key, "root/a.jpg", 10);
	assert_memory_equal(given->slots[0].data, "a.jpg", 5);
	assert_ptr_equal(given->slots[0].data, given->key + 5);
	assert_memory_equal(given->slots[1].data, "elsewhere", 9);
	assert_true(given->slots[1].secret);
	assert_null(given->slots[2].data);
	windows_close(&windows);
}

static void test_late_and_duplicate_outcomes_are_told(void **unused)
{
	(void)unused;
	struct windows windows;
	windows_open(&windows);
	assert_true(windows_have_room(&windows, 2));
	windows_fill(&windows, 2);
	size_t count;
	const struct item *items = windows_give(&windows, &count);
	struct outcome outcome = outcome_of(&items[1], OUTCOME_MADE);
	assert_ptr_equal(windows_find(&windows, &outcome), &items[1]);
	outcome.attempt = 2;
	assert_null(windows_find(&windows, &outcome));
	outcome.attempt = 1;
	outcome.id.low++;
	assert_null(windows_find(&windows, &outcome));
	outcome.id.low--;
	windows_release(&windows, &outcome);
	assert_null(windows_find(&windows, &outcome));
	outcome.ticket = UINT32_MAX;
	assert_null(windows_find(&windows, &outcome));
	windows_close(&windows);
}

static void test_a_window_is_free_when_all_is_released(void **unused)
{
	(void)unused;
	struct windows windows;
	windows_open(&windows);
	struct outcome last = { 0 };
	for (int i = 0; i < EXECUTOR_WINDOWS; i++) {
		size_t count;
		assert_true(windows_have_room(&windows, 1));
		windows_fill(&windows, 1);
		last = outcome_of(windows_give(&windows, &count), OUTCOME_MADE);
	}
	assert_false(windows_have_room(&windows, 1));
	windows_release(&windows, &last);
	assert_true(windows_have_room(&windows, 1));
	windows_close(&windows);
}

static void test_full_windows_grow(void **unused)
{
	(void)unused;
	struct windows windows;
	windows_open(&windows);
	size_t count;
	assert_true(windows_have_room(&windows, WINDOW_LEAST));
	assert_false(windows_have_room(&windows, WINDOW_LEAST + 1));
	windows_fill(&windows, WINDOW_LEAST);
	windows.given_micros = INT64_MAX / 2; /* as if just now */
	windows_give(&windows, &count);
	assert_true(windows_have_room(&windows, (size_t)2 * WINDOW_LEAST));
	windows.given_micros = INT64_MIN / 2; /* long ago */
	windows_fill(&windows, (size_t)2 * WINDOW_LEAST);
	windows_give(&windows, &count);
	assert_true(windows_have_room(&windows, 1));
	assert_false(windows_have_room(&windows, (size_t)2 * WINDOW_LEAST + 1));
	windows_close(&windows);
}

static const struct item *windows_given(struct windows *windows, size_t count)
{
	size_t given;
	assert_true(windows_have_room(windows, count));
	windows_fill(windows, count);
	return windows_give(windows, &given);
}

static void windows_return(struct windows *windows, const struct item *item)
{
	const struct outcome outcome = outcome_of(item, OUTCOME_MADE);
	windows_release(windows, &outcome);
}

static void test_looks_ahead_in_the_order_of_starting(void **unused)
{
	(void)unused;
	struct windows windows;
	windows_open(&windows);
	assert_null(windows_look_ahead(&windows, 9, 1));
	const struct item *first = windows_given(&windows, 3);
	const struct item *second = windows_given(&windows, 2);
	windows_return(&windows, &first[1]);
	windows_return(&windows, &second[0]);
	assert_ptr_equal(windows_look_ahead(&windows, 9, 1), &first[0]);
	assert_ptr_equal(windows_look_ahead(&windows, 9, 1), &first[2]);
	assert_ptr_equal(windows_look_ahead(&windows, 9, 1), &second[1]);
	assert_null(windows_look_ahead(&windows, 9, 1));
	windows_close(&windows);
}

/* The window that comes next may be used again by the time it is looked at. */
static void test_looks_past_windows_that_came_back(void **unused)
{
	(void)unused;
	struct windows windows;
	windows_open(&windows);
	for (int i = 0; i < 2 * EXECUTOR_WINDOWS; i++)
		windows_return(&windows, windows_given(&windows, 1));
	const struct item *last = windows_given(&windows, 1);
	assert_ptr_equal(windows_look_ahead(&windows, 1, 1), last);
	assert_null(windows_look_ahead(&windows, 2, 1));
	windows_close(&windows);
}

static void test_looks_ahead_as_far_as_allowed(void **unused)
{
	(void)unused;
	struct windows windows;
	windows_open(&windows);
	assert_true(windows_have_room(&windows, 4));
	for (int i = 0; i < 4; i++) {
		struct item item = windows_item("large", NULL, 0);
		item.bytes = 100;
		windows_add(&windows, &item);
	}
	size_t count;
	const struct item *items = windows_give(&windows, &count);
	assert_non_null(windows_look_ahead(&windows, 9, 150));
	assert_non_null(windows_look_ahead(&windows, 9, 150));
	assert_null(windows_look_ahead(&windows, 9, 150));
	assert_null(windows_look_ahead(&windows, 2, 999));
	windows_return(&windows, &items[0]);
	assert_ptr_equal(windows_look_ahead(&windows, 2, 150), &items[2]);
	windows_return(&windows, &items[3]); /* was not looked at, makes no room */
	assert_null(windows_look_ahead(&windows, 2, 999));
	windows_close(&windows);
}

/* However many items there may be: what they point to has a limit too. */
static void test_windows_are_full_of_bytes(void **unused)
{
	(void)unused;
	static char large[64 * 1024];
	const struct slot slot = { .data = large, .length = sizeof(large) };
	struct windows windows;
	windows_open(&windows);
	windows.room = WINDOW_MOST;
	size_t count = 0;
	for (; windows_have_room(&windows, 1); count++) {
		const struct item item = windows_item("large", &slot, 1);
		windows_add(&windows, &item);
	}
	assert_int_equal(count, WINDOW_LEAST);
	windows_close(&windows);
	windows_open(&windows);
	windows.room = WINDOW_MOST;
	for (count = 0; windows_have_room(&windows, 1); count++)
		windows_fill(&windows, 1);
	assert_in_range(count, 16 * WINDOW_LEAST, WINDOW_MOST);
	windows_close(&windows);
}

/* An item that waits alone takes no more than it needs. */
static void test_a_copy_has_its_bytes(void **unused)
{
	(void)unused;
	struct arena arena = { 0 };
	struct item copy;
	const struct slot slots[] = { { .data = "one", .length = 3 }, { .data = NULL },
		{ .data = "0123456789abcdef", .length = 16 }, { .data = "", .length = 0 } };
	const struct item item = windows_item("key", slots, 4);
	arena_reserve(&arena, item_bytes(&item));
	const size_t before = arena_bytes(&arena);
	item_copy(&copy, &item, &arena);
	assert_int_equal(arena_bytes(&arena), before);
	assert_int_equal(arena.left, 0);
	arena_finish(&arena);
}

static void test_retries_come_in_the_order_of_time(void **unused)
{
	(void)unused;
	struct retries retries = { 0 };
	const struct item a = windows_item("a", NULL, 0), b = windows_item("b", NULL, 0);
	assert_int_equal(retries_due(&retries), INT64_MAX);
	assert_true(retries_add(&retries, &a, 200));
	assert_true(retries_add(&retries, &b, 100));
	assert_int_equal(retries_due(&retries), 100);
	assert_null(retries_first(&retries, 99));
	const struct item *first = retries_first(&retries, 100);
	assert_memory_equal(first->key, "b", 1);
	assert_int_equal(first->attempt, 2);
	retries_drop(&retries);
	assert_null(retries_first(&retries, 199));
	assert_memory_equal(retries_first(&retries, 200)->key, "a", 1);
	retries_close(&retries);
}

static void test_retries_are_bounded(void **unused)
{
	(void)unused;
	struct retries retries = { 0 };
	const struct item a = windows_item("a", NULL, 0);
	for (int i = 0; i < RETRIES_MOST; i++)
		assert_true(retries_add(&retries, &a, RETRIES_MOST - i));
	assert_false(retries_add(&retries, &a, 1));
	retries_close(&retries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_survive_their_originals),
		cmocka_unit_test(test_late_and_duplicate_outcomes_are_told),
		cmocka_unit_test(test_a_window_is_free_when_all_is_released),
		cmocka_unit_test(test_full_windows_grow),
		cmocka_unit_test(test_looks_ahead_in_the_order_of_starting),
		cmocka_unit_test(test_looks_past_windows_that_came_back),
		cmocka_unit_test(test_looks_ahead_as_far_as_allowed),
		cmocka_unit_test(test_windows_are_full_of_bytes),
		cmocka_unit_test(test_a_copy_has_its_bytes),
		cmocka_unit_test(test_retries_come_in_the_order_of_time),
		cmocka_unit_test(test_retries_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
