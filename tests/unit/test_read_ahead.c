#include "pipeline/read_ahead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/input.h"
#include "tests/fakes/scratch.h"

/* How often main wanted to know what a stage reads. */
static int asked;

static bool reads_key(const void *prepared, const struct item *item, struct text *path)
{
	(void)prepared;
	asked++;
	text_add(path, item->key, item->key_length);
	return true;
}

static const struct stage_plugin reader = { .reads = reads_key }, other = { .version = 1 };
static const char *const root[] = { "in" };

/* A plan whose second stage reads files; `count` items, all called in/picture.jpg, were given. */
struct fixture {
	struct plan_stage stages[2];
	struct plan plan;
	struct windows windows;
	const struct item *items;
	struct read_ahead *ahead;
};

static void fixture_open(struct fixture *fixture, size_t count, uint64_t bytes)
{
	*fixture = (struct fixture){ .stages = { { .plugin = &other }, { .plugin = &reader } } };
	fixture->plan.tail = fixture->stages;
	fixture->plan.tail_count = 2;
	fixture->plan.roots = (struct option_list){ (const char **)root, 1 };
	fixture->ahead = read_ahead_open(&fixture->plan);
	windows_open(&fixture->windows);
	assert_true(windows_have_room(&fixture->windows, count));
	const char key[] = "in/picture.jpg";
	const struct item item = {
		.attempt = 1, .bytes = bytes, .key = key, .key_length = strlen(key)
	};
	for (size_t i = 0; i < count; i++)
		windows_add(&fixture->windows, &item);
	fixture->items = windows_give(&fixture->windows, &count);
	asked = 0;
}

static void fixture_return(struct fixture *fixture, size_t from, size_t count)
{
	for (size_t i = from; i < from + count; i++) {
		const struct outcome outcome = outcome_of(&fixture->items[i], OUTCOME_MADE);
		windows_release(&fixture->windows, &outcome);
	}
}

static void fixture_close(struct fixture *fixture)
{
	read_ahead_close(fixture->ahead);
	windows_close(&fixture->windows);
}

static void test_so_many_files(void **state)
{
	(void)state;
	struct fixture fixture;
	scratch_folder("in"); /* no picture in it: never in memory */
	fixture_open(&fixture, 200, 1);
	read_ahead_step(fixture.ahead, &fixture.windows);
	assert_int_equal(asked, 64);
	read_ahead_step(fixture.ahead, &fixture.windows);
	assert_int_equal(asked, 64);
	fixture_return(&fixture, 0, 10);
	read_ahead_step(fixture.ahead, &fixture.windows);
	assert_int_equal(asked, 74);
	fixture_close(&fixture);
}

static void test_so_many_bytes(void **state)
{
	(void)state;
	struct fixture fixture;
	scratch_folder("in");
	fixture_open(&fixture, 200, 10 << 20);
	read_ahead_step(fixture.ahead, &fixture.windows);
	assert_int_equal(asked, 4);
	fixture_close(&fixture);
}

/* Where everything is in memory, hardly anything is looked at, until something is not. */
static void test_a_warm_cache_costs_nothing(void **state)
{
	(void)state;
	struct fixture fixture;
	scratch_folder("in");
	scratch_write("in/picture.jpg", "bytes", 5);
	struct input *input;
	struct error err;
	assert_true(
		input_open((struct option_list){ (const char **)root, 1 }, false, &input, &err));
	const bool tells = input_ahead(input, "in/picture.jpg", 14, 5);
	input_close(input);
	if (!tells)
		skip(); /* a file system that does not say what is in memory */
	fixture_open(&fixture, 200, 1);
	read_ahead_step(fixture.ahead, &fixture.windows);
	assert_int_equal(asked, 16 + 3);
	unlink("in/picture.jpg");
	fixture_return(&fixture, 0, 64);
	read_ahead_step(fixture.ahead, &fixture.windows);
	assert_int_equal(asked, 16 + 3 + 64);
	fixture_close(&fixture);
}

static void test_nothing_to_read(void **state)
{
	(void)state;
	struct plan_stage stage = { .plugin = &other };
	const struct plan none = { .tail = &stage, .tail_count = 1 };
	assert_null(read_ahead_open(&none));
	struct fixture fixture;
	fixture_open(&fixture, 1, 1); /* without the folder */
	assert_null(fixture.ahead);
	read_ahead_step(fixture.ahead, &fixture.windows);
	assert_int_equal(asked, 0);
	fixture_close(&fixture);
}

int main(void)
{
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(test_so_many_files),
		IN_SCRATCH(test_so_many_bytes),
		IN_SCRATCH(test_a_warm_cache_costs_nothing),
		IN_SCRATCH(test_nothing_to_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
