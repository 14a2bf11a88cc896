/* Executors that isolate, under fire: whatever an item does to its worker costs that item and no
 * other. No time is asserted: timeouts are short, and an item that one of them hits in passing is
 * the moment's fault and is given again. */

#include "pipeline/executor.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "tests/fakes/work_fake.h"

enum { FIRE_TICK_MICROS = 1000, FIRE_NEVER_MILLIS = 60000 };

struct fire {
	const struct executor_plugin *plugin;
	struct executor *executor;
	struct work_fake *fake;
	uint32_t workers;
	struct outcome *last; /* by ticket */
	uint32_t failed;      /* events */
	struct arena arena;
};

static void fire_begin(struct fire *fire, const char *options, size_t count)
{
	struct error err;
	fire->fake = work_fake_new(count);
	fire->last = memory_zeroed(count, sizeof(*fire->last));
	fire->failed = 0;
	fire->arena = (struct arena){ 0 };
	const struct work work = work_fake_work(fire->fake, -1);
	const void *settings = work_fake_settings(&fire->plugin->plugin, options, &fire->arena);
	if (!fire->plugin->open(settings, fire->workers, &work, &fire->executor, &err))
		fail_msg("open: %s", err.text);
}

static void fire_end(struct fire *fire)
{
	fire->plugin->close(fire->executor);
	work_fake_free(fire->fake);
	free(fire->last);
	arena_finish(&fire->arena);
}

static enum executor_event fire_next(struct fire *fire, bool more, int64_t deadline)
{
	struct outcome outcome;
	enum executor_event event = fire->plugin->next(fire->executor, more, &outcome, deadline);
	fire->failed += event == EXECUTOR_FAILED;
	if (event == EXECUTOR_OUTCOME) {
		struct outcome *last = &fire->last[outcome.ticket];
		assert_true(outcome.attempt == last->attempt + 1);
		assert_true(digest_equal(outcome.id, fire->fake->items[outcome.ticket].id));
		*last = outcome;
	}
	return event;
}

static void fire_finish(struct fire *fire)
{
	while (fire_next(fire, false, INT64_MAX) != EXECUTOR_IDLE)
		;
}

static void fire_give(struct fire *fire, size_t first, size_t count)
{
	fire->plugin->give(fire->executor, &fire->fake->items[first], count);
}

/* Gives again what the moment was to blame for, but for `culprit`, until nothing is left. */
static void fire_retry(struct fire *fire, size_t culprit)
{
	struct item *again = memory_alloc(fire->fake->count * sizeof(*again));
	size_t count;
	do {
		count = 0;
		for (size_t i = 0; i < fire->fake->count; i++) {
			const struct outcome *outcome = &fire->last[i];
			if (i == culprit || outcome->status != OUTCOME_FAILED ||
				outcome->error.blame != BLAME_MOMENT)
				continue;
			again[count] = fire->fake->items[i];
			again[count++].attempt = outcome->attempt + 1;
		}
		fire->plugin->give(fire->executor, again, count);
		fire_finish(fire);
	} while (count > 0);
	free(again);
}

/* Every worker's last process lives. One that is dead was waited for before its item came back, so
 * that no signal finds it. */
static bool fire_is_whole(const struct fire *fire)
{
	for (uint32_t i = 0; i < fire->workers; i++) {
		int32_t pid = fire->fake->shared->pids[i];
		if (pid == 0 || kill(pid, 0) != 0)
			return false;
	}
	return true;
}

static const struct fire_kind {
	const char *name;
	enum work_deed deed;
	enum error_code code;
	enum blame blame;
	const char *text;
} fire_kinds[] = {
	{ "segfault", WORK_SEGV, ERROR_CRASHED, BLAME_ITEM, "worker was killed by SIGSEGV after " },
	{ "abort", WORK_ABORT, ERROR_CRASHED, BLAME_ITEM, "worker was killed by SIGABRT after " },
	{ "trap", WORK_TRAP, ERROR_CRASHED, BLAME_ITEM, "worker was killed by SIGTRAP after " },
	{ "exit", WORK_EXIT_0, ERROR_CRASHED, BLAME_ITEM, "worker exited with status 0 after " },
	{ "hang", WORK_HANG, ERROR_TIMEOUT, BLAME_MOMENT, "over 'timeout': worker was killed" },
	{ "stop", WORK_STOP, ERROR_TIMEOUT, BLAME_MOMENT, "over 'timeout': worker was killed" },
	{ "memory", WORK_EAT, ERROR_LIMIT, BLAME_ITEM, "over the 64.0 MiB of 'memory': " },
	{ "stack", WORK_DEEP, ERROR_CRASHED, BLAME_ITEM, "worker was killed by SIGSEGV after " },
	{ "garbage", WORK_BABBLE, ERROR_CRASHED, BLAME_ITEM, "answer that makes no sense after " },
};

enum { FIRE_KINDS = sizeof(fire_kinds) / sizeof(*fire_kinds), FIRE_COUNT = 40 };

/* A sanitizer's shadow makes each fork take thirty times as long. */
#if defined(__SANITIZE_ADDRESS__)
enum { FIRE_SEEDS = 10 };
#else
enum { FIRE_SEEDS = 100 };
#endif

static void fire_check(
	const struct fire *fire, const char *name, const struct fire_kind *kind, size_t culprit)
{
	for (size_t i = 0; i < fire->fake->count; i++) {
		const struct outcome *outcome = &fire->last[i];
		if (outcome->status != (i == culprit ? OUTCOME_FAILED : OUTCOME_MADE))
			fail_msg("%s: item %zu: %s", name, i, outcome->error.text);
	}
	const struct outcome *outcome = &fire->last[culprit];
	if (!strstr(outcome->error.text, kind->text))
		fail_msg("%s: %s", name, outcome->error.text);
	assert_int_equal(outcome->error.code, kind->code);
	assert_int_equal(outcome->error.blame, kind->blame);
	assert_int_equal(fire->fake->shared->started[culprit], 1);
	assert_int_equal(fire->failed, 0);
}

/* A fault of one kind at one place. */
static void fire_once(struct fire *fire, const struct fire_kind *kind, unsigned seed)
{
	char name[64];
	const size_t culprit = (size_t)rand_r(&seed) % FIRE_COUNT;
	const size_t cut = (size_t)rand_r(&seed) % FIRE_COUNT;
	const bool hangs = kind->code == ERROR_TIMEOUT;
	fire->workers = 1 + (uint32_t)rand_r(&seed) % 4;
	snprintf(
		name, sizeof(name), "%s, item %zu, %u workers", kind->name, culprit, fire->workers);
	fire_begin(
		fire, hangs ? "{ timeout: 40ms, memory: 64MiB }" : "{ memory: 64MiB }", FIRE_COUNT);
	fire->fake->deeds[culprit] = (uint8_t)kind->deed;
	fire_give(fire, 0, cut);
	fire_give(fire, cut, FIRE_COUNT - cut);
	fire_finish(fire);
	fire_retry(fire, culprit);
	fire_check(fire, name, kind, culprit);
	while (!fire_is_whole(fire))
		fire_next(fire, true, clock_micros() + FIRE_TICK_MICROS);
	fire_end(fire);
}

static void fire_nine_kinds(struct fire *fire)
{
	for (unsigned seed = 1; seed <= FIRE_SEEDS; seed++)
		for (size_t i = 0; i < FIRE_KINDS; i++)
			fire_once(fire, &fire_kinds[i], seed * 1000 + (unsigned)i);
}

/* Kinds that need limits of their own, or that are no fault of the item. */
static void fire_other_kinds(struct fire *fire)
{
	static const struct fire_kind kinds[] = {
		{ "cpu", WORK_SPIN, ERROR_LIMIT, BLAME_ITEM,
			"over 'cpu': worker was ended after " },
		{ "files", WORK_FILES, ERROR_LIMIT, BLAME_ITEM,
			"over the 20 descriptors of 'files': cannot open one more" },
		{ "kill", WORK_KILL, ERROR_CRASHED, BLAME_MOMENT, "worker was killed by " },
	};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		fire->workers = 2;
		fire_begin(fire, "{ cpu: 30ms, files: 20 }", FIRE_COUNT);
		fire->fake->deeds[7] = (uint8_t)kinds[i].deed;
		fire_give(fire, 0, FIRE_COUNT);
		fire_finish(fire);
		fire_retry(fire, 7);
		fire_check(fire, kinds[i].name, &kinds[i], 7);
		fire_end(fire);
	}
}

static void fire_recycles(struct fire *fire)
{
	static const struct {
		uint32_t workers;
		const char *options;
		uint32_t processes;
	} cases[] = { { 1, "{ recycle: 1 }", 1000 }, { 3, "{ recycle: 7 }", 143 } };
	enum { COUNT = 1000 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fire->workers = cases[i].workers;
		fire_begin(fire, cases[i].options, COUNT);
		fire_give(fire, 0, COUNT);
		fire_finish(fire);
		for (size_t k = 0; k < COUNT; k++)
			assert_int_equal(fire->last[k].status, OUTCOME_MADE);
		assert_true(fire->fake->shared->opened >= cases[i].processes);
		assert_int_equal(fire->failed, 0);
		fire_end(fire);
	}
}

/* Workers that die on every item end the run instead of being replaced for ever. */
static void fire_crash_loop(struct fire *fire)
{
	enum { COUNT = 300 };
	for (fire->workers = 5; fire->workers <= 16; fire->workers += 11) {
		fire_begin(fire, "", COUNT);
		memset(fire->fake->deeds, WORK_SEGV, COUNT);
		fire_give(fire, 0, COUNT);
		fire_finish(fire);
		assert_int_equal(fire->failed, 1);
		const struct error *error = fire->plugin->error(fire->executor);
		assert_int_equal(error->code, ERROR_CRASHED);
		assert_non_null(strstr(error->text,
			"11 workers crashed within a minute; the last: worker was killed by "
			"SIGSEGV"));
		size_t crashed = 0;
		for (size_t i = 0; i < COUNT; i++) {
			assert_int_equal(fire->last[i].attempt, 1);
			crashed += fire->last[i].status == OUTCOME_FAILED;
		}
		assert_in_range(crashed, 11, 11 + fire->workers);
		fire_end(fire);
	}
}

/* A main that is killed in the midst of things: its workers hold an item each. */
static _Noreturn void fire_be_main(struct fire *fire)
{
	fire_give(fire, 0, fire->workers);
	for (;;)
		fire_next(fire, true, INT64_MAX);
}

static void fire_orphans(struct fire *fire)
{
	fire->workers = 3;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	fire->fake = work_fake_new(3);
	memset(fire->fake->deeds, WORK_WAIT, 3);
	fire->last = memory_zeroed(3, sizeof(*fire->last));
	const struct work work = work_fake_work(fire->fake, -1);
	const void *settings = work_fake_settings(&fire->plugin->plugin, "", &fire->arena);
	pid_t pid = fork();
	if (pid == 0) {
		if (!fire->plugin->open(settings, fire->workers, &work, &fire->executor, NULL))
			_exit(EXIT_FAILURE);
		fire_be_main(fire);
	}
	struct pollfd orphans[3];
	for (uint32_t i = 0; i < fire->workers; i++)
		while (sem_wait(&fire->fake->shared->begun) != 0 && errno == EINTR)
			;
	for (uint32_t i = 0; i < fire->workers; i++) {
		orphans[i] = (struct pollfd){
			.fd = pidfd_open(fire->fake->shared->pids[i], 0),
			.events = POLLIN,
		};
		assert_true(orphans[i].fd >= 0);
		assert_int_equal(poll(&orphans[i], 1, 0), 0);
	}
	kill(pid, SIGKILL);
	for (uint32_t i = 0; i < fire->workers; i++) {
		assert_int_equal(poll(&orphans[i], 1, FIRE_NEVER_MILLIS), 1);
		close(orphans[i].fd);
	}
	while (wait(NULL) > 0)
		;
	work_fake_free(fire->fake);
	free(fire->last);
	arena_finish(&fire->arena);
}

/* Runs `test` for every executor that isolates. The thread sanitizer cannot follow a fork. */
static void fire_each(void (*test)(struct fire *fire))
{
#if defined(__SANITIZE_THREAD__)
	(void)test;
	skip();
#else
	for (size_t i = 0; executors[i]; i++) {
		struct fire fire = { .plugin = executor_of(executors[i]) };
		if (fire.plugin->isolates)
			test(&fire);
	}
#endif
}

#define FIRE(name)                            \
	static void test_##name(void **state) \
	{                                     \
		(void)state;                  \
		fire_each(fire_##name);       \
	}

FIRE(nine_kinds)
FIRE(other_kinds)
FIRE(recycles)
FIRE(crash_loop)
FIRE(orphans)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nine_kinds),
		cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_recycles),
		cmocka_unit_test(test_crash_loop),
		cmocka_unit_test(test_orphans),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
