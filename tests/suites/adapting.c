/* Executors whose number of workers follows the machine: a tree of /proc that the test writes, a
 * clock that it drives. No more items are in hand than may be, none waits for ever, and every
 * outcome is as it always is. */

#include "pipeline/executor.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/executors/auto.h"
#include "pipeline/executors/governor.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/work_fake.h"

enum { ADAPTING_COUNT = 400, ADAPTING_WORKERS = 4, ADAPTING_TICK_MICROS = 1000 };

struct adapting {
	const struct executor_plugin *plugin;
	struct executor *executor;
	struct work_fake *fake;
	uint8_t outcomes[ADAPTING_COUNT];
	size_t back, begun;
	int64_t now; /* the clock that adapt is shown */
	long long stalled;
	struct arena arena;
};

static void adapting_stall(struct adapting *adapting, int percent)
{
	char text[256];
	adapting->stalled += (long long)percent * (GOVERNOR_MICROS / 100);
	int length = snprintf(text, sizeof(text),
		"some avg10=0.00 avg60=0.00 avg300=0.00 total=%lld\n"
		"full avg10=0.00 avg60=0.00 avg300=0.00 total=%lld\n",
		adapting->stalled, adapting->stalled);
	scratch_write("proc/pressure/memory", text, (size_t)length);
}

static void adapting_begin(struct adapting *adapting)
{
	struct error err;
	adapting->fake = work_fake_new(ADAPTING_COUNT);
	scratch_folder("proc");
	scratch_folder("proc/pressure");
	adapting_stall(adapting, 0);
	const struct work work = work_fake_work(adapting->fake, -1);
	struct auto_settings *settings =
		work_fake_settings(&adapting->plugin->plugin, "", &adapting->arena);
	settings->root = ".";
	if (!adapting->plugin->open(settings, ADAPTING_WORKERS, &work, &adapting->executor, &err))
		fail_msg("open: %s", err.text);
}

static void adapting_end(struct adapting *adapting)
{
	adapting->plugin->close(adapting->executor);
	work_fake_free(adapting->fake);
	arena_finish(&adapting->arena);
}

static enum executor_event adapting_next(struct adapting *adapting, int64_t deadline)
{
	struct outcome outcome;
	enum executor_event event =
		adapting->plugin->next(adapting->executor, false, &outcome, deadline);
	if (event != EXECUTOR_OUTCOME)
		return event;
	assert_int_equal(adapting->outcomes[outcome.ticket]++, 0);
	assert_int_equal(outcome.status, OUTCOME_MADE);
	adapting->back++;
	return event;
}

/* Two seconds later, in which everything waited for memory for `percent` of the time. How many
 * workers may hold an item from now on; 0: as many as before. */
static unsigned long adapting_look(struct adapting *adapting, int percent)
{
	struct text why = { .data = NULL };
	adapting->now += GOVERNOR_MICROS;
	adapting_stall(adapting, percent);
	bool changed = adapting->plugin->adapt(adapting->executor, adapting->now, &why);
	unsigned long workers = changed ? strtoul(why.data, NULL, 10) : 0;
	assert_true(!changed || strstr(why.data, " instead of "));
	assert_false(adapting->plugin->adapt(adapting->executor, adapting->now, &why));
	text_finish(&why);
	return workers;
}

/* How many items have begun and are not back. Others have had the opportunity to begin. */
static size_t adapting_in_hand(struct adapting *adapting)
{
	for (int tick = 0; tick < 3; tick++)
		adapting_next(adapting, clock_micros() + ADAPTING_TICK_MICROS);
	while (work_fake_has_begun(adapting->fake))
		adapting->begun++;
	return adapting->begun - adapting->back;
}

/* Lets one item go, whichever, and waits for it. */
static void adapting_step(struct adapting *adapting)
{
	const size_t back = adapting->back;
	work_fake_release(adapting->fake, 1);
	while (adapting->back == back)
		adapting_next(adapting, INT64_MAX);
}

static void adapting_shrinks_and_grows(struct adapting *adapting)
{
	adapting_begin(adapting);
	memset(adapting->fake->deeds, WORK_WAIT, ADAPTING_COUNT);
	adapting->plugin->give(adapting->executor, adapting->fake->items, ADAPTING_COUNT);
	while (adapting_in_hand(adapting) < ADAPTING_WORKERS)
		;
	unsigned long workers = ADAPTING_WORKERS;
	while (workers > 1) {
		unsigned long fewer = adapting_look(adapting, 50);
		assert_in_range(fewer, 1, workers - 1);
		workers = fewer;
	}
	/* What is in hand is finished; from then on one item at a time is. */
	while (adapting_in_hand(adapting) > 1)
		adapting_step(adapting);
	for (int i = 0; i < 20; i++) {
		while (adapting_in_hand(adapting) == 0)
			;
		assert_int_equal(adapting_in_hand(adapting), 1);
		adapting_step(adapting);
	}
	/* The machine that the tests run on may have one CPU: then it stays at that. */
	struct auto_facts facts = auto_look(".");
	for (int look = 0; look < 3; look++)
		workers = adapting_look(adapting, 0);
	assert_int_equal(workers, auto_count(&facts) > 1 ? 2 : 0);
	while (workers == 2 && adapting_in_hand(adapting) < 2)
		;
	work_fake_release(adapting->fake, ADAPTING_COUNT);
	while (adapting_next(adapting, INT64_MAX) != EXECUTOR_IDLE)
		;
	assert_int_equal(adapting->back, ADAPTING_COUNT);
	for (size_t i = 0; i < ADAPTING_COUNT; i++)
		assert_int_equal(adapting->fake->shared->started[i], 1);
	adapting_end(adapting);
}

/* Up and down between the items, as fast as it can be. */
static void adapting_storm(struct adapting *adapting)
{
	struct text why = { .data = NULL };
	adapting_begin(adapting);
	adapting->plugin->give(adapting->executor, adapting->fake->items, ADAPTING_COUNT / 2);
	adapting->plugin->give(
		adapting->executor, &adapting->fake->items[ADAPTING_COUNT / 2], ADAPTING_COUNT / 2);
	for (int look = 0; adapting_next(adapting, INT64_MAX) != EXECUTOR_IDLE; look++) {
		adapting->now += GOVERNOR_MICROS;
		if (look % 7 < 2)
			adapting_stall(adapting, 50);
		adapting->plugin->adapt(adapting->executor, adapting->now, &why);
	}
	assert_int_equal(adapting->back, ADAPTING_COUNT);
	text_finish(&why);
	adapting_end(adapting);
}

/* A number that the config gives stays. */
static void adapting_fixed(struct adapting *adapting)
{
	struct text why = { .data = NULL };
	adapting->fake = work_fake_new(ADAPTING_COUNT);
	const struct work work = work_fake_work(adapting->fake, -1);
	const void *settings =
		work_fake_settings(&adapting->plugin->plugin, "{ workers: 3 }", &adapting->arena);
	assert_int_equal(adapting->plugin->most(settings), 3);
	assert_true(adapting->plugin->open(settings, 3, &work, &adapting->executor, NULL));
	assert_false(adapting->plugin->adapt(adapting->executor, INT64_MAX, &why));
	text_finish(&why);
	adapting_end(adapting);
}

/* Runs `test` for every executor that adapts. The thread sanitizer cannot follow a fork. */
static void adapting_each(void (*test)(struct adapting *adapting))
{
	for (size_t i = 0; executors[i]; i++) {
		struct adapting adapting = { .plugin = executor_of(executors[i]) };
		if (!adapting.plugin->adapt)
			continue;
#if defined(__SANITIZE_THREAD__)
		if (adapting.plugin->isolates)
			continue;
#endif
		void *scratch = NULL;
		assert_int_equal(scratch_setup(&scratch), 0);
		test(&adapting);
		scratch_teardown(&scratch);
	}
}

#define ADAPTING(name)                          \
	static void test_##name(void **state)   \
	{                                       \
		(void)state;                    \
		adapting_each(adapting_##name); \
	}

ADAPTING(shrinks_and_grows)
ADAPTING(storm)
ADAPTING(fixed)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shrinks_and_grows),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_fixed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
