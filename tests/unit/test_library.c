#include "pipeline/support/library.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct math_functions {
	__typeof__(hypot) *hypot;
	__typeof__(fabs) *fabs;
} math;

static void fills_in_every_function(void **state)
{
	(void)state;
	static const struct library_name names[] = {
		LIBRARY_NAME(math, hypot, hypot),
		LIBRARY_NAME(math, fabs, fabs),
	};
	static struct library library = LIBRARY("libm.so.6", names, math);
	struct error err = { 0 };
	assert_true(library_need(&library, &err));
	assert_true(math.hypot(3, 4) == 5);
	assert_true(math.fabs(-2) == 2);
	math.hypot = NULL;
	assert_true(library_need(&library, &err));
	assert_null(math.hypot);
}

static void names_what_is_missing(void **state)
{
	(void)state;
	static const struct library_name names[] = { { "no_such_function", 0 } };
	static struct library library = LIBRARY("libm.so.6", names, math);
	static struct library nowhere = LIBRARY("libnowhere.so.1", names, math);
	struct error err = { 0 };
	assert_false(library_need(&library, &err));
	assert_string_equal(err.text, "libm.so.6 has no no_such_function");
	err = (struct error){ 0 };
	assert_false(library_need(&nowhere, &err));
	assert_non_null(strstr(err.text, "libnowhere.so.1"));
	assert_int_equal(err.code, ERROR_UNSUPPORTED);
}

static int math_starts;

static bool math_start(struct error *err)
{
	math_starts++;
	(void)err;
	return math.fabs(-1) == 1;
}

static bool math_refuse(struct error *err)
{
	math_starts++;
	*err = (struct error){ .code = ERROR_INTERNAL, .text = "not today" };
	return false;
}

static void starts_once(void **state)
{
	(void)state;
	static const struct library_name names[] = { LIBRARY_NAME(math, fabs, fabs) };
	static struct library library = LIBRARY_STARTED("libm.so.6", names, math, math_start);
	static struct library refusing = LIBRARY_STARTED("libm.so.6", names, math, math_refuse);
	struct error err = { 0 };
	math_starts = 0;
	for (int i = 0; i < 2; i++)
		assert_true(library_need(&library, &err));
	assert_int_equal(math_starts, 1);
	for (int i = 0; i < 2; i++) {
		err = (struct error){ 0 };
		assert_false(library_need(&refusing, &err));
		assert_string_equal(err.text, "not today");
	}
	assert_int_equal(math_starts, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_in_every_function),
		cmocka_unit_test(names_what_is_missing),
		cmocka_unit_test(starts_once),
	};
	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
