#include "stages/files/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct glob *compile(const char *pattern)
{
	struct error err = { 0 };
	struct glob *glob = NULL;
	if (!glob_compile(&pattern, 1, &glob, &err))
		fail_msg("%s", err.text);
	return glob;
}

static bool matches(const struct glob *glob, const char *path, size_t length)
{
	struct glob_state state;
	glob_start(glob, &state);
	glob_feed(glob, &state, path, length, &state);
	return glob_matches(glob, &state);
}

struct match {
	const char *pattern, *path;
	bool yes;
};

static const struct match cases[] = {
	{ "**", "a", true },
	{ "**", "a/b/c.jpg", true },
	{ "*", "a", true },
	{ "*", "a/b", false },
	{ "*.jpg", "a.jpg", true },
	{ "*.jpg", "d/a.jpg", false },
	{ "*.jpg", "a.JPG", false },
	{ "*.jpg", ".jpg", true },
	{ "**/*.jpg", "a.jpg", true },
	{ "**/*.jpg", "d/e/a.jpg", true },
	{ "**/*.jpg", "d/e/a.jpg/x", false },
	{ "**/.*", ".git", true },
	{ "**/.*", "a/.git", true },
	{ "**/.*", "a.git", false },
	{ "a/**", "a/b/c", true },
	{ "a/**", "a", false },
	{ "a/**", "ab/c", false },
	{ "a/**/b", "a/b", true },
	{ "a/**/b", "a/x/y/b", true },
	{ "a/**/b", "a/xb", false },
	{ "a/**/b/**/c", "a/b/b/c/c", true },
	{ "?.txt", "a.txt", true },
	{ "?.txt", ".txt", false },
	{ "a?b", "a/b", false },
	{ "[a-c]x", "bx", true },
	{ "[a-c]x", "dx", false },
	{ "[!a-c]x", "dx", true },
	{ "[^a-c]x", "ax", false },
	{ "[!a]x", "/x", false },
	{ "[]]", "]", true },
	{ "[!]]", "]", false },
	{ "[a-]", "-", true },
	{ "[\\]]", "]", true },
	{ "a[!x]b", "a/b", false },
	{ "a[+-9]b", "a/b", false },
	{ "{a,b}.jpg", "b.jpg", true },
	{ "{a,b}.jpg", "c.jpg", false },
	{ "x{,y}z", "xz", true },
	{ "x{,y}z", "xyz", true },
	{ "{a,b{c,d}e}f", "bdef", true },
	{ "{a,b{c,d}e}f", "bf", false },
	{ "{a/b,c}/**", "a/b/x", true },
	{ "{**/x,y}", "p/q/x", true },
	{ "{**/x,y}", "y", true },
	{ "**/*.{jpg,jpeg,png}", "a/b.jpeg", true },
	{ "**/*.{jpg,jpeg,png}", "a/b.jpe", false },
	{ "\\*", "*", true },
	{ "\\*", "a", false },
	{ "a\\{b", "a{b", true },
	{ "a,b", "a,b", true },
	{ "\xff*", "\xff\xfe", true },
	{ "[\x80-\xff]", "\xe9", true },
	{ "?", "\xc3\xa4", false }, /* bytes, not characters */
	{ "a*b", "a\nb", true },
};

static void whole_paths_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct glob *glob = compile(cases[i].pattern);
		if (matches(glob, cases[i].path, strlen(cases[i].path)) != cases[i].yes)
			fail_msg("'%s' on '%s'", cases[i].pattern, cases[i].path);
		glob_free(glob);
	}
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = { "", "/a", "a/", "a//b", "./a", "../a", "a/../b",
		"a/./b", "[a", "[", "[]", "[!", "[a-", "[z-a]", "a\\", "{a", "{a,", "a}", "{a,{b}",
		"**.jpg", "a**", "***", "a/**b", "{{{{{{{{{{{{{{{{{a}}}}}}}}}}}}}}}}}" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct error err = { 0 };
		struct glob *glob = NULL;
		if (glob_compile(&wrong[i], 1, &glob, &err))
			fail_msg("'%s' was taken", wrong[i]);
		assert_int_equal(err.code, ERROR_USAGE);
		assert_non_null(strstr(err.text, wrong[i]));
		assert_null(glob);
	}
}

static void sets_match_where_one_does(void **state)
{
	(void)state;
	const char *const patterns[] = { "*.jpg", "sub/**", "**/x" };
	struct error err = { 0 };
	struct glob *glob = NULL;
	assert_true(glob_compile(patterns, 3, &glob, &err));
	assert_true(matches(glob, "a.jpg", 5));
	assert_true(matches(glob, "sub/a", 5));
	assert_true(matches(glob, "p/x", 3));
	assert_false(matches(glob, "p/y", 3));
	glob_free(glob);
	assert_true(glob_compile(NULL, 0, &glob, &err));
	assert_false(matches(glob, "a", 1));
	struct glob_state at;
	glob_start(glob, &at);
	assert_true(glob_dead(glob, &at));
	glob_free(glob);
	glob_free(NULL);
}

static void after(const char *pattern, const char *bytes, bool dead, bool everything)
{
	struct glob *glob = compile(pattern);
	struct glob_state start, at;
	glob_start(glob, &start);
	glob_feed(glob, &start, bytes, strlen(bytes), &at);
	if (glob_dead(glob, &at) != dead || glob_everything(glob, &at) != everything)
		fail_msg("'%s' after '%s'", pattern, bytes);
	glob_free(glob);
}

static void folders_are_judged_by_their_path(void **state)
{
	(void)state;
	after("**", "", false, true);
	after("**", "a/b/", false, true);
	after("a/**", "a/", false, true);
	after("a/**", "b/", true, false);
	after("a/**", "", false, false);
	after("{a,b}/**", "b/", false, true);
	after("{x,a/**}", "a/", false, true);
	after("{a/**,x}", "a/", false, true);
	after("**/a/**", "p/a/", false, true);
	after("**/*.jpg", "p/", false, false);
	after("*.jpg", "p/", true, false);
	after("a/**/b", "a/", false, false);
}

/* Patterns that take a backtracking matcher for ever. */
static void hostile_patterns_take_no_time(void **state)
{
	(void)state;
	static const char *const patterns[] = {
		"*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
		"**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b",
		"{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}"
		"{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}{a,a}*"
		"c",
	};
	char path[4096];
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = 'a';
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct glob *glob = compile(patterns[i]);
		assert_false(matches(glob, path, sizeof(path)));
		for (size_t at = 1; at < sizeof(path); at += 2)
			path[at] = '/';
		assert_false(matches(glob, path, sizeof(path)));
		glob_free(glob);
	}
}

static void too_much_is_refused(void **state)
{
	(void)state;
	char pattern[GLOB_STEPS + 8];
	const char *const one = pattern;
	struct error err = { 0 };
	struct glob *glob = NULL;
	for (size_t length = GLOB_STEPS - 8; length < GLOB_STEPS + 4; length++) {
		memset(pattern, 'a', length);
		pattern[length] = '\0';
		const bool fits = length + 2 <= GLOB_STEPS;
		assert_int_equal(glob_compile(&one, 1, &glob, &err), fits);
		if (fits)
			assert_true(matches(glob, pattern, length));
		if (fits)
			glob_free(glob);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_paths_match),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(sets_match_where_one_does),
		cmocka_unit_test(folders_are_judged_by_their_path),
		cmocka_unit_test(hostile_patterns_take_no_time),
		cmocka_unit_test(too_much_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
