/* Colours by a grid, beside those that Little CMS says itself. */

#include "stages/thumbnail/grid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PIXELS = 20000 };

static cmsHTRANSFORM colours_of(double gamma, cmsUInt32Number to)
{
	const cmsCIExyY white = { 0.3127, 0.3290, 1 };
	const cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1 }, { 0.21, 0.71, 1 },
		{ 0.15, 0.06, 1 } };
	cmsToneCurve *curve = cmsBuildGamma(NULL, gamma);
	cmsToneCurve *const curves[3] = { curve, curve, curve };
	cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
	cmsHPROFILE standard = cmsCreate_sRGBProfile();
	cmsHTRANSFORM made = cmsCreateTransform(profile, GRID_FROM, standard, to,
		INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
	cmsFreeToneCurve(curve);
	cmsCloseProfile(profile);
	cmsCloseProfile(standard);
	return made;
}

static cmsHTRANSFORM wide_colours(cmsUInt32Number to)
{
	return colours_of(2.2, to);
}

/* Colours from everywhere, the corners first. */
static void fill(uint8_t *pixels)
{
	uint32_t number = 1;
	for (int i = 0; i < 3 * PIXELS; i++) {
		number = number * 1664525 + 1013904223;
		pixels[i] = (uint8_t)(i < 24 ? (i / 3 >> i % 3 & 1) * 255 : number >> 24);
	}
}

static void test_near_to_little_cms(void **state)
{
	(void)state;
	static uint8_t pixels[3 * PIXELS], wanted[3 * PIXELS];
	fill(pixels);
	cmsHTRANSFORM exact = wide_colours(TYPE_RGB_8);
	cmsDoTransform(exact, pixels, wanted, PIXELS);
	cmsDeleteTransform(exact);
	struct grid *grid = grid_new(wide_colours(GRID_TO));
	uint8_t on_grid[3] = { 255, 130, 5 }, itself[3] = { 255, 130, 5 };
	grid_convert(grid, on_grid, 1, 3);
	grid_convert(grid, pixels, PIXELS, 3);
	grid_free(grid);
	exact = wide_colours(TYPE_RGB_8);
	cmsDoTransform(exact, itself, itself, 1);
	cmsDeleteTransform(exact);
	assert_memory_equal(on_grid, itself, 3);
	assert_memory_equal(pixels, wanted, 24);
	size_t away = 0;
	for (int i = 0; i < 3 * PIXELS; i++)
		away += (size_t)abs(pixels[i] - wanted[i]);
	/* Every twentieth is rounded to a neighbour, mostly where sRGB has the colour no more. */
	assert_in_range(away, 0, 3 * PIXELS / 20);
}

static void test_the_same_in_any_order(void **state)
{
	(void)state;
	static uint8_t together[3 * PIXELS], backwards[3 * PIXELS];
	fill(together);
	fill(backwards);
	struct grid *one = grid_new(wide_colours(GRID_TO));
	struct grid *other = grid_new(wide_colours(GRID_TO));
	grid_convert(one, together, PIXELS, 3);
	for (size_t i = PIXELS; i-- > 0;)
		grid_convert(other, backwards + 3 * i, 1, 3);
	grid_free(one);
	grid_free(other);
	assert_memory_equal(together, backwards, sizeof(together));
}

static void test_a_fourth_channel_stays(void **state)
{
	(void)state;
	uint8_t four[8] = { 10, 20, 30, 77, 200, 100, 50, 3 };
	uint8_t three[6] = { 10, 20, 30, 200, 100, 50 };
	struct grid *grid = grid_new(wide_colours(GRID_TO));
	grid_convert(grid, four, 2, 4);
	grid_convert(grid, three, 2, 3);
	grid_free(grid);
	assert_memory_equal(four, three, 3);
	assert_memory_equal(four + 4, three + 3, 3);
	assert_int_equal(four[3], 77);
	assert_int_equal(four[7], 3);
	grid_free(NULL);
}

static void test_amounts_of_light_are_not_near(void **state)
{
	(void)state;
	static const double gammas[] = { 1, 1.2, 1.4, 1.8, 2.2, 2.6 };
	for (int i = 0; i < 6; i++) {
		struct grid *grid = grid_new(colours_of(gammas[i], GRID_TO));
		assert_int_equal(grid_is_near(grid), gammas[i] > 1.5);
		grid_free(grid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_near_to_little_cms),
		cmocka_unit_test(test_the_same_in_any_order),
		cmocka_unit_test(test_a_fourth_channel_stays),
		cmocka_unit_test(test_amounts_of_light_are_not_near),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
