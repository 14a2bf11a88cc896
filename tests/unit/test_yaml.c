#include "pipeline/support/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/support/text.h"

struct fixture {
	struct arena arena;
	struct problems problems;
};

static int setup(void **state)
{
	struct fixture *fixture = memory_zeroed(1, sizeof(*fixture));
	*state = fixture;
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

static struct yaml_node *parse_bytes(struct fixture *fixture, const char *data, size_t length)
{
	return yaml_parse(&fixture->arena, "t.yaml", data, length, &fixture->problems);
}

static struct yaml_node *parse(struct fixture *fixture, const char *text)
{
	return parse_bytes(fixture, text, strlen(text));
}

/* The one problem, as "line:column text". */
static void assert_problem(struct fixture *fixture, int line, int column, const char *part)
{
	assert_int_equal(fixture->problems.count, 1);
	const struct problem *problem = &fixture->problems.list[0];
	if (!strstr(problem->text, part))
		fail_msg("'%s' is not in '%s'", part, problem->text);
	if (problem->place.line != line || problem->place.column != column)
		fail_msg("'%s' stands at %d:%d", problem->text, problem->place.line,
			problem->place.column);
	problems_finish(&fixture->problems);
}

static const char *value(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);
	assert_non_null(node);
	return node->text;
}

static void test_places_and_kinds(void **state)
{
	const struct yaml_node *root =
		parse(*state, "# first\na: 1\nb:\n  - x\n  - \"y\"\nc: ~\nz: { e: |\n}\n");
	assert_null(root);
	problems_finish(&((struct fixture *)*state)->problems);
	root = parse(*state, "# first\na: 1\nb:\n  - x\n  - \"y\"\nc: ~\nz: { e: null }\n");
	assert_int_equal(root->kind, YAML_MAP);
	assert_int_equal(root->count, 4);
	const struct yaml_node *list = yaml_get(root, "b");
	assert_int_equal(list->kind, YAML_LIST);
	assert_int_equal(list->values[1]->place.line, 5);
	assert_int_equal(list->values[1]->place.column, 5);
	assert_true(list->values[1]->quoted);
	assert_false(list->values[0]->quoted);
	assert_int_equal(yaml_get(root, "c")->kind, YAML_NULL);
	assert_int_equal(yaml_get(yaml_get(root, "z"), "e")->kind, YAML_NULL);
	assert_null(yaml_get(root, "f"));
	assert_null(yaml_get(list, "a"));
	assert_null(yaml_get(NULL, "a"));
}

static void test_column_counts_characters(void **state)
{
	const struct yaml_node *root = parse(*state, "{ \"\xC3\xA4\xC3\xB6\": 1, b: 2 }\n");
	assert_int_equal(yaml_get(root, "b")->place.column, 15);
}

static void test_merge(void **state)
{
	const struct yaml_node *root = parse(*state, "one: &one { a: 1, b: 1 }\n"
						     "two: &two { a: 2, c: 2 }\n"
						     "both: { <<: [*one, *two], b: own }\n"
						     "last: { b: own, <<: *two }\n"
						     "text: { \"<<\": 3 }\n");
	const struct yaml_node *both = yaml_get(root, "both"), *last = yaml_get(root, "last");
	assert_string_equal(value(both, "a"), "1");
	assert_string_equal(value(both, "b"), "own");
	assert_string_equal(value(both, "c"), "2");
	assert_int_equal(both->count, 3);
	assert_string_equal(value(last, "a"), "2");
	assert_string_equal(value(yaml_get(root, "text"), "<<"), "3");
	assert_int_equal(((struct fixture *)*state)->problems.count, 0);
}

static void test_alias_is_a_copy(void **state)
{
	struct fixture *fixture = *state;
	struct yaml_node *root = parse(fixture, "a: &a { x: 1 }\nb: *a\n");
	yaml_set(&fixture->arena, root, "b.x=2", &fixture->problems);
	assert_string_equal(value(yaml_get(root, "a"), "x"), "1");
	assert_string_equal(value(yaml_get(root, "b"), "x"), "2");
}

static void test_problems(void **state)
{
	static const struct {
		const char *yaml;
		int line, column;
		const char *part;
	} cases[] = {
		{ "", 1, 1, "empty" },
		{ "# only a comment\n", 2, 1, "empty" },
		{ "a: 1\nb: 2\na: 3\n", 3, 1, "'a' is given a second time; first in line 1" },
		{ "a: *b\n", 1, 4, "no anchor '&b'" },
		{ "a: &a [*a]\n", 1, 8, "no anchor '&a'" },
		{ "<<: 3\n", 1, 5, "needs a mapping" },
		{ "a: { <<: [3] }\n", 1, 11, "needs a mapping" },
		{ "a: 1\n---\nb: 2\n", 2, 1, "second document" },
		{ "a:\n\t- b\n", 2, 1, "a tab" },
		{ "a: [1\nb: 2\n", 2, 2, "not valid YAML" },
		{ "a: \"b\n", 2, 1, "not valid YAML" },
		{ "a: ${NIGHTMILL_TEST_UNSET}\n", 1, 4, "'NIGHTMILL_TEST_UNSET' is not set" },
		{ "a: ${}\n", 1, 4, "must be followed by the name" },
		{ "a: ${b\n", 1, 4, "must be followed by the name" },
		{ "a: ${1b}\n", 1, 4, "must be followed by the name" },
		{ "? [a]\n: 1\n", 1, 3, "a key must be a word" },
		{ "~: 1\n", 1, 1, "a key must be a word" },
		{ "a: !weird 1\n", 1, 4, "tag '!weird'" },
		{ "a: \"b\\0c\"\n", 1, 4, "NUL" },
		{ "a: b\xFF\n", 1, 5, "not valid UTF-8" },
		{ "\xC3\xA4: \xC3\n", 1, 5, "not valid UTF-8" },
		{ "a: b\nc: \x07\n", 2, 4, "U+0007" },
		{ "\xFF\xFE"
		  "a",
			1, 1, "not valid UTF-8" },
		{ "a: **/*.jpg\n", 1, 4, "quotation marks" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		parse(*state, cases[i].yaml);
		assert_problem(*state, cases[i].line, cases[i].column, cases[i].part);
	}
	parse_bytes(*state, "a: \0b\n", 6);
	assert_problem(*state, 1, 4, "U+0000");
	assert_null(parse_bytes(*state, NULL, 0));
	assert_problem(*state, 1, 1, "empty");
}

static void test_byte_order_mark(void **state)
{
	const struct yaml_node *root = parse(*state, "\xEF\xBB\xBF"
						     "a: 1\n");
	assert_string_equal(value(root, "a"), "1");
	assert_int_equal(yaml_get(root, "a")->place.column, 4);
}

static void test_environment(void **state)
{
	setenv("NIGHTMILL_TEST_SET", "v{1}", 1);
	const struct yaml_node *root =
		parse(*state, "a: x-${NIGHTMILL_TEST_SET}-y\n"
			      "b: $${NIGHTMILL_TEST_SET}\n"
			      "c: $5 $\n"
			      "z: \"${NIGHTMILL_TEST_SET}${NIGHTMILL_TEST_SET}\"\n");
	unsetenv("NIGHTMILL_TEST_SET");
	assert_string_equal(value(root, "a"), "x-v{1}-y");
	assert_true(yaml_get(root, "a")->secret);
	assert_string_equal(value(root, "b"), "${NIGHTMILL_TEST_SET}");
	assert_false(yaml_get(root, "b")->secret);
	assert_string_equal(value(root, "c"), "$5 $");
	assert_string_equal(value(root, "z"), "v{1}v{1}");
}

static void test_set(void **state)
{
	struct fixture *fixture = *state;
	struct yaml_node *root = parse(fixture, "a: { b: [1, 2] }\nc:\nz: text\n");
	static const char *const sets[] = { "a.b.1=two", "a.b.2=3", "c.new.deep=[x, y]",
		"e=", "z=4" };
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		yaml_set(&fixture->arena, root, sets[i], &fixture->problems);
	assert_int_equal(fixture->problems.count, 0);
	const struct yaml_node *list = yaml_get(yaml_get(root, "a"), "b");
	assert_int_equal(list->count, 3);
	assert_string_equal(list->values[1]->text, "two");
	assert_true(list->values[1]->set);
	assert_string_equal(list->values[1]->place.file, "--set a.b.1");
	assert_int_equal(yaml_get(yaml_get(yaml_get(root, "c"), "new"), "deep")->count, 2);
	assert_int_equal(yaml_get(root, "e")->kind, YAML_NULL);
	assert_string_equal(value(root, "z"), "4");
}

static void test_set_problems(void **state)
{
	static const struct {
		const char *set;
		const char *file;
		const char *part;
	} cases[] = {
		{ "nonsense", "--set", "path.to.value=YAML" },
		{ "=3", "--set", "path.to.value=YAML" },
		{ "a.7=3", "--set a.7", "numbered from 0 to 1, and 2 adds one" },
		{ "a.x=3", "--set a.x", "no element 'x'" },
		{ "a.-1=3", "--set a.-1", "no element '-1'" },
		{ "b.c=3", "--set b.c", "single value" },
		{ "z..c=3", "--set z..c", "a name is missing" },
		{ "b=[3", "--set b", "not valid YAML" },
		{ "z.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1=3", NULL,
			"too deep" },
	};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct yaml_node *root = parse(fixture, "a: [1, 2]\nb: text\nz:\n");
		yaml_set(&fixture->arena, root, cases[i].set, &fixture->problems);
		assert_int_equal(fixture->problems.count, 1);
		assert_non_null(strstr(fixture->problems.list[0].text, cases[i].part));
		if (cases[i].file)
			assert_string_equal(fixture->problems.list[0].place.file, cases[i].file);
		problems_finish(&fixture->problems);
	}
}

/* Every level names the one before it ten times. */
static void test_laughs_are_refused(void **state)
{
	struct text text = { 0 };
	text_add_string(&text, "a0: &a0 x\n");
	for (int level = 1; level < 6; level++) {
		text_addf(&text, "a%d: &a%d [", level, level);
		for (int i = 0; i < 10; i++)
			text_addf(&text, "%s*a%d", i ? ", " : "", level - 1);
		text_add_string(&text, "]\n");
	}
	assert_null(parse(*state, text.data));
	text_finish(&text);
	struct fixture *fixture = *state;
	assert_int_equal(fixture->problems.count, 1);
	assert_non_null(strstr(fixture->problems.list[0].text, "at most 100000 values"));
}

static void test_depth_is_limited(void **state)
{
	struct text text = { 0 };
	for (int i = 0; i < 100000; i++)
		text_add_string(&text, "[");
	assert_null(parse(*state, text.data));
	assert_problem(*state, 1, 33, "nested too deep: at most 32 levels");
	text_clear(&text);
	text_add_string(&text, "a0: &a0 [x]\n");
	for (int i = 1; i < 50; i++)
		text_addf(&text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
	assert_null(parse(*state, text.data));
	assert_problem(*state, 1, 10, "nested too deep");
	text_finish(&text);
}

static void test_size_is_limited(void **state)
{
	struct text text = { 0 };
	while (text.length <= 1024 * 1024)
		text_add_string(&text, "- some text or other\n");
	assert_null(parse(*state, text.data));
	assert_problem(*state, 0, 0, "at most 1048576 bytes");
	text_clear(&text);
	for (int i = 0; i < 1001; i++)
		text_addf(&text, "key%d: %d\n", i, i);
	assert_null(parse(*state, text.data));
	assert_problem(*state, 1001, 1, "at most 1000 keys");
	text_clear(&text);
	while (text.length < 20000)
		text_add_string(&text, "0123456789");
	setenv("NIGHTMILL_TEST_SET", text.data, 1);
	text_clear(&text);
	text_add_string(&text, "a: ");
	for (int i = 0; i < 53; i++)
		text_add_string(&text, "${NIGHTMILL_TEST_SET}");
	parse(*state, text.data);
	unsetenv("NIGHTMILL_TEST_SET");
	assert_problem(*state, 1, 4, "at most 1048576 bytes may come from the environment");
	text_finish(&text);
}

static void test_unreadable(void **state)
{
	struct fixture *fixture = *state;
	assert_null(yaml_read(&fixture->arena, "/nowhere/at/all.yaml", &fixture->problems));
	assert_problem(fixture, 0, 0, "cannot be read: No such file or directory");
	assert_null(yaml_read(&fixture->arena, "/", &fixture->problems));
	assert_problem(fixture, 0, 0, "cannot be read: Is a directory");
	assert_null(yaml_read(&fixture->arena, "/dev/zero", &fixture->problems));
	assert_problem(fixture, 0, 0, "at most 1048576 bytes");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_places_and_kinds),
		TEST(test_column_counts_characters),
		TEST(test_merge),
		TEST(test_alias_is_a_copy),
		TEST(test_problems),
		TEST(test_byte_order_mark),
		TEST(test_environment),
		TEST(test_set),
		TEST(test_set_problems),
		TEST(test_laughs_are_refused),
		TEST(test_depth_is_limited),
		TEST(test_size_is_limited),
		TEST(test_unreadable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
