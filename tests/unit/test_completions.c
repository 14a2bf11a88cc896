#include "pipeline/executors/completions.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { COMPLETIONS_WORKERS = 3, COMPLETIONS_EACH = 20000, COMPLETIONS_NEVER_MILLIS = 60000 };

struct pusher {
	struct completions *completions;
	pthread_t thread;
	uint32_t number, count;
};

/* The text's length goes with the number, so that a place which is filled too early shows. */
static void *pusher_run(void *context)
{
	const struct pusher *me = context;
	struct outcome outcome = { .worker = me->number };
	for (uint32_t i = 0; i < me->count; i++) {
		outcome.ticket = i;
		memset(outcome.error.text, 'a' + (int)(i % 26), i % 50);
		outcome.error.text[i % 50] = '\0';
		completions_push(me->completions, me->number, &outcome, i % 8);
	}
	completions_poke(me->completions);
	return NULL;
}

static void pusher_start(struct pusher *pushers, struct completions *completions, uint32_t count)
{
	for (uint32_t i = 0; i < completions->count; i++) {
		pushers[i] =
			(struct pusher){ .completions = completions, .number = i, .count = count };
		assert_int_equal(
			pthread_create(&pushers[i].thread, NULL, pusher_run, &pushers[i]), 0);
	}
}

static bool completions_readable(struct completions *completions, int millis)
{
	struct pollfd descriptor = { .fd = completions->descriptor, .events = POLLIN };
	bool readable = poll(&descriptor, 1, millis) > 0;
	completions_heard(completions);
	return readable;
}

static void check(const struct outcome *outcome, uint32_t window, uint32_t *next)
{
	const uint32_t ticket = outcome->ticket;
	assert_int_equal(ticket, next[outcome->worker]++);
	assert_int_equal(window, ticket % 8);
	assert_int_equal(strlen(outcome->error.text), ticket % 50);
	if (ticket % 50 > 0)
		assert_int_equal(outcome->error.text[0], 'a' + (int)(ticket % 26));
}

/* Main is slower than the workers now and then, and naps as it would: nothing is lost, nothing
 * comes twice, each worker's outcomes keep their order. */
static void test_completions_keep_order(void **state)
{
	(void)state;
	struct completions completions;
	struct pusher pushers[COMPLETIONS_WORKERS] = { 0 };
	uint32_t next[COMPLETIONS_WORKERS] = { 0 }, window, taken = 0;
	struct outcome outcome;
	assert_true(completions_open(&completions, COMPLETIONS_WORKERS, NULL));
	pusher_start(pushers, &completions, COMPLETIONS_EACH);
	while (taken < COMPLETIONS_WORKERS * COMPLETIONS_EACH) {
		if (completions_pop(&completions, &outcome, &window)) {
			check(&outcome, window, next);
			if (++taken % 1000 == 0)
				sched_yield();
			continue;
		}
		bool woken = completions_readable(
			&completions, completions.dozes ? 1 : COMPLETIONS_NEVER_MILLIS);
		assert_true(woken || completions.dozes);
	}
	assert_false(completions_pop(&completions, &outcome, &window));
	for (uint32_t i = 0; i < COMPLETIONS_WORKERS; i++)
		pthread_join(pushers[i].thread, NULL);
	completions_close(&completions);
}

/* Without a main that takes, a worker waits; and goes on once main forgets it all. */
static void test_completions_let_go(void **state)
{
	(void)state;
	struct completions completions;
	struct pusher pusher = { 0 };
	struct outcome outcome;
	uint32_t window, next[1] = { 0 };
	assert_true(completions_open(&completions, 1, NULL));
	assert_false(completions_pop(&completions, &outcome, &window));
	pusher_start(&pusher, &completions, 10 * completions.room);
	assert_true(completions_readable(&completions, COMPLETIONS_NEVER_MILLIS));
	for (uint32_t i = 0; i < 3 * completions.room; i++) {
		while (!completions_pop(&completions, &outcome, &window))
			sched_yield();
		check(&outcome, window, next);
	}
	completions_shut(&completions);
	pthread_join(pusher.thread, NULL);
	completions_close(&completions);
}

/* Main is woken for what it waits for, once. */
static void test_completions_wake_seldom(void **state)
{
	(void)state;
	struct completions completions;
	struct outcome outcome = { .ticket = 1 };
	uint32_t window;
	assert_true(completions_open(&completions, 2, NULL));
	completions_push(&completions, 0, &outcome, 0);
	assert_false(completions_readable(&completions, 0));
	assert_true(completions_pop(&completions, &outcome, &window));
	assert_false(completions_pop(&completions, &outcome, &window));
	assert_true(completions.dozes);
	completions_push(&completions, 0, &outcome, 0);
	assert_false(completions_readable(&completions, 0));
	completions_poke(&completions);
	completions_poke(&completions);
	assert_true(completions_readable(&completions, 0));
	assert_false(completions_readable(&completions, 0));
	assert_true(completions_pop(&completions, &outcome, &window));
	assert_false(completions_pop(&completions, &outcome, &window));
	assert_false(completions_pop(&completions, &outcome, &window));
	assert_false(completions.dozes);
	completions_push(&completions, 1, &outcome, 0);
	assert_true(completions_readable(&completions, 0));
	assert_true(completions_pop(&completions, &outcome, &window));
	assert_false(completions_pop(&completions, &outcome, &window));
	for (uint32_t i = 0; i < completions.room / 2; i++) {
		assert_false(completions_readable(&completions, 0));
		completions_push(&completions, 1, &outcome, 0);
	}
	assert_true(completions_readable(&completions, 0));
	completions_close(&completions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_completions_keep_order),
		cmocka_unit_test(test_completions_let_go),
		cmocka_unit_test(test_completions_wake_seldom),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
