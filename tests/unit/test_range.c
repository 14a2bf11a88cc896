#include "pipeline/executors/range.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_range_takes_lowest(void **state)
{
	(void)state;
	_Atomic uint64_t range = 0;
	uint32_t number, left;
	assert_false(range_take(&range, &number, &left));
	range_put(&range, 7, 9);
	assert_true(range_take(&range, &number, &left));
	assert_int_equal(number, 7);
	assert_int_equal(left, 1);
	assert_true(range_take(&range, &number, &left));
	assert_int_equal(number, 8);
	assert_int_equal(left, 0);
	assert_false(range_take(&range, &number, &left));
}

static void test_range_steals_upper_half(void **state)
{
	(void)state;
	static const struct {
		uint32_t low, high, middle;
	} cases[] = {
		{ 0, 8, 4 },
		{ 0, 9, 4 },
		{ 5, 6, 5 },
		{ 3, 5, 4 },
		{ UINT32_MAX - 1, 2, 0 },
		{ UINT32_MAX, 0, UINT32_MAX },
		{ 0, UINT32_MAX, UINT32_MAX / 2 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		_Atomic uint64_t range = 0;
		uint64_t stolen = 0;
		range_put(&range, cases[i].low, cases[i].high);
		assert_true(range_steal(&range, &stolen));
		assert_int_equal(range_low(stolen), cases[i].middle);
		assert_int_equal(range_high(stolen), cases[i].high);
		assert_int_equal(range_low(range), cases[i].low);
		assert_int_equal(range_high(range), cases[i].middle);
	}
	_Atomic uint64_t empty = range_pack(44, 44);
	uint64_t stolen;
	assert_false(range_steal(&empty, &stolen));
}

/* An owner and thieves share numbers that cross 2^32; what a thief has stolen it takes like an
 * owner. */

enum { STRESS_ROUNDS = 60, STRESS_NUMBERS = 2000, STRESS_THREADS = 4 };

struct stress {
	_Atomic uint64_t ranges[STRESS_THREADS];
	_Atomic uint32_t seen[STRESS_NUMBERS];
	_Atomic uint32_t total;
	uint32_t payload[STRESS_NUMBERS]; /* plain: shows to a race detector that a take acquires */
	uint32_t start;
};

struct stress_thread {
	struct stress *stress;
	uint32_t number;
	pthread_t thread;
	bool paid;
};

static void stress_count(struct stress_thread *me, uint32_t number)
{
	uint32_t index = number - me->stress->start;
	me->paid = me->paid && index < STRESS_NUMBERS && me->stress->payload[index] == ~index;
	if (index < STRESS_NUMBERS)
		atomic_fetch_add(&me->stress->seen[index], 1);
	atomic_fetch_add(&me->stress->total, 1);
}

static void *stress_run(void *context)
{
	struct stress_thread *me = context;
	struct stress *stress = me->stress;
	_Atomic uint64_t *own = &stress->ranges[me->number];
	uint32_t victim = me->number;
	while (atomic_load(&stress->total) < STRESS_NUMBERS) {
		uint32_t number, left;
		uint64_t stolen;
		if (range_take(own, &number, &left)) {
			stress_count(me, number);
			continue;
		}
		victim = (victim + 1) % STRESS_THREADS;
		if (victim == me->number || !range_steal(&stress->ranges[victim], &stolen)) {
			sched_yield();
			continue;
		}
		stress_count(me, range_low(stolen));
		range_put(own, range_low(stolen) + 1, range_high(stolen));
	}
	return NULL;
}

static void stress_round(uint32_t start)
{
	struct stress *stress = calloc(1, sizeof(*stress));
	struct stress_thread threads[STRESS_THREADS];
	assert_non_null(stress);
	stress->start = start;
	for (uint32_t i = 0; i < STRESS_THREADS; i++) {
		threads[i] = (struct stress_thread){ stress, i, 0, true };
		assert_int_equal(
			pthread_create(&threads[i].thread, NULL, stress_run, &threads[i]), 0);
	}
	/* Only now, so that nothing but the put can show it to the threads. */
	for (uint32_t i = 0; i < STRESS_NUMBERS; i++)
		stress->payload[i] = ~i;
	range_put(&stress->ranges[0], start, start + STRESS_NUMBERS);
	for (uint32_t i = 0; i < STRESS_THREADS; i++) {
		pthread_join(threads[i].thread, NULL);
		assert_true(threads[i].paid);
	}
	for (uint32_t i = 0; i < STRESS_NUMBERS; i++)
		assert_int_equal(stress->seen[i], 1);
	free(stress);
}

static void test_range_under_stress(void **state)
{
	(void)state;
	for (uint32_t round = 0; round < STRESS_ROUNDS; round++)
		stress_round(UINT32_MAX - round * (STRESS_NUMBERS / STRESS_ROUNDS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_range_takes_lowest),
		cmocka_unit_test(test_range_steals_upper_half),
		cmocka_unit_test(test_range_under_stress),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
