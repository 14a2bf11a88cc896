/* How pictures meet boxes: the table of stages/thumbnail/geometry.h, case by case. */

#include "stages/thumbnail/geometry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct geometry_case {
	enum size_fit fit;
	bool enlarge;
	uint32_t box[2]; /* 0: auto */
	uint32_t picture[2];
	uint32_t scaled[2];
	uint32_t kept[4];   /* left, top, width, height */
	uint32_t canvas[4]; /* left, top of the kept part; width, height */
};

static const struct geometry_case cases[] = {
	/* inside */
	{ FIT_INSIDE, 0, { 256, 256 }, { 4000, 3000 }, { 256, 192 }, { 0, 0, 256, 192 },
		{ 0, 0, 256, 192 } },
	{ FIT_INSIDE, 0, { 256, 256 }, { 3000, 4000 }, { 192, 256 }, { 0, 0, 192, 256 },
		{ 0, 0, 192, 256 } },
	{ FIT_INSIDE, 0, { 256, 256 }, { 100, 50 }, { 100, 50 }, { 0, 0, 100, 50 },
		{ 0, 0, 100, 50 } },
	{ FIT_INSIDE, 1, { 256, 256 }, { 100, 50 }, { 256, 128 }, { 0, 0, 256, 128 },
		{ 0, 0, 256, 128 } },
	{ FIT_INSIDE, 0, { 256, 256 }, { 65500, 1 }, { 256, 1 }, { 0, 0, 256, 1 },
		{ 0, 0, 256, 1 } },
	{ FIT_INSIDE, 0, { 256, 256 }, { 1, 65500 }, { 1, 256 }, { 0, 0, 1, 256 },
		{ 0, 0, 1, 256 } },
	{ FIT_INSIDE, 1, { 256, 256 }, { 1, 1 }, { 256, 256 }, { 0, 0, 256, 256 },
		{ 0, 0, 256, 256 } },
	{ FIT_INSIDE, 0, { 256, 256 }, { 1, 1 }, { 1, 1 }, { 0, 0, 1, 1 }, { 0, 0, 1, 1 } },
	/* one side auto; 3 * 10 / 4 is 7.5, rounded half up */
	{ FIT_INSIDE, 0, { 10, 0 }, { 40, 30 }, { 10, 8 }, { 0, 0, 10, 8 }, { 0, 0, 10, 8 } },
	{ FIT_INSIDE, 0, { 0, 10 }, { 30, 40 }, { 8, 10 }, { 0, 0, 8, 10 }, { 0, 0, 8, 10 } },
	{ FIT_OUTSIDE, 0, { 0, 10 }, { 30, 40 }, { 8, 10 }, { 0, 0, 8, 10 }, { 0, 0, 8, 10 } },
	{ FIT_INSIDE, 0, { 500, 0 }, { 1000, 333 }, { 500, 167 }, { 0, 0, 500, 167 },
		{ 0, 0, 500, 167 } },
	/* outside */
	{ FIT_OUTSIDE, 0, { 100, 100 }, { 400, 200 }, { 200, 100 }, { 0, 0, 200, 100 },
		{ 0, 0, 200, 100 } },
	{ FIT_OUTSIDE, 0, { 300, 300 }, { 200, 1000 }, { 200, 1000 }, { 0, 0, 200, 1000 },
		{ 0, 0, 200, 1000 } },
	{ FIT_OUTSIDE, 1, { 300, 300 }, { 200, 1000 }, { 300, 1500 }, { 0, 0, 300, 1500 },
		{ 0, 0, 300, 1500 } },
	/* cover */
	{ FIT_COVER, 0, { 100, 100 }, { 400, 200 }, { 200, 100 }, { 50, 0, 100, 100 },
		{ 0, 0, 100, 100 } },
	{ FIT_COVER, 0, { 101, 100 }, { 400, 200 }, { 200, 100 }, { 49, 0, 101, 100 },
		{ 0, 0, 101, 100 } },
	{ FIT_COVER, 0, { 300, 300 }, { 200, 1000 }, { 200, 1000 }, { 0, 350, 200, 300 },
		{ 0, 0, 200, 300 } },
	{ FIT_COVER, 1, { 300, 300 }, { 200, 1000 }, { 300, 1500 }, { 0, 600, 300, 300 },
		{ 0, 0, 300, 300 } },
	{ FIT_COVER, 0, { 50, 50 }, { 1, 1 }, { 1, 1 }, { 0, 0, 1, 1 }, { 0, 0, 1, 1 } },
	{ FIT_COVER, 0, { 256, 256 }, { 65500, 1 }, { 65500, 1 }, { 32622, 0, 256, 1 },
		{ 0, 0, 256, 1 } },
	/* contain */
	{ FIT_CONTAIN, 0, { 100, 100 }, { 400, 200 }, { 100, 50 }, { 0, 0, 100, 50 },
		{ 0, 25, 100, 100 } },
	{ FIT_CONTAIN, 0, { 100, 101 }, { 400, 200 }, { 100, 50 }, { 0, 0, 100, 50 },
		{ 0, 25, 100, 101 } },
	{ FIT_CONTAIN, 0, { 100, 100 }, { 10, 10 }, { 10, 10 }, { 0, 0, 10, 10 },
		{ 45, 45, 100, 100 } },
	{ FIT_CONTAIN, 1, { 100, 100 }, { 10, 20 }, { 50, 100 }, { 0, 0, 50, 100 },
		{ 25, 0, 100, 100 } },
	/* fill */
	{ FIT_FILL, 0, { 100, 100 }, { 400, 200 }, { 100, 100 }, { 0, 0, 100, 100 },
		{ 0, 0, 100, 100 } },
	{ FIT_FILL, 0, { 100, 100 }, { 400, 20 }, { 100, 20 }, { 0, 0, 100, 20 },
		{ 0, 0, 100, 20 } },
	{ FIT_FILL, 1, { 100, 100 }, { 400, 20 }, { 100, 100 }, { 0, 0, 100, 100 },
		{ 0, 0, 100, 100 } },
};

static struct geometry geometry_of_case(const struct geometry_case *one)
{
	const struct size size = {
		.width = one->box[0],
		.height = one->box[1],
		.fit = one->fit,
		.enlarge = one->enlarge,
	};
	return geometry_of(&size, one->picture[0], one->picture[1]);
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct geometry_case *one = &cases[i];
		const struct geometry got = geometry_of_case(one);
		const uint32_t numbers[10] = { got.scaled_width, got.scaled_height, got.left,
			got.top, got.width, got.height, got.canvas_left, got.canvas_top,
			got.canvas_width, got.canvas_height };
		const uint32_t wanted[10] = { one->scaled[0], one->scaled[1], one->kept[0],
			one->kept[1], one->kept[2], one->kept[3], one->canvas[0], one->canvas[1],
			one->canvas[2], one->canvas[3] };
		for (int k = 0; k < 10; k++)
			if (numbers[k] != wanted[k])
				fail_msg("case %zu, number %d: %u, wanted %u", i, k, numbers[k],
					wanted[k]);
	}
}

/* Whatever the picture, what is kept lies in what is scaled, and in the canvas. */
static void test_always_within(void **state)
{
	(void)state;
	static const uint32_t sides[] = { 1, 2, 3, 99, 100, 101, 4000, 65500, 0x7FFFFFFF };
	for (int n = 0; n < 10 * 9 * 9; n++) {
		const struct size size = {
			.width = 100,
			.height = 33,
			.fit = (enum size_fit)(n % 5),
			.enlarge = n / 5 % 2,
		};
		const struct geometry got =
			geometry_of(&size, sides[n / 10 % 9], sides[n / 90 % 9]);
		assert_true(got.width >= 1 && got.height >= 1);
		assert_true(got.left + got.width <= got.scaled_width);
		assert_true(got.top + got.height <= got.scaled_height);
		assert_true(got.canvas_left + got.width <= got.canvas_width);
		assert_true(got.canvas_top + got.height <= got.canvas_height);
	}
}

/* An odd crop, so that left and right differ by one pixel. */
static void test_stored(void **state)
{
	(void)state;
	const struct size size = { .width = 101, .height = 100, .fit = FIT_COVER };
	const struct geometry upright = geometry_of(&size, 400, 200);
	assert_int_equal(geometry_stored(upright, 1).left, 49);
	assert_int_equal(geometry_stored(upright, 2).left, 50);
	assert_int_equal(geometry_stored(upright, 3).left, 50);
	assert_int_equal(geometry_stored(upright, 4).left, 49);
	assert_int_equal(geometry_stored(upright, 5).top, 49);
	assert_int_equal(geometry_stored(upright, 6).top, 50);
	assert_int_equal(geometry_stored(upright, 7).top, 50);
	assert_int_equal(geometry_stored(upright, 8).top, 49);
	const struct geometry turned = geometry_stored(upright, 6);
	assert_int_equal(turned.width, 100);
	assert_int_equal(turned.height, 101);
	assert_int_equal(turned.scaled_width, 100);
	assert_int_equal(turned.scaled_height, 200);
}

static void test_excess_is_the_least(void **state)
{
	(void)state;
	const struct geometry stored[2] = {
		{ .scaled_width = 100, .scaled_height = 100 },
		{ .scaled_width = 400, .scaled_height = 50 },
	};
	assert_true(geometry_excess(stored, 1, 1000, 2000) == 10);
	assert_true(geometry_excess(stored, 2, 1000, 2000) == 2.5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_always_within),
		cmocka_unit_test(test_stored),
		cmocka_unit_test(test_excess_is_the_least),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
