#include "pipeline/support/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/problems.h"

static void test_adds_and_ends_with_nul(void **state)
{
	(void)state;
	struct text text = { 0 };
	text_add(&text, "", 0);
	assert_string_equal(text.data, "");
	for (int i = 0; i < 1000; i++)
		text_addf(&text, "%03d,", i);
	assert_int_equal(text.length, 4000);
	assert_int_equal(strlen(text.data), 4000);
	assert_memory_equal(text.data + 3996, "999,", 5);
	text_clear(&text);
	assert_int_equal(text.length, 0);
	assert_string_equal(text.data, "");
	text_finish(&text);
	assert_null(text.data);
	text_finish(&text);
}

static void test_safe(void **state)
{
	(void)state;
	static const struct {
		const char *raw;
		const char *safe;
	} cases[] = {
		{ "plain caf\xC3\xA9", "plain caf\xC3\xA9" },
		{ "a\nb\tc\r", "a\\nb\\tc\\r" },
		{ "\x1B[31m", "\\x1b[31m" },
		{ "\x7F", "\\x7f" },
		{ "back\\slash", "back\\\\slash" },
		{ "\xFF\xFE", "\\xff\\xfe" },
		{ "\xC2\x9B", "\\xc2\\x9b" },
		{ "\xC2\xA0", "\xC2\xA0" },
		{ "\xED\xA0\x80", "\\xed\\xa0\\x80" },
		{ "cut \xE2\x82", "cut \\xe2\\x82" },
		{ "a\xE2\x80\xAEgpj", "a\\xe2\\x80\\xaegpj" },
		{ "\xE2\x80\x93", "\xE2\x80\x93" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text text = { 0 };
		text_add_safe(&text, cases[i].raw, strlen(cases[i].raw));
		assert_string_equal(text.data, cases[i].safe);
		text_finish(&text);
	}
	struct text text = { 0 };
	text_add_safe(&text, "a\0b", 3);
	assert_string_equal(text.data, "a\\x00b");
	text_finish(&text);
}

static void test_json(void **state)
{
	(void)state;
	struct text text = { 0 };
	text_add_json(&text, "\"\\\n\t\x01\0\xFF\xC3\xA9", 9);
	assert_string_equal(text.data, "\"\\\"\\\\\\n\\t\\u0001\\u0000\xEF\xBF\xBD\xC3\xA9\"");
	text_finish(&text);
}

static void test_utf8(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t length;
	} cases[] = {
		{ "a", 1 },
		{ "\xC3\xA9", 2 },
		{ "\xE2\x82\xAC", 3 },
		{ "\xF0\x9F\x98\x80", 4 },
		{ "\xC0\x80", 0 }, /* overlong NUL */
		{ "\xC1\xBF", 0 },
		{ "\xE0\x9F\xBF", 0 },     /* overlong */
		{ "\xED\xA0\x80", 0 },     /* surrogate */
		{ "\xF4\x90\x80\x80", 0 }, /* above U+10FFFF */
		{ "\xF8\x88\x80\x80", 0 },
		{ "\x80", 0 },
		{ "\xE2\x82", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *bytes = cases[i].bytes;
		assert_int_equal(
			text_utf8((const unsigned char *)bytes, strlen(bytes)), cases[i].length);
	}
	assert_int_equal(text_utf8((const unsigned char *)"", 0), 0);
}

static void test_bytes(void **state)
{
	(void)state;
	static const struct {
		double bytes;
		const char *words;
	} cases[] = {
		{ 0, "0 B" },
		{ 512, "512 B" },
		{ 1023, "1023 B" },
		{ 1024, "1.0 KiB" },
		{ 1536, "1.5 KiB" },
		{ 1024.0 * 1024 - 1, "1.0 MiB" },
		{ 3.4 * 1024 * 1024, "3.4 MiB" },
		{ 5e15, "4.4 PiB" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text text = { 0 };
		text_add_bytes(&text, cases[i].bytes);
		assert_string_equal(text.data, cases[i].words);
		text_finish(&text);
	}
}

static void test_nearest(void **state)
{
	(void)state;
	static const char *const names[] = { "width", "height", "fit", "format", "to",
		"work-stealing" };
	enum { COUNT = sizeof(names) / sizeof(*names) };
	static const struct {
		const char *word;
		const char *nearest;
	} cases[] = {
		{ "witdh", "width" },
		{ "with", "width" },
		{ "Width", "width" },
		{ "higeht", "height" },
		{ "fits", "fit" },
		{ "work_stealing", "work-stealing" },
		{ "workstealing", "work-stealing" },
		{ "colour", NULL },
		{ "x", NULL },
		{ "", NULL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *nearest = text_nearest(cases[i].word, names, COUNT);
		if (cases[i].nearest)
			assert_string_equal(nearest, cases[i].nearest);
		else
			assert_null(nearest);
	}
	char endless[5000];
	memset(endless, 'w', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	assert_null(text_nearest(endless, names, COUNT));
	const char *const only[] = { endless };
	assert_null(text_nearest("width", only, 1));
}

static void test_lower(void **state)
{
	(void)state;
	char text[] = "@AZ[ \xc3\x84 azAZ";
	text_lower(text, sizeof(text) - 3);
	assert_string_equal(text, "@az[ \xc3\x84 azAZ");
}

static void test_problems_are_kept_once(void **state)
{
	(void)state;
	struct problems problems = { 0 };
	struct place here = { "a.yaml", 3, 5 }, there = { "a.yaml", 1, 1 };
	problems_add(&problems, here, "bad %d", 7);
	problems_add(&problems, here, "bad %d", 7);
	problems_add(&problems, here, "worse");
	problems_add(&problems, there, "bad %d", 7);
	assert_int_equal(problems.count, 3);
	assert_string_equal(problems.list[0].text, "bad 7");
	problems_finish(&problems);
	assert_int_equal(problems.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adds_and_ends_with_nul),
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_lower),
		cmocka_unit_test(test_problems_are_kept_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
