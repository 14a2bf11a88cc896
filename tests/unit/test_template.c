#include "pipeline/template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = { "dir", "name", "ext" };
static const struct fields fields = { names, 3, NULL };
static const char *const extras[] = { "size", "width", NULL };

static const struct slot slots[] = { { "a/b", 3, false }, { "caf\xC3\xA9", 5, false },
	{ NULL, 0, false } };
static const struct slot extra_slots[] = { { "small", 5, false }, { "256", 3, false } };

static void test_expands(void **state)
{
	(void)state;
	static const struct {
		const char *source;
		const char *expanded;
		size_t literal;
	} cases[] = {
		{ "", "", 0 },
		{ "plain", "plain", 5 },
		{ "out/{dir}/{name}-{size}.{ext}", "out/a/b/caf\xC3\xA9-small.", 4 },
		{ "{dir}{dir}", "a/ba/b", 0 },
		{ "{{{name}}}", "{caf\xC3\xA9}", 1 },
		{ "a{{b}}c/{width}", "a{b}c/256", 6 },
		{ "{{}}", "{}", 2 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena arena = { 0 };
		struct template template;
		struct error err = { 0 };
		assert_true(template_compile(
			cases[i].source, &fields, extras, &arena, &template, &err));
		struct text text = { 0 };
		template_expand(&template, slots, fields.count, extra_slots, &text);
		assert_string_equal(text.data, cases[i].expanded);
		assert_int_equal(template.literal, cases[i].literal);
		text_finish(&text);
		arena_finish(&arena);
	}
}

static void test_uses(void **state)
{
	(void)state;
	struct arena arena = { 0 };
	struct template template;
	assert_true(
		template_compile("dir/{name}/{width}", &fields, extras, &arena, &template, NULL));
	assert_false(template_uses(&template, 0));
	assert_true(template_uses(&template, 1));
	assert_false(template_uses(&template, 3));
	assert_true(template_uses(&template, 4));
	arena_finish(&arena);
}

static void test_refuses(void **state)
{
	(void)state;
	static const struct {
		const char *source;
		const char *part;
	} cases[] = {
		{ "{nmae}", "unknown slot '{nmae}' (did you mean '{name}'?)" },
		{ "{sizze}", "(did you mean '{size}'?)" },
		{ "{colour}", "known are: {dir}, {name}, {ext}, {size}, {width}" },
		{ "{name", "'{name' has no closing brace" },
		{ "{na{me}}", "'{na' has no closing brace" },
		{ "name}", "'}' has no opening brace" },
		{ "{}", "names no slot" },
		{ "{name}}", "'}' has no opening brace" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arena arena = { 0 };
		struct template template;
		struct error err = { 0 };
		assert_false(template_compile(
			cases[i].source, &fields, extras, &arena, &template, &err));
		assert_int_equal(err.code, ERROR_USAGE);
		if (!strstr(err.text, cases[i].part))
			fail_msg("'%s' is not in '%s'", cases[i].part, err.text);
		arena_finish(&arena);
	}
}

static void test_without_extras(void **state)
{
	(void)state;
	static const struct fields none = { .names = NULL };
	struct arena arena = { 0 };
	struct template template;
	struct error err = { 0 };
	assert_true(template_compile("a", &none, NULL, &arena, &template, &err));
	assert_false(template_compile("{a}", &none, NULL, &arena, &template, &err));
	assert_non_null(strstr(err.text, "known are: none"));
	struct text text = { 0 };
	template_expand(&template, NULL, 0, NULL, &text);
	assert_string_equal(text.data, "a");
	text_finish(&text);
	arena_finish(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expands),
		cmocka_unit_test(test_uses),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_without_extras),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
