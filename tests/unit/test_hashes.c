#include "pipeline/support/hashes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { NUMBERS = 5000 };

/* Few hashes for many numbers, and long runs of neighbours. */
static uint64_t test_hash(uint32_t number)
{
	return number % 7 ? number / 3 : UINT64_C(0x1234567890abcdef);
}

static bool test_has(const struct hashes *hashes, uint32_t wanted)
{
	uint32_t number;
	size_t times = 0;
	struct hashes_walk walk = hashes_find(hashes, test_hash(wanted));
	while (hashes_next(hashes, &walk, &number))
		times += number == wanted;
	assert_true(times <= 1);
	return times == 1;
}

static void test_finds_what_was_put(void **state)
{
	(void)state;
	struct hashes hashes = { 0 };
	assert_false(test_has(&hashes, 1));
	for (uint32_t i = 0; i < NUMBERS; i++)
		hashes_add(&hashes, test_hash(i), i);
	for (uint32_t i = 0; i < NUMBERS; i++)
		assert_true(test_has(&hashes, i));
	assert_false(test_has(&hashes, NUMBERS));
	assert_int_equal(hashes.count, NUMBERS);
	hashes_clear(&hashes);
	assert_false(test_has(&hashes, 1));
	hashes_finish(&hashes);
}

/* Beside a plain array of what should be there. */
static void test_removes_without_losing_others(void **state)
{
	(void)state;
	static bool there[NUMBERS];
	struct hashes hashes = { 0 };
	uint32_t random = 1;
	for (size_t step = 0; step < 40000; step++) {
		random = random * 1664525 + 1013904223;
		uint32_t number = (random >> 8) % 300;
		if (there[number])
			hashes_remove(&hashes, test_hash(number), number);
		else
			hashes_add(&hashes, test_hash(number), number);
		there[number] = !there[number];
		if (step % 97 == 0)
			for (uint32_t i = 0; i < 300; i++)
				assert_int_equal(test_has(&hashes, i), there[i]);
	}
	hashes_finish(&hashes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_what_was_put),
		cmocka_unit_test(test_removes_without_losing_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
