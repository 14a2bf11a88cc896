/* The contract of store.h's writing half, for every row of its table. */

#include "pipeline/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/makers.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/work_fake.h"

enum { EMAIL, NAME, ZONE, MANY = 3000 };

static const makers_row puts_rows[] = {
	{ "ann@x", "Ann", "Berlin" },
	{ "bo@x", "Bo \"B\" O'Neil; drop table people --", NULL },
	{ "dup@x", "One", "Oslo" },
	{ "dup@x", "Two", "Rome" },
};

enum { PUTS_ROWS = sizeof(puts_rows) / sizeof(*puts_rows) };

static const size_t puts_columns[] = { NAME, ZONE };

/* A store of the kind that is tested, opened to be written, and another one opened to be read. */
struct puts {
	const struct store_plugin *plugin;
	struct arena arena;
	struct given given;
	struct store_setup setup;
	struct store_query query;
	struct store_put put;
	void *reader, *prepared, *store, *putting;
};

static const struct maker *puts_maker; /* of the tests that run now */

static void puts_open(struct puts *puts, const makers_row *rows, size_t count)
{
	const char *why = NULL;
	struct error err = { 0 };
	*puts = (struct puts){
		.query = { .key = EMAIL, .columns = puts_columns, .column_count = 2 },
		.put = { .key = EMAIL, .columns = puts_columns, .column_count = 2, .add = true },
	};
	for (size_t i = 0; store_plugins[i]; i++)
		if (strcmp(store_plugins[i]->name, puts_maker->store) == 0)
			puts->plugin = store_of(store_plugins[i]);
	if (!puts_maker->make(rows, count, &why))
		skip();
	puts->setup = given_setup(&puts->given);
	puts->given.columns = 2;
	void *settings = work_fake_settings(&puts->plugin->plugin, puts_maker->yaml, &puts->arena);
	if (!puts->plugin->open(settings, &puts->setup, &puts->reader, &err) ||
		!puts->plugin->open(settings, &puts->setup, &puts->store, &err) ||
		!puts->plugin->prepare(puts->reader, &puts->query, &puts->prepared, &err))
		fail_msg("%s", err.text);
}

static void puts_close(struct puts *puts)
{
	puts->plugin->put_end(puts->putting);
	puts->plugin->close(puts->store);
	puts->plugin->release(puts->prepared);
	puts->plugin->close(puts->reader);
	given_finish(&puts->given);
	arena_finish(&puts->arena);
}

static struct slot puts_slot(const char *text)
{
	return (struct slot){ .data = text, .length = text ? (uint32_t)strlen(text) : 0 };
}

static void puts_begin(struct puts *puts)
{
	struct error err = { 0 };
	if (!puts->plugin->put_begin(puts->store, &puts->put, &puts->putting, &err))
		fail_msg("%s", err.text);
}

static void puts_many(struct puts *puts, const makers_row *rows, size_t count)
{
	struct error err = { 0 };
	for (size_t i = 0; i < count; i++) {
		const struct slot values[] = { puts_slot(rows[i][1]), puts_slot(rows[i][2]) };
		const struct store_change change = { puts_slot(rows[i][0]), values };
		if (!puts->plugin->put_many(puts->putting, &change, 1, &err))
			fail_msg("%s", err.text);
	}
}

static uint64_t puts_commit(struct puts *puts)
{
	struct error err = { 0 };
	uint64_t changed = 0;
	if (!puts->plugin->put_commit(puts->putting, &changed, &err))
		fail_msg("%s", err.text);
	puts->plugin->put_end(puts->putting);
	puts->putting = NULL;
	return changed;
}

static uint64_t puts_all(struct puts *puts, const makers_row *rows, size_t count)
{
	puts_begin(puts);
	puts_many(puts, rows, count);
	return puts_commit(puts);
}

static const char *puts_read(struct puts *puts)
{
	struct error err = { 0 };
	bool more = true;
	const struct store_sink sink = given_sink(&puts->given);
	given_clear(&puts->given);
	while (more)
		if (!puts->plugin->scan(puts->prepared, 100, &sink, &more, &err))
			fail_msg("%s", err.text);
	return given_sorted(&puts->given);
}

static const char puts_before[] = "ann@x: Ann, Berlin\n"
				  "bo@x: Bo \"B\" O'Neil; drop table people --, -\n"
				  "dup@x: One, Oslo\n"
				  "dup@x: Two, Rome\n";

static void test_rows_change_and_are_added(void **state)
{
	(void)state;
	static const makers_row changes[] = {
		{ "ann@x", "Ann", "Lima" },
		{ "new@x", "New", NULL },
		{ "bo@x", NULL, "Oslo" },
	};
	struct puts puts;
	puts_open(&puts, puts_rows, PUTS_ROWS);
	assert_int_equal(puts_all(&puts, changes, 3), 3);
	assert_string_equal(puts_read(&puts), "ann@x: Ann, Lima\n"
					      "bo@x: -, Oslo\n"
					      "dup@x: One, Oslo\n"
					      "dup@x: Two, Rome\n"
					      "new@x: New, -\n");
	puts_close(&puts);
}

static void test_every_row_of_a_key_changes(void **state)
{
	(void)state;
	static const makers_row change[] = { { "dup@x", "One", "Oslo" } };
	struct puts puts;
	puts_open(&puts, puts_rows, PUTS_ROWS);
	assert_int_equal(puts_all(&puts, change, 1), 1);
	assert_non_null(strstr(puts_read(&puts), "dup@x: One, Oslo\ndup@x: One, Oslo\n"));
	puts_close(&puts);
}

static void test_one_column_leaves_the_others(void **state)
{
	(void)state;
	static const makers_row changes[] = { { "ann@x", "Lima" }, { "new@x", "Bern" } };
	struct puts puts;
	puts_open(&puts, puts_rows, 2);
	puts.put.columns = &puts_columns[1];
	puts.put.column_count = 1;
	assert_int_equal(puts_all(&puts, changes, 2), 2);
	assert_string_equal(puts_read(&puts), "ann@x: Ann, Lima\n"
					      "bo@x: Bo \"B\" O'Neil; drop table people --, -\n"
					      "new@x: -, Bern\n");
	puts_close(&puts);
}

static void test_without_add_there_are_no_new_rows(void **state)
{
	(void)state;
	static const makers_row changes[] = { { "ann@x", "Ann", "Lima" }, { "new@x", "N", "B" } };
	struct puts puts;
	puts_open(&puts, puts_rows, 1);
	puts.put.add = false;
	assert_int_equal(puts_all(&puts, changes, 2), 1);
	assert_string_equal(puts_read(&puts), "ann@x: Ann, Lima\n");
	puts_close(&puts);
}

static void test_nothing_is_seen_before_the_commit(void **state)
{
	(void)state;
	static const makers_row change[] = { { "ann@x", "Ann", "Lima" }, { "new@x", "N", "B" } };
	struct puts puts;
	puts_open(&puts, puts_rows, PUTS_ROWS);
	puts_begin(&puts);
	puts_many(&puts, change, 2);
	assert_string_equal(puts_read(&puts), puts_before);
	puts.plugin->put_end(puts.putting);
	puts.putting = NULL;
	assert_string_equal(puts_read(&puts), puts_before);
	assert_int_equal(puts_all(&puts, change, 2), 2); /* the store can be written still */
	puts_close(&puts);
}

static void test_what_is_so_already_is_not_written(void **state)
{
	(void)state;
	struct puts puts;
	struct digest before, after;
	puts_open(&puts, puts_rows, 2);
	assert_true(puts.plugin->version(puts.reader, STORE_VERSION, &before, NULL));
	assert_int_equal(puts_all(&puts, puts_rows, 2), 0);
	assert_true(puts.plugin->version(puts.reader, STORE_VERSION, &after, NULL));
	if (!puts.plugin->remote) /* its snapshot moves with every transaction that could write */
		assert_true(digest_equal(before, after));
	assert_int_equal(puts_all(&puts, puts_rows, 0), 0);
	puts_close(&puts);
}

static void test_any_text_can_be_written(void **state)
{
	(void)state;
	static const makers_row changes[] = {
		{ "ann@x", "a,b;c\t\"d\"\\N\\", "\\N" },
		{ "bo@x", "line\nline\r\nline", "'); DROP TABLE people; --" },
		{ "\"k\",\\\t", " blank ", "$1 ?1 %s" },
		{ "çé", "\"", "," },
	};
	struct puts puts;
	puts_open(&puts, puts_rows, 2);
	assert_int_equal(puts_all(&puts, changes, 4), 4);
	struct error err = { 0 };
	const struct store_sink sink = given_sink(&puts.given);
	for (size_t i = 0; i < 4; i++) {
		const struct slot key = puts_slot(changes[i][0]);
		struct text expected = { 0 };
		given_clear(&puts.given);
		assert_true(puts.plugin->get_many(puts.prepared, &key, 1, &sink, &err));
		text_addf(&expected, "%s: %s, %s\n", changes[i][0], changes[i][1], changes[i][2]);
		assert_string_equal(puts.given.text.data, expected.data);
		text_finish(&expected);
	}
	assert_int_equal(puts_all(&puts, changes, 4), 0);
	puts_close(&puts);
}

static void test_many_rows_at_once(void **state)
{
	(void)state;
	static char names[MANY][16];
	static makers_row rows[MANY];
	for (size_t i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "k%zu", i);
		rows[i][EMAIL] = rows[i][NAME] = names[i];
		rows[i][ZONE] = NULL;
	}
	struct puts puts;
	puts_open(&puts, (const makers_row *)rows, MANY / 2);
	for (size_t i = 0; i < MANY; i++)
		rows[i][ZONE] = names[MANY - 1 - i];
	assert_int_equal(puts_all(&puts, (const makers_row *)rows, MANY), MANY);
	const char *text = puts_read(&puts);
	assert_int_equal(puts.given.rows, MANY);
	assert_non_null(strstr(text, "k7: k7, k2992\n"));
	assert_int_equal(puts_all(&puts, (const makers_row *)rows, MANY), 0);
	puts_close(&puts);
}

static void test_a_store_can_be_asked_before(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct puts puts;
	puts_open(&puts, puts_rows, PUTS_ROWS);
	if (!puts.plugin->put_check(puts.store, &puts.put, &err))
		fail_msg("%s", err.text);
	puts.put.add = false;
	assert_true(puts.plugin->put_check(puts.store, &puts.put, &err));
	assert_string_equal(puts_read(&puts), puts_before);
	puts_close(&puts);
}

/* The server goes with all that it was told; told again, it has it once. */
static void test_a_server_that_comes_back(void **state)
{
	(void)state;
	static const makers_row change[] = { { "ann@x", "Ann", "Lima" }, { "new@x", "N", "B" } };
	struct puts puts;
	struct error err = { 0 };
	uint64_t changed;
	puts_open(&puts, puts_rows, PUTS_ROWS);
	if (puts.plugin->remote) {
		puts_begin(&puts);
		puts_many(&puts, change, 2);
		assert_int_equal(makers_server_do("kill"), 0);
		assert_int_equal(makers_server_do("start"), 0);
		assert_false(puts.plugin->put_commit(puts.putting, &changed, &err));
		assert_int_equal(err.blame, BLAME_MOMENT);
		puts.plugin->put_end(puts.putting);
		puts.putting = NULL;
		assert_string_equal(puts_read(&puts), puts_before);
		assert_int_equal(puts_all(&puts, change, 2), 2);
	}
	puts_close(&puts);
}

/* What a person's editor has made keeps its bytes. */
static void test_a_csv_keeps_its_form(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "email;name;zone\r\nann@x; \"Ann\" ;Oslo\r\n\r\n  \r\nragged\r\nbo@x;Bo;\"Rome\"",
			"email;name;zone\r\nann@x; \"Ann\" ;Lima\r\n\r\n  \r\nragged\r\nbo@x;Bo;"
			"\"B;n\"\r\nnew@x;N;\r\n" },
		{ "\xEF\xBB\xBF\"email\",\"name\",\"zone\"\nann@x,Ann,Oslo\nc@x,5\" pipe,x\n",
			"\xEF\xBB\xBF\"email\",\"name\",\"zone\"\nann@x,Ann,Lima\nc@x,5\" pipe,x\n"
			"\"bo@x\",\"Bo\",\"B;n\"\n\"new@x\",\"N\",\"\"\n" },
		{ "email,,name,zone\rann@x,note,Ann,Oslo\r",
			"email,,name,zone\rann@x,note,Ann,Lima\rbo@x,,Bo,B;n\rnew@x,,N,\r" },
	};
	static const makers_row changes[] = { { "ann@x", "Ann", "Lima" }, { "bo@x", "Bo", "B;n" },
		{ "new@x", "N", NULL } };
	if (strcmp(puts_maker->store, "csv") != 0)
		skip();
	for (size_t i = 0; i < 3; i++) {
		struct puts puts;
		char text[512] = "";
		puts_open(&puts, puts_rows, 1);
		puts.plugin->close(puts.store);
		puts.store = NULL;
		FILE *file = fopen("people.csv", "w");
		assert_true(fputs(cases[i].before, file) >= 0 && fclose(file) == 0);
		struct error err = { 0 };
		void *settings =
			work_fake_settings(&puts.plugin->plugin, puts_maker->yaml, &puts.arena);
		assert_true(puts.plugin->open(settings, &puts.setup, &puts.store, &err));
		puts_all(&puts, changes, 3);
		file = fopen("people.csv", "r");
		assert_true(fread(text, 1, sizeof(text) - 1, file) > 0 && fclose(file) == 0);
		assert_string_equal(text, cases[i].after);
		puts_close(&puts);
	}
}

#define PUTS_TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

static int puts_run(const struct maker *maker)
{
	const struct CMUnitTest tests[] = {
		PUTS_TEST(test_rows_change_and_are_added),
		PUTS_TEST(test_every_row_of_a_key_changes),
		PUTS_TEST(test_one_column_leaves_the_others),
		PUTS_TEST(test_without_add_there_are_no_new_rows),
		PUTS_TEST(test_nothing_is_seen_before_the_commit),
		PUTS_TEST(test_what_is_so_already_is_not_written),
		PUTS_TEST(test_any_text_can_be_written),
		PUTS_TEST(test_many_rows_at_once),
		PUTS_TEST(test_a_store_can_be_asked_before),
		PUTS_TEST(test_a_server_that_comes_back),
		PUTS_TEST(test_a_csv_keeps_its_form),
	};
	puts_maker = maker;
	return cmocka_run_group_tests_name(maker->store, tests, NULL, NULL);
}

int main(void)
{
	int failed = 0;
	makers_begin();
	for (size_t i = 0; makers[i].store; i++)
		failed += puts_run(&makers[i]);
	return failed;
}
