/* The contract of store.h, for every row of its table. */

#include "pipeline/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fakes/makers.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/work_fake.h"

enum { EMAIL, NAME, ZONE, MANY = 1000 };

static const makers_row suite_rows[] = {
	{ "ann@x", "Ann", "Berlin" },
	{ "bo@x", "Bo \"B\" O'Neil; drop table people --", NULL },
	{ "çé@x", "Zoë\nLine", "Oslo" },
	{ "dup@x", "One", "Oslo" },
	{ "dup@x", "Two", "Rome" },
};

enum { SUITE_ROWS = sizeof(suite_rows) / sizeof(*suite_rows) };

static const size_t suite_name_zone[] = { NAME, ZONE };

/* A store of the kind that is tested, opened, and what it gave. */
struct suite {
	const struct maker *maker;
	const struct store_plugin *plugin;
	struct arena arena;
	struct given given;
	struct store_setup setup;
	struct store_query query;
	void *store, *prepared;
};

static const struct maker *suite_maker; /* of the tests that run now */

static void suite_open_store(struct suite *suite)
{
	struct error err = { 0 };
	suite->setup = given_setup(&suite->given);
	void *settings =
		work_fake_settings(&suite->plugin->plugin, suite->maker->yaml, &suite->arena);
	if (!suite->plugin->open(settings, &suite->setup, &suite->store, &err))
		fail_msg("%s", err.text);
}

static void suite_prepare(struct suite *suite)
{
	struct error err = { 0 };
	suite->given.columns = suite->query.column_count;
	if (!suite->plugin->prepare(suite->store, &suite->query, &suite->prepared, &err))
		fail_msg("%s", err.text);
}

/* Makes the table and opens it for names and zones by email. */
static void suite_open(struct suite *suite, const makers_row *rows, size_t count)
{
	const char *why = NULL;
	*suite = (struct suite){ .maker = suite_maker };
	for (size_t i = 0; store_plugins[i]; i++)
		if (strcmp(store_plugins[i]->name, suite_maker->store) == 0)
			suite->plugin = store_of(store_plugins[i]);
	if (!suite_maker->make(rows, count, &why))
		skip();
	suite->query = (struct store_query){
		.key = EMAIL,
		.columns = suite_name_zone,
		.column_count = 2,
	};
	suite_open_store(suite);
	suite_prepare(suite);
}

static void suite_close(struct suite *suite)
{
	suite->plugin->release(suite->prepared);
	suite->plugin->close(suite->store);
	given_finish(&suite->given);
	arena_finish(&suite->arena);
}

static struct slot suite_slot(const char *text)
{
	return (struct slot){ .data = text, .length = (uint32_t)strlen(text) };
}

static const char *suite_get(struct suite *suite, const char *const *keys, size_t count)
{
	struct error err = { 0 };
	struct slot slots[MANY];
	const struct store_sink sink = given_sink(&suite->given);
	given_clear(&suite->given);
	for (size_t i = 0; i < count; i++)
		slots[i] = suite_slot(keys[i]);
	if (!suite->plugin->get_many(suite->prepared, slots, count, &sink, &err))
		fail_msg("%s", err.text);
	return given_sorted(&suite->given);
}

/* Walks to the end, `most` at a time. */
static const char *suite_scan(struct suite *suite, size_t most)
{
	struct error err = { 0 };
	const struct store_sink sink = given_sink(&suite->given);
	bool more = true;
	while (more) {
		size_t before = suite->given.rows;
		if (!suite->plugin->scan(suite->prepared, most, &sink, &more, &err))
			fail_msg("%s", err.text);
		assert_true(suite->given.rows <= before + most);
	}
	return given_sorted(&suite->given);
}

static void test_columns_have_their_names(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rows, SUITE_ROWS);
	const struct store_columns *columns = suite.plugin->columns(suite.store);
	assert_int_equal(columns->count, MAKERS_COLUMNS);
	assert_string_equal(columns->list[EMAIL].name, "email");
	assert_string_equal(columns->list[NAME].name, "name");
	assert_string_equal(columns->list[ZONE].name, "zone");
	suite_close(&suite);
}

static void test_keys_find_their_rows(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rows, SUITE_ROWS);
	const char *const keys[] = { "bo@x", "nobody", "ann@x", "' or 1=1 --", "", "çé@x", "{a,b}",
		"ANN@x" };
	assert_string_equal(suite_get(&suite, keys, sizeof(keys) / sizeof(*keys)),
		"Line, Oslo\n"
		"ann@x: Ann, Berlin\n"
		"bo@x: Bo \"B\" O'Neil; drop table people --, -\n"
		"çé@x: Zoë\n");
	const char *const none[] = { "nobody" };
	assert_string_equal(suite_get(&suite, none, 1), "");
	assert_string_equal(suite_get(&suite, none, 0), "");
	suite_close(&suite);
}

static void test_all_rows_of_a_key_are_given(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rows, SUITE_ROWS);
	const char *const keys[] = { "dup@x" };
	assert_string_equal(suite_get(&suite, keys, 1), "dup@x: One, Oslo\ndup@x: Two, Rome\n");
	suite_close(&suite);
}

static bool suite_index(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	unsigned char *found = context;
	char expected[16];
	snprintf(expected, sizeof(expected), "k%zu", row->index);
	assert_int_equal(row->key.length, strlen(expected));
	assert_memory_equal(row->key.data, expected, row->key.length);
	found[row->index]++;
	return true;
}

static void test_many_keys_at_once(void **state)
{
	(void)state;
	static char names[MANY][16];
	static makers_row rows[MANY];
	static struct slot keys[MANY];
	static unsigned char found[MANY];
	struct error err = { 0 };
	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "k%zu", i);
		rows[MANY - 1 - i][EMAIL] = rows[MANY - 1 - i][NAME] = names[i];
		keys[i] = suite_slot(names[i]);
	}
	memset(found, 0, sizeof(found));
	struct suite suite;
	suite_open(&suite, (const makers_row *)rows, MANY);
	const struct store_sink sink = { suite_index, found };
	assert_true(suite.plugin->get_many(suite.prepared, keys, MANY, &sink, &err));
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(found[i], 1);
	suite_close(&suite);
}

static void test_a_scan_gives_every_row_once(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rows, SUITE_ROWS);
	static const char expected[] = "Line, Oslo\n"
				       "ann@x: Ann, Berlin\n"
				       "bo@x: Bo \"B\" O'Neil; drop table people --, -\n"
				       "dup@x: One, Oslo\n"
				       "dup@x: Two, Rome\n"
				       "çé@x: Zoë\n";
	assert_string_equal(suite_scan(&suite, 2), expected);
	given_clear(&suite.given);
	assert_string_equal(suite_scan(&suite, MANY), expected);
	suite_close(&suite);
}

static void test_an_empty_table(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rows, 0);
	assert_string_equal(suite_scan(&suite, 10), "");
	const char *const keys[] = { "ann@x" };
	assert_string_equal(suite_get(&suite, keys, 1), "");
	suite_close(&suite);
}

static const char *suite_passed(
	struct suite *suite, const struct store_filter *filters, size_t count)
{
	suite->query.filters = filters;
	suite->query.filter_count = count;
	suite->plugin->release(suite->prepared);
	suite_prepare(suite);
	given_clear(&suite->given);
	return suite_scan(suite, 10);
}

static const char *suite_filtered(
	struct suite *suite, bool negate, const char **values, size_t count)
{
	static struct store_filter filter;
	filter = (struct store_filter){ ZONE, negate, { values, count }, NULL, NULL };
	return suite_passed(suite, &filter, 1);
}

static void test_filters_let_rows_pass(void **state)
{
	(void)state;
	static const makers_row rows[] = {
		{ "a1", "A", "Oslo" },
		{ "b1", "B", NULL },
		{ "c1", "C", "" },
		{ "d1", "D", "Rome" },
	};
	struct suite suite;
	suite_open(&suite, rows, 4);
	const char *two[] = { "Oslo", "Rome" }, *blank[] = { "" }, *mixed[] = { "", "Oslo" };
	assert_string_equal(suite_filtered(&suite, false, two, 1), "a1: A, Oslo\n");
	assert_string_equal(suite_filtered(&suite, false, two, 2), "a1: A, Oslo\nd1: D, Rome\n");
	assert_string_equal(
		suite_filtered(&suite, true, two, 1), "b1: B, -\nc1: C, -\nd1: D, Rome\n");
	assert_string_equal(suite_filtered(&suite, false, blank, 1), "b1: B, -\nc1: C, -\n");
	assert_string_equal(suite_filtered(&suite, true, blank, 1), "a1: A, Oslo\nd1: D, Rome\n");
	assert_string_equal(
		suite_filtered(&suite, false, mixed, 2), "a1: A, Oslo\nb1: B, -\nc1: C, -\n");
	assert_string_equal(suite_filtered(&suite, true, mixed, 2), "d1: D, Rome\n");
	suite_close(&suite);
}

static void test_ranges_let_rows_pass(void **state)
{
	(void)state;
	static const makers_row rows[] = {
		{ "a1", "A", "2026-03-27" },
		{ "b1", "B", "2026-03-28" },
		{ "c1", "C", "2026-03-28 14:00" },
		{ "d1", "D", "2026-03-29" },
		{ "e1", "E", NULL },
		{ "f1", "F", "2025-12-31" },
	};
	struct suite suite;
	suite_open(&suite, rows, 6);
	const char *names[] = { "C", "D" }, *keys[] = { "b1", "a1" };
	const struct store_filter filters[] = {
		{ .column = ZONE, .from = "2026-03-28", .before = "2026-03-29" },
		{ .column = NAME, .values = { names, 2 } },
		{ .column = ZONE, .from = "2026-03-27" },
	};
	assert_string_equal(
		suite_passed(&suite, filters, 1), "b1: B, 2026-03-28\nc1: C, 2026-03-28 14:00\n");
	assert_string_equal(suite_passed(&suite, filters, 2), "c1: C, 2026-03-28 14:00\n");
	assert_string_equal(suite_passed(&suite, filters + 1, 2),
		"c1: C, 2026-03-28 14:00\nd1: D, 2026-03-29\n");
	assert_string_equal(
		suite_passed(&suite, filters, 1), "b1: B, 2026-03-28\nc1: C, 2026-03-28 14:00\n");
	given_clear(&suite.given);
	assert_string_equal(suite_get(&suite, keys, 2), "b1: B, 2026-03-28\n");
	suite_close(&suite);
}

static void test_a_scan_sees_the_rows_as_they_were(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct suite suite;
	bool more = true;
	suite_open(&suite, suite_rows, 2);
	const struct store_sink sink = given_sink(&suite.given);
	assert_true(suite.plugin->scan(suite.prepared, 1, &sink, &more, &err));
	static const makers_row added = { "new@x", "New", NULL };
	suite_maker->add(added);
	suite_scan(&suite, 10);
	assert_int_equal(suite.given.rows, 2);
	suite_close(&suite);
}

static void test_keys_find_the_rows_as_they_are_now(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rows, 2);
	const char *const keys[] = { "new@x" };
	assert_string_equal(suite_get(&suite, keys, 1), "");
	static const makers_row added = { "new@x", "New", NULL };
	suite_maker->add(added);
	assert_string_equal(suite_get(&suite, keys, 1), "new@x: New, -\n");
	suite_close(&suite);
}

static void test_a_change_is_another_version(void **state)
{
	(void)state;
	struct suite suite;
	suite_open(&suite, suite_rows, 2);
	struct digest before[STORE_VERSIONS] = { 0 }, again, after;
	for (int kind = 0; kind < STORE_VERSIONS; kind++) {
		if (!(suite.plugin->versions >> kind & 1))
			continue;
		assert_true(suite.plugin->version(
			suite.store, (enum store_version)kind, &before[kind], NULL));
		assert_true(
			suite.plugin->version(suite.store, (enum store_version)kind, &again, NULL));
		assert_true(digest_equal(before[kind], again));
	}
	static const makers_row added = { "new@x", "New", NULL };
	suite_maker->add(added);
	for (int kind = 0; kind < STORE_VERSIONS; kind++) {
		if (!(suite.plugin->versions >> kind & 1))
			continue;
		assert_true(
			suite.plugin->version(suite.store, (enum store_version)kind, &after, NULL));
		assert_false(digest_equal(before[kind], after));
	}
	suite_close(&suite);
}

static bool suite_refuse(void *context, const struct store_row *row, struct error *err)
{
	(void)row;
	(*(int *)context)++;
	return (fail)(err, ERROR_LIMIT, "enough"); /* not cmocka's */
}

static void test_a_sink_can_stop_it(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct suite suite;
	bool more;
	int rows = 0;
	suite_open(&suite, suite_rows, SUITE_ROWS);
	const struct store_sink sink = { suite_refuse, &rows };
	const struct slot key = suite_slot("dup@x");
	assert_false(suite.plugin->get_many(suite.prepared, &key, 1, &sink, &err));
	assert_string_equal(err.text, "enough");
	assert_false(suite.plugin->scan(suite.prepared, 10, &sink, &more, &err));
	assert_int_equal(rows, 2);
	const char *const keys[] = { "ann@x" };
	assert_string_equal(suite_get(&suite, keys, 1), "ann@x: Ann, Berlin\n");
	suite_close(&suite);
}

static void test_a_table_that_is_not_there(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct suite suite;
	suite_open(&suite, suite_rows, 1);
	void *store = NULL;
	void *settings =
		work_fake_settings(&suite.plugin->plugin, suite_maker->absent, &suite.arena);
	assert_false(suite.plugin->open(settings, &suite.setup, &store, &err));
	assert_non_null(strstr(err.text, "absent"));
	assert_null(store);
	suite_close(&suite);
}

/* The makers' tables have an index by email and none by name. */
static void test_an_index_that_is_missing(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct suite suite;
	struct text text = { 0 };
	suite_open(&suite, suite_rows, SUITE_ROWS);
	if (suite.plugin->suggest) {
		assert_true(suite.plugin->suggest(suite.prepared, &text, &err));
		assert_int_equal(text.length, 0);
		suite.query.key = NAME;
		suite.plugin->release(suite.prepared);
		suite_prepare(&suite);
		assert_true(suite.plugin->suggest(suite.prepared, &text, &err));
		assert_non_null(strstr(text.data, "CREATE INDEX"));
		assert_non_null(strstr(text.data, "name"));
		const char *const keys[] = { "Ann" };
		assert_string_equal(suite_get(&suite, keys, 1), "Ann: Ann, Berlin\n");
	}
	text_finish(&text);
	suite_close(&suite);
}

/* A server that is killed and comes back, in the middle of everything. */
static void test_a_server_that_comes_back(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct suite suite;
	bool more = true;
	static makers_row rows[MANY * 5];
	static char names[MANY * 5][16];
	for (size_t i = 0; i < MANY * 5; i++) {
		snprintf(names[i], sizeof(names[i]), "k%zu", i);
		rows[i][EMAIL] = rows[i][NAME] = names[i];
	}
	suite_open(&suite, (const makers_row *)rows, MANY * 5);
	if (suite.plugin->remote) {
		const struct store_sink sink = given_sink(&suite.given);
		const char *const keys[] = { "k7" };
		assert_true(suite.plugin->scan(suite.prepared, 10, &sink, &more, &err));
		assert_int_equal(makers_server_do("kill"), 0);
		assert_int_equal(makers_server_do("start"), 0);
		/* Behind what was fetched with the first. */
		suite_scan(&suite, MANY);
		assert_int_equal(suite.given.rows, MANY * 5);
		assert_string_equal(suite_get(&suite, keys, 1), "k7: k7, -\n");
		assert_int_equal(makers_server_do("kill"), 0);
		assert_int_equal(makers_server_do("start"), 0);
		assert_string_equal(suite_get(&suite, keys, 1), "k7: k7, -\n");
	}
	suite_close(&suite);
}

static void test_a_server_that_stays_away(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct suite suite;
	suite_open(&suite, suite_rows, 1);
	if (suite.plugin->remote) {
		struct text yaml = { 0 };
		text_add(&yaml, suite_maker->yaml, strlen(suite_maker->yaml) - 1);
		text_clear(&suite.given.complaints);
		suite.plugin->release(suite.prepared);
		suite.plugin->close(suite.store);
		*strstr(yaml.data, "patience") = '\0';
		yaml.length = strlen(yaml.data);
		text_add_string(&yaml, "patience: 100ms }");
		void *settings = work_fake_settings(&suite.plugin->plugin, yaml.data, &suite.arena);
		assert_true(suite.plugin->open(settings, &suite.setup, &suite.store, &err));
		suite_prepare(&suite);
		assert_int_equal(makers_server_do("kill"), 0);
		const struct store_sink sink = given_sink(&suite.given);
		const struct slot key = suite_slot("ann@x");
		assert_false(suite.plugin->get_many(suite.prepared, &key, 1, &sink, &err));
		assert_int_equal(err.blame, BLAME_MOMENT);
		assert_int_equal(makers_server_do("start"), 0);
		const char *const keys[] = { "ann@x" };
		assert_string_equal(suite_get(&suite, keys, 1), "ann@x: Ann, Berlin\n");
		text_finish(&yaml);
	}
	suite_close(&suite);
}

static struct digest suite_identity(struct suite *suite)
{
	struct text text = { 0 };
	struct error err = { 0 };
	suite->plugin->release(suite->prepared);
	suite->plugin->close(suite->store);
	void *settings =
		work_fake_settings(&suite->plugin->plugin, suite->maker->yaml, &suite->arena);
	if (!suite->plugin->open(settings, &suite->setup, &suite->store, &err))
		fail_msg("%s", err.text);
	suite_prepare(suite);
	suite->plugin->identify(suite->store, &text);
	struct digest digest = digest_of(text.data, text.length);
	text_finish(&text);
	return digest;
}

/* Who opens it again means the same table and the same versions; the same name elsewhere, or seen
 * in another time zone, is another. */
static void test_what_runs_may_share(void **state)
{
	(void)state;
	struct suite suite;
	struct digest versions[2][STORE_VERSIONS] = { 0 };
	struct error err = { 0 };
	suite_open(&suite, suite_rows, 1);
	struct digest first = suite_identity(&suite);
	for (int round = 0; round < 2; round++) {
		assert_true(digest_equal(first, suite_identity(&suite)));
		for (unsigned i = 0; i < STORE_VERSIONS; i++)
			assert_true(
				!(suite.plugin->lasting >> i & 1) ||
				suite.plugin->version(suite.store, i, &versions[round][i], &err));
	}
	assert_memory_equal(versions[0], versions[1], sizeof(versions[0]));
	assert_int_equal(suite.plugin->lasting & ~suite.plugin->versions, 0);
	if (suite.plugin->remote)
		setenv("PGTZ", "Asia/Tokyo", 1);
	else {
		scratch_folder("other");
		assert_int_equal(chdir("other"), 0);
		assert_true(suite.maker->make(suite_rows, 1, NULL));
	}
	assert_false(digest_equal(first, suite_identity(&suite)));
	unsetenv("PGTZ");
	suite_close(&suite);
}

#define SUITE_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

static int suite_run(const struct maker *maker)
{
	const struct CMUnitTest tests[] = {
		SUITE_TEST(test_columns_have_their_names),
		SUITE_TEST(test_keys_find_their_rows),
		SUITE_TEST(test_all_rows_of_a_key_are_given),
		SUITE_TEST(test_many_keys_at_once),
		SUITE_TEST(test_a_scan_gives_every_row_once),
		SUITE_TEST(test_an_empty_table),
		SUITE_TEST(test_filters_let_rows_pass),
		SUITE_TEST(test_ranges_let_rows_pass),
		SUITE_TEST(test_a_scan_sees_the_rows_as_they_were),
		SUITE_TEST(test_keys_find_the_rows_as_they_are_now),
		SUITE_TEST(test_a_change_is_another_version),
		SUITE_TEST(test_a_sink_can_stop_it),
		SUITE_TEST(test_a_table_that_is_not_there),
		SUITE_TEST(test_an_index_that_is_missing),
		SUITE_TEST(test_what_runs_may_share),
		SUITE_TEST(test_a_server_that_comes_back),
		SUITE_TEST(test_a_server_that_stays_away),
	};
	suite_maker = maker;
	return cmocka_run_group_tests_name(maker->store, tests, NULL, NULL);
}

/* A store without a maker would go untested. */
static void test_every_store_has_a_maker(void **state)
{
	(void)state;
	for (size_t i = 0; store_plugins[i]; i++) {
		size_t k = 0;
		while (makers[k].store && strcmp(makers[k].store, store_plugins[i]->name) != 0)
			k++;
		if (!makers[k].store)
			fail_msg("no maker for store %s", store_plugins[i]->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_store_has_a_maker) };
	makers_begin();
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; makers[i].store; i++)
		failed += suite_run(&makers[i]);
	return failed;
}
