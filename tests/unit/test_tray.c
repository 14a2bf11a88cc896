#include "pipeline/executors/tray.h"

#include <signal.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int tray_setup(void **state)
{
	*state = tray_open(NULL);
	tray_clear(*state);
	return *state ? 0 : -1;
}

static int tray_teardown(void **state)
{
	tray_close(*state);
	return 0;
}

/* An item is either begun or taken back. */
static void test_tray_decides_once(void **state)
{
	struct tray *tray = *state;
	assert_true(tray_begin(tray, 1));
	assert_true(tray_begin(tray, 2));
	assert_true(tray_has_begun(tray, 2));
	assert_false(tray_has_begun(tray, 3));
	assert_int_equal(tray_recall(tray, 5), 2);
	for (uint64_t number = 3; number <= 5; number++)
		assert_false(tray_begin(tray, number));
	assert_true(tray_begin(tray, 6));
	assert_int_equal(tray_recall(tray, 6), 6);
	tray_clear(tray);
	assert_false(tray_has_begun(tray, 1));
}

static void test_tray_keeps_order(void **state)
{
	struct tray *tray = *state;
	int bell = eventfd(0, EFD_NONBLOCK);
	uint32_t taken = 0;
	for (uint32_t i = 0; i < 5 * TRAY_ROOM; i++) {
		struct outcome outcome = { .ticket = i, .status = OUTCOME_IGNORED };
		memset(outcome.error.text, 'a' + (int)(i % 26), i % 300);
		tray_reply(tray, bell, WIRE_OUTCOME, &outcome);
		if (i % 3 == 0 && i < 4 * TRAY_ROOM)
			continue;
		while (tray_has_reply(tray, taken)) {
			struct wire_reply reply;
			tray_take(tray, taken, &reply);
			assert_true(wire_reply_sound(&reply));
			assert_int_equal(reply.outcome.ticket, taken);
			assert_int_equal(strlen(reply.outcome.error.text), taken % 300);
			taken++;
		}
	}
	assert_int_equal(taken, 5 * TRAY_ROOM);
	close(bell);
}

static bool tray_rang(int bell)
{
	eventfd_t count;
	return eventfd_read(bell, &count) == 0;
}

/* The bell costs a system call: it is rung once for each sleep, and in a nap for waiting alone. */
static void test_tray_rings_seldom(void **state)
{
	struct tray *tray = *state;
	const struct outcome outcome = { .ticket = 1 };
	int bell = eventfd(0, EFD_NONBLOCK);
	tray_set_nap(tray, NAP_SLEEPS);
	tray_reply(tray, bell, WIRE_READY, &outcome);
	assert_true(tray_rang(bell));
	tray_reply(tray, bell, WIRE_OUTCOME, &outcome);
	tray_wait(tray, bell);
	assert_false(tray_rang(bell));
	tray_set_nap(tray, NAP_DOZES);
	tray_reply(tray, bell, WIRE_OUTCOME, &outcome);
	assert_false(tray_rang(bell));
	tray_wait(tray, bell);
	assert_true(tray_rang(bell));
	close(bell);
}

/* What a process has put down outlives it, and begins what it says it began. */
static void test_tray_outlives_its_worker(void **state)
{
	struct tray *tray = *state;
	int bell = eventfd(0, EFD_NONBLOCK);
	tray_share(tray, true);
	pid_t pid = fork();
	if (pid == 0) {
		const struct outcome outcome = { .ticket = 77 };
		tray_begin(tray, 1);
		tray_reply(tray, bell, WIRE_OUTCOME, &outcome);
		tray_begin(tray, 2);
		kill(getpid(), SIGKILL);
	}
	tray_share(tray, false);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(tray_rang(bell));
	assert_true(tray_has_begun(tray, 2));
	assert_false(tray_has_begun(tray, 3));
	struct wire_reply reply;
	assert_true(tray_has_reply(tray, 0));
	tray_take(tray, 0, &reply);
	assert_int_equal(reply.outcome.ticket, 77);
	assert_false(tray_has_reply(tray, 1));
	close(bell);
}

#define TRAY(name) cmocka_unit_test_setup_teardown(test_tray_##name, tray_setup, tray_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRAY(decides_once),
		TRAY(keeps_order),
		TRAY(rings_seldom),
		TRAY(outlives_its_worker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
