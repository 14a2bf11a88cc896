#include "tests/fakes/items.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void items_assert_same(const struct state_item *a, const struct state_item *b)
{
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->status, b->status);
	assert_memory_equal(&a->validator, &b->validator, sizeof(a->validator));
	assert_true(digest_equal(a->content, b->content));
	assert_true(digest_equal(a->verdict, b->verdict));
	assert_true(digest_equal(a->recipe, b->recipe));
	assert_string_equal(a->late, b->late);
	assert_int_equal(a->code, b->code);
	assert_int_equal(a->blame, b->blame);
	assert_int_equal(a->runs_failed, b->runs_failed);
	assert_int_equal(a->run, b->run);
	assert_int_equal(a->micros, b->micros);
	assert_string_equal(a->error, b->error);
}
