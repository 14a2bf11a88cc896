/* Components that stay apart until they are a JPEG again, or a WebP, show what whole pixels show.
 */

#include "stages/thumbnail/planes.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/encode.h"
#include "tests/fakes/pictures.h"

static const struct planes_form halves = { .apart = true, .halved = true };

/* Waves of one length across and another down, of which no component has those of the other. */
static struct surface plane_painted(uint32_t width, uint32_t height, double across, double down)
{
	struct surface plane = { .pixels = NULL };
	struct error err;
	assert_true(surface_shape(&plane, width, height, 1, &err));
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			const double column = across * (x + 0.5) / width;
			const double row = down * (y + 0.5) / height;
			surface_row(&plane, y)[x] =
				(uint8_t)lrint(128 + 24 * sin(column) + 24 * cos(row));
		}
	return plane;
}

/* 300 x 202, as 4:2:0 has it. */
static struct planes planes_painted(void)
{
	struct planes planes = { .count = PLANES_MOST, .luma = true };
	planes.of[0] = plane_painted(300, 202, 9, 7);
	planes.of[1] = plane_painted(150, 101, 5, 8);
	planes.of[2] = plane_painted(150, 101, 9, 4);
	return planes;
}

/* Of one of them, in whole pixels. */
struct wanted {
	struct geometry geometry;
	int orientation;
	struct size size;
};

/* Each row goes on with its last sample. */
static void check_edges(const struct surface *plane)
{
	for (uint32_t y = 0; y < plane->height; y++) {
		const uint8_t *row = surface_row(plane, y);
		for (size_t x = plane->width; x < plane->stride; x++)
			assert_int_equal(row[x], row[plane->width - 1]);
	}
}

static struct text written(
	const struct surface *surface, const struct surface *chroma, const struct size *size)
{
	struct text file = { .data = NULL };
	struct error err;
	const struct encode_job job = {
		.surface = surface, .size = size, .format = size->format, .chroma = chroma
	};
	assert_true(encode_surface(&job, &file, &err));
	return file;
}

static struct text written_apart(
	struct planes_scaler *scaler, struct planes *planes, const struct wanted *wanted)
{
	struct error err;
	const struct resample_job job = { &wanted->geometry, wanted->orientation, RESAMPLE_PLAIN,
		RANGE_FULL, false };
	const struct planes_form form = encode_form(&wanted->size, wanted->size.format);
	const struct surface *made = planes_resample_apart(scaler, planes, &job, form, &err);
	assert_non_null(made);
	for (int i = 0; i < PLANES_MOST; i++)
		check_edges(&made[i]);
	return written(&made[0], &made[1], &wanted->size);
}

/* The farthest that a sample of one is from that of the other. */
static int farthest(const struct surface *one, const struct surface *other)
{
	int most = 0;
	for (uint32_t y = 0; y < one->height; y++)
		for (uint32_t x = 0; x < one->channels * one->width; x++) {
			const int away = abs(surface_row(one, y)[x] - surface_row(other, y)[x]);
			most = away > most ? away : most;
		}
	return most;
}

static void widen(struct surface *grey)
{
	struct surface wide = { .pixels = NULL };
	struct error err;
	assert_true(surface_widen(grey, &wide, &err));
	surface_finish(grey);
	*grey = wide;
}

/* Nor does what lies beyond the edges take bytes. */
static void compare(struct planes *planes, const struct wanted *wanted)
{
	enum { SLACK = 12 };
	const size_t share = wanted->size.format == FORMAT_WEBP ? 8 : 16;
	struct planes_scaler scaler = { .first = { .across = NULL } };
	struct surface whole = { .pixels = NULL };
	struct error err;
	const struct resample_job job = { &wanted->geometry, wanted->orientation, RESAMPLE_PLAIN,
		RANGE_FULL, false };
	assert_true(planes_resample(&scaler, planes, &job, &whole, &err));
	if (whole.channels == 1)
		widen(&whole);
	struct text usual = written(&whole, NULL, &wanted->size);
	struct text file = written_apart(&scaler, planes, wanted);
	struct surface seen = pictures_decoded(&file);
	assert_int_equal(seen.width, whole.width);
	assert_int_equal(seen.height, whole.height);
	const int away = farthest(&seen, &whole);
	if (away > SLACK || file.length > usual.length + usual.length / share)
		fail_msg("orientation %d, %u x %u px: %d away, %zu bytes instead of %zu",
			wanted->orientation, seen.width, seen.height, away, file.length,
			usual.length);
	text_finish(&usual);
	text_finish(&file);
	surface_finish(&whole);
	surface_finish(&seen);
	planes_scaler_finish(&scaler);
}

static void check_planes(struct planes *planes, struct size size, uint32_t left, uint32_t top)
{
	static const uint32_t sides[] = { 48, 49, 33 };
	size.quality = size.format == FORMAT_WEBP ? 100 : 97;
	for (int n = 0; n < 9; n++)
		for (int orientation = 1; orientation <= 8; orientation++) {
			const struct wanted wanted = {
				.geometry = { .scaled_width = sides[n / 3] + left,
					.scaled_height = sides[n % 3] + top,
					.left = left,
					.top = top,
					.width = sides[n / 3],
					.height = sides[n % 3] },
				.orientation = orientation,
				.size = size,
			};
			compare(planes, &wanted);
		}
}

static void check(struct size size, uint32_t left, uint32_t top)
{
	struct planes planes = planes_painted();
	check_planes(&planes, size, left, top);
	planes_finish(&planes);
}

static void test_halved(void **state)
{
	(void)state;
	check((struct size){ .chroma = CHROMA_420 }, 0, 0);
	check((struct size){ .chroma = CHROMA_420, .progressive = true }, 0, 0);
	check((struct size){ .format = FORMAT_WEBP }, 0, 0);
	check((struct size){ .format = FORMAT_WEBP, .chroma = CHROMA_444 }, 0, 0);
}

static void test_at_full_resolution(void **state)
{
	(void)state;
	check((struct size){ .chroma = CHROMA_444 }, 0, 0);
	check((struct size){ .chroma = CHROMA_444, .progressive = true }, 0, 0);
}

static void test_cropped(void **state)
{
	(void)state;
	check((struct size){ .chroma = CHROMA_420 }, 5, 2);
	check((struct size){ .chroma = CHROMA_420 }, 2, 5);
	check((struct size){ .format = FORMAT_WEBP }, 5, 2);
	check((struct size){ .format = FORMAT_WEBP }, 2, 5);
}

static void check_sides(struct planes *planes, enum size_format format)
{
	static const uint32_t sides[][2] = { { 1, 1 }, { 1, 30 }, { 31, 1 }, { 601, 405 } };
	for (int n = 0; n < 4; n++)
		for (int orientation = 1; orientation <= 8; orientation++) {
			const struct wanted wanted = {
				.geometry = { .scaled_width = sides[n][0],
					.scaled_height = sides[n][1],
					.width = sides[n][0],
					.height = sides[n][1] },
				.orientation = orientation,
				.size = { .quality = 97, .format = format },
			};
			compare(planes, &wanted);
		}
}

/* Down to one px, and enlarged. */
static void test_odd_sides(void **state)
{
	(void)state;
	struct planes planes = planes_painted();
	check_sides(&planes, FORMAT_JPEG);
	check_sides(&planes, FORMAT_WEBP);
	planes_finish(&planes);
}

static void test_grey(void **state)
{
	(void)state;
	struct planes planes = { .count = 1 };
	planes.of[0] = plane_painted(300, 202, 9, 7);
	check_planes(&planes, (struct size){ .format = FORMAT_WEBP }, 0, 0);
	check_sides(&planes, FORMAT_WEBP);
	planes_finish(&planes);
}

/* A ramp of one step a sample. */
static struct surface plane_ramp(uint32_t width, uint32_t height, bool across)
{
	struct surface plane = { .pixels = NULL };
	struct error err;
	assert_true(surface_shape(&plane, width, height, 1, &err));
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			surface_row(&plane, y)[x] = (uint8_t)(20 + (across ? x : y));
	return plane;
}

/* A row or column of 1 px has the mean of all that it stands for, whatever way it is turned. */
static void check_single(struct planes *planes, uint32_t width, uint32_t height, uint32_t plane)
{
	const struct geometry stored = {
		.scaled_width = width, .scaled_height = height, .width = width, .height = height
	};
	for (int orientation = 1; orientation <= 8; orientation++) {
		struct planes_scaler scaler = { .first = { .across = NULL } };
		struct error err;
		const struct resample_job job = { &stored, orientation, RESAMPLE_PLAIN, RANGE_FULL,
			false };
		const struct surface *made =
			planes_resample_apart(&scaler, planes, &job, halves, &err);
		assert_non_null(made);
		assert_in_range(made[plane].pixels[0], 83, 84);
		planes_scaler_finish(&scaler);
	}
}

static void test_single_px(void **state)
{
	(void)state;
	struct planes planes = { .count = PLANES_MOST, .luma = true };
	for (int i = 0; i < PLANES_MOST; i++)
		planes.of[i] = plane_ramp(128, 128, i == 2);
	check_single(&planes, 20, 1, 1);
	check_single(&planes, 1, 20, 2);
	check_single(&planes, 1, 1, 1);
	check_single(&planes, 1, 1, 2);
	planes_finish(&planes);
}

/* Where 4 samples of the source are a px: the halved one at `place` of the picture as it is seen
 * stands for px 2 * place and the next,
 * counted from the other end where the picture is turned `round`. */
static int ramp_at(uint32_t place, uint32_t sides, bool round)
{
	const int middle = 4 * (2 * (int)place + 1);
	return 20 + (round ? 4 * (int)sides - middle : middle);
}

/* Cb is a ramp across, Cr one down, as stored; in the middle, where no edge is near. */
static void check_places(
	const struct surface made[PLANES_MOST], const struct geometry *stored, int orientation)
{
	const bool swaps = geometry_swaps(orientation);
	for (uint32_t y = 8; y < 16; y++)
		for (uint32_t x = 8; x < 16; x++) {
			const uint32_t column = swaps ? y : x, row = swaps ? x : y;
			const int cb =
				ramp_at(column, stored->width, geometry_mirrors_x(orientation));
			const int cr =
				ramp_at(row, stored->height, geometry_mirrors_y(orientation));
			assert_in_range(surface_row(&made[1], y)[x], cb - 1, cb + 1);
			assert_in_range(surface_row(&made[2], y)[x], cr - 1, cr + 1);
		}
}

static void test_places(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 4 * 8; n++) {
		const uint32_t width = 48 + n % 2, height = 48 + n / 2 % 2;
		const int orientation = 1 + (int)n / 4;
		const struct geometry stored = { .scaled_width = width,
			.scaled_height = height,
			.width = width,
			.height = height };
		struct planes planes = { .count = PLANES_MOST, .luma = true };
		struct planes_scaler scaler = { .first = { .across = NULL } };
		struct error err;
		for (int i = 0; i < PLANES_MOST; i++)
			planes.of[i] = plane_ramp(4 * width, 4 * height, i == 1);
		const struct resample_job job = { &stored, orientation, RESAMPLE_PLAIN, RANGE_FULL,
			false };
		const struct surface *made =
			planes_resample_apart(&scaler, &planes, &job, halves, &err);
		assert_non_null(made);
		check_places(made, &stored, orientation);
		planes_scaler_finish(&scaler);
		planes_finish(&planes);
	}
}

/* Halved as often as leaves three samples of the source for each of the result. */
static void test_made_smaller_first(void **state)
{
	(void)state;
	static const uint32_t wanted[2][PLANES_MOST] = { { 1, 1, 1 }, { 1, 2, 2 } };
	const struct geometry stored = {
		.scaled_width = 64, .scaled_height = 40, .width = 64, .height = 40
	};
	const struct resample_job job = { &stored, 1, RESAMPLE_PLAIN, RANGE_FULL, false };
	for (int halved = 0; halved < 2; halved++) {
		struct planes planes = { .count = PLANES_MOST, .luma = true };
		struct planes_scaler scaler = { .first = { .across = NULL } };
		struct error err;
		for (int i = 0; i < PLANES_MOST; i++)
			planes.of[i] = plane_painted(448, 280, 5, 3);
		const struct planes_form form = { .apart = true, .halved = halved };
		assert_non_null(planes_resample_apart(&scaler, &planes, &job, form, &err));
		for (int i = 0; i < PLANES_MOST; i++)
			assert_int_equal(planes.halved[i], wanted[halved][i]);
		planes_scaler_finish(&scaler);
		planes_finish(&planes);
	}
}

/* Waves across, from one end of the scale to the other, of 17 samples each. */
static struct surface plane_waves(void)
{
	struct surface plane = { .pixels = NULL };
	struct error err;
	assert_true(surface_shape(&plane, 768, 64, 1, &err));
	for (uint32_t y = 0; y < 64; y++)
		for (uint32_t x = 0; x < 768; x++)
			surface_row(&plane, y)[x] =
				(uint8_t)lrint(128 + 120 * sin(2 * 3.14159265358979 * x / 17));
	return plane;
}

/* Of waves across, a whole number of which is looked at. */
static double amplitude(const struct surface *plane, double period)
{
	enum { FIRST = 20, COUNT = 136 };
	double even = 0, odd = 0;
	for (int x = FIRST; x < FIRST + COUNT; x++) {
		const double angle = 2 * 3.14159265358979 * x / period;
		even += plane->pixels[x] * cos(angle);
		odd += plane->pixels[x] * sin(angle);
	}
	return sqrt(even * even + odd * odd) * 2 / COUNT;
}

static double amplitude_of(struct planes *planes, uint32_t width, bool halved, bool soft)
{
	struct planes_scaler scaler = { .first = { .across = NULL } };
	struct error err;
	const struct geometry stored = {
		.scaled_width = width, .scaled_height = 32, .width = width, .height = 32
	};
	const struct resample_job job = { &stored, 1, RESAMPLE_PLAIN, RANGE_FULL, soft };
	const struct planes_form form = { .apart = true, .halved = halved };
	const struct surface *made = planes_resample_apart(&scaler, planes, &job, form, &err);
	assert_non_null(made);
	const double found = amplitude(&made[1], 17.0 / 4);
	planes_scaler_finish(&scaler);
	return found;
}

/* As many samples, halved or not, are softer by a second moment of 0.02, so that a wave of w
 * radians a sample keeps 1 - 0.01 w^2 of its height. */
static void test_softer(void **state)
{
	(void)state;
	struct planes planes = { .count = PLANES_MOST, .luma = true };
	const double wave = 2 * 3.14159265358979 * 4 / 17;
	for (int i = 0; i < PLANES_MOST; i++)
		planes.of[i] = plane_waves();
	const double all = amplitude_of(&planes, 192, false, false);
	for (int halved = 0; halved < 2; halved++) {
		const double kept = amplitude_of(&planes, halved ? 384 : 192, halved, true) / all;
		if (fabs(kept - (1 - 0.01 * wave * wave)) > 0.004)
			fail_msg("%.4f of it is kept, not %.4f", kept, 1 - 0.01 * wave * wave);
	}
	planes_finish(&planes);
}

/* What is much too large in one direction alone is not made smaller first: that would cost the
 * other one. */
static void test_by_the_shorter_way(void **state)
{
	(void)state;
	for (int turned = 0; turned < 2; turned++) {
		const uint32_t width = turned ? 60 : 600, height = turned ? 600 : 60;
		struct planes planes = { .count = 1 };
		struct planes_scaler scaler = { .first = { .across = NULL } };
		struct resample resample = { .across = NULL };
		struct surface made = { .pixels = NULL }, wanted = { .pixels = NULL };
		const struct geometry stored = {
			.scaled_width = 30, .scaled_height = 30, .width = 30, .height = 30
		};
		const struct resample_job job = { &stored, 1, RESAMPLE_PLAIN, RANGE_FULL, false };
		struct error err;
		planes.of[0] = plane_painted(width, height, turned ? 60 : 9, turned ? 9 : 60);
		assert_true(planes_resample(&scaler, &planes, &job, &made, &err));
		assert_true(resample_run(&resample, &planes.of[0], &job, &wanted, &err));
		assert_int_equal(farthest(&made, &wanted), 0);
		surface_finish(&made);
		surface_finish(&wanted);
		resample_finish(&resample);
		planes_scaler_finish(&scaler);
		planes_finish(&planes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_halved),
		cmocka_unit_test(test_at_full_resolution),
		cmocka_unit_test(test_cropped),
		cmocka_unit_test(test_odd_sides),
		cmocka_unit_test(test_grey),
		cmocka_unit_test(test_single_px),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_made_smaller_first),
		cmocka_unit_test(test_softer),
		cmocka_unit_test(test_by_the_shorter_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
