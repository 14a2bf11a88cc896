/* What of an expanded template is a path, which, and why not. */

#include "pipeline/output_path.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* ours is error.h's */

static struct error err;

struct made {
	bool fine;
	char path[PATH_MAX];
	size_t length, late;
};

static struct made make_at(const char *data, size_t length, size_t late)
{
	struct made made = { .length = 0 };
	struct arena arena = { 0 };
	struct part part = { .path = NULL };
	struct output_path_late where = { late, SIZE_MAX };
	struct text text = { .data = NULL };
	err = (struct error){ .code = ERROR_NONE };
	text_add(&text, data, length);
	made.fine = output_path_make(&text, &where, &part, &arena, &err);
	if (made.fine) {
		assert_int_equal(part.path[part.length], '\0');
		memcpy(made.path, part.path, part.length);
		made.length = part.length;
		made.late = part.late;
	}
	text_finish(&text);
	arena_finish(&arena);
	return made;
}

static struct made make(const char *data)
{
	return make_at(data, strlen(data), SIZE_MAX);
}

static void assert_made(const char *data, const char *path)
{
	const struct made made = make(data);
	if (!made.fine)
		print_error("'%s': %s\n", data, err.text);
	assert_true(made.fine);
	assert_string_equal(made.path, path);
	assert_int_equal(made.length, strlen(path));
	assert_int_equal(made.late, SIZE_MAX);
}

static void assert_refused(const char *data, enum error_code code, const char *words)
{
	assert_false(make(data).fine);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, words))
		print_error("'%s': %s\n", data, err.text);
	assert_non_null(strstr(err.text, words));
}

static void test_paths_become_normal(void **state)
{
	(void)state;
	assert_made("out/2024/summer/picture.jpg", "out/2024/summer/picture.jpg");
	assert_made("/srv/out/summer/picture.jpg", "/srv/out/summer/picture.jpg");
	assert_made("out//2024/./summer///picture.jpg", "out/2024/summer/picture.jpg");
	assert_made("./out/summer/holidays/picture.jpg", "out/summer/holidays/picture.jpg");
	assert_made("//srv/out/summer/picture.jpg", "/srv/out/summer/picture.jpg");
	assert_made("/./srv/out/summer/picture.jpg", "/srv/out/summer/picture.jpg");
	assert_made("out/.hidden/..and/...more/.a", "out/.hidden/..and/...more/.a");
	assert_made(".out/pictures/of/the/summer", ".out/pictures/of/the/summer");
	assert_made("a/b", "a/b");
	assert_made("a", "a");
}

static void test_what_is_no_path_is_refused(void **state)
{
	(void)state;
	assert_refused("out/summer/../picture.jpg", ERROR_UNSUPPORTED, "'..'");
	assert_refused("../out/summer/picture.jpg", ERROR_UNSUPPORTED, "'..'");
	assert_refused("out/summer/holidays/..", ERROR_UNSUPPORTED, "'..'");
	assert_refused("out/summer/holidays/", ERROR_UNSUPPORTED, "ends in a slash");
	assert_refused("out/summer/.nightmill-x/picture.jpg", ERROR_LIMIT,
		"'out/summer/.nightmill-x/picture.jpg' would lie in a folder for temporary files");
	assert_refused("out//.nightmill-x", ERROR_LIMIT, "'out/.nightmill-x' would lie");
	assert_made(".nightmill-x/summer", ".nightmill-x/summer");
	assert_made("out/summer/nightmill-x/picture.jpg", "out/summer/nightmill-x/picture.jpg");
}

static void test_a_nul_is_refused_wherever_it_is(void **state)
{
	(void)state;
	char path[] = "out/summer/holidays/picture.jpg";
	const size_t length = strlen(path);
	for (size_t i = 0; i < length; i++) {
		const char kept = path[i];
		path[i] = '\0';
		assert_false(make_at(path, length, SIZE_MAX).fine);
		assert_non_null(strstr(err.text, "NUL byte"));
		path[i] = kept;
	}
}

static void test_names_and_paths_have_a_length(void **state)
{
	(void)state;
	char path[PATH_MAX + 1];
	memset(path, 'n', sizeof(path));
	memcpy(path, "out/", 4);
	path[4 + NAME_MAX] = '\0';
	assert_made(path, path);
	path[4 + NAME_MAX] = 'n';
	path[4 + NAME_MAX + 1] = '\0';
	assert_refused(path, ERROR_UNSUPPORTED, "has 256 bytes, 255 are possible");
	path[4 + NAME_MAX + 1] = 'n';
	for (size_t i = 3; i < sizeof(path); i += 100)
		path[i] = '/';
	path[PATH_MAX - ITEM_LATE_BYTES] = '\0';
	assert_made(path, path);
	path[PATH_MAX - ITEM_LATE_BYTES] = 'n';
	path[PATH_MAX - ITEM_LATE_BYTES + 1] = '\0';
	assert_refused(path, ERROR_UNSUPPORTED, "its output path has 4089 bytes");
}

static void assert_late(const char *data, size_t from, const char *path, size_t to)
{
	const struct made made = make_at(data, strlen(data), from);
	assert_true(made.fine);
	assert_string_equal(made.path, path);
	assert_int_equal(made.late, to);
}

static void test_what_comes_later_keeps_its_place(void **state)
{
	(void)state;
	char path[NAME_MAX + 8];
	assert_late("out/summer/picture.", 19, "out/summer/picture.", 19);
	assert_late("out//summer/./picture.", 22, "out/summer/picture.", 19);
	assert_late("out//s./picture", 7, "out/s./picture", 6);
	assert_false(make_at("out/summer/holidays/", 20, 20).fine);
	assert_non_null(strstr(err.text, "an extension alone"));
	assert_false(make_at("out/summer/holidays/.", 21, 21).fine);
	assert_non_null(strstr(err.text, "an extension alone"));
	memset(path, 'n', sizeof(path));
	path[NAME_MAX + 2 - ITEM_LATE_BYTES] = '\0';
	assert_false(make_at(path, strlen(path), 9).fine);
	assert_non_null(strstr(err.text, "has 249 bytes, 248 are possible"));
	path[NAME_MAX + 1 - ITEM_LATE_BYTES] = '\0';
	assert_late(path, 9, path, 9);
}

enum { PATH_ROOM = 64 };

/* Splits and joins, without looking at whether it is necessary. False for what is refused. */
static bool normal(const char *path, char out[PATH_ROOM])
{
	char copy[PATH_ROOM], *rest = copy;
	const char *part, *between = "";
	bool fine = path[strlen(path) - 1] != '/';
	memcpy(copy, path, strlen(path) + 1);
	size_t used = (size_t)snprintf(out, PATH_ROOM, "%s", *path == '/' ? "/" : "");
	while ((part = strsep(&rest, "/"))) {
		fine = fine && strcmp(part, "..") != 0;
		if (*part == '\0' || strcmp(part, ".") == 0)
			continue;
		used += (size_t)snprintf(out + used, PATH_ROOM - used, "%s%s", between, part);
		between = "/";
	}
	return fine;
}

/* Slashes and dots at all places of paths of all lengths. */
static void test_no_place_is_overlooked(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (int round = 0; round < 200000; round++) {
		char path[PATH_ROOM] = "", expected[PATH_ROOM];
		seed = seed * 1664525 + 1013904223;
		const size_t length = 1 + (seed >> 8) % 40, odd = 1 + (seed >> 16) % 4;
		for (size_t i = 0; i < length; i++)
			path[i] = (char)('a' + i % 26);
		for (size_t i = 0; i < odd; i++) {
			seed = seed * 1664525 + 1013904223;
			const size_t at = (seed >> 8) % length;
			path[at] = '/';
			if (at + 1 < length)
				path[at + 1] = "/.x\xAF\xAE\x2E\x0F/"[seed >> 28 & 7];
		}
		const struct made made = make(path);
		const bool fine = normal(path, expected);
		if (made.fine != fine || (fine && strcmp(made.path, expected) != 0))
			print_error("'%s' became '%s'\n", path, made.path);
		assert_int_equal(made.fine, fine);
		if (fine)
			assert_string_equal(made.path, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_become_normal),
		cmocka_unit_test(test_what_is_no_path_is_refused),
		cmocka_unit_test(test_a_nul_is_refused_wherever_it_is),
		cmocka_unit_test(test_names_and_paths_have_a_length),
		cmocka_unit_test(test_what_comes_later_keeps_its_place),
		cmocka_unit_test(test_no_place_is_overlooked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
