#include "pipeline/freshness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A plan with two parts, of which an item remembers this much. Each case changes one thing. */

enum { PARTS = 2, BOTH = 3, MTIME = 1700000000, SIZE = 1000 };

static char small_path[] = "out/a-small.jpg", large_path[] = "out/a-large.jpg";

static struct part freshness_parts[PARTS] = {
	{ .recipe = { 1, 1 }, .name = "small", .path = small_path, .length = 15, .late = SIZE_MAX },
	{ .recipe = { 2, 2 }, .name = "large", .path = large_path, .length = 15, .late = SIZE_MAX },
};

static const struct digest content = { 7, 7 }, verdict_now = { 9, 9 };
static struct plan plan = { .parts = PARTS, .verdict = { 9, 9 } };

static struct state_item remembered(void)
{
	return (struct state_item){
		.number = 1,
		.status = OUTCOME_MADE,
		.validator = { .size = SIZE, .mtime_nanos = MTIME },
		.content = content,
		.verdict = verdict_now,
		.recipe = plan_recipe(&plan, freshness_parts),
		.error = "",
	};
}

static struct item as_it_was(void)
{
	return (struct item){ .validator = { .size = SIZE, .mtime_nanos = MTIME } };
}

static bool present(void *context, size_t part, const char *path)
{
	(void)path;
	const uint64_t *missing = context;
	return !(*missing >> part & 1);
}

struct expectation {
	enum freshness verdict;
	uint64_t due;
	bool compared;
};

static void judge(const struct state_item *found, struct item *item, uint64_t missing,
	struct expectation expected)
{
	struct arena arena = { 0 };
	struct state *state = NULL;
	assert_true(state_open("/nonexistent/freshness.db", STATE_READ, &state, NULL));
	const struct freshness_case judged = {
		.plan = &plan,
		.state = state,
		.found = found,
		.parts = freshness_parts,
		.arena = &arena,
		.present = present,
		.context = &missing,
	};
	enum freshness verdict;
	assert_true(freshness_judge(&judged, item, &verdict, NULL));
	assert_string_equal(freshness_word(verdict), freshness_word(expected.verdict));
	assert_int_equal(item->due, expected.due);
	assert_int_equal(!digest_none(item->known), expected.compared);
	state_close(state);
	arena_finish(&arena);
}

static void test_up_to_date(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_UP_TO_DATE, 0, false });
}

static void test_new(void **unused)
{
	(void)unused;
	struct state_item found = { .error = "" };
	struct item item = as_it_was();
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_NEW, BOTH, false });
	found = remembered();
	found.status = OUTCOME_CANCELLED;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_NEW, BOTH, false });
}

static void test_another_size_is_not_compared(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	item.validator.size++;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_CHANGED, BOTH, false });
}

static void test_another_time_is_compared(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	item.validator.mtime_nanos--;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_TOUCHED, BOTH, true });
	item = as_it_was();
	item.validator.strict = 5;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_TOUCHED, BOTH, true });
	item = as_it_was();
	found.validator.mtime_nanos = VALIDATOR_UNTRUSTED;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_TOUCHED, BOTH, true });
}

/* Equal content would end the work, and the missing part would stay missing. */
static void test_touched_with_a_part_missing_is_made(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	item.validator.mtime_nanos++;
	judge(&found, &item, 2, (struct expectation){ FRESHNESS_TOUCHED, BOTH, false });
}

static void test_missing_outputs(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	judge(&found, &item, 2, (struct expectation){ FRESHNESS_OUTPUT_MISSING, 2, false });
}

static void test_another_recipe_asks_for_the_rows(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	found.recipe.low++;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_RECIPE, BOTH, false });
}

static void test_failures_stand_until_something_changes(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	found.status = OUTCOME_FAILED;
	found.blame = BLAME_ITEM;
	found.code = ERROR_DAMAGED;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_KNOWN_FAILURE, 0, false });
	item.validator.mtime_nanos++;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_FAILED, BOTH, false });
	item = as_it_was();
	item.validator.size++;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_CHANGED, BOTH, false });
	item = as_it_was();
	found.verdict.low++;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_FAILED, BOTH, false });
	found = remembered();
	found.status = OUTCOME_FAILED;
	found.blame = BLAME_MOMENT;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_FAILED, BOTH, false });
	found.blame = BLAME_ITEM;
	found.code = ERROR_COLLISION;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_COLLIDED, BOTH, false });
}

static void test_ignored_stands_until_something_changes(void **unused)
{
	(void)unused;
	struct state_item found = remembered();
	struct item item = as_it_was();
	found.status = OUTCOME_IGNORED;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_KNOWN_IGNORED, 0, false });
	item.validator.mtime_nanos++;
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_CHANGED, BOTH, false });
}

static void test_unknown_extension_counts_as_missing(void **unused)
{
	(void)unused;
	freshness_parts[1].late = 11;
	struct state_item found = remembered();
	struct item item = as_it_was();
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_OUTPUT_MISSING, 2, false });
	strcpy(found.late, "png");
	judge(&found, &item, 0, (struct expectation){ FRESHNESS_UP_TO_DATE, 0, false });
	freshness_parts[1].late = SIZE_MAX;
}

static void test_times_too_new_are_not_trusted(void **unused)
{
	(void)unused;
	const int64_t second = 1000000000, now = 1700000000 * second + 400000000;
	const struct {
		int64_t mtime, opened;
		bool trusted;
	} cases[] = {
		{ now - 3 * second, now, true },
		{ now - second / 2, now, true }, /* fine time stamps: a tick is enough */
		{ now - second / 100, now, false },
		{ now + second, now, true }, /* a clock that is off: as good as any other time */
		{ now + second / 100, now, false },
		{ now - 400000000, now,
			false }, /* a whole second: FAT keeps only every other one */
		{ now - 400000000 - 2 * second, now, true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct item item = { .validator = { SIZE, cases[i].mtime, 3 } };
		const struct outcome outcome = {
			.opened_nanos = cases[i].opened,
			.seen = { .size = SIZE, .mtime_nanos = cases[i].mtime },
		};
		struct validator kept = freshness_validator(&item, &outcome);
		assert_int_equal(
			kept.mtime_nanos, cases[i].trusted ? cases[i].mtime : VALIDATOR_UNTRUSTED);
		assert_int_equal(kept.strict, 3);
	}
}

static void test_changed_between_walk_and_open(void **unused)
{
	(void)unused;
	const struct item item = { .validator = { SIZE, 1, 3 } };
	const struct outcome outcome = { .opened_nanos = INT64_MAX,
		.seen = { .size = SIZE + 1, .mtime_nanos = 2 } };
	struct validator kept = freshness_validator(&item, &outcome);
	assert_int_equal(kept.size, SIZE + 1);
	assert_int_equal(kept.mtime_nanos, 2);
	assert_int_equal(kept.strict, 0);
}

int main(void)
{
	static struct plan_stage tail[1] = { { .parts = PARTS } };
	plan.tail = tail;
	plan.tail_count = 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up_to_date),
		cmocka_unit_test(test_new),
		cmocka_unit_test(test_another_size_is_not_compared),
		cmocka_unit_test(test_another_time_is_compared),
		cmocka_unit_test(test_touched_with_a_part_missing_is_made),
		cmocka_unit_test(test_missing_outputs),
		cmocka_unit_test(test_another_recipe_asks_for_the_rows),
		cmocka_unit_test(test_failures_stand_until_something_changes),
		cmocka_unit_test(test_ignored_stands_until_something_changes),
		cmocka_unit_test(test_unknown_extension_counts_as_missing),
		cmocka_unit_test(test_times_too_new_are_not_trusted),
		cmocka_unit_test(test_changed_between_walk_and_open),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
