#include "pipeline/flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/head.h"
#include "pipeline/hoard.h"

/* A source of numbers, and head stages that drop, multiply, refuse and hold back. */

static const char *const test_names[] = { "number", "unread", "copy", "last" };

struct test_source {
	int next, end;
	struct source_counts counts;
};

static struct test_source test_numbers;

static bool test_open_source(
	const void *settings, const struct source_setup *setup, void **source, struct error *err)
{
	(void)settings;
	(void)setup;
	(void)err;
	*source = &test_numbers;
	return true;
}

static bool test_step_source(void *source, struct batch *batch, struct error *err)
{
	(void)err;
	struct test_source *self = source;
	for (; batch->count < 100 && self->next < self->end; self->next++) {
		struct slot *slots = arena_alloc(&batch->arena, 2 * sizeof(*slots));
		const char *text = arena_printf(&batch->arena, "%d", self->next);
		slots[0] = slots[1] = (struct slot){ text, (uint32_t)strlen(text), false };
		batch->items[batch->count++] = (struct item){
			.key = text,
			.key_length = strlen(text),
			.slots = slots,
			.slot_count = 2,
		};
		self->counts.items++;
	}
	return true;
}

static const struct source_counts *test_source_counts(const void *source)
{
	return &((const struct test_source *)source)->counts;
}

static void test_close_source(void *source)
{
	(void)source;
}

static const struct source_plugin test_source = {
	.open = test_open_source,
	.step = test_step_source,
	.counts = test_source_counts,
	.close = test_close_source,
};

struct test_stage {
	int multiply; /* copies of each record */
	int refuse;   /* numbers that this divides are refused; 0: none */
	int keep;     /* only numbers that this divides pass; 0: all */
	bool hold;    /* everything, to the end */
	bool fail;
	size_t windows, small; /* calls of step; those with less than a window */
	size_t given;
	struct hoard hoard;
	const struct head_place *place;
};

static bool test_open_stage(
	const void *prepared, const struct head_place *place, void **state, struct error *err)
{
	(void)err;
	struct test_stage *self = (struct test_stage *)(uintptr_t)prepared;
	self->place = place;
	*state = self;
	return true;
}

static void test_one(struct test_stage *self, const struct item *record, struct head_out *out)
{
	struct arena arena = { 0 };
	struct error err;
	int number = (int)strtol(record->slots[0].data, NULL, 10);
	if (self->refuse && number % self->refuse == 0) {
		(fail)(&err, ERROR_MISSING, "no %d", number);
		head_refuse(out, record, &err);
		return;
	}
	if (self->keep && number % self->keep) {
		head_drop(out);
		return;
	}
	for (int i = 0; i < self->multiply; i++) {
		struct item copy = *record;
		char part[16];
		snprintf(part, sizeof(part), "%d/%%", i);
		const struct slot added = { part, 1, true };
		if (self->multiply > 1)
			head_extend_key(&copy, part, strlen(part), &arena);
		head_give(out, &copy, &added);
	}
	arena_finish(&arena);
}

static bool test_step_stage(void *state, const struct item *records, size_t count,
	struct head_out *out, struct error *err)
{
	struct test_stage *self = state;
	self->windows++;
	self->small += count < HEAD_WINDOW;
	assert_true(count > 0 && count <= HEAD_WINDOW);
	if (self->fail)
		return (fail)(err, ERROR_READ, "broken");
	for (size_t i = 0; i < count; i++) {
		if (self->hold)
			hoard_add(&self->hoard, &records[i], self->place->fields);
		else
			test_one(self, &records[i], out);
	}
	return true;
}

static bool test_finish_stage(void *state, struct head_out *out, bool *more, struct error *err)
{
	(void)err;
	struct test_stage *self = state;
	struct arena arena = { 0 };
	for (size_t i = 0; i < HEAD_WINDOW && self->given < self->hoard.count; i++) {
		struct item record = hoard_get(&self->hoard, self->given++, &arena);
		test_one(self, &record, out);
	}
	*more = self->given < self->hoard.count;
	arena_finish(&arena);
	return true;
}

static void test_close_stage(void *state)
{
	struct test_stage *self = state;
	hoard_finish(&self->hoard);
}

static const struct head_stage test_head = {
	.open = test_open_stage,
	.step = test_step_stage,
	.finish = test_finish_stage,
	.close = test_close_stage,
};

static const struct stage_plugin test_plugin = { .plugin = { .name = "test" }, .head = &test_head };

static size_t test_complaints;

static void test_complain(void *context, const char *what, const struct error *err)
{
	(void)context;
	(void)what;
	(void)err;
	test_complaints++;
}

/* A plan around one or two stages. */
struct test {
	struct plan plan;
	struct config config;
	struct plan_head head[2];
	bool used[4];
	struct source_setup setup;
	struct flow *flow;
	struct batch batch;
	size_t items, refused, steps;
	uint64_t keys; /* sum over digests: the same set gives the same sum */
};

static void test_open(struct test *test, int numbers, struct test_stage *a, struct test_stage *b)
{
	struct error err = { 0 };
	*test = (struct test){ .used = { true, false, true, true } };
	struct test_stage *chosen[] = { a, b };
	test_numbers = (struct test_source){ .end = numbers };
	test->plan.config = &test->config;
	test->plan.source = &test_source;
	test->plan.head = test->head;
	test->plan.head_count = b ? 2 : a ? 1 : 0;
	for (size_t i = 0; i < test->plan.head_count; i++)
		test->head[i] = (struct plan_head){
			.plugin = &test_plugin,
			.prepared = chosen[i],
			.fields = { test_names, 2 + i, test->used },
			.adds = 1,
		};
	test->plan.fields = (struct fields){ test_names, 2 + test->plan.head_count, test->used };
	test->setup.complain = test_complain;
	assert_true(flow_open(&test->plan, &test->setup, FLOW_RUN, &test->flow, &err));
}

static bool test_run(struct test *test, struct error *err)
{
	bool complete = false;
	while (!complete) {
		arena_reset(&test->batch.arena);
		test->batch.count = 0;
		if (!flow_step(test->flow, &test->batch, &complete, err))
			return false;
		test->steps++;
		assert_true(test->batch.count <= ITEM_STEP);
		for (size_t i = 0; i < test->batch.count; i++) {
			const struct item *item = &test->batch.items[i];
			assert_int_equal(item->slot_count, 2 + test->plan.head_count);
			if (test->plan.head_count)
				assert_null(item->slots[1].data);
			test->items++;
			test->refused += test->batch.refused[i] != NULL;
			test->keys += digest_of(item->key, item->key_length).low;
		}
	}
	return true;
}

static void test_close(struct test *test)
{
	flow_close(test->flow);
	arena_finish(&test->batch.arena);
}

static void test_without_a_head(void **state)
{
	(void)state;
	static struct test test;
	test_open(&test, 1000, NULL, NULL);
	assert_true(test_run(&test, NULL));
	assert_int_equal(test.items, 1000);
	assert_int_equal(flow_counts(test.flow)->items, 1000);
	test_close(&test);
}

static void test_multiplies(void **state)
{
	(void)state;
	static struct test test;
	struct test_stage split = { .multiply = 30 }, plain = { .multiply = 1 };
	test_open(&test, 1000, &split, &plain);
	assert_true(test_run(&test, NULL));
	assert_int_equal(test.items, 30000);
	assert_int_equal(flow_counts(test.flow)->items, 30000);
	/* The second gets whole windows, but for the last. */
	assert_int_equal(plain.small, 1);
	uint64_t expected = 0;
	for (int i = 0; i < 1000; i++)
		for (int k = 0; k < 30; k++) {
			char key[32];
			int length = snprintf(key, sizeof(key), "%d/%d%%2F%%25", i, k);
			expected += digest_of(key, (size_t)length).low;
		}
	assert_true(test.keys == expected);
	test_close(&test);
}

static void test_drops_and_still_fills_windows(void **state)
{
	(void)state;
	static struct test test;
	struct test_stage filter = { .multiply = 1, .keep = 10 }, plain = { .multiply = 1 };
	test_open(&test, 10000, &filter, &plain);
	assert_true(test_run(&test, NULL));
	assert_int_equal(test.items, 1000);
	assert_int_equal(flow_counts(test.flow)->filtered, 9000);
	assert_int_equal(plain.windows, 4);
	/* Main comes back between two windows, though nothing is handed out. */
	assert_true(test.steps >= 100);
	test_close(&test);
}

static void test_refused_go_past_later_stages(void **state)
{
	(void)state;
	static struct test test;
	struct test_stage first = { .multiply = 1, .refuse = 4 }, second = { .multiply = 2 };
	test_open(&test, 1000, &first, &second);
	assert_true(test_run(&test, NULL));
	assert_int_equal(test.refused, 250);
	assert_int_equal(test.items, 250 + 750 * 2);
	test_close(&test);
}

static void test_holds_back_to_the_end(void **state)
{
	(void)state;
	static struct test test;
	struct test_stage plain = { .multiply = 1 }, all = { .multiply = 1, .hold = true };
	test_open(&test, 5000, &plain, &all);
	assert_true(test_run(&test, NULL));
	assert_int_equal(test.items, 5000);
	test_close(&test);
	test_open(&test, 0, &plain, &all);
	assert_true(test_run(&test, NULL));
	assert_int_equal(test.items, 0);
	test_close(&test);
}

static void test_a_failure_ends_it(void **state)
{
	(void)state;
	static struct test test;
	struct error err = { 0 };
	struct test_stage broken = { .fail = true };
	test_open(&test, 10, &broken, NULL);
	assert_false(test_run(&test, &err));
	assert_string_equal(err.text, "test: broken");
	test_close(&test);
}

static void test_complaints_are_passed_on_once(void **state)
{
	(void)state;
	static struct test test;
	struct error err;
	struct test_stage plain = { .multiply = 1 };
	test_complaints = 0;
	test_open(&test, 10, &plain, NULL);
	(fail)(&err, ERROR_DAMAGED, "bad row");
	for (int i = 0; i < 3; i++)
		plain.place->complain(plain.place->context, "line 1", &err);
	plain.place->complain(plain.place->context, "line 2", &err);
	assert_int_equal(test_complaints, 2);
	test_close(&test);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_a_head),
		cmocka_unit_test(test_multiplies),
		cmocka_unit_test(test_drops_and_still_fills_windows),
		cmocka_unit_test(test_refused_go_past_later_stages),
		cmocka_unit_test(test_holds_back_to_the_end),
		cmocka_unit_test(test_a_failure_ends_it),
		cmocka_unit_test(test_complaints_are_passed_on_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
