/* Pixels: what resampling, shrinking and turning must never change, and what alpha must never do.
 */

#include "stages/thumbnail/resample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/canvas.h"
#include "stages/thumbnail/convolve.h"
#include "stages/thumbnail/orient.h"
#include "stages/thumbnail/shrink.h"

static struct surface surface_painted(uint32_t width, uint32_t height, uint32_t channels,
	uint8_t (*sample)(uint32_t x, uint32_t y, uint32_t channel))
{
	struct surface surface = { .pixels = NULL };
	struct error err;
	assert_true(surface_shape(&surface, width, height, channels, &err));
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width * channels; x++)
			surface_row(&surface, y)[x] = sample(x / channels, y, x % channels);
	return surface;
}

static uint8_t sample_even(uint32_t x, uint32_t y, uint32_t channel)
{
	(void)x;
	(void)y;
	return (uint8_t)(37 + 50 * channel);
}

static uint8_t sample_noise(uint32_t x, uint32_t y, uint32_t channel)
{
	uint32_t mixed = x * 2654435761U ^ y * 2246822519U ^ channel * 3266489917U;
	mixed = (mixed ^ mixed >> 15) * 2246822519U;
	return (uint8_t)(mixed >> 13);
}

static uint8_t sample_ramp(uint32_t x, uint32_t y, uint32_t channel)
{
	(void)y;
	(void)channel;
	return (uint8_t)x;
}

/* Red that is not there beside blue that is. */
static uint8_t sample_fringe(uint32_t x, uint32_t y, uint32_t channel)
{
	static const uint8_t colours[2][4] = { { 255, 0, 0, 0 }, { 0, 0, 255, 255 } };
	(void)y;
	return colours[x % 32 >= 16][channel];
}

static uint8_t sample_wave(uint32_t x, uint32_t y, uint32_t channel)
{
	(void)y;
	(void)channel;
	return (uint8_t)lrint(128 + 100 * sin((x + 0.5) / 64));
}

/* Five px of a surface that was made smaller by 8. */
static uint8_t sample_detail(uint32_t x, uint32_t y, uint32_t channel)
{
	(void)y;
	(void)channel;
	return (uint8_t)lrint(128 + 100 * sin((x + 0.5) * 6.283185307 / 40));
}

static struct surface surface_resampled(
	const struct surface *from, uint32_t width, uint32_t height, int orientation)
{
	const struct geometry geometry = {
		.scaled_width = width,
		.scaled_height = height,
		.width = width,
		.height = height,
	};
	struct resample resample = { .across = NULL };
	struct surface to = { .pixels = NULL };
	struct error err;
	const struct resample_job job = { &geometry, orientation, RESAMPLE_PLAIN, RANGE_FULL,
		false };
	assert_true(resample_run(&resample, from, &job, &to, &err));
	resample_finish(&resample);
	return to;
}

static void test_even_stays_even(void **state)
{
	(void)state;
	static const uint32_t sides[] = { 1, 2, 7, 33, 64, 129, 300 };
	for (uint32_t channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1)
		for (int n = 0; n < 49; n++) {
			struct surface from = surface_painted(101, 67, channels, sample_even);
			surface_averaged(&from, 1U << n % 4);
			struct surface to = surface_resampled(&from, sides[n / 7], sides[n % 7], 1);
			for (uint32_t y = 0; y < to.height; y++)
				for (uint32_t x = 0; x < to.width * channels; x++)
					assert_int_equal(surface_row(&to, y)[x],
						sample_even(0, 0, x % channels));
			surface_finish(&from);
			surface_finish(&to);
		}
}

/* All that an even area may have, rounded once. */
static void check_range(enum resample_range range, double middle, double scale, double becomes)
{
	struct resample resample = { .across = NULL };
	struct surface to = { .pixels = NULL };
	struct error err;
	const struct geometry geometry = {
		.scaled_width = 71, .scaled_height = 43, .width = 71, .height = 43
	};
	const struct resample_job job = { &geometry, 6, RESAMPLE_PLAIN, range, false };
	for (int value = 0; value < 256; value++) {
		struct surface from = surface_painted(200, 120, 1, sample_even);
		memset(from.pixels, value, from.stride * from.height);
		surface_averaged(&from, 1U << value % 4);
		assert_true(resample_run(&resample, &from, &job, &to, &err));
		const long wanted = lrint(becomes + scale * (value - middle));
		for (uint32_t y = 0; y < to.height; y++)
			for (uint32_t x = 0; x < to.width; x++)
				assert_int_equal(surface_row(&to, y)[x], wanted);
		surface_finish(&from);
	}
	resample_finish(&resample);
	surface_finish(&to);
}

static void test_ranges(void **state)
{
	(void)state;
	check_range(RANGE_FULL, 0, 1, 0);
	check_range(RANGE_LUMA, 0, 219 / 255.0, 16);
	check_range(RANGE_CHROMA, 128, 224 / 255.0, 128);
}

static void test_same_size_is_the_same(void **state)
{
	(void)state;
	struct surface from = surface_painted(83, 41, 3, sample_noise);
	struct surface to = surface_resampled(&from, 83, 41, 1);
	for (uint32_t y = 0; y < 41; y++)
		assert_memory_equal(surface_row(&from, y), surface_row(&to, y), 83 * 3);
	surface_finish(&from);
	surface_finish(&to);
}

static void test_a_gradient_keeps_rising(void **state)
{
	(void)state;
	for (uint32_t averaged = 1; averaged <= 8; averaged *= 2) {
		struct surface from = surface_painted(256, 8, 1, sample_ramp);
		surface_averaged(&from, averaged);
		struct surface to = surface_resampled(&from, 77, 3, 1);
		for (uint32_t x = 1; x < 77; x++)
			assert_true(surface_row(&to, 1)[x] > surface_row(&to, 1)[x - 1]);
		for (uint32_t x = 3; x < 74; x++) {
			const double wanted = (x + 0.5) * 256 / 77 - 0.5;
			assert_true(fabs(surface_row(&to, 1)[x] - wanted) < 1);
		}
		surface_finish(&from);
		surface_finish(&to);
	}
}

/* All add up to what they should, and without their signs to less than two, so that sums of rows
 * fit into 16 bits. */
static void check_weights(const struct kernel *kernel, uint32_t number)
{
	int sum = 0, most = 0;
	for (uint32_t k = 0; k < kernel->spans[number].count; k++) {
		sum += kernel->weights[(size_t)number * kernel->taps + k];
		most += abs(kernel->weights[(size_t)number * kernel->taps + k]);
	}
	assert_int_equal(sum, kernel->job.sum);
	assert_true(most < 2 * KERNEL_ONE);
	assert_true(kernel->spans[number].first >= kernel->low);
	assert_true(kernel->spans[number].first + kernel->spans[number].count <= kernel->high);
}

static void test_weights_add_up(void **state)
{
	(void)state;
	struct kernel kernel = { .taps = 0 };
	struct error err;
	for (uint32_t pixels = 1; pixels < 200; pixels += 1 + pixels / 9)
		for (uint32_t count = 1; count < 100; count += 1 + count / 3)
			for (int blur = -1; blur <= 2; blur++) {
				const double extent = pixels - 0.875;
				const int32_t total = KERNEL_ONE - 700 * (blur + 1);
				const struct kernel_job job = { pixels, extent, 0, extent, count,
					blur / 24.0, total };
				assert_true(kernel_make(&kernel, &job, &err));
				for (uint32_t number = 0; number < count; number++)
					check_weights(&kernel, number);
			}
	kernel_finish(&kernel);
}

static int weight_of(const struct kernel *kernel, uint32_t number, uint32_t pixel)
{
	const struct kernel_span *span = &kernel->spans[number];
	if (pixel < span->first || pixel >= span->first + span->count)
		return 0;
	return kernel->weights[(size_t)number * kernel->taps + pixel - span->first];
}

/* Both edges are treated alike, but for what rounding leaves over. */
static void test_weights_are_mirrored(void **state)
{
	(void)state;
	struct kernel kernel = { .taps = 0 };
	struct error err;
	for (int blur = -1; blur <= 2; blur++) {
		const struct kernel_job job = { 160, 160, 0, 160, 90, blur / 24.0, KERNEL_ONE };
		assert_true(kernel_make(&kernel, &job, &err));
		for (uint32_t i = 0; i < 90; i++)
			for (uint32_t k = 0; k < 160; k++) {
				const int mirrored = weight_of(&kernel, 89 - i, 159 - k);
				assert_true(abs(weight_of(&kernel, i, k) - mirrored) <= 6);
			}
	}
	kernel_finish(&kernel);
}

static int surface_farthest(const struct surface *one, const struct surface *other)
{
	int most = 0;
	for (uint32_t x = 4; x + 4 < one->width; x++) {
		const int away = abs(surface_row(one, 1)[x] - surface_row(other, 1)[x]);
		most = away > most ? away : most;
	}
	return most;
}

/* What the means took from fine detail is there again, as if the whole had been resampled. */
static void test_means_are_restored(void **state)
{
	(void)state;
	struct error err;
	struct surface whole = surface_painted(1600, 32, 1, sample_detail);
	struct surface reduced = { .pixels = NULL };
	assert_true(shrink_surface(&whole, 8, &reduced, &err));
	struct surface wanted = surface_resampled(&whole, 120, 3, 1);
	struct surface restored = surface_resampled(&reduced, 120, 3, 1);
	reduced.blur_x = 0;
	struct surface plain = surface_resampled(&reduced, 120, 3, 1);
	assert_true(surface_farthest(&restored, &wanted) <= 2);
	assert_true(surface_farthest(&plain, &wanted) >= 5);
	surface_finish(&whole);
	surface_finish(&reduced);
	surface_finish(&wanted);
	surface_finish(&restored);
	surface_finish(&plain);
}

/* Pixel x of the result is centred on (x + 0.5) * ratio of the source: half a pixel off would show
 * here. */
static void test_nothing_moves(void **state)
{
	(void)state;
	struct surface from = surface_painted(1001, 4, 1, sample_wave);
	from.extent_x = 1000.25;
	struct surface to = surface_resampled(&from, 130, 4, 1);
	for (uint32_t x = 3; x < 127; x++) {
		const double at = (x + 0.5) * 1000.25 / 130;
		const double wanted = 128 + 100 * sin(at / 64);
		assert_true(fabs(surface_row(&to, 2)[x] - wanted) < 1.5);
	}
	surface_finish(&from);
	surface_finish(&to);
}

/* Every sample of `to` is the mean of what there is of its block of noise. */
static void check_means(const struct surface *to, const struct surface *from, uint32_t factor)
{
	const uint32_t channels = from->channels;
	for (uint32_t i = 0; i < to->width * to->height * channels; i++) {
		const uint32_t x = i / channels % to->width, y = i / channels / to->width,
			       c = i % channels;
		uint32_t sum = 0, count = 0;
		for (uint32_t v = y * factor; v < (y + 1) * factor && v < from->height; v++)
			for (uint32_t u = x * factor; u < (x + 1) * factor && u < from->width;
				u++, count++)
				sum += sample_noise(u, v, c);
		assert_int_equal(surface_row(to, y)[x * channels + c],
			count > 0 ? (sum + count / 2) / count : 0);
	}
}

/* Row by row, into the memory of the picture before. */
static void shrink_by_rows(const struct surface *from, uint32_t factor, struct surface *to)
{
	struct error err;
	const struct shrink_shape shape = { .width = from->width,
		.height = from->height,
		.channels = from->channels,
		.factor = factor };
	struct shrink shrink;
	assert_true(shrink_begin(&shrink, &shape, to, &err));
	for (uint32_t y = 0; y < from->height; y++) {
		memcpy(shrink_next(&shrink), surface_row(from, y),
			(size_t)from->width * from->channels);
		shrink_put(&shrink);
	}
	shrink_end(&shrink);
}

static void check_averages(uint32_t width, uint32_t height, uint32_t channels)
{
	struct error err;
	for (uint32_t factor = 2; factor <= SHRINK_MOST; factor += 1 + factor / 3) {
		struct surface from = surface_painted(width, height, channels, sample_noise);
		surface_averaged(&from, 4);
		struct surface to = { .pixels = NULL };
		assert_true(shrink_surface(&from, factor, &to, &err));
		assert_true(fabs(to.blur_x - (1 - 1.0 / (16 * factor * factor)) / 12) < 1e-9);
		assert_int_equal(to.width, (width + factor - 1) / factor);
		check_means(&to, &from, factor);
		shrink_by_rows(&from, factor, &to);
		check_means(&to, &from, factor);
		surface_finish(&from);
		surface_finish(&to);
	}
}

static void test_shrink_averages(void **state)
{
	(void)state;
	for (uint32_t channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1) {
		check_averages(131, 97, channels);
		check_averages(128, 96, channels);
		check_averages(1, 1, channels);
		check_averages(2, 3, channels);
	}
}

/* Through the shrink (which premultiplies), the resampler, and back. */
static void test_transparent_colours_do_not_bleed(void **state)
{
	(void)state;
	struct error err;
	struct surface from = surface_painted(320, 32, 4, sample_fringe);
	const struct shrink_shape shape = { 320, 32, 4, 2, true, 320, 32, 0, 0 };
	struct surface half = { .pixels = NULL };
	struct shrink shrink;
	assert_true(shrink_begin(&shrink, &shape, &half, &err));
	for (uint32_t y = 0; y < 32; y++) {
		memcpy(shrink_next(&shrink), surface_row(&from, y), 320 * 4);
		shrink_put(&shrink);
	}
	shrink_end(&shrink);
	assert_int_equal(half.channels, 4);
	struct surface to = surface_resampled(&half, 47, 9, 1);
	surface_divide(&to);
	for (uint32_t x = 0; x < 47; x++) {
		const uint8_t *pixel = surface_row(&to, 4) + 4 * x;
		assert_int_equal(pixel[0], 0);
		if (pixel[3] > 8)
			assert_true(pixel[2] > 240);
	}
	surface_finish(&from);
	surface_finish(&half);
	surface_finish(&to);
}

static void test_opaque_alpha_is_dropped(void **state)
{
	(void)state;
	struct error err;
	const struct shrink_shape shape = { 10, 2, 4, 1, true, 10, 2, 0, 0 };
	struct surface to = { .pixels = NULL };
	struct shrink shrink;
	assert_true(shrink_begin(&shrink, &shape, &to, &err));
	for (int y = 0; y < 2; y++) {
		uint8_t *row = shrink_next(&shrink);
		for (int x = 0; x < 10; x++)
			memcpy(row + 4 * x, (uint8_t[]){ 1, 2, (uint8_t)x, 255 }, 4);
		shrink_put(&shrink);
	}
	shrink_end(&shrink);
	assert_int_equal(to.channels, 3);
	assert_memory_equal(surface_row(&to, 1) + 27, ((uint8_t[]){ 1, 2, 9 }), 3);
	surface_finish(&to);
}

/* Where pixel (x, y) of a stored picture of w x h is seen, written down from the EXIF standard. */
static void orientation_seen(
	int orientation, const uint32_t side[2], uint32_t x, uint32_t y, uint32_t seen[2])
{
	const uint32_t right = side[0] - 1 - x, up = side[1] - 1 - y;
	const uint32_t table[9][2] = { { x, y }, { x, y }, { right, y }, { right, up }, { x, up },
		{ y, x }, { up, x }, { up, right }, { y, right } };
	memcpy(seen, table[orientation], sizeof(table[0]));
}

/* Samples of 16 bits are those of 8, less rounding, and are not cut off. */
static void test_fine(void **state)
{
	(void)state;
	struct surface from = surface_painted(200, 120, 1, sample_noise);
	struct surface plain = surface_resampled(&from, 71, 43, 6);
	const struct geometry geometry = {
		.scaled_width = 71, .scaled_height = 43, .width = 71, .height = 43
	};
	struct resample resample = { .across = NULL };
	struct surface fine = { .pixels = NULL };
	struct error err;
	const struct resample_job job = { &geometry, 6, RESAMPLE_FINE, RANGE_FULL, false };
	assert_true(resample_run(&resample, &from, &job, &fine, &err));
	assert_int_equal(fine.channels, 2);
	assert_int_equal(fine.width, plain.width);
	for (uint32_t y = 0; y < plain.height; y++)
		for (uint32_t x = 0; x < plain.width; x++) {
			int16_t sample;
			memcpy(&sample, surface_row(&fine, y) + 2 * (size_t)x, sizeof(sample));
			const double value = sample / (double)(1 << CONVOLVE_FRACTION);
			assert_true(fabs(value - surface_row(&plain, y)[x]) < 0.52);
		}
	resample_finish(&resample);
	surface_finish(&from);
	surface_finish(&plain);
	surface_finish(&fine);
}

static void test_orientations(void **state)
{
	(void)state;
	struct error err;
	static const uint32_t sides[2] = { 401, 131 };
	for (int orientation = 1; orientation <= 8; orientation++) {
		struct surface from = surface_painted(sides[0], sides[1], 3, sample_noise);
		struct surface to = { .pixels = NULL };
		assert_true(orient_surface(&from, orientation, &to, &err));
		struct surface both = surface_resampled(&from, sides[0], sides[1], orientation);
		for (uint32_t i = 0; i < sides[0] * sides[1]; i++) {
			uint32_t seen[2];
			const uint32_t x = i % sides[0], y = i / sides[0];
			orientation_seen(orientation, sides, x, y, seen);
			const uint8_t *pixel = surface_row(&from, y) + 3 * x;
			assert_memory_equal(surface_row(&to, seen[1]) + 3 * seen[0], pixel, 3);
			assert_memory_equal(surface_row(&both, seen[1]) + 3 * seen[0], pixel, 3);
		}
		surface_finish(&from);
		surface_finish(&to);
		surface_finish(&both);
	}
}

/* Several strips wide, and as much high in one strip: either way the same picture, less rounding.
 */
static void test_wide_is_as_high(void **state)
{
	(void)state;
	struct error err;
	for (uint32_t channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1) {
		struct surface wide = surface_painted(2500, 70, channels, sample_noise);
		struct surface high = { .pixels = NULL };
		assert_true(orient_surface(&wide, 5, &high, &err));
		struct surface one = surface_resampled(&wide, 701, 23, 1);
		struct surface two = surface_resampled(&high, 23, 701, 5);
		assert_int_equal(one.width, two.width);
		for (uint32_t y = 0; y < one.height; y++)
			for (uint32_t x = 0; x < one.width * channels; x++)
				assert_true(abs(surface_row(&one, y)[x] -
						    surface_row(&two, y)[x]) <= 1);
		surface_finish(&wide);
		surface_finish(&high);
		surface_finish(&one);
		surface_finish(&two);
	}
}

/* A shape that no memory holds leaves an empty surface, which takes the next one. */
static void test_too_large_a_shape(void **state)
{
	(void)state;
	struct error err;
	struct surface surface = surface_painted(83, 41, 3, sample_noise);
	assert_false(surface_shape(&surface, UINT32_MAX, 1U << 24, 4, &err));
	assert_int_equal(err.code, ERROR_MEMORY);
	assert_null(surface.pixels);
	assert_int_equal(surface.room, 0);
	assert_true(surface_shape(&surface, 100, 50, 4, &err));
	memset(surface.pixels, 1, surface.stride * 50 + SURFACE_BLOCK);
	surface_finish(&surface);
}

static void test_canvas(void **state)
{
	(void)state;
	struct error err;
	const struct geometry geometry = { .canvas_width = 6,
		.canvas_height = 4,
		.canvas_left = 2,
		.canvas_top = 1,
		.width = 2,
		.height = 2 };
	struct canvas_job job = { { 10, 20, 30, 255 }, &geometry, false };
	struct surface grey = surface_painted(2, 2, 1, sample_even), canvas = { .pixels = NULL };
	const struct surface *laid = canvas_lay(&grey, &job, &canvas, &err);
	assert_int_equal(laid->channels, 3);
	assert_memory_equal(surface_row(laid, 1), ((uint8_t[]){ 10, 20, 30 }), 3);
	assert_memory_equal(surface_row(laid, 1) + 6, ((uint8_t[]){ 37, 37, 37 }), 3);
	job = (struct canvas_job){ { 0, 0, 0, 0 }, &geometry, true };
	laid = canvas_lay(&grey, &job, &canvas, &err);
	assert_int_equal(laid->channels, 4);
	assert_int_equal(surface_row(laid, 0)[3], 0);
	assert_int_equal(surface_row(laid, 1)[4 * 2 + 3], 255);
	job.alpha = false;
	laid = canvas_lay(&grey, &job, &canvas, &err);
	assert_int_equal(surface_row(laid, 0)[0], 255);
	surface_finish(&grey);
	surface_finish(&canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_even_stays_even),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_same_size_is_the_same),
		cmocka_unit_test(test_a_gradient_keeps_rising),
		cmocka_unit_test(test_weights_add_up),
		cmocka_unit_test(test_weights_are_mirrored),
		cmocka_unit_test(test_means_are_restored),
		cmocka_unit_test(test_nothing_moves),
		cmocka_unit_test(test_shrink_averages),
		cmocka_unit_test(test_transparent_colours_do_not_bleed),
		cmocka_unit_test(test_opaque_alpha_is_dropped),
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_orientations),
		cmocka_unit_test(test_wide_is_as_high),
		cmocka_unit_test(test_too_large_a_shape),
		cmocka_unit_test(test_canvas),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
