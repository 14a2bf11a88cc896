#include "pipeline/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/fakes/scratch.h"

#include <cmocka.h>

static const struct digest first = { 1, 2 }, second = { 3, 4 }, third = { 5, 6 };

static struct notes *notes_of(uint32_t workers)
{
	struct notes *notes;
	assert_true(notes_open("state.db", workers, &notes, NULL));
	return notes;
}

static bool notes_file(void)
{
	return access("state.db.hand", F_OK) == 0;
}

static void test_nothing_in_hand_leaves_nothing(void **unused)
{
	(void)unused;
	struct notes *notes = notes_of(2);
	assert_int_equal(notes_suspects(notes), 0);
	notes_set(notes, 1, first);
	notes_set(notes, 1, (struct digest){ 0 });
	notes_close(notes);
	assert_false(notes_file());
}

static void test_what_was_in_hand_is_suspected(void **unused)
{
	(void)unused;
	struct notes *notes = notes_of(3);
	notes_set(notes, 0, first);
	notes_set(notes, 2, second);
	notes_close(notes);
	assert_true(notes_file());
	notes = notes_of(1);
	assert_int_equal(notes_suspects(notes), 2);
	assert_true(notes_suspected(notes, first));
	assert_true(notes_suspected(notes, second));
	assert_false(notes_suspected(notes, third));
	notes_clear(notes, first);
	assert_false(notes_suspected(notes, first));
	assert_true(notes_suspected(notes, second));
	notes_clear(notes, second);
	notes_close(notes);
	assert_false(notes_file());
}

/* A run that does not get as far as the suspect must not lose it. */
static void test_suspicion_outlives_a_run_that_did_not_look(void **unused)
{
	(void)unused;
	struct notes *notes = notes_of(1);
	notes_set(notes, 0, first);
	notes_close(notes);
	notes = notes_of(4);
	notes_set(notes, 3, second);
	notes_close(notes);
	notes = notes_of(1);
	assert_true(notes_suspected(notes, first));
	assert_true(notes_suspected(notes, second));
	notes_clear_all(notes);
	assert_false(notes_suspected(notes, first));
	notes_close(notes);
	assert_false(notes_file());
}

static void test_a_file_cut_short_says_less(void **unused)
{
	(void)unused;
	struct notes *notes = notes_of(1);
	notes_set(notes, 0, first);
	notes_close(notes);
	assert_int_equal(truncate("state.db.hand", 15), 0);
	notes = notes_of(1);
	assert_int_equal(notes_suspects(notes), 0);
	notes_close(notes);
}

static void test_no_notes_no_harm(void **unused)
{
	(void)unused;
	notes_set(NULL, 0, first);
	struct notes *notes = notes_of(1);
	notes_set(notes, 1, first); /* no such worker */
	notes_close(notes);
	assert_false(notes_file());
}

static void test_a_folder_that_is_missing_is_an_error(void **unused)
{
	(void)unused;
	struct notes *notes = NULL;
	struct error err;
	assert_false(notes_open("missing/state.db", 1, &notes, &err));
	assert_null(notes);
	assert_int_equal(err.code, ERROR_MISSING);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_in_hand_leaves_nothing),
		TEST(test_what_was_in_hand_is_suspected),
		TEST(test_suspicion_outlives_a_run_that_did_not_look),
		TEST(test_a_file_cut_short_says_less),
		TEST(test_no_notes_no_harm),
		TEST(test_a_folder_that_is_missing_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
