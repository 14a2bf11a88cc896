#include "pipeline/times.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/config.h"

static const char test_config[] = "# a comment\n"
				  "name: test\n"
				  "source:\n"
				  "  files:\n"
				  "    roots: [in]\n"
				  "stages:\n"
				  "  - thumbnail:\n"
				  "      sizes: [ { name: s, width: 9, height: 9 } ]\n"
				  "      to: out/{name}.jpg\n"
				  "executor:\n"
				  "  sequential: {}\n";

struct fixture {
	struct arena arena;
	struct problems problems;
	struct config config;
	struct plan plan;
	struct times *times;
};

static struct fixture *open_fixture(void)
{
	struct error err;
	struct fixture *made = memory_zeroed(1, sizeof(*made));
	struct yaml_node *root = yaml_parse(
		&made->arena, "test.yaml", test_config, sizeof(test_config) - 1, &made->problems);
	yaml_set(&made->arena, root, "stages.1={write: {to: \"o/{name}\", from: name}}",
		&made->problems);
	assert_true(config_parse(&made->arena, root, &made->config, &made->problems));
	assert_true(plan_make(&made->config, &made->arena, &made->plan, &made->problems));
	made->times = times_open(&made->plan, 2, false, &err);
	assert_non_null(made->times);
	return made;
}

static void close_fixture(struct fixture *fixture)
{
	times_close(fixture->times);
	arena_finish(&fixture->arena);
	problems_finish(&fixture->problems);
	free(fixture);
}

static void expect_row(const struct times_row *row, const char *name, int line, uint32_t parent)
{
	assert_string_equal(row->name, name);
	assert_int_equal(row->line, line);
	assert_int_equal(row->parent, parent);
}

/* As --set names them, where they stand; what stands nowhere is beside what is around it. */
static void test_purposes_have_places(void **state)
{
	(void)state;
	struct fixture *fixture = open_fixture();
	size_t count;
	const struct times_row *rows = times_rows(fixture->times, &count);
	const uint32_t thumbnail = times_tail(&fixture->plan, 0);
	const uint32_t write = times_tail(&fixture->plan, 1);
	assert_int_equal(count, times_tail(&fixture->plan, 2));
	expect_row(&rows[TIMES_RUN], "run", 2, TIMES_RUN);
	expect_row(&rows[TIMES_SOURCE], "source.files", 4, TIMES_RUN);
	expect_row(&rows[TIMES_COMMIT], "state (commit)", 2, TIMES_RUN);
	expect_row(&rows[TIMES_WAIT], "executor.sequential (main waits)", 11, TIMES_RUN);
	expect_row(&rows[TIMES_IDLE], "executor.sequential (workers)", 11, TIMES_IDLE);
	expect_row(&rows[thumbnail], "stages.0.thumbnail", 7, TIMES_ITEM);
	expect_row(&rows[thumbnail + 2], "stages.0.thumbnail.decode", 7, thumbnail);
	expect_row(&rows[write], "stages.1.write", 2, TIMES_ITEM);
	assert_true(rows[TIMES_WAIT].waits && rows[TIMES_IDLE].waits && rows[TIMES_SYNC].waits);
	assert_false(rows[TIMES_COMMIT].waits || rows[write].waits);
	assert_true(rows[write].worker && rows[thumbnail + 2].worker && rows[TIMES_IDLE].worker);
	assert_false(rows[TIMES_WAIT].worker);
	close_fixture(fixture);
}

static const int64_t SECOND = 1000000000;

/* A worker that is main itself works while main seems to wait, and main works while it does. */
static void test_worker_inside_main(void **state)
{
	(void)state;
	struct fixture *fixture = open_fixture();
	struct stopwatch *main = times_main(fixture->times), worker;
	const uint32_t stage = times_tail(&fixture->plan, 0);
	stopwatch_start(
		&worker, times_board(fixture->times, 0), times_size(fixture->times), TIMES_IDLE);
	const int64_t now =
		worker.since_nanos > main->since_nanos ? worker.since_nanos : main->since_nanos;
	stopwatch_enter_at(main, TIMES_WAIT, now + 5 * SECOND);
	stopwatch_enter_at(&worker, TIMES_ITEM, now + 6 * SECOND);
	stopwatch_enter_at(&worker, stage, now + 6 * SECOND);
	stopwatch_leave_at(&worker, 1, now + 9 * SECOND);
	stopwatch_leave_at(main, 1, now + 10 * SECOND);
	size_t count;
	const struct times_row *rows = times_rows(fixture->times, &count);
	assert_int_equal(rows[stage].self_nanos, 3 * SECOND);
	assert_int_equal(rows[TIMES_WAIT].self_nanos, 2 * SECOND);
	assert_int_equal(rows[TIMES_IDLE].self_nanos, 0);
	assert_int_equal(rows[TIMES_IDLE].times, 0);
	assert_int_equal(rows[TIMES_IDLE].all_nanos, 3 * SECOND);
	struct text line = { 0 };
	times_summary(fixture->times, &line);
	assert_string_equal(line.data, "main: 71 % run, 29 % executor.sequential (main waits); "
				       "workers: 100 % stages.0.thumbnail");
	text_finish(&line);
	close_fixture(fixture);
}

/* In a process of its own, which dies: what it had spent is known, its waiting too. */
static void test_worker_in_a_process(void **state)
{
	(void)state;
	struct fixture *fixture = open_fixture();
	const uint32_t stage = times_tail(&fixture->plan, 1);
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		struct stopwatch watch;
		stopwatch_start(&watch, times_board(fixture->times, TIMES_CAREFUL),
			times_size(fixture->times), TIMES_IDLE);
		const int64_t now = watch.since_nanos;
		stopwatch_enter_at(&watch, TIMES_ITEM, now + 1 * SECOND);
		stopwatch_enter_at(&watch, stage, now + 1 * SECOND);
		stopwatch_enter_at(&watch, stage + 1, now + 5 * SECOND);
		_exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	size_t count;
	const struct times_row *rows = times_rows(fixture->times, &count);
	assert_int_equal(rows[stage].self_nanos, 4 * SECOND);
	assert_int_equal(rows[stage].all_nanos, 4 * SECOND);
	assert_int_equal(rows[TIMES_IDLE].self_nanos, 1 * SECOND);
	assert_int_equal(rows[TIMES_IDLE].all_nanos, 5 * SECOND);
	assert_int_equal(rows[stage + 1].times, 1);
	assert_null(times_board(fixture->times, 2));
	close_fixture(fixture);
}

/* Not worth a line. */
static void test_short_runs_have_no_summary(void **state)
{
	(void)state;
	struct fixture *fixture = open_fixture();
	struct stopwatch *main = times_main(fixture->times);
	stopwatch_enter_at(main, TIMES_SOURCE, main->since_nanos + SECOND / 20);
	struct text line = { 0 };
	times_summary(fixture->times, &line);
	assert_int_equal(line.length, 0);
	close_fixture(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_purposes_have_places),
		cmocka_unit_test(test_worker_inside_main),
		cmocka_unit_test(test_worker_in_a_process),
		cmocka_unit_test(test_short_runs_have_no_summary),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
