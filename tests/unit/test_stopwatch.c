#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/stopwatch.h"

enum { BASE, ITEM, STAGE, PART, PURPOSES };

static struct stopwatch_board *make_board(struct stopwatch_size size)
{
	struct stopwatch_board *board = aligned_alloc(128, stopwatch_bytes(size));
	assert_non_null(board);
	memset(board, 0, stopwatch_bytes(size));
	return board;
}

static int64_t nanos_of(struct stopwatch_board *board, uint32_t purpose)
{
	return atomic_load(&stopwatch_sums(board)[purpose].nanos);
}

static uint64_t times_of(struct stopwatch_board *board, uint32_t purpose)
{
	return atomic_load(&stopwatch_sums(board)[purpose].times);
}

/* Every nanosecond goes to whatever was on top, and none is lost. */
static void test_time_goes_to_the_top(void **state)
{
	(void)state;
	const struct stopwatch_size size = { .purposes = PURPOSES };
	struct stopwatch_board *board = make_board(size);
	struct stopwatch watch;
	stopwatch_start(&watch, board, size, BASE);
	const int64_t start = watch.since_nanos;
	stopwatch_enter_at(&watch, ITEM, start + 10);
	stopwatch_enter_at(&watch, STAGE, start + 12);
	stopwatch_enter_at(&watch, PART, start + 20);
	stopwatch_leave_at(&watch, 3, start + 50);
	stopwatch_leave_at(&watch, 2, start + 55);
	stopwatch_leave_at(&watch, 1, start + 58);
	stopwatch_enter_at(&watch, ITEM, start + 60);
	stopwatch_enter_at(&watch, STAGE, start + 60);
	stopwatch_leave_at(&watch, 1, start + 100);
	assert_int_equal(watch.depth, 1);
	assert_int_equal(nanos_of(board, BASE), 10 + 2);
	assert_int_equal(nanos_of(board, ITEM), 2 + 3);
	assert_int_equal(nanos_of(board, STAGE), 8 + 5 + 40);
	assert_int_equal(nanos_of(board, PART), 30);
	assert_int_equal(times_of(board, BASE), 1);
	assert_int_equal(times_of(board, ITEM), 2);
	assert_int_equal(times_of(board, STAGE), 2);
	assert_int_equal(times_of(board, PART), 1);
	assert_int_equal(atomic_load(&board->roots), 0);
	free(board);
}

/* By the real clock: what is left to the base when it stops is counted too. */
static void test_stop_counts_the_rest(void **state)
{
	(void)state;
	const struct stopwatch_size size = { .purposes = PURPOSES };
	struct stopwatch_board *board = make_board(size);
	struct stopwatch watch;
	const int64_t before = clock_now_nanos();
	stopwatch_start(&watch, board, size, BASE);
	stopwatch_enter(&watch, ITEM);
	stopwatch_change(&watch, STAGE);
	stopwatch_stop(&watch);
	const int64_t most = clock_now_nanos() - before;
	stopwatch_leave(&watch);
	stopwatch_enter(&watch, ITEM);
	stopwatch_stop(&watch);
	assert_int_equal(times_of(board, ITEM), 1);
	const int64_t sum = nanos_of(board, BASE) + nanos_of(board, ITEM) + nanos_of(board, STAGE);
	assert_true(sum > 0 && sum <= most);
	free(board);
}

static void test_nobody_wants_to_know(void **state)
{
	(void)state;
	struct stopwatch watch = { .board = NULL };
	stopwatch_enter(NULL, ITEM);
	stopwatch_change(NULL, ITEM);
	stopwatch_leave(NULL);
	stopwatch_label(NULL, "x", 1);
	stopwatch_enter(&watch, ITEM);
	stopwatch_change(&watch, ITEM);
	stopwatch_label(&watch, "x", 1);
	stopwatch_leave(&watch);
	stopwatch_stop(&watch);
	assert_int_equal(watch.depth, 0);
}

/* An item with a stage in it, of so many nanoseconds. */
static void run_item(struct stopwatch *watch, int64_t nanos, const char *label)
{
	const int64_t now = watch->since_nanos;
	stopwatch_label(watch, label, strlen(label));
	stopwatch_enter_at(watch, ITEM, now);
	stopwatch_enter_at(watch, STAGE, now);
	stopwatch_leave_at(watch, 1, now + nanos);
}

static void test_trace_keeps_spans(void **state)
{
	(void)state;
	const struct stopwatch_size size = { PURPOSES, 8 };
	struct stopwatch_board *board = make_board(size);
	const struct stopwatch_span *spans = stopwatch_spans(board, size);
	struct stopwatch watch;
	stopwatch_start(&watch, board, size, BASE);
	const int64_t start = watch.since_nanos;
	run_item(&watch, 70, "a name that is longer than the room that there is for labels");
	run_item(&watch, 30, "b");
	assert_int_equal(atomic_load(&board->spans), 4);
	assert_int_equal(atomic_load(&board->roots), 2);
	assert_int_equal(spans[0].purpose, STAGE);
	assert_int_equal(spans[0].depth, 2);
	assert_string_equal(spans[0].label, "");
	assert_int_equal(spans[1].purpose, ITEM);
	assert_int_equal(spans[1].depth, 1);
	assert_int_equal(spans[1].from_nanos, start);
	assert_int_equal(spans[1].nanos, 70);
	assert_string_equal(spans[1].label, "a name that is longer than the room that there ");
	assert_int_equal(spans[2].from_nanos, start + 70);
	assert_int_equal(spans[2].root_nanos, 30);
	assert_int_equal(spans[2].root, 2);
	assert_string_equal(spans[3].label, "b");
	/* Whoever is started on the board next goes on behind that. */
	stopwatch_start(&watch, board, size, BASE);
	run_item(&watch, 10, "c");
	assert_int_equal(atomic_load(&board->spans), 6);
	assert_string_equal(spans[5].label, "c");
	free(board);
}

static const int64_t ETERNITY = INT64_C(1) << 40;

/* A million items into room for some: whole ones, all long ones, a fair share of the others. */
static void test_trace_is_bounded(void **state)
{
	(void)state;
	enum { ITEMS = 1000000, LONG = 1000, ROOM = 4097 };
	const struct stopwatch_size size = { PURPOSES, ROOM };
	struct stopwatch_board *board = make_board(size);
	const struct stopwatch_span *spans = stopwatch_spans(board, size);
	struct stopwatch watch;
	stopwatch_start(&watch, board, size, BASE);
	for (int i = 0; i < ITEMS; i++)
		run_item(&watch, i % (ITEMS / LONG) == 7 ? 5000000 : 1000 + i % 5, "x");
	run_item(&watch, ETERNITY, "longer than the limit can become");
	const uint32_t count = atomic_load(&board->spans);
	assert_int_equal(atomic_load(&board->roots), ITEMS + 1);
	assert_int_equal(spans[count - 1].nanos, ETERNITY);
	assert_true(count <= ROOM && count >= ROOM / 4);
	assert_int_equal(count % 2, 0);
	uint32_t kept = 0, late = 0;
	for (uint32_t i = 0; i < count; i += 2) {
		assert_int_equal(spans[i].purpose, STAGE);
		assert_int_equal(spans[i + 1].purpose, ITEM);
		assert_int_equal(spans[i].root, spans[i + 1].root);
		assert_int_equal(spans[i].nanos, spans[i + 1].nanos);
		assert_int_equal(spans[i].from_nanos, spans[i + 1].from_nanos);
		kept += spans[i].nanos == 5000000;
		late += spans[i].nanos < 5000000 && spans[i].root > ITEMS / 2;
	}
	const int64_t rarer = atomic_load(&board->rarer);
	assert_true(rarer > 1000);
	assert_true(rarer > 5000000 || kept == LONG);
	assert_true(rarer <= 5000000);
	/* As many of the second half as of the first, about. */
	const uint32_t others = count / 2 - kept - 1;
	assert_true(late * 3 > others && late * 3 < others * 2);
	assert_int_equal(atomic_load(&board->dropped), 0);
	free(board);
}

/* One step that has more in it than there is room for. */
static void test_trace_of_one_step(void **state)
{
	(void)state;
	const struct stopwatch_size size = { PURPOSES, 16 };
	struct stopwatch_board *board = make_board(size);
	const struct stopwatch_span *spans = stopwatch_spans(board, size);
	struct stopwatch watch;
	stopwatch_start(&watch, board, size, BASE);
	run_item(&watch, 1, "goes, to make room");
	const int64_t start = watch.since_nanos;
	stopwatch_enter_at(&watch, ITEM, start);
	for (int i = 0; i < 100; i++) {
		stopwatch_enter_at(&watch, STAGE, start + i);
		stopwatch_leave_at(&watch, 2, start + i + 1);
	}
	stopwatch_leave_at(&watch, 1, start + 100);
	assert_int_equal(atomic_load(&board->spans), 16);
	for (int i = 0; i < 16; i++)
		assert_int_equal(spans[i].from_nanos, start + i);
	assert_int_equal(atomic_load(&board->dropped), 101 - 16);
	assert_int_equal(times_of(board, STAGE), 101);
	assert_int_equal(nanos_of(board, STAGE), 101);
	free(board);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_goes_to_the_top),
		cmocka_unit_test(test_stop_counts_the_rest),
		cmocka_unit_test(test_nobody_wants_to_know),
		cmocka_unit_test(test_trace_keeps_spans),
		cmocka_unit_test(test_trace_is_bounded),
		cmocka_unit_test(test_trace_of_one_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
