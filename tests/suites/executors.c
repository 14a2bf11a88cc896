/* The contract of pipeline/executor.h, held by every row of the table with several numbers of
 * workers. */

#include "pipeline/executor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "tests/fakes/work_fake.h"

#if defined(__SANITIZE_THREAD__)
#define SUITE_THREADS_ONLY 1
#else
#define SUITE_THREADS_ONLY 0
#endif

static const uint32_t suite_workers[] = { 1, 2, 3, 5, 16 };

struct suite {
	const struct executor_plugin *plugin;
	struct executor *executor;
	struct work_fake *fake;
	uint32_t workers;
	uint32_t *outcomes;   /* by ticket */
	struct outcome *last; /* by ticket */
	uint32_t hungry, woken, failed;
	struct arena arena;
};

static void suite_open(struct suite *suite, size_t count, int wake)
{
	struct error err;
	suite->outcomes = memory_zeroed(count + 1, sizeof(*suite->outcomes));
	suite->last = memory_zeroed(count + 1, sizeof(*suite->last));
	suite->hungry = suite->woken = suite->failed = 0;
	const struct work work = work_fake_work(suite->fake, wake);
	const void *settings = work_fake_settings(&suite->plugin->plugin, "", &suite->arena);
	if (!suite->plugin->open(settings, suite->workers, &work, &suite->executor, &err))
		fail_msg("open: %s", err.text);
}

static void suite_begin(struct suite *suite, size_t count)
{
	suite->fake = work_fake_new(count);
	suite_open(suite, count, -1);
}

static void suite_end(struct suite *suite)
{
	suite->plugin->close(suite->executor);
	work_fake_free(suite->fake);
	arena_finish(&suite->arena);
	free(suite->outcomes);
	free(suite->last);
}

static enum executor_event suite_next(struct suite *suite, bool more, int64_t deadline)
{
	struct outcome outcome;
	enum executor_event event = suite->plugin->next(suite->executor, more, &outcome, deadline);
	suite->hungry += event == EXECUTOR_HUNGRY;
	suite->woken += event == EXECUTOR_WOKEN;
	suite->failed += event == EXECUTOR_FAILED;
	if (event != EXECUTOR_OUTCOME)
		return event;
	assert_true(outcome.ticket < suite->fake->count);
	assert_true(digest_equal(outcome.id, suite->fake->items[outcome.ticket].id));
	suite->outcomes[outcome.ticket]++;
	suite->last[outcome.ticket] = outcome;
	return event;
}

static void suite_finish(struct suite *suite)
{
	while (suite_next(suite, false, INT64_MAX) != EXECUTOR_IDLE)
		;
}

static void suite_give(struct suite *suite, size_t first, size_t count)
{
	suite->plugin->give(suite->executor, &suite->fake->items[first], count);
}

/* Waits until `count` items have begun to wait, while main does what it must for that. */
static void suite_await(struct suite *suite, uint32_t count)
{
	for (uint32_t begun = 0; begun < count; begun++)
		while (!work_fake_has_begun(suite->fake))
			suite_next(suite, true, clock_micros() + 1000);
}

/* Every item in [0, count) has one outcome; one that was MADE saw its item whole. */
static void suite_check(const struct suite *suite, size_t count)
{
	for (size_t i = 0; i < suite->fake->count; i++) {
		assert_int_equal(suite->outcomes[i], i < count);
		const struct outcome *outcome = &suite->last[i];
		if (i < count && outcome->status == OUTCOME_MADE) {
			assert_int_equal(outcome->attempt, 1);
			assert_int_equal(outcome->made, suite->fake->items[i].due);
			assert_int_equal(suite->fake->shared->started[i], 1);
		}
	}
}

static size_t suite_count(const struct suite *suite, enum outcome_status status)
{
	size_t count = 0;
	for (size_t i = 0; i < suite->fake->count; i++)
		count += suite->outcomes[i] > 0 && suite->last[i].status == status;
	return count;
}

/* Runs `test` for every executor and number of workers. */
static void suite_each(void (*test)(struct suite *suite))
{
	for (size_t i = 0; executors[i]; i++) {
		const struct executor_plugin *plugin = (const struct executor_plugin *)executors[i];
		bool single = strcmp(plugin->plugin.name, "sequential") == 0;
		if (SUITE_THREADS_ONLY && plugin->isolates)
			continue;
		for (size_t j = 0;
			j < (single ? 1 : sizeof(suite_workers) / sizeof(*suite_workers)); j++) {
			struct suite suite = { .plugin = plugin, .workers = suite_workers[j] };
			print_message("#   %s, %u\n", plugin->plugin.name, suite.workers);
			test(&suite);
		}
	}
}

static void suite_one_window(struct suite *suite)
{
	suite_begin(suite, 300);
	suite_give(suite, 0, 300);
	suite_finish(suite);
	suite_check(suite, 300);
	assert_int_equal(suite_count(suite, OUTCOME_MADE), 300);
	suite_end(suite);
}

static void suite_no_items(struct suite *suite)
{
	suite_begin(suite, 1);
	assert_int_equal(suite_next(suite, false, INT64_MAX), EXECUTOR_IDLE);
	suite_give(suite, 0, 0);
	assert_int_equal(suite_next(suite, false, INT64_MAX), EXECUTOR_IDLE);
	suite->plugin->stop(suite->executor, STOP_DRAIN);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_IDLE);
	suite_end(suite);
	suite->plugin->close(NULL);
}

static void suite_few_items(struct suite *suite)
{
	suite_begin(suite, 2);
	suite_give(suite, 0, 1);
	suite_give(suite, 1, 1);
	suite_finish(suite);
	suite_check(suite, 2);
	assert_int_equal(suite_count(suite, OUTCOME_MADE), 2);
	suite_end(suite);
}

static void suite_eight_windows(struct suite *suite)
{
	suite_begin(suite, 8 * 40);
	for (size_t i = 0; i < EXECUTOR_WINDOWS; i++)
		suite_give(suite, 40 * i, 40);
	suite_finish(suite);
	suite_check(suite, 320);
	suite_end(suite);
}

/* Main gives whenever it hears HUNGRY, in windows of many sizes. */
static void suite_while_outstanding(struct suite *suite)
{
	enum { COUNT = 10000 };
	suite_begin(suite, COUNT);
	size_t given = 0, size = 1;
	enum executor_event event;
	while ((event = suite_next(suite, given < COUNT, INT64_MAX)) != EXECUTOR_IDLE) {
		if (event != EXECUTOR_HUNGRY)
			continue;
		size = size * 3 % 1009;
		size_t count = size < COUNT - given ? size : COUNT - given;
		suite_give(suite, given, count);
		given += count;
	}
	suite_check(suite, COUNT);
	assert_int_equal(suite_count(suite, OUTCOME_MADE), COUNT);
	suite_end(suite);
}

/* Each item is given while workers are on their way to sleep: none may miss it. */
static void suite_one_by_one(struct suite *suite)
{
	enum { COUNT = 4000 };
	if (suite->workers > 3)
		return;
	suite_begin(suite, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		suite_give(suite, i, 1);
		assert_int_equal(suite_next(suite, false, INT64_MAX), EXECUTOR_OUTCOME);
	}
	suite_finish(suite);
	suite_check(suite, COUNT);
	suite_end(suite);
}

static void suite_hungry(struct suite *suite)
{
	suite_begin(suite, 40);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_HUNGRY);
	assert_int_equal(suite_next(suite, true, 0), EXECUTOR_DEADLINE);
	assert_int_equal(suite_next(suite, false, 0), EXECUTOR_IDLE);
	suite_give(suite, 0, 20);
	for (int outcomes = 0; outcomes < 20;)
		outcomes += suite_next(suite, true, INT64_MAX) == EXECUTOR_OUTCOME;
	assert_true(suite->hungry <= 2);
	if (suite->hungry == 1)
		assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_HUNGRY);
	suite_give(suite, 20, 0);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_HUNGRY);
	assert_int_equal(suite_next(suite, false, INT64_MAX), EXECUTOR_IDLE);
	suite_end(suite);
}

/* While every worker has something in hand and nothing is left, main is told, before an item is
 * finished. */
static void suite_hungry_early(struct suite *suite)
{
	if (strcmp(suite->plugin->plugin.name, "sequential") == 0)
		return;
	suite_begin(suite, 16);
	memset(suite->fake->deeds, WORK_WAIT, 16);
	suite_give(suite, 0, suite->workers);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_HUNGRY);
	suite_await(suite, suite->workers);
	work_fake_release(suite->fake, suite->workers);
	suite_finish(suite);
	suite_check(suite, suite->workers);
	suite_end(suite);
}

/* One long item holds up neither the items behind it nor seven windows that come later. */
static void suite_straggler(struct suite *suite)
{
	if (suite->workers == 1)
		return;
	enum { ROUNDS = 30, SIZE = 5 };
	suite_begin(suite, 1 + ROUNDS * SIZE);
	suite->fake->deeds[0] = WORK_WAIT;
	suite_give(suite, 0, 1);
	suite_await(suite, 1);
	for (size_t round = 0; round < ROUNDS; round++) {
		suite_give(suite, 1 + round * SIZE, SIZE);
		for (int i = 0; i < SIZE; i++)
			assert_int_equal(suite_next(suite, false, INT64_MAX), EXECUTOR_OUTCOME);
	}
	assert_int_equal(suite->outcomes[0], 0);
	work_fake_release(suite->fake, 1);
	suite_finish(suite);
	suite_check(suite, 1 + ROUNDS * SIZE);
	suite_end(suite);
}

/* Items of the same window with the same key give the same error everywhere. */
static void suite_failures(struct suite *suite)
{
	suite_begin(suite, 100);
	for (size_t i = 0; i < 100; i += 7)
		suite->fake->deeds[i] = WORK_FAIL;
	suite_give(suite, 0, 100);
	suite_finish(suite);
	suite_check(suite, 100);
	assert_int_equal(suite_count(suite, OUTCOME_FAILED), 15);
	assert_int_equal(suite->last[14].error.code, ERROR_DAMAGED);
	assert_int_equal(suite->last[14].error.blame, BLAME_ITEM);
	assert_string_equal(suite->last[14].error.text, "\"folder/item 14.jpg\" is cut short");
	suite_end(suite);
}

static void suite_retries(struct suite *suite)
{
	enum { COUNT = 60 };
	suite_begin(suite, COUNT);
	struct item again[COUNT];
	size_t retries = 0;
	for (size_t i = 0; i < COUNT; i += 3)
		suite->fake->deeds[i] = WORK_FAIL;
	suite_give(suite, 0, COUNT);
	suite_finish(suite);
	for (size_t i = 0; i < COUNT; i++) {
		if (suite->last[i].status != OUTCOME_FAILED)
			continue;
		again[retries] = suite->fake->items[i];
		again[retries++].attempt = 2;
	}
	assert_int_equal(retries, 20);
	suite->plugin->give(suite->executor, again, retries);
	suite_finish(suite);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(suite->last[i].status, OUTCOME_MADE);
		assert_int_equal(suite->last[i].attempt, i % 3 ? 1 : 2);
		assert_int_equal(suite->outcomes[i], i % 3 ? 1 : 2);
	}
	suite_end(suite);
}

/* stop() after a number of outcomes: all come back, and what was begun was finished. */
static void suite_stop_once(struct suite *suite, enum executor_stop how, uint32_t after)
{
	enum { COUNT = 200 };
	suite_begin(suite, COUNT);
	suite_give(suite, 0, COUNT / 2);
	suite_give(suite, COUNT / 2, COUNT / 2);
	for (uint32_t i = 0; i < after; i++)
		suite_next(suite, false, INT64_MAX);
	suite->plugin->stop(suite->executor, how);
	if (how == STOP_DRAIN && after % 5 == 0)
		suite->plugin->stop(suite->executor, STOP_NOW);
	suite_finish(suite);
	suite_check(suite, COUNT);
	for (size_t i = 0; i < COUNT; i++)
		if (how == STOP_DRAIN && after % 5 != 0)
			assert_int_equal(suite->fake->shared->started[i],
				suite->last[i].status == OUTCOME_MADE);
	assert_int_equal(
		suite_count(suite, OUTCOME_MADE) + suite_count(suite, OUTCOME_CANCELLED), COUNT);
	assert_true(suite_count(suite, OUTCOME_MADE) >= after);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_IDLE);
	suite_end(suite);
}

static void suite_stop(struct suite *suite)
{
	uint32_t seed = 12345 + suite->workers;
	for (int round = 0; round < 25; round++) {
		seed = seed * 1103515245 + 12345;
		suite_stop_once(suite, seed >> 16 & 1 ? STOP_DRAIN : STOP_NOW, (seed >> 17) % 190);
	}
}

/* Whoever stops now may close at once. */
static void suite_close_early(struct suite *suite)
{
	suite_begin(suite, 500);
	suite_give(suite, 0, 500);
	for (int i = 0; i < 3; i++)
		suite_next(suite, false, INT64_MAX);
	suite->plugin->stop(suite->executor, STOP_NOW);
	suite_end(suite);
	suite_begin(suite, 1);
	suite_end(suite);
}

static void suite_refused(struct suite *suite)
{
	suite->fake = work_fake_new(30);
	suite->fake->refuse_workers = ~0U;
	suite_open(suite, 30, -1);
	suite_give(suite, 0, 20);
	while (suite_next(suite, true, INT64_MAX) != EXECUTOR_FAILED)
		;
	const struct error *error = suite->plugin->error(suite->executor);
	assert_int_equal(error->code, ERROR_MISSING);
	assert_string_equal(error->text, "no such tool: \"convert\"");
	suite_give(suite, 20, 10);
	while (suite_next(suite, true, INT64_MAX) != EXECUTOR_IDLE)
		;
	suite_check(suite, 30);
	assert_int_equal(suite->failed, 1);
	assert_int_equal(suite_count(suite, OUTCOME_CANCELLED), 30);
	suite_end(suite);
}

/* Some workers that cannot be opened leave their share to the others. */
static void suite_refused_some(struct suite *suite)
{
	if (suite->workers == 1)
		return;
	suite->fake = work_fake_new(200);
	suite->fake->refuse_workers = 1;
	suite_open(suite, 200, -1);
	suite_give(suite, 0, 200);
	suite_finish(suite);
	suite_check(suite, 200);
	assert_int_equal(suite_count(suite, OUTCOME_MADE), 200);
	suite_end(suite);
}

static void suite_wakes(struct suite *suite)
{
	suite->fake = work_fake_new(10);
	int wake = eventfd(0, EFD_CLOEXEC);
	suite_open(suite, 10, wake);
	assert_int_equal(suite_next(suite, false, 0), EXECUTOR_IDLE);
	eventfd_write(wake, 1);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_WOKEN);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_WOKEN);
	eventfd_t ignored;
	eventfd_read(wake, &ignored);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_HUNGRY);
	suite_end(suite);
	close(wake);
}

/* However fast outcomes come, a signal is heard before the last. */
static void suite_wakes_soon(struct suite *suite)
{
	enum { COUNT = 2000 };
	suite->fake = work_fake_new(COUNT);
	int wake = eventfd(1, EFD_CLOEXEC);
	suite_open(suite, COUNT, wake);
	suite_give(suite, 0, COUNT);
	int outcomes = 0;
	while (suite_next(suite, false, INT64_MAX) == EXECUTOR_OUTCOME)
		outcomes++;
	assert_true(outcomes < COUNT);
	assert_int_equal(suite->woken, 1);
	close(wake);
	suite->plugin->stop(suite->executor, STOP_NOW);
	suite_end(suite);
}

static void suite_deadline(struct suite *suite)
{
	suite_begin(suite, 4);
	assert_int_equal(suite_next(suite, true, INT64_MAX), EXECUTOR_HUNGRY);
	assert_int_equal(suite_next(suite, true, 0), EXECUTOR_DEADLINE);
	assert_int_equal(suite_next(suite, true, clock_micros() + 2000), EXECUTOR_DEADLINE);
	suite_give(suite, 0, 4);
	int outcomes = 0;
	enum executor_event event;
	while ((event = suite_next(suite, false, 0)) != EXECUTOR_IDLE)
		outcomes += event == EXECUTOR_OUTCOME;
	assert_int_equal(outcomes, 4);
	suite_end(suite);
}

static void suite_check_same(const struct outcome *outcome, const struct outcome *measure)
{
	assert_memory_equal(outcome, measure, offsetof(struct outcome, error));
	assert_int_equal(outcome->error.code, measure->error.code);
	assert_int_equal(outcome->error.blame, measure->error.blame);
	assert_string_equal(outcome->error.text, measure->error.text);
}

/* The same items give the same outcomes, whoever works on them: the first row of the table is the
 * measure. */
static void suite_same(struct suite *suite)
{
	enum { COUNT = 150 };
	const uint32_t workers = suite->workers;
	struct outcome *measure = NULL;
	const struct executor_plugin *plugins[] = { (const struct executor_plugin *)executors[0],
		suite->plugin };
	for (int i = 0; i < 2; i++) {
		suite->plugin = plugins[i];
		suite->workers = i == 0 ? 1 : workers;
		suite_begin(suite, COUNT);
		for (size_t j = 3; j < COUNT; j += 11)
			suite->fake->deeds[j] = WORK_FAIL;
		suite_give(suite, 0, COUNT);
		suite_finish(suite);
		for (size_t j = 0; j < COUNT; j++)
			suite->last[j].worker = 0;
		if (i == 0) {
			measure = suite->last;
			suite->last = NULL;
		} else {
			for (size_t j = 0; j < COUNT; j++)
				suite_check_same(&suite->last[j], &measure[j]);
		}
		suite_end(suite);
	}
	free(measure);
}

enum { SUITE_CULPRITS = 13 }; /* one in so many */

static void suite_play(struct suite *suite, enum work_deed deed)
{
	enum { COUNT = 40 };
	suite_begin(suite, COUNT);
	for (size_t i = 5; i < COUNT; i += SUITE_CULPRITS)
		suite->fake->deeds[i] = (uint8_t)deed;
	suite_give(suite, 0, COUNT);
	suite_finish(suite);
	suite_check(suite, COUNT);
}

/* Each crash costs its own item, no other, and says how. */
static void suite_crash(struct suite *suite, enum work_deed deed, const char *text)
{
	suite_play(suite, deed);
	for (size_t i = 0; i < suite->fake->count; i++) {
		const struct outcome *outcome = &suite->last[i];
		bool culprit = i % SUITE_CULPRITS == 5;
		assert_int_equal(outcome->status, culprit ? OUTCOME_FAILED : OUTCOME_MADE);
		if (!culprit)
			continue;
		assert_int_equal(outcome->error.code, ERROR_CRASHED);
		assert_int_equal(outcome->error.blame, BLAME_ITEM);
		assert_non_null(strstr(outcome->error.text, text));
		assert_non_null(strstr(outcome->error.text, "peak memory"));
		assert_int_equal(outcome->attempt, 1);
	}
	suite_end(suite);
}

static void suite_crashes(struct suite *suite)
{
	if (!suite->plugin->isolates)
		return;
	suite_crash(suite, WORK_SEGV, "worker was killed by SIGSEGV after ");
	suite_crash(suite, WORK_ABORT, "worker was killed by SIGABRT after ");
	suite_crash(suite, WORK_EXIT_0, "worker exited with status 0 after ");
	suite_crash(suite, WORK_EXIT_3, "worker exited with status 3 after ");
	if (suite->workers == 5)
		suite_crash(suite, WORK_CLOSE, "worker closed its socket after ");
}

/* A worker that answers for another item is killed; the item after it, which it may have begun by
 * then, is not blamed. */
static void suite_lies(struct suite *suite)
{
	if (!suite->plugin->isolates)
		return;
	suite_play(suite, WORK_GARBAGE);
	for (size_t i = 0; i < suite->fake->count; i++) {
		const struct outcome *outcome = &suite->last[i];
		bool culprit = i % SUITE_CULPRITS == 5;
		assert_int_equal(suite->fake->shared->started[i], 1);
		assert_true(outcome->status == OUTCOME_FAILED || !culprit);
		if (outcome->status != OUTCOME_FAILED)
			continue;
		assert_int_equal(outcome->error.blame, culprit ? BLAME_ITEM : BLAME_MOMENT);
		assert_non_null(strstr(
			outcome->error.text, culprit ? "worker gave an answer that makes no sense"
						     : "worker was killed for the item before it"));
	}
	suite_end(suite);
}

/* A worker that dies before it is ready is an error, not a loop. */
static void suite_crashes_in_open(struct suite *suite)
{
	if (!suite->plugin->isolates)
		return;
	suite->fake = work_fake_new(30);
	suite->fake->crash_in_open = true;
	suite_open(suite, 30, -1);
	suite_give(suite, 0, 30);
	suite_finish(suite);
	suite_check(suite, 30);
	assert_int_equal(suite->failed, 1);
	assert_int_equal(suite_count(suite, OUTCOME_CANCELLED), 30);
	assert_non_null(strstr(suite->plugin->error(suite->executor)->text,
		"could not start: worker was killed by SIGABRT"));
	suite_end(suite);
}

/* Items in hand of a worker that is killed come back as never started, without waiting for them. */
static void suite_stop_now(struct suite *suite)
{
	if (!suite->plugin->isolates)
		return;
	suite_begin(suite, 100);
	memset(suite->fake->deeds, WORK_WAIT, 100);
	suite_give(suite, 0, 100);
	suite_await(suite, suite->workers);
	suite->plugin->stop(suite->executor, STOP_DRAIN);
	assert_int_not_equal(suite_next(suite, false, 0), EXECUTOR_IDLE);
	suite->plugin->stop(suite->executor, STOP_NOW);
	suite_finish(suite);
	suite_check(suite, 100);
	assert_int_equal(suite_count(suite, OUTCOME_CANCELLED), 100);
	suite_end(suite);
}

/* Every worker was closed that was opened. */
static void suite_closes(struct suite *suite)
{
	suite_begin(suite, 50);
	suite_give(suite, 0, 50);
	suite_finish(suite);
	suite->plugin->close(suite->executor);
	assert_int_equal(suite->fake->shared->opened, suite->fake->shared->closed);
	assert_true(suite->fake->shared->opened <= suite->workers);
	suite->executor = NULL;
	suite_end(suite);
}

#define SUITE(name)                           \
	static void test_##name(void **state) \
	{                                     \
		(void)state;                  \
		suite_each(suite_##name);     \
	}

SUITE(one_window)
SUITE(no_items)
SUITE(few_items)
SUITE(eight_windows)
SUITE(while_outstanding)
SUITE(one_by_one)
SUITE(hungry)
SUITE(hungry_early)
SUITE(straggler)
SUITE(failures)
SUITE(retries)
SUITE(stop)
SUITE(close_early)
SUITE(refused)
SUITE(refused_some)
SUITE(wakes)
SUITE(wakes_soon)
SUITE(deadline)
SUITE(same)
SUITE(crashes)
SUITE(lies)
SUITE(crashes_in_open)
SUITE(stop_now)
SUITE(closes)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_window),
		cmocka_unit_test(test_no_items),
		cmocka_unit_test(test_few_items),
		cmocka_unit_test(test_eight_windows),
		cmocka_unit_test(test_while_outstanding),
		cmocka_unit_test(test_one_by_one),
		cmocka_unit_test(test_hungry),
		cmocka_unit_test(test_hungry_early),
		cmocka_unit_test(test_straggler),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_retries),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_close_early),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_some),
		cmocka_unit_test(test_wakes),
		cmocka_unit_test(test_wakes_soon),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_crashes),
		cmocka_unit_test(test_lies),
		cmocka_unit_test(test_crashes_in_open),
		cmocka_unit_test(test_stop_now),
		cmocka_unit_test(test_closes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
