/* The config with tables of its own, so that it knows no real plugin. */

#include "pipeline/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/executor.h"
#include "pipeline/source.h"
#include "pipeline/stage.h"
#include "tests/fakes/scratch.h"

/* Behind error.h: it defines a macro fail(). */
#include <cmocka.h>

struct pretend {
	const char *from;
	struct option_number workers;
	int patience;
};

static const char *const autos[] = { "auto", NULL };
static const struct option no_options[] = { { .name = NULL } };

#define SETTINGS struct pretend
static const struct option from_options[] = {
	{ "from", TEXT(from), .help = "Where from." },
	{ .name = NULL },
};
static const struct option crew_options[] = {
	{ "workers", NUMBER_OR_WORD(workers, autos), RANGE(1, 64), .fallback = "auto",
		.help = "How many." },
	{ "patience", INTEGER(patience), .fallback = "1", .help = "How long." },
	{ .name = NULL },
};
static const struct option gang_options[] = {
	{ "workers", NUMBER_OR_WORD(workers, autos), RANGE(1, 8), .fallback = "auto",
		.help = "How many." },
	{ .name = NULL },
};
#undef SETTINGS

static const struct plugin list_source = { "list", "Gives a list.", from_options,
	sizeof(struct pretend) };
static const struct plugin copy_stage = { "copy", "Copies.", no_options, 0 };
static const struct plugin crew = { "work-stealing", "Many.", crew_options,
	sizeof(struct pretend) };
static const struct plugin gang = { "gang", "Some.", gang_options, sizeof(struct pretend) };
static const struct plugin alone = { "alone", "One.", no_options, 0 };

const struct plugin *const sources[] = { &list_source, NULL };
const struct plugin *const stages[] = { &copy_stage, NULL };
const struct plugin *const executors[] = { &alone, &crew, &gang, NULL };

struct fixture {
	struct arena arena;
	struct problems problems;
	struct config config;
};

static bool read_with(
	struct fixture *fixture, const char *yaml, const char *const *sets, size_t count)
{
	scratch_write("t.yaml", yaml, strlen(yaml));
	return config_read(
		&fixture->arena, "t.yaml", sets, count, &fixture->config, &fixture->problems);
}

static bool read_config(struct fixture *fixture, const char *yaml)
{
	return read_with(fixture, yaml, NULL, 0);
}

static void fixture_finish(struct fixture *fixture)
{
	arena_finish(&fixture->arena);
	problems_finish(&fixture->problems);
}

static const char small[] = "name: small\nsource: { list: { from: here } }\nstages: [copy]\n";

static void test_defaults(void **state)
{
	(void)state;
	struct fixture fixture = { 0 };
	assert_true(read_config(&fixture, small));
	const struct config *config = &fixture.config;
	assert_string_equal(config->name, "small");
	assert_ptr_equal(config->source.plugin, &list_source);
	assert_ptr_equal(config->stages.items[0].plugin, &copy_stage);
	assert_ptr_equal(config->executor.plugin, &crew);
	assert_string_equal(config->state, "state/small.db");
	assert_true(config->on_error.halt.is_percent && config->on_error.halt.percent == 100);
	assert_int_equal(config->on_error.retries, 2);
	assert_int_equal(config->on_error.backoff.micros, 1000000);
	assert_int_equal(config->check, CONFIG_CHECK_TIMES);
	assert_int_equal(config->max_time.micros, 0);
	assert_string_equal(config->place.file, "t.yaml");
	fixture_finish(&fixture);
}

static void test_everything(void **state)
{
	(void)state;
	struct fixture fixture = { 0 };
	assert_true(read_config(&fixture,
		"x-own: &options { from: there }\nname: every-thing2\nsource: { list: *options }\n"
		"stages: [copy, { copy: {} }, copy: ]\nexecutor: { gang: { workers: 3 } }\n"
		"state: elsewhere.db\non_error: { halt: 5, retries: 0, backoff: 250ms }\n"
		"check: strict\nmax_time: 1h30m\n"));
	const struct config *config = &fixture.config;
	assert_string_equal(((const struct pretend *)config->source.settings)->from, "there");
	assert_int_equal(config->stages.count, 3);
	assert_string_equal(config->state, "elsewhere.db");
	assert_int_equal(config->on_error.halt.count, 5);
	assert_int_equal(config->check, CONFIG_CHECK_STRICT);
	assert_int_equal(config->max_time.micros, 5400000000);
	fixture_finish(&fixture);
}

static void test_canonical_reads_back(void **state)
{
	(void)state;
	struct fixture fixture = { 0 };
	struct text once = { 0 }, twice = { 0 };
	assert_true(read_config(&fixture, small));
	config_canonical(&fixture.config, &once);
	assert_true(read_config(&fixture, once.data));
	config_canonical(&fixture.config, &twice);
	assert_string_equal(once.data, twice.data);
	assert_string_equal(once.data,
		"name: small\nsource:\n  list:\n    from: here\nstages:\n  - copy: {}\n"
		"executor:\n  work-stealing:\n    workers: auto\n    patience: 1\n"
		"state: state/small.db\non_error: { halt: 100%, retries: 2, backoff: 1s }\n"
		"check: times\nmax_time: 0s\n");
	text_finish(&once);
	text_finish(&twice);
	fixture_finish(&fixture);
}

static void assert_problem(const struct fixture *fixture, const char *part)
{
	for (size_t i = 0; part && i < fixture->problems.count; i++)
		if (strstr(fixture->problems.list[i].text, part))
			return;
	fail_msg("no problem says '%s'", part ? part : "");
}

static void test_problems(void **state)
{
	(void)state;
	static const struct {
		const char *yaml;
		size_t count;
		const char *part;
	} cases[] = {
		{ "", 1, "empty" },
		{ "- a\n", 1, "expected a mapping of options; found a list" },
		{ "5\n", 1, "expected a mapping of options; found '5'" },
		{ "{}\n", 3, "option 'name' is missing" },
		{ "name: Big Name\nsource: { list: { from: a } }\nstages: [copy]\n", 1,
			"'name': expected small letters, digits and hyphens" },
		{ "name: a/b\nsauce: 1\n", 4, "'name': expected small letters" },
		{ "name: a\nsource: { list: { from: a } }\nstages: []\n", 1,
			"1 to 64 elements; found a list of 0" },
		{ "name: a\nsource: list\nstages: [copy]\n", 1, "option 'from' is missing" },
		{ "name: a\nsource: { list: { from: a } }\nstages: [copy]\nname: b\n", 1,
			"a second time" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture fixture = { 0 };
		assert_false(read_config(&fixture, cases[i].yaml));
		assert_problem(&fixture, cases[i].part);
		if (fixture.problems.count != cases[i].count)
			fail_msg("%s: %zu problems", cases[i].yaml, fixture.problems.count);
		fixture_finish(&fixture);
	}
	struct fixture fixture = { 0 };
	assert_false(config_read(
		&fixture.arena, "absent.yaml", NULL, 0, &fixture.config, &fixture.problems));
	assert_problem(&fixture, "cannot be read");
	fixture_finish(&fixture);
}

static void test_sets(void **state)
{
	(void)state;
	struct fixture fixture = { 0 };
	static const char *const sets[] = { "source.list.from=there", "on_error.retries=7",
		"executor={ gang: { workers: 2 } }" };
	assert_true(read_with(&fixture, small, sets, 3));
	assert_string_equal(
		((const struct pretend *)fixture.config.source.settings)->from, "there");
	assert_int_equal(fixture.config.on_error.retries, 7);
	assert_ptr_equal(fixture.config.executor.plugin, &gang);
	static const char *const wrong[] = { "on_error.retries=many" };
	assert_false(read_with(&fixture, small, wrong, 1));
	assert_string_equal(fixture.problems.list[0].place.file, "--set on_error.retries");
	fixture_finish(&fixture);
}

/* What a config's executor is after --executor and --workers. */
struct replacement {
	const char *executor; /* in the config */
	const char *name, *workers;
	const struct plugin *plugin; /* NULL: refused */
	int64_t number;              /* of workers; 0: auto, or no such option */
	const char *part;            /* of the problem */
};

static void check_replacement(const struct replacement *wanted)
{
	struct fixture fixture = { 0 };
	struct text yaml = { 0 };
	text_addf(&yaml, "%sexecutor: %s\n", small, wanted->executor);
	assert_true(read_config(&fixture, yaml.data));
	text_finish(&yaml);
	bool replaced = config_replace_executor(
		&fixture.config, wanted->name, wanted->workers, &fixture.arena, &fixture.problems);
	assert_int_equal(replaced, wanted->plugin != NULL);
	assert_int_equal(replaced, fixture.problems.count == 0);
	if (replaced) {
		const struct pretend *settings = fixture.config.executor.settings;
		assert_ptr_equal(fixture.config.executor.plugin, wanted->plugin);
		if (wanted->plugin != &alone)
			assert_int_equal(settings->workers.word < 0 ? settings->workers.number : 0,
				wanted->number);
		if (wanted->plugin == &crew &&
			!strcmp(wanted->executor, "{ work-stealing: { patience: 9 } }"))
			assert_int_equal(settings->patience, 9);
	} else {
		assert_problem(&fixture, wanted->part);
	}
	fixture_finish(&fixture);
}

static void test_replace_executor(void **state)
{
	(void)state;
	static const struct replacement cases[] = {
		{ "{ gang: { workers: 5 } }", NULL, NULL, &gang, 5, NULL },
		{ "{ gang: { workers: 5 } }", "work-stealing", NULL, &crew, 5, NULL },
		{ "{ gang: { workers: 5 } }", "work-stealing", "6", &crew, 6, NULL },
		{ "{ gang: { workers: 5 } }", NULL, "auto", &gang, 0, NULL },
		{ "{ gang: { workers: 5 } }", "alone", NULL, &alone, 0, NULL },
		{ "{ gang: { workers: 5 } }", "alone", "1", &alone, 0, NULL },
		{ "{ work-stealing: { patience: 9 } }", "gang", NULL, &gang, 0, NULL },
		{ "{ work-stealing: { patience: 9 } }", "work-stealing", "2", &crew, 2, NULL },
		{ "alone", "gang", "3", &gang, 3, NULL },
		{ "alone", "gagn", NULL, NULL, 0,
			"unknown executor 'gagn' (did you mean 'gang'?)" },
		{ "alone", "zzz", NULL, NULL, 0, "known are: alone, work-stealing, gang" },
		{ "alone", NULL, "4", &alone, 0, NULL },
		{ "alone", NULL, "many", NULL, 0, "expected a number or auto, found 'many'" },
		{ "alone", "gang", "9", NULL, 0,
			"expected integer from 1 to 8, or auto; found '9'" },
		{ "alone", "gang", "[", NULL, 0, "not valid YAML" },
		{ "alone", "gang", "", NULL, 0, "empty" },
		{ "{ work-stealing: { workers: 60 } }", "gang", NULL, NULL, 0, "found '60'" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_replacement(&cases[i]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_everything),
		TEST(test_canonical_reads_back),
		TEST(test_problems),
		TEST(test_sets),
		TEST(test_replace_executor),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
