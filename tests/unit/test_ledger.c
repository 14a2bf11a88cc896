/* Facts are kept, sealed ones under a key, and what is wrong with either file is said. */

#include "pipeline/ledger.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "pipeline/ledger_deeds.h"
#include "tests/fakes/scratch.h"

static void write_text(const char *path, const char *text)
{
	scratch_write(path, text, strlen(text));
}

static struct ledger_fact fact_of(const char *key, const char *value, bool sealed)
{
	return (struct ledger_fact){ "pair", key, value, strlen(value), sealed, 0 };
}

static struct ledger *open_ledger(enum ledger_mode mode)
{
	struct ledger *ledger = NULL;
	struct error err;
	if (!ledger_open("a.ledger", mode, &ledger, &err))
		fail_msg("%s", err.text);
	return ledger;
}

static void put(struct ledger *ledger, const char *key, const char *value, bool sealed)
{
	const struct ledger_fact fact = fact_of(key, value, sealed);
	struct error err;
	if (!ledger_put(ledger, &fact, &err) || !ledger_commit(ledger, &err))
		fail_msg("%s", err.text);
}

static void check(struct ledger *ledger, const char *key, const char *value)
{
	struct arena arena = { 0 };
	struct ledger_fact fact = { .scope = "pair", .key = key };
	struct error err;
	if (!ledger_get(ledger, &fact, &arena, &err))
		fail_msg("%s", err.text);
	if (value) {
		assert_int_equal(fact.length, strlen(value));
		assert_memory_equal(fact.value, value, fact.length);
	} else {
		assert_null(fact.value);
	}
	arena_finish(&arena);
}

static void check_fails(struct ledger *ledger, const char *key, const char *text)
{
	struct arena arena = { 0 };
	struct ledger_fact fact = { .scope = "pair", .key = key };
	struct error err;
	assert_false(ledger_get(ledger, &fact, &arena, &err));
	if (!strstr(err.text, text))
		fail_msg("%s", err.text);
	arena_finish(&arena);
}

static void check_open_fails(const char *text)
{
	struct ledger *ledger = NULL;
	struct error err;
	assert_false(ledger_open("a.ledger", LEDGER_WRITE, &ledger, &err));
	assert_null(ledger);
	if (!strstr(err.text, text))
		fail_msg("%s", err.text);
}

static int mode_of(const char *path)
{
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	return (int)(status.st_mode & 07777);
}

/* Whether these bytes stand in any file of the folder. */
static bool anywhere(const char *bytes)
{
	char command[256];
	snprintf(command, sizeof(command), "grep -rqa -- '%s' .", bytes);
	return system(command) == 0; /* NOLINT(cert-env33-c): a fixed command */
}

static void test_facts(void **state)
{
	(void)state;
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	check(ledger, "2025", NULL);
	put(ledger, "2025", "who gives to whom", true);
	put(ledger, "2024", "open to all", false);
	put(ledger, "2024", "", false);
	ledger_close(ledger);
	ledger = open_ledger(LEDGER_READ);
	check(ledger, "2025", "who gives to whom");
	check(ledger, "2024", "");
	check(ledger, "2023", NULL);
	struct arena arena = { 0 };
	struct ledger_facts facts;
	assert_true(ledger_list(ledger, "pair", &arena, &facts, NULL));
	assert_int_equal(facts.count, 2);
	assert_string_equal(facts.list[0].key, "2024");
	assert_string_equal(facts.list[1].key, "2025");
	assert_true(facts.list[1].sealed);
	assert_true(facts.list[0].written_nanos >= facts.list[1].written_nanos);
	arena_finish(&arena);
	ledger_close(ledger);
	assert_int_equal(mode_of("a.ledger"), 0600);
	assert_int_equal(mode_of("a.key"), 0600);
	assert_false(anywhere("gives to whom"));
	assert_true(anywhere("2025"));
}

static void test_not_committed(void **state)
{
	(void)state;
	const struct ledger_fact fact = fact_of("2025", "x", false);
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	assert_true(ledger_put(ledger, &fact, NULL));
	check(ledger, "2025", "x");
	ledger_close(ledger);
	ledger = open_ledger(LEDGER_READ);
	check(ledger, "2025", NULL);
	ledger_close(ledger);
}

static void test_absent(void **state)
{
	struct arena arena = { 0 };
	struct ledger_facts facts;
	(void)state;
	struct ledger *ledger = open_ledger(LEDGER_READ);
	check(ledger, "2025", NULL);
	assert_true(ledger_list(ledger, "pair", &arena, &facts, NULL));
	assert_int_equal(facts.count, 0);
	ledger_close(ledger);
	assert_int_equal(access("a.ledger", F_OK), -1);
	assert_string_equal(ledger_path("state/a.db", &arena), "state/a.ledger");
	assert_string_equal(ledger_path("a", &arena), "a.ledger");
	arena_finish(&arena);
}

static void test_keys(void **state)
{
	(void)state;
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	put(ledger, "2025", "who", true);
	ledger_close(ledger);
	assert_int_equal(chmod("a.key", 0644), 0);
	ledger = open_ledger(LEDGER_READ);
	check_fails(ledger, "2025", "may be read by others");
	assert_int_equal(rename("a.key", "kept"), 0);
	check_fails(ledger, "2025", "is missing: restore it");
	ledger_close(ledger);
	/* No new key beside facts that the old one has sealed. */
	ledger = open_ledger(LEDGER_WRITE);
	const struct ledger_fact fact = fact_of("2026", "who", true);
	assert_false(ledger_put(ledger, &fact, NULL));
	ledger_close(ledger);
	assert_int_equal(access("a.key", F_OK), -1);
	write_text("a.key", "nonsense");
	assert_int_equal(chmod("a.key", 0600), 0);
	ledger = open_ledger(LEDGER_READ);
	check_fails(ledger, "2025", "is no key");
	write_text("a.key", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
	check_fails(ledger, "2025", "sealed with another key");
	ledger_close(ledger);
}

static void test_other_files(void **state)
{
	(void)state;
	write_text("a.ledger", "this is no database, and longer than a header of one would be "
			       "..................................................");
	assert_int_equal(chmod("a.ledger", 0600), 0);
	check_open_fails("a.ledger");
	assert_int_equal(unlink("a.ledger"), 0);
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	ledger_close(ledger);
	assert_int_equal(chmod("a.ledger", 0640), 0);
	check_open_fails("chmod 600");
	assert_int_equal(unlink("a.ledger"), 0);
	assert_int_equal(mkdir("a.ledger", 0700), 0);
	check_open_fails("no regular file");
}

/* More than one piece, and sizes around its end. */
static void test_large(void **state)
{
	static const size_t sizes[] = { 1, 65535, 65536, 65537, 131072, 1000000 };
	struct arena arena = { 0 };
	(void)state;
	struct ledger *ledger = open_ledger(LEDGER_WRITE);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct error err;
		char *value = arena_alloc(&arena, sizes[i]);
		for (size_t k = 0; k < sizes[i]; k++)
			value[k] = (char)(k * 31 + k / 1000);
		const struct ledger_fact fact = { "pair", "x", value, sizes[i], true, 0 };
		struct ledger_fact found = { .scope = "pair", .key = "x" };
		assert_true(ledger_put(ledger, &fact, &err));
		assert_true(ledger_get(ledger, &found, &arena, &err));
		assert_int_equal(found.length, sizes[i]);
		assert_memory_equal(found.value, value, sizes[i]);
	}
	ledger_close(ledger);
	arena_finish(&arena);
}

static void make_first_version(void)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open("a.ledger", &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			"CREATE TABLE facts(number INTEGER PRIMARY KEY, scope TEXT NOT NULL, key "
			"TEXT NOT NULL, sealed INTEGER NOT NULL, written INTEGER NOT NULL, value "
			"BLOB NOT NULL, UNIQUE(scope, key)); INSERT INTO facts(scope, key, sealed, "
			"written, value) VALUES('pair', '2025', 0, 1, 'kept'); PRAGMA "
			"application_id = 1852664935; PRAGMA user_version = 1",
			NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(chmod("a.ledger", 0600), 0);
}

static void check_no_deeds(struct ledger *ledger)
{
	struct arena arena = { 0 };
	struct ledger_deed row = { .id = { 1, 2 } };
	uint64_t counts[LEDGER_STATES];
	const struct ledger_filter all = { .job = "a" };
	assert_true(ledger_deed(ledger, "a", &row, &arena, NULL));
	assert_int_equal(row.state, LEDGER_NONE);
	assert_true(ledger_counts(ledger, "a", counts, NULL));
	assert_int_equal(counts[LEDGER_ACCEPTED], 0);
	assert_true(ledger_walk(ledger, &all, NULL, NULL, NULL));
	arena_finish(&arena);
}

/* A ledger from before there were deeds is read as it is, and written as one of today. */
static void test_earlier_version(void **state)
{
	(void)state;
	make_first_version();
	for (int i = 0; i < 2; i++) {
		struct ledger *ledger = open_ledger(i ? LEDGER_WRITE : LEDGER_READ);
		check(ledger, "2025", "kept");
		check_no_deeds(ledger);
		ledger_close(ledger);
	}
	struct ledger *ledger = open_ledger(LEDGER_READ);
	check(ledger, "2025", "kept");
	check_no_deeds(ledger);
	ledger_close(ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_facts, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(
			test_not_committed, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_absent, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_keys, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_large, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(
			test_earlier_version, scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(test_other_files, scratch_setup, scratch_teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
