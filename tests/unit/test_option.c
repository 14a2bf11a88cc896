#include "pipeline/options/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const fits[] = { "inside", "cover", "fill", NULL };
static const char *const autos[] = { "auto", NULL };

struct pool {
	struct option_number workers;
};

#define SETTINGS struct pool
static const struct option pool_options[] = {
	{ "workers", NUMBER_OR_WORD(workers, autos), RANGE(1, 1024), .fallback = "auto",
		.help = "How many." },
	{ .name = NULL },
};
#undef SETTINGS

static const struct option no_options[] = { { .name = NULL } };
static const struct plugin pool_plugin = { "pool", "Many.", pool_options, sizeof(struct pool) };
static const struct plugin alone_plugin = { "alone", "One.", no_options, 0 };
static const struct plugin *const table[] = { &pool_plugin, &alone_plugin, NULL };

struct size {
	const char *name;
	int width;
	int fit;
};

#define SETTINGS struct size
static const struct option size_options[] = {
	{ "name", TEXT(name), .help = "Its name." },
	{ "width", INTEGER(width), RANGE(1, 65500), .unit = "px", .help = "Width.",
		.affects = AFFECTS_BYTES },
	{ "fit", CHOICE(fit, fits), .fallback = "inside", .help = "How.",
		.affects = AFFECTS_BYTES },
	{ .name = NULL },
};
#undef SETTINGS

struct all {
	int integer;
	double real;
	bool boolean;
	const char *text, *field, *template, *path;
	struct option_bytes bytes;
	struct option_duration duration;
	struct option_number number;
	struct option_share share;
	int choice;
	struct option_list list;
	struct option_groups sizes;
	struct size group;
	struct option_plugin plugin, absent;
	struct option_plugins plugins, named;
};

#define SETTINGS struct all
static const struct option all_options[] = {
	{ "integer", INTEGER(integer), RANGE(-5, 100), .fallback = "7", .unit = "px",
		.help = "A whole number.", .affects = AFFECTS_BYTES },
	{ "real", REAL(real), RANGE(0, 1), .fallback = "0.1", .help = "A number.",
		.affects = AFFECTS_BYTES },
	{ "boolean", BOOLEAN(boolean), .fallback = "yes", .help = "A boolean." },
	{ "text", TEXT(text), .fallback = "none", .help = "A text." },
	{ "field", FIELD_NAME(field), .fallback = "path", .help = "A field." },
	{ "template", TEMPLATE(template), .fallback = "{path}", .help = "A template.",
		.affects = AFFECTS_BYTES },
	{ "path", FILE_PATH(path), .fallback = "", .help = "A path." },
	{ "bytes", BYTES(bytes), RANGE(0, 1099511627776), .fallback = "64MiB", .help = "A size.",
		.affects = AFFECTS_LIMIT },
	{ "duration", DURATION(duration), RANGE(0, 86400), .fallback = "30s", .help = "A time." },
	{ "number", NUMBER_OR_WORD(number, autos), RANGE(1, 64), .fallback = "auto",
		.help = "A number or auto." },
	{ "share", SHARE(share), .fallback = "5%", .help = "A share." },
	{ "choice", CHOICE(choice, fits), .fallback = "cover", .help = "A choice." },
	{ "list", LIST(list), .fallback = "**", .help = "A list." },
	{ "sizes", GROUPS(sizes, size_options, sizeof(struct size)), .fallback = "[]",
		.help = "Some groups." },
	{ "group", GROUP(group, size_options), .fallback = "{ name: n, width: 1 }",
		.help = "A group." },
	{ "plugin", PLUGIN(plugin, table), .fallback = "pool", .help = "A plugin." },
	{ "absent", PLUGIN(absent, table), .fallback = "", .help = "No plugin." },
	{ "plugins", PLUGINS(plugins, table), RANGE(0, 2), .fallback = "[]", .help = "Plugins." },
	{ "named", NAMED_PLUGINS(named, table), .fallback = "", .help = "Named plugins." },
	{ .name = NULL },
};
#undef SETTINGS

struct fixture {
	struct arena arena;
	struct problems problems;
	struct all all;
	const struct yaml_node *root;
};

static int setup(void **state)
{
	*state = memory_zeroed(1, sizeof(struct fixture));
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;
	arena_finish(&fixture->arena);
	problems_finish(&fixture->problems);
	free(fixture);
	return 0;
}

static bool parse(struct fixture *fixture, const char *yaml)
{
	fixture->all = (struct all){ 0 };
	fixture->root =
		yaml_parse(&fixture->arena, "t.yaml", yaml, strlen(yaml), &fixture->problems);
	assert_non_null(fixture->root);
	return option_parse(all_options, fixture->root, fixture->root->place, &fixture->all,
		&fixture->arena, &fixture->problems);
}

static struct all *parsed(struct fixture *fixture, const char *yaml)
{
	bool fine = parse(fixture, yaml);
	for (size_t i = 0; i < fixture->problems.count; i++)
		print_message("%s\n", fixture->problems.list[i].text);
	assert_true(fine);
	assert_int_equal(fixture->problems.count, 0);
	return &fixture->all;
}

static struct text canonical(const struct fixture *fixture)
{
	struct text text = { 0 };
	option_canonical(all_options, &fixture->all, fixture->root, 0, &text);
	return text;
}

static void test_defaults(void **state)
{
	const struct all *all = parsed(*state, "{}");
	assert_int_equal(all->integer, 7);
	assert_true(all->real == 0.1);
	assert_true(all->boolean);
	assert_string_equal(all->text, "none");
	assert_string_equal(all->template, "{path}");
	assert_string_equal(all->path, "");
	assert_int_equal(all->bytes.bytes, 64 << 20);
	assert_int_equal(all->duration.micros, 30000000);
	assert_int_equal(all->number.word, 0);
	assert_true(all->share.is_percent && all->share.percent == 5);
	assert_int_equal(all->choice, 1);
	assert_int_equal(all->list.count, 1);
	assert_string_equal(all->list.items[0], "**");
	assert_int_equal(all->sizes.count, 0);
	assert_string_equal(all->group.name, "n");
	assert_ptr_equal(all->plugin.plugin, &pool_plugin);
	assert_non_null(all->plugin.node);
	assert_null(all->absent.plugin);
	assert_int_equal(all->named.count, 0);
}

static void test_null_is_no_options(void **state)
{
	assert_int_equal(parsed(*state, "~")->integer, 7);
	const struct all *all =
		parsed(*state, "list:\nsizes:\nplugins:\nnamed:\nplugin: { pool: }\n");
	assert_int_equal(all->list.count, 0);
	assert_ptr_equal(all->plugin.plugin, &pool_plugin);
}

struct scalar_case {
	const char *yaml;
	int64_t value;
};

static void test_bytes(void **state)
{
	static const struct scalar_case cases[] = { { "0", 0 }, { "123", 123 },
		{ "64MiB", 64 << 20 }, { "\"512 KiB\"", 512 << 10 }, { "10MB", 10000000 },
		{ "1kB", 1000 }, { "1KB", 1000 }, { "1.5GiB", 3LL << 29 }, { "7B", 7 },
		{ "1TiB", 1LL << 40 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text yaml = { 0 };
		text_addf(&yaml, "bytes: %s", cases[i].yaml);
		assert_int_equal(parsed(*state, yaml.data)->bytes.bytes, cases[i].value);
		text_finish(&yaml);
	}
}

static void test_durations(void **state)
{
	static const struct scalar_case cases[] = { { "0", 0 }, { "0s", 0 }, { "30s", 30000000 },
		{ "5m", 300000000 }, { "1h", 3600000000 }, { "1d", 86400000000 },
		{ "250ms", 250000 }, { "1h30m", 5400000000 }, { "1m0.5s", 60500000 },
		{ "0.1s", 100000 }, { "10us", 10 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text yaml = { 0 };
		text_addf(&yaml, "duration: %s", cases[i].yaml);
		assert_int_equal(parsed(*state, yaml.data)->duration.micros, cases[i].value);
		text_finish(&yaml);
	}
}

static void test_other_scalars(void **state)
{
	assert_int_equal(parsed(*state, "integer: -5")->integer, -5);
	assert_true(parsed(*state, "real: 1e-3")->real == 1e-3);
	assert_false(parsed(*state, "boolean: Off")->boolean);
	assert_true(parsed(*state, "boolean: true")->boolean);
	assert_string_equal(parsed(*state, "text: 2026")->text, "2026");
	assert_string_equal(parsed(*state, "text: \"\"")->text, "");
	assert_int_equal(parsed(*state, "number: 64")->number.number, 64);
	assert_int_equal(parsed(*state, "number: 64")->number.word, -1);
	assert_int_equal(parsed(*state, "share: 20")->share.count, 20);
	assert_false(parsed(*state, "share: 20")->share.is_percent);
	assert_true(parsed(*state, "share: 0.5%")->share.percent == 0.5);
	assert_int_equal(parsed(*state, "choice: fill")->choice, 2);
}

static void test_structures(void **state)
{
	const struct all *all =
		parsed(*state, "list: [a, 5, \"*\"]\n"
			       "sizes: [{ name: s, width: 5 }, { name: l, width: 9, fit: fill }]\n"
			       "plugin: alone\nabsent: { pool: { workers: 3 } }\n"
			       "plugins: [pool, { pool: { workers: 4 } }]\n"
			       "named: { people: { pool: { workers: 5 } }, others: alone }\n");
	assert_int_equal(all->list.count, 3);
	assert_string_equal(all->list.items[1], "5");
	const struct size *sizes = all->sizes.items;
	assert_int_equal(all->sizes.count, 2);
	assert_string_equal(sizes[1].name, "l");
	assert_int_equal(sizes[1].fit, 2);
	assert_int_equal(all->sizes.nodes[1]->place.line, 2);
	assert_ptr_equal(all->plugin.plugin, &alone_plugin);
	assert_int_equal(all->plugin.node->place.line, 3);
	assert_int_equal(((const struct pool *)all->absent.settings)->workers.number, 3);
	assert_int_equal(all->plugins.count, 2);
	assert_string_equal(all->named.items[1].name, "others");
	assert_string_equal(parsed(*state, "list: one")->list.items[0], "one");
}

static const struct {
	const char *yaml;
	int line, column;
	const char *text;
} wrong_values[] = {
	{ "integer: wide", 1, 10, "'integer': expected integer from -5 to 100 (px); found 'wide'" },
	{ "integer: 101", 1, 10, "found '101'" },
	{ "integer: -6", 1, 10, "found '-6'" },
	{ "integer: 1.5", 1, 10, "found '1.5'" },
	{ "integer: 0x10", 1, 10, "found '0x10'" },
	{ "integer: 010", 1, 10, "found '010'" },
	{ "integer: 99999999999999999999999", 1, 10, "found '99999999999999999999999'" },
	{ "integer: \"5\"", 1, 10, "found '5' in quotation marks" },
	{ "integer: [5]", 1, 10, "found a list" },
	{ "integer:", 1, 9, "found nothing" },
	{ "real: nan", 1, 7, "expected number from 0 to 1; found 'nan'" },
	{ "real: 1e999", 1, 7, "found '1e999'" },
	{ "boolean: maybe", 1, 10, "expected yes or no; found 'maybe'" },
	{ "text: {}", 1, 7, "expected text; found a mapping" },
	{ "text:", 1, 6, "expected text; found nothing" },
	{ "field: \"\"", 1, 8, "expected name of a field; found ''" },
	{ "bytes: 5XB", 1, 8, "expected size such as 64MiB from 0 to 1TiB; found '5XB'" },
	{ "bytes: -5", 1, 8, "found '-5'" },
	{ "bytes: 2TiB", 1, 8, "found '2TiB'" },
	{ "bytes: 99999999999999999999TiB", 1, 8, "found '99999999999999999999TiB'" },
	{ "duration: 3 fortnights", 1, 11, "expected duration such as 30s or 1h30m from 0s to 1d" },
	{ "duration: 5", 1, 11, "found '5'" },
	{ "duration: 5s1h", 1, 11, "found '5s1h'" },
	{ "duration: 2d", 1, 11, "found '2d'" },
	{ "duration: \"\"", 1, 11, "found ''" },
	{ "number: many", 1, 9, "expected integer from 1 to 64, or auto; found 'many'" },
	{ "number: 0", 1, 9, "found '0'" },
	{ "share: 500%", 1, 8, "expected percentage such as 5%, or a count; found '500%'" },
	{ "share: -1", 1, 8, "found '-1'" },
	{ "choice: colour", 1, 9, "expected one of: inside, cover, fill; found 'colour'" },
	{ "choice: insied", 1, 9, "(did you mean 'inside'?)" },
	{ "list: { a: 1 }", 1, 7, "expected text or list of texts; found a mapping" },
	{ "list: [a, [b]]", 1, 11, "found a list" },
	{ "sizes: 5", 1, 8, "expected list of mappings; found '5'" },
	{ "sizes: [5]", 1, 9, "found '5'" },
	{ "sizes: [{ width: 1 }]", 1, 9, "option 'name' is missing: text" },
	{ "sizes: [{ name: a }]", 1, 9, "option 'width' is missing: integer from 1 to 65500 (px)" },
	{ "group: 5", 1, 8, "expected mapping; found '5'" },
	{ "plugin: poll", 1, 9, "unknown 'poll' for 'plugin' (did you mean 'pool'?)" },
	{ "plugin: zzz", 1, 9, "unknown 'zzz' for 'plugin'; known are: pool, alone" },
	{ "plugin: {}", 1, 9, "found a mapping of 0 keys" },
	{ "plugin: { pool: {}, alone: {} }", 1, 9, "found a mapping of 2 keys" },
	{ "plugin: { pool: 5 }", 1, 17, "'pool': expected a mapping of its options; found '5'" },
	{ "plugin: { pool: { wrokers: 5 } }", 1, 19, "unknown option 'wrokers' (did you mean" },
	{ "plugin: { alone: { x: 5 } }", 1, 20, "unknown option 'x'" },
	{ "plugin: \"\"", 1, 9, "unknown '' for 'plugin'" },
	{ "plugins: pool", 1, 10, "expected list of mappings, each with one key out of: pool" },
	{ "plugins: [pool, pool, pool]", 1, 10, "found a list of 3" },
	{ "named: [pool]", 1, 8, "expected mapping from names" },
	{ "zzz: 1", 1, 1, "unknown option 'zzz'; known are: integer, real" },
	{ "integre: 1", 1, 1, "unknown option 'integre' (did you mean 'integer'?)" },
};

static void test_wrong_values(void **state)
{
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(wrong_values) / sizeof(*wrong_values); i++) {
		assert_false(parse(fixture, wrong_values[i].yaml));
		assert_int_equal(fixture->problems.count, 1);
		const struct problem *problem = &fixture->problems.list[0];
		if (!strstr(problem->text, wrong_values[i].text))
			fail_msg("'%s' is not in '%s'", wrong_values[i].text, problem->text);
		assert_int_equal(problem->place.line, wrong_values[i].line);
		if (problem->place.column != wrong_values[i].column)
			fail_msg("%s: column %d", wrong_values[i].yaml, problem->place.column);
		problems_finish(&fixture->problems);
	}
}

static void test_all_problems_at_once(void **state)
{
	struct fixture *fixture = *state;
	assert_false(parse(fixture, "integer: x\nreal: 5\nsizes:\n  - { nmae: s, width: 0 }\n  - { "
				    "name: t, width: 70000 }\n"
				    "plugin: { pool: { workers: none } }\nlist: {}\n"));
	assert_int_equal(fixture->problems.count, 8);
}

static void test_top_must_be_a_mapping(void **state)
{
	struct fixture *fixture = *state;
	assert_false(parse(fixture, "- a\n"));
	assert_string_equal(
		fixture->problems.list[0].text, "expected a mapping of options; found a list");
	assert_int_equal(fixture->problems.count, 1);
	struct all all = { 0 };
	assert_true(option_parse(
		all_options, NULL, (struct place){ 0 }, &all, &fixture->arena, &fixture->problems));
}

static void test_canonical_reads_back(void **state)
{
	static const char *const cases[] = {
		"{}",
		"text: \"a: b\\n\\\"\\\\ \\u2028\\x85\\uFEFF \\U0001F600 caf\\u00e9\"\nlist: [yes, "
		"\"null\", ~x, 5, '']",
		"text: $${NAME} $$${x}\ntemplate: '{path}'\npath: ../x",
		"real: 0.30000000000000004\nbytes: 1000000\nduration: 1d\nshare: "
		"0.000001%\n\"number\": 3",
		"real: 1e-300\nduration: 90m\nshare: 0\nbytes: 5GiB\nboolean: no",
		"sizes: [{ name: \"2026-01-01\", width: 5 }, { fit: fill, name: .inf, width: 3 }]",
		"plugin: alone\nabsent: pool\nplugins: [{ pool: { workers: 5 } }, alone]\n"
		"named: { \"a b\": alone, c: { pool: {} } }",
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		parsed(fixture, cases[i]);
		struct text once = canonical(fixture);
		parsed(fixture, once.data);
		struct text twice = canonical(fixture);
		assert_string_equal(once.data, twice.data);
		text_finish(&once);
		text_finish(&twice);
	}
}

static void test_canonical_form(void **state)
{
	parsed(*state, "share: 7.50%\nduration: 3600s\nlist: x\nsizes: [{ width: 5, name: s }]\n"
		       "plugin: { pool: { workers: 2 } }\nbytes: 1024KiB\n");
	struct text text = canonical(*state);
	static const char *const parts[] = {
		"\nshare: 7.5%\n",
		"\nduration: 1h\n",
		"\nlist: [x]\n",
		"\nsizes:\n  - { name: s, width: 5, fit: inside }\n",
		"\nplugin:\n  pool:\n    workers: 2\n",
		"\nbytes: 1MiB\n",
		"\ntemplate: \"{path}\"\n",
		"\nplugins: []\n",
	};
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strstr(text.data, parts[i]))
			fail_msg("%s is not in\n%s", parts[i], text.data);
	assert_null(strstr(text.data, "absent"));
	text_finish(&text);
}

static void test_secrets_do_not_show(void **state)
{
	struct fixture *fixture = *state;
	setenv("NIGHTMILL_TEST_SECRET", "hunter2", 1);
	parsed(fixture, "text: a${NIGHTMILL_TEST_SECRET}\nlist: [\"${NIGHTMILL_TEST_SECRET}\", b]\n"
			"group: { name: \"${NIGHTMILL_TEST_SECRET}\", width: 1 }\n");
	assert_string_equal(fixture->all.text, "ahunter2");
	struct text text = canonical(fixture);
	assert_null(strstr(text.data, "hunter2"));
	assert_non_null(strstr(text.data, "text: \"***\"\n"));
	assert_non_null(strstr(text.data, "list: [\"***\", b]\n"));
	assert_non_null(strstr(text.data, "group: { name: \"***\","));
	text_finish(&text);
	assert_false(parse(fixture,
		"integer: ${NIGHTMILL_TEST_SECRET}\nchoice: ${NIGHTMILL_TEST_SECRET}\n"
		"plugin: ${NIGHTMILL_TEST_SECRET}\nbytes: ${NIGHTMILL_TEST_SECRET}\n"));
	unsetenv("NIGHTMILL_TEST_SECRET");
	assert_int_equal(fixture->problems.count, 4);
	for (size_t i = 0; i < fixture->problems.count; i++) {
		assert_null(strstr(fixture->problems.list[i].text, "hunter2"));
		assert_non_null(strstr(fixture->problems.list[i].text, "***"));
	}
}

static struct digest digest(struct fixture *fixture, const char *yaml, bool limits)
{
	return option_digest(all_options, parsed(fixture, yaml), limits);
}

static void test_digest(void **state)
{
	static const struct {
		const char *left, *right;
		bool same_recipe, same_verdict;
	} cases[] = {
		{ "{}", "integer: 7", true, true },
		{ "integer: 5\nreal: 0.5", "real: 0.50\n\"integer\": 5", true, true },
		{ "integer: 5", "integer: 6", false, false },
		{ "text: a", "text: b", true, true },
		{ "bytes: 1MiB", "bytes: 2MiB", true, false },
		{ "bytes: 1MiB", "bytes: 1024KiB", true, true },
		{ "sizes: [{ name: a, width: 1 }]", "sizes: [{ width: 1, name: b }]", true, true },
		{ "sizes: [{ name: a, width: 1 }]", "sizes: [{ name: a, width: 2 }]", false,
			false },
		{ "group: { name: a, width: 1 }", "group: { name: b, width: 2 }", false, false },
		{ "template: a", "template: 'a'", true, true },
		{ "plugin: pool", "plugin: alone", true, true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool recipe = digest_equal(digest(*state, cases[i].left, false),
			digest(*state, cases[i].right, false));
		bool verdict = digest_equal(
			digest(*state, cases[i].left, true), digest(*state, cases[i].right, true));
		if (recipe != cases[i].same_recipe || verdict != cases[i].same_verdict)
			fail_msg("case %zu", i);
	}
	struct fixture *fixture = *state;
	setenv("NIGHTMILL_TEST_SECRET", "b", 1);
	assert_true(digest_equal(digest(fixture, "template: ${NIGHTMILL_TEST_SECRET}", false),
		digest(fixture, "template: b", false)));
	unsetenv("NIGHTMILL_TEST_SECRET");
}

/* An option that a later version adds changes nothing where it is not used. */
static void test_digest_with_new_rows(void **state)
{
	struct fixture *fixture = *state;
	struct option rows[2] = { { .name = NULL }, { .name = NULL } };
	for (const struct option *row = all_options; row->name; row++)
		if (strcmp(row->name, "integer") == 0)
			rows[0] = *row;
	const struct digest none = option_digest(rows + 1, parsed(fixture, "{}"), false);
	assert_true(digest_equal(option_digest(rows, parsed(fixture, "integer: 7"), false), none));
	assert_false(digest_equal(option_digest(rows, parsed(fixture, "integer: 6"), false), none));
}

static void test_complain(void **state)
{
	static const struct {
		const char *path;
		int line, column;
	} cases[] = {
		{ "sizes.1.width", 4, 12 },
		{ "sizes.1.fit", 4, 5 },
		{ "sizes.9", 3, 3 },
		{ "text", 1, 7 },
		{ "nothing.there", 1, 1 },
		{ "", 9, 9 },
	};
	struct fixture *fixture = *state;
	parsed(fixture, "text: x\nsizes:\n  - { name: a, width: 1 }\n  - width: 2\n    name: b\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		option_complain(&fixture->problems, fixture->root, (struct place){ "around", 9, 9 },
			cases[i].path, "wrong: %d", 5);
		const struct problem *problem = &fixture->problems.list[0];
		assert_string_equal(problem->text, "wrong: 5");
		assert_int_equal(problem->place.line, cases[i].line);
		assert_int_equal(problem->place.column, cases[i].column);
		problems_finish(&fixture->problems);
	}
	option_complain(&fixture->problems, NULL, (struct place){ "around", 9, 9 }, "a", "wrong");
	assert_string_equal(fixture->problems.list[0].place.file, "around");
}

static const struct plugin all_plugin = { "all", "Has one of each.", all_options,
	sizeof(struct all) };

static void test_help_fits_the_terminal(void **state)
{
	(void)state;
	struct text text = { 0 };
	option_help(&all_plugin, &text);
	assert_non_null(strstr(text.data, "all: Has one of each.\n"));
	assert_non_null(strstr(text.data,
		"\n  integer  integer from -5 to 100 (px); default 7\n      A whole number.\n"));
	assert_non_null(
		strstr(text.data, "\n      width  integer from 1 to 65500 (px); required\n"));
	for (const char *line = text.data; *line;) {
		size_t length = strcspn(line, "\n");
		if (length > 80)
			fail_msg("%.*s", (int)length, line);
		line += length + 1;
	}
	text_finish(&text);
}

static void test_reference(void **state)
{
	(void)state;
	struct text text = { 0 };
	option_reference(&all_plugin, 3, &text);
	assert_memory_equal(text.data, "### `all`\n\nHas one of each.\n\n", 29);
	assert_non_null(strstr(text.data,
		"| `integer` | integer from -5 to 100 (px) | `7` | outputs | A whole number. |\n"));
	assert_non_null(strstr(text.data, "| `sizes[].name` | text | required |  | Its name. |\n"));
	text_finish(&text);
}

static void test_schema(void **state)
{
	(void)state;
	struct text text = { 0 };
	option_schema(size_options, &text);
	assert_string_equal(text.data,
		"{\"type\":\"object\",\"properties\":{"
		"\"name\":{\"description\":\"Its "
		"name.\",\"type\":[\"string\",\"number\",\"boolean\"]},"
		"\"width\":{\"description\":\"Width.\",\"anyOf\":[{\"type\":\"integer\","
		"\"minimum\":1,"
		"\"maximum\":65500},{\"type\":\"string\",\"pattern\":\"\\\\$\\\\{[A-Za-z_][A-Za-z0-"
		"9_]*\\\\}\"}]},"
		"\"fit\":{\"description\":\"How.\",\"default\":\"inside\",\"anyOf\":[{\"enum\":["
		"\"inside\","
		"\"cover\",\"fill\"]},{\"type\":\"string\",\"pattern\":"
		"\"\\\\$\\\\{[A-Za-z_][A-Za-z0-9_]*\\\\}\"}]}},"
		"\"required\":[\"name\",\"width\"],\"additionalProperties\":false}");
	text_finish(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_defaults),
		TEST(test_null_is_no_options),
		TEST(test_bytes),
		TEST(test_durations),
		TEST(test_other_scalars),
		TEST(test_structures),
		TEST(test_wrong_values),
		TEST(test_all_problems_at_once),
		TEST(test_top_must_be_a_mapping),
		TEST(test_canonical_reads_back),
		TEST(test_canonical_form),
		TEST(test_secrets_do_not_show),
		TEST(test_digest),
		TEST(test_digest_with_new_rows),
		TEST(test_complain),
		TEST(test_help_fits_the_terminal),
		TEST(test_reference),
		TEST(test_schema),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
