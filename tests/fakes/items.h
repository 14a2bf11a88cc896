#ifndef NIGHTMILL_TESTS_FAKES_ITEMS_H
#define NIGHTMILL_TESTS_FAKES_ITEMS_H

#include "pipeline/state.h"

/* Asserts that all that is remembered of both is the same. */
void items_assert_same(const struct state_item *a, const struct state_item *b);

#endif
