/* What is found on a walk is what a search finds, whatever is asked for and changed in between; and
 * whoever asks in the keys' order searches once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* ours is error.h's */

#include "pipeline/state_rows.h"
#include "tests/fakes/items.h"
#include "tests/fakes/scratch.h"

enum { KEY_MOST = 4 };

struct walk_key {
	char data[KEY_MOST];
	size_t length;
};

static struct arena arena;
static struct error err;

static void assert_ok(bool ok)
{
	if (!ok)
		print_error("%s\n", err.text);
	assert_true(ok);
}

static struct state *open_state(void)
{
	struct state *state = NULL;
	assert_ok(state_open("walk.db", STATE_WRITE, &state, &err));
	return state;
}

static void close_state(struct state *state)
{
	state_close(state);
	arena_finish(&arena);
}

static void put(struct state *state, const void *key, size_t length, uint32_t status)
{
	struct state_item item = {
		.status = status,
		.validator = { 1, -2, UINT64_MAX },
		.content = { 3, 4 },
		.verdict = { 5, 6 },
		.recipe = { 7, 8 },
		.late = "webp",
		.code = ERROR_DAMAGED,
		.blame = BLAME_ITEM,
		.runs_failed = 9,
		.run = 10,
		.micros = 11,
		.error = "cut short",
	};
	assert_ok(state_put(state, key, length, &item, &err));
}

static struct state_item walk(struct state *state, const void *key, size_t length)
{
	struct state_item found;
	assert_ok(state_walk(state, key, length, &arena, &found, &err));
	return found;
}

static int64_t number(struct state *state, const char *key)
{
	return walk(state, key, strlen(key)).number;
}

/* Searches, and instructions of SQLite's, since this was asked last. */
static int searches(const struct state *state)
{
	return sqlite3_stmt_status(state->statements[STATE_WALK], SQLITE_STMTSTATUS_RUN, 1);
}

static int instructions(const struct state *state)
{
	return sqlite3_stmt_status(state->statements[STATE_WALK], SQLITE_STMTSTATUS_VM_STEP, 1);
}

static void test_a_walk_finds_what_a_search_finds(void **unused)
{
	(void)unused;
	struct state *state = open_state();
	put(state, "failed", 6, OUTCOME_FAILED);
	put(state, "made", 4, OUTCOME_MADE);
	const struct state_item failed = walk(state, "failed", 6), made = walk(state, "made", 4);
	struct state_item found;
	assert_ok(state_find(state, "failed", 6, &arena, &found, &err));
	assert_string_equal(found.error, "cut short");
	items_assert_same(&failed, &found);
	assert_ok(state_find(state, "made", 4, &arena, &found, &err));
	assert_string_equal(found.late, "webp");
	found.verdict = (struct digest){ 0 };
	found.code = found.blame = found.runs_failed = 0;
	found.run = found.micros = 0;
	found.error = "";
	items_assert_same(&made, &found);
	close_state(state);
}

static void test_in_order_there_is_one_search(void **unused)
{
	(void)unused;
	enum { ROWS = 3000 };
	char key[16];
	struct state *state = open_state();
	for (int i = 0; i < ROWS; i += 3) {
		snprintf(key, sizeof(key), "%04d", i);
		put(state, key, 4, OUTCOME_MADE);
	}
	assert_ok(state_commit(state, &err));
	for (int i = 0; i < ROWS; i++) {
		snprintf(key, sizeof(key), "%04d", i);
		assert_int_equal(number(state, key), i % 3 ? 0 : i / 3 + 1);
	}
	assert_int_equal(number(state, "9"), 0);
	assert_int_equal(number(state, "91"), 0);
	assert_int_equal(searches(state), 1);
	for (int i = 0; i < ROWS; i += 9) {
		snprintf(key, sizeof(key), "%04d", i);
		assert_int_equal(number(state, key), i / 3 + 1);
	}
	assert_in_range(searches(state), 1, 2);
	close_state(state);
}

/* And costs no more than a step more than a search. */
static void test_far_from_each_other_each_is_searched(void **unused)
{
	(void)unused;
	enum { ROWS = 1000, APART = 100 };
	char key[16];
	struct state *state = open_state();
	for (int i = 0; i < ROWS; i++) {
		snprintf(key, sizeof(key), "%04d", i);
		put(state, key, 4, OUTCOME_MADE);
	}
	assert_int_equal(number(state, "0000"), 1);
	assert_int_equal(number(state, "0100"), 101);
	const int two = instructions(state);
	for (int i = 2 * APART; i < ROWS; i += APART) {
		snprintf(key, sizeof(key), "%04d", i);
		assert_int_equal(number(state, key), i + 1);
		assert_true(instructions(state) < two / 2);
	}
	assert_int_equal(searches(state), ROWS / APART);
	close_state(state);
}

static void test_nothing_is_under_way_where_something_changes(void **unused)
{
	(void)unused;
	struct state *state = open_state();
	put(state, "a", 1, OUTCOME_MADE);
	put(state, "d", 1, OUTCOME_MADE);
	assert_int_equal(number(state, "a"), 1);
	assert_true(sqlite3_stmt_busy(state->statements[STATE_WALK]));
	assert_ok(state_commit(state, &err));
	assert_false(sqlite3_stmt_busy(state->statements[STATE_WALK]));
	assert_int_equal(number(state, "b"), 0);
	put(state, "c", 1, OUTCOME_MADE);
	assert_false(sqlite3_stmt_busy(state->statements[STATE_WALK]));
	assert_int_equal(number(state, "c"), 3);
	assert_ok(state_expect_begin(state, &err));
	assert_false(sqlite3_stmt_busy(state->statements[STATE_WALK]));
	assert_int_equal(number(state, "d"), 2);
	close_state(state);
}

/* Few different bytes, so that keys are each other's prefixes and come again. */
static struct walk_key random_key(uint32_t *seed)
{
	static const char bytes[] = { '\0', 'a', 'b', '\x7f', '\x80', '\xff' };
	struct walk_key key;
	*seed = *seed * 1664525 + 1013904223;
	uint32_t left = *seed >> 8;
	key.length = left % (KEY_MOST + 1);
	left /= KEY_MOST + 1;
	for (size_t i = 0; i < key.length; i++, left /= sizeof(bytes))
		key.data[i] = bytes[left % sizeof(bytes)];
	return key;
}

static void assert_as_searched(struct state *state, const struct walk_key *key)
{
	struct state_item found;
	const struct state_item walked = walk(state, key->data, key->length);
	assert_ok(state_find(state, key->data, key->length, &arena, &found, &err));
	assert_int_equal(walked.number, found.number);
	assert_int_equal(walked.status, found.status);
	arena_reset(&arena);
}

static int compare_keys(const void *left, const void *right)
{
	const struct walk_key *a = left, *b = right;
	const int order = memcmp(a->data, b->data, a->length < b->length ? a->length : b->length);
	return order ? order : (a->length > b->length) - (a->length < b->length);
}

static void forget_some(struct state *state, const struct walk_key *keys, size_t count)
{
	uint64_t forgotten;
	assert_ok(state_expect_begin(state, &err));
	for (size_t i = 0; i < count; i++)
		assert_ok(state_expect_item(state, keys[i].data, keys[i].length, &err));
	assert_ok(state_forget_unexpected_items(state, &forgotten, &err));
}

/* In any order, up, down; with new rows, rows that go, and commits in between. */
static void test_any_order_and_any_change(void **unused)
{
	(void)unused;
	enum { KEYS = 64, ROUNDS = 200 };
	struct walk_key keys[KEYS];
	uint32_t seed = 1;
	struct state *state = open_state();
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < KEYS; i++)
			keys[i] = random_key(&seed);
		if (round % 3)
			qsort(keys, KEYS, sizeof(*keys), compare_keys);
		for (size_t i = 0; i < KEYS; i++) {
			const struct walk_key *key = &keys[round % 3 == 2 ? KEYS - 1 - i : i];
			assert_as_searched(state, key);
			seed = seed * 1664525 + 1013904223;
			if (seed >> 28 == 0)
				put(state, key->data, key->length, OUTCOME_MADE + (seed >> 27) % 2);
			if (seed >> 28 == 1)
				assert_ok(state_commit(state, &err));
			assert_as_searched(state, key);
		}
		if (round % 20 == 0)
			forget_some(state, keys, KEYS);
	}
	close_state(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_walk_finds_what_a_search_finds),
		TEST(test_in_order_there_is_one_search),
		TEST(test_far_from_each_other_each_is_searched),
		TEST(test_nothing_is_under_way_where_something_changes),
		TEST(test_any_order_and_any_change),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
