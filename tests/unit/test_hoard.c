#include "pipeline/hoard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = { "a", "b", "c", "d" };

static void test_gives_back_what_was_kept(void **state)
{
	(void)state;
	static char large[100000];
	memset(large, 'l', sizeof(large));
	bool used[] = { true, false, true, true };
	const struct fields fields = { names, 4, used };
	const struct slot slots[] = {
		{ "one", 3, false },
		{ "two", 3, false },
		{ .data = NULL },
		{ large, sizeof(large), true },
	};
	const struct item record = {
		.key = "key\0odd",
		.key_length = 7,
		.slots = slots,
		.slot_count = 4,
		.bytes = 70000,
		.validator = { .size = 5, .mtime_nanos = -7 },
		.group = { 11, 12 },
		.rank = -13,
		.edition = 14,
	};
	struct hoard hoard = { 0 };
	struct arena arena = { 0 };
	hoard_add(&hoard, &record, &fields);
	struct item got = hoard_get(&hoard, 0, &arena);
	assert_int_equal(got.key_length, 7);
	assert_memory_equal(got.key, "key\0odd", 7);
	assert_int_equal(got.bytes, 70000);
	assert_int_equal(got.validator.size, 5);
	assert_int_equal(got.validator.mtime_nanos, -7);
	assert_true(digest_equal(got.group, record.group));
	assert_int_equal(got.rank, -13);
	assert_int_equal(got.edition, 14);
	assert_int_equal(got.slot_count, 4);
	assert_memory_equal(got.slots[0].data, "one", 3);
	assert_false(got.slots[0].secret);
	assert_null(got.slots[1].data); /* no one reads it */
	assert_null(got.slots[2].data);
	assert_int_equal(got.slots[3].length, sizeof(large));
	assert_memory_equal(got.slots[3].data, large, sizeof(large));
	assert_true(got.slots[3].secret);
	arena_finish(&arena);
	hoard_finish(&hoard);
}

static void test_takes_little_memory(void **state)
{
	(void)state;
	enum { RECORDS = 20000 };
	bool used[] = { true, true, false, false };
	const struct fields fields = { names, 4, used };
	const struct slot slots[4] = { { "someone@example.org", 19, false },
		{ "Berlin", 6, false } };
	const struct item record = {
		.key = "someone@example.org",
		.key_length = 19,
		.slots = slots,
		.slot_count = 4,
	};
	struct hoard hoard = { 0 };
	struct arena arena = { 0 };
	for (size_t i = 0; i < RECORDS; i++)
		hoard_add(&hoard, &record, &fields);
	assert_int_equal(hoard.count, RECORDS);
	assert_true(hoard_bytes(&hoard) < (size_t)RECORDS * 100);
	struct item got = hoard_get(&hoard, RECORDS - 1, &arena);
	assert_memory_equal(got.slots[1].data, "Berlin", 6);
	arena_finish(&arena);
	hoard_finish(&hoard);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gives_back_what_was_kept),
		cmocka_unit_test(test_takes_little_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
