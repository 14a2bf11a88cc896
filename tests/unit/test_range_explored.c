/* range.h, every atomic step of it under the explorer's control. */

#include <stdatomic.h>

#include "tests/fakes/explorer.h"

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_compare_exchange_weak_explicit
#define atomic_load_explicit(object, order) explorer_load(object)
#define atomic_store_explicit(object, value, order) explorer_store(object, value)
#define atomic_compare_exchange_weak_explicit(object, expected, desired, done, failed) \
	explorer_exchange(object, expected, desired)

#include "pipeline/executors/range.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { EXPLORED_START = -2, EXPLORED_PLACES = 4 };

/* Workers that take, steal and keep what they stole, as work-stealing does; ranges[workers] is the
 * shelf, which main alone fills. */
struct explored {
	uint32_t workers, numbers;
	uint32_t again;  /* numbers of a second window, which main puts there when the first is done
			  */
	bool main_takes; /* main cancels: it steals whatever it finds */
	_Atomic uint64_t ranges[EXPLORED_PLACES];
	uint32_t taken; /* a bit for each number that someone has */
	uint32_t count; /* of them */
};

static void explored_have(struct explored *explored, uint64_t range)
{
	for (uint32_t number = range_low(range); number != range_high(range); number++) {
		uint32_t index = number - (uint32_t)EXPLORED_START;
		assert_true(index < explored->numbers + explored->again);
		assert_int_equal(explored->taken & 1U << index, 0);
		explored->taken |= 1U << index;
		explored->count++;
	}
}

static bool explored_steal(struct explored *explored, uint32_t me, uint64_t *stolen)
{
	for (uint32_t i = 0; i <= explored->workers; i++) {
		uint32_t victim = (explored->workers + i) % (explored->workers + 1);
		if (victim != me && range_steal(&explored->ranges[victim], stolen))
			return true;
	}
	return false;
}

static bool explored_first_is_done(void *context)
{
	const struct explored *explored = context;
	return explored->count == explored->numbers;
}

static void explored_main(struct explored *explored)
{
	uint64_t stolen;
	const uint32_t next = (uint32_t)EXPLORED_START + explored->numbers;
	if (explored->again) {
		explorer_wait(explored_first_is_done);
		range_put(&explored->ranges[explored->workers], next, next + explored->again);
	}
	while (explored->main_takes && explored_steal(explored, explored->workers + 1, &stolen))
		explored_have(explored, stolen);
}

static void explored_play(void *context, uint32_t player)
{
	struct explored *explored = context;
	uint32_t number, left;
	uint64_t stolen;
	if (player == explored->workers) {
		explored_main(explored);
		return;
	}
	for (;;) {
		if (range_take(&explored->ranges[player], &number, &left)) {
			explored_have(explored, range_pack(number, number + 1));
			continue;
		}
		if (!explored_steal(explored, player, &stolen))
			return;
		explored_have(explored, range_pack(range_low(stolen), range_low(stolen) + 1));
		if (range_size(stolen) > 1)
			range_put(&explored->ranges[player], range_low(stolen) + 1,
				range_high(stolen));
	}
}

static void explored_begin(void *context)
{
	struct explored *explored = context;
	for (uint32_t i = 0; i < EXPLORED_PLACES; i++)
		atomic_store(&explored->ranges[i], 0);
	atomic_store(&explored->ranges[explored->workers],
		range_pack((uint32_t)EXPLORED_START, (uint32_t)EXPLORED_START + explored->numbers));
	explored->taken = explored->count = 0;
}

static uint64_t explored_digest(void *context)
{
	struct explored *explored = context;
	uint64_t digest = explored->taken;
	for (uint32_t i = 0; i <= explored->workers; i++)
		digest = digest * UINT64_C(0x100000001b3) ^ atomic_load(&explored->ranges[i]);
	return digest;
}

/* Whoever ended early may have left something in others' ranges; nothing is anywhere else. */
static void explored_end(void *context)
{
	struct explored *explored = context;
	for (uint32_t i = 0; i <= explored->workers; i++)
		explored_have(explored, atomic_load(&explored->ranges[i]));
	assert_int_equal(explored->count, explored->numbers + explored->again);
}

static void explored_run(struct explored explored, const char *what)
{
#if defined(__SANITIZE_THREAD__)
	skip(); /* it cannot follow the players' stacks, and there is one thread only */
#endif
	const struct explorer_play play = {
		.players = explored.workers + (explored.again || explored.main_takes),
		.begin = explored_begin,
		.play = explored_play,
		.digest = explored_digest,
		.end = explored_end,
		.context = &explored,
	};
	const struct explorer_counts counts = explorer_run(&play);
	print_message("# %s: %llu states, %llu ways to an end, %llu steps\n", what,
		(unsigned long long)counts.states, (unsigned long long)counts.ends,
		(unsigned long long)counts.steps);
	assert_true(counts.states > 100);
}

static void test_two_workers(void **state)
{
	(void)state;
	explored_run((struct explored){ .workers = 2, .numbers = 5 }, "2 workers, 5 items");
}

static void test_three_workers(void **state)
{
	(void)state;
	explored_run((struct explored){ .workers = 3, .numbers = 3 }, "3 workers, 3 items");
}

static void test_a_second_window(void **state)
{
	(void)state;
	explored_run((struct explored){ .workers = 2, .numbers = 2, .again = 2 },
		"2 workers, 2 items and 2 more in the same place");
}

static void test_main_cancels(void **state)
{
	(void)state;
	explored_run((struct explored){ .workers = 2, .numbers = 3, .main_takes = true },
		"2 workers, 3 items, main cancels");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_two_workers),
		cmocka_unit_test(test_three_workers),
		cmocka_unit_test(test_a_second_window),
		cmocka_unit_test(test_main_cancels),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
