#include "pipeline/executors/governor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/scratch.h"

enum { SECOND = 1000000, LOOK = GOVERNOR_MICROS };

/* One look after the other, two seconds apart. */
struct governor_step {
	uint32_t cpus;
	double memory, worker, held;             /* MiB */
	int memory_some, memory_full, disk_some; /* per cent of the time since the last look */
	uint64_t kills;                          /* more than at the last look */
	uint64_t outcomes;                       /* since the last look */
	uint32_t workers;                        /* afterwards */
	const char *why;                         /* NULL: no change */
};

static void governor_play(
	uint32_t workers, uint32_t most, const struct governor_step *steps, size_t count)
{
	struct governor governor = { .root = "", .workers = workers, .most = most };
	struct governor_facts facts = { .micros = 5 * SECOND };
	for (size_t i = 0; i < count; i++) {
		const struct governor_step *step = &steps[i];
		struct text why = { .data = NULL };
		facts.micros += LOOK;
		facts.limits = (struct auto_facts){
			.cpus = step->cpus,
			.memory = step->memory * 1024 * 1024,
			.worker = step->worker * 1024 * 1024,
			.held = step->held * 1024 * 1024,
		};
		facts.memory_some += (int64_t)step->memory_some * (LOOK / 100);
		facts.memory_full += (int64_t)step->memory_full * (LOOK / 100);
		facts.disk_some += (int64_t)step->disk_some * (LOOK / 100);
		facts.kills += step->kills;
		facts.outcomes += step->outcomes;
		bool changed = governor_judge(&governor, &facts, &why);
		if (governor.workers != step->workers)
			fail_msg("step %zu: %u workers: %s", i, governor.workers,
				why.length ? why.data : "");
		assert_int_equal(changed, step->why != NULL);
		if (step->why)
			assert_string_equal(why.data, step->why);
		text_finish(&why);
	}
}

#define PLAY(workers, most, steps) \
	governor_play(workers, most, steps, sizeof(steps) / sizeof(*(steps)))

/* Half of the workers go where nobody gets on, one where some wait; all come back one by one. */
static void test_governor_heeds_memory(void **state)
{
	(void)state;
	static const struct governor_step steps[] = {
		{ 8, .workers = 8 },
		{ 8, .memory_some = 60, .memory_full = 7, .workers = 4,
			.why = "4 workers instead of 8: all tasks waited for memory 7 % of 2.0 s" },
		{ 8, .memory_some = 11, .memory_full = 1, .workers = 3,
			.why = "3 workers instead of 4: some task waited for memory 11 % of 2.0 "
			       "s" },
		{ 8, .memory_some = 9, .memory_full = 4, .workers = 3 },
		{ 8, .kills = 1, .workers = 1,
			.why = "1 worker instead of 3: memory ran out and the system killed a "
			       "process" },
		{ 8, .kills = 1, .memory_full = 100, .workers = 1 },
		{ 8, .workers = 1 },
		{ 8, .workers = 1 },
		{ 8, .workers = 2,
			.why = "2 workers instead of 1: nothing was short for a while; 8 cpus" },
		{ 8, .workers = 2 },
		{ 8, .memory_some = 12, .workers = 1,
			.why = "1 worker instead of 2: some task waited for memory 12 % of 2.0 s" },
	};
	PLAY(8, 8, steps);
}

/* Affinity, quotas and free memory may change; never more than they allow. */
static void test_governor_follows_limits(void **state)
{
	(void)state;
	static const struct governor_step steps[] = {
		{ 4, .memory = 10000, .workers = 4 },
		{ 2, .memory = 10000, .workers = 2,
			.why = "2 workers instead of 4: 2 cpus, memory allows 27" },
		{ 8, .memory = 10000, .workers = 2 },
		{ 8, .memory = 10000, .workers = 2 },
		{ 8, .memory = 10000, .workers = 3,
			.why = "3 workers instead of 2: nothing was short for a while; 8 cpus, "
			       "memory allows 27" },
		{ 8, .memory = 100, .worker = 90, .held = 150, .workers = 2,
			.why = "2 workers instead of 3: 8 cpus, memory allows 2 of 90.0 MiB" },
		{ 8, .memory = 500, .worker = 1, .held = 2, .workers = 2 },
		{ 8, .memory = 500, .worker = 1, .held = 2, .workers = 2 },
		{ 8, .memory = 500, .worker = 1, .held = 2, .workers = 3,
			.why = "3 workers instead of 2: nothing was short for a while; 8 cpus, "
			       "memory allows 22 of 1.0 MiB" },
	};
	PLAY(4, 8, steps);
	static const struct governor_step bound[] = {
		{ 8, .workers = 4 },
		{ 8, .workers = 4 },
		{ 8, .workers = 4 },
		{ 8, .workers = 4 },
	};
	PLAY(4, 4, bound);
}

/* One worker less on a busy disk stays away only where as much is done without it. */
static void test_governor_tries_fewer(void **state)
{
	(void)state;
	static const struct governor_step worse[] = {
		{ 4, .outcomes = 100, .workers = 4 },
		{ 4, .disk_some = 50, .outcomes = 100, .workers = 3,
			.why = "3 workers instead of 4: some task waited for a disk 50 % of 2.0 s; "
			       "fewer may do as much" },
		{ 4, .disk_some = 50, .outcomes = 80, .workers = 4,
			.why = "4 workers instead of 3: fewer made 40.0 items a second and not "
			       "50.0" },
		{ 4, .disk_some = 90, .outcomes = 100, .workers = 4 },
		{ 4, .disk_some = 90, .outcomes = 100, .workers = 4 },
	};
	PLAY(4, 4, worse);
	static const struct governor_step same[] = {
		{ 4, .outcomes = 100, .workers = 4 },
		{ 4, .disk_some = 50, .outcomes = 100, .workers = 3,
			.why = "3 workers instead of 4: some task waited for a disk 50 % of 2.0 s; "
			       "fewer may do as much" },
		{ 4, .disk_some = 50, .outcomes = 99, .workers = 3 },
		{ 4, .disk_some = 50, .outcomes = 99, .workers = 3 },
	};
	PLAY(4, 4, same);
	static const struct governor_step idle[] = {
		{ 4, .workers = 4 },
		{ 4, .disk_some = 90, .workers = 4 },
	};
	PLAY(4, 4, idle);
}

static void governor_write(const char *path, const char *text)
{
	scratch_write(path, text, strlen(text));
}

static void test_governor_looks(void **state)
{
	(void)state;
	struct governor_facts facts;
	governor_look(".", &facts);
	assert_int_equal(facts.memory_some, -1);
	assert_int_equal(facts.disk_some, -1);
	assert_int_equal(facts.kills, 0);
	scratch_folder("proc");
	scratch_folder("proc/pressure");
	governor_write("proc/pressure/memory", "some avg10=1.00 avg60=0.00 avg300=0.00 total=77\n"
					       "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
	governor_write(
		"proc/pressure/io", "some avg10=9.00 avg60=0.00 avg300=0.00 total=123456789012\n");
	governor_write("proc/vmstat", "nr_free_pages 9\noom_kill 3\noom_kill_other 8\n");
	governor_look(".", &facts);
	assert_int_equal(facts.memory_some, 77);
	assert_int_equal(facts.memory_full, 5);
	assert_true(facts.disk_some == 123456789012);
	assert_int_equal(facts.kills, 3);
}

static void test_governor_heeds_the_option(void **state)
{
	(void)state;
	struct governor governor;
	const struct auto_settings fixed = { .workers = { .number = 7, .word = -1 } };
	const struct auto_settings open = { .workers = { .word = 0 }, .root = "nowhere" };
	governor_init(&governor, &fixed, 7);
	assert_int_equal(governor.most, 7);
	assert_false(governor_is_due(&governor, INT64_MAX));
	governor_init(&governor, NULL, 3);
	assert_false(governor_is_due(&governor, INT64_MAX));
	governor_init(&governor, &open, 900);
	assert_string_equal(governor.root, "nowhere");
	assert_int_equal(governor.workers, 900);
	assert_int_equal(governor.most, 900);
	assert_true(governor_is_due(&governor, LOOK));
	governor.before.micros = 2 * LOOK;
	assert_false(governor_is_due(&governor, 3 * LOOK - 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_governor_heeds_memory),
		cmocka_unit_test(test_governor_follows_limits),
		cmocka_unit_test(test_governor_tries_fewer),
		cmocka_unit_test_setup_teardown(
			test_governor_looks, scratch_setup, scratch_teardown),
		cmocka_unit_test(test_governor_heeds_the_option),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
