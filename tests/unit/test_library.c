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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_in_every_function),
		cmocka_unit_test(names_what_is_missing),
	};
	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
