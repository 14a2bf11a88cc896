/* Surfaces of all small sides: what is made of them in vectors is what is made one sample at a
 * time, whatever stands behind the ends of rows. */

#include "stages/thumbnail/planes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/convolve.h"
#include "stages/thumbnail/shrink.h"

enum { MOST = 70, CHANNELS = 4 };

static uint32_t noise(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
	return noise(seed) % below;
}

/* Noise, up to the last byte that may be read. Of just as many bytes as that takes. */
static struct surface surface_of_noise(
	uint32_t width, uint32_t height, uint32_t channels, uint32_t *seed)
{
	struct surface surface = { .pixels = NULL };
	struct error err;
	assert_true(surface_shape(&surface, width, height, channels, &err));
	for (size_t i = 0; i < surface.stride * height + SURFACE_BLOCK; i++)
		surface.pixels[i] =
			(uint8_t)(draw(seed, 4) == 0 ? 255 * draw(seed, 2) : noise(seed));
	return surface;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static int64_t rounded(int64_t sum, int bits)
{
	return (sum + (1 << (bits - 1))) >> bits;
}

static int64_t column_of(
	const struct kernel *down, const struct surface *from, uint32_t row, uint32_t sample)
{
	const struct kernel_span *span = &down->spans[row];
	int64_t sum = 0;
	for (uint32_t k = 0; k < span->count; k++)
		sum += down->weights[(size_t)row * down->taps + k] *
		       surface_row(from, span->first + k)[sample];
	return clamp(rounded(sum, KERNEL_BITS - CONVOLVE_FRACTION), INT16_MIN, INT16_MAX);
}

/* All of them, since each counts for several results. */
static void reckon_columns(const struct resample *resample, const struct surface *from,
	int16_t columns[MOST][MOST * CHANNELS])
{
	for (uint32_t y = 0; y < resample->down->job.count; y++)
		for (uint32_t i = 0; i < from->width * from->channels; i++)
			columns[y][i] = (int16_t)column_of(resample->down, from, y, i);
}

static int64_t sample_of(const struct resample *resample, uint32_t channels, const int16_t *row,
	uint32_t x, uint32_t channel)
{
	const struct kernel *across = resample->across;
	const struct kernel_span *span = &across->spans[x];
	int64_t sum = resample->offset;
	for (uint32_t k = 0; k < span->count; k++)
		sum += across->weights[(size_t)x * across->taps + k] *
		       row[(span->first + k) * channels + channel];
	return sum;
}

/* Where a stored pixel is seen. */
static const uint8_t *place_of(const struct resample *resample, const struct surface *to,
	int orientation, uint32_t x, uint32_t y)
{
	const uint32_t width = resample->across->job.count, height = resample->down->job.count;
	const uint32_t column = geometry_mirrors_x(orientation) ? width - 1 - x : x;
	const uint32_t row = geometry_mirrors_y(orientation) ? height - 1 - y : y;
	return geometry_swaps(orientation) ? surface_row(to, column) + row * to->channels
					   : surface_row(to, row) + column * to->channels;
}

static void check_result(const struct resample *resample, const struct surface *from,
	const struct resample_job *job, const struct surface *to)
{
	static int16_t columns[MOST][MOST * CHANNELS];
	const bool fine = job->kind == RESAMPLE_FINE;
	reckon_columns(resample, from, columns);
	for (uint32_t y = 0; y < resample->down->job.count; y++)
		for (uint32_t i = 0; i < resample->across->job.count * from->channels; i++) {
			const uint32_t x = i / from->channels, c = i % from->channels;
			const int64_t sum = sample_of(resample, from->channels, columns[y], x, c);
			const uint8_t *at = place_of(resample, to, job->orientation, x, y);
			const int64_t wide = clamp(rounded(sum, KERNEL_BITS), INT16_MIN, INT16_MAX);
			const int64_t byte =
				clamp(rounded(sum, KERNEL_BITS + CONVOLVE_FRACTION), 0, 255);
			if (fine)
				assert_memory_equal(at + 2 * c, &(int16_t){ (int16_t)wide }, 2);
			else
				assert_int_equal(at[c], byte);
		}
}

/* A part of the picture, which ends within its last pixels. */
static void check_resample(struct resample *resample, struct surface *to, uint32_t width,
	uint32_t height, uint32_t *seed)
{
	static const uint32_t several[] = { 1, 3, 4 };
	struct error err;
	struct surface from = surface_of_noise(width, height, several[draw(seed, 3)], seed);
	from.extent_x -= draw(seed, 16) / 16.0;
	from.extent_y -= draw(seed, 16) / 16.0;
	from.blur_x = ((int)draw(seed, 3) - 1) / 20.0;
	struct geometry stored = { .width = 1 + draw(seed, MOST), .height = 1 + draw(seed, MOST) };
	stored.left = draw(seed, 5);
	stored.top = draw(seed, 5);
	stored.scaled_width = stored.left + stored.width + draw(seed, 5);
	stored.scaled_height = stored.top + stored.height + draw(seed, 5);
	const struct resample_job job = { &stored, 1 + (int)draw(seed, 8),
		(enum resample_kind)draw(seed, 3), (enum resample_range)draw(seed, 3),
		draw(seed, 2) };
	assert_true(resample_run(resample, &from, &job, to, &err));
	check_result(resample, &from, &job, to);
	surface_finish(&from);
}

static void test_resampled(void **state)
{
	(void)state;
	struct resample resample = { .across = NULL };
	struct surface to = { .pixels = NULL };
	uint32_t seed = 5;
	for (uint32_t n = 0; n < MOST * MOST; n++)
		check_resample(&resample, &to, 1 + n % MOST, 1 + n / MOST, &seed);
	resample_finish(&resample);
	surface_finish(&to);
}

static uint32_t mean_of(
	const struct surface *from, uint32_t factor, uint32_t x, uint32_t y, uint32_t channel)
{
	uint32_t sum = 0, count = 0;
	for (uint32_t v = y * factor; v < (y + 1) * factor && v < from->height; v++)
		for (uint32_t u = x * factor; u < (x + 1) * factor && u < from->width; u++, count++)
			sum += surface_row(from, v)[u * from->channels + channel];
	return count == 0 ? 0 : (sum + count / 2) / count;
}

static void check_shrink(
	uint32_t width, uint32_t height, uint32_t channels, uint32_t factor, uint32_t *seed)
{
	struct error err;
	struct surface from = surface_of_noise(width, height, channels, seed);
	struct surface to = { .pixels = NULL };
	assert_true(shrink_surface(&from, factor, &to, &err));
	for (uint32_t y = 0; y < to.height; y++)
		for (uint32_t i = 0; i < to.width * channels; i++)
			assert_int_equal(surface_row(&to, y)[i],
				mean_of(&from, factor, i / channels, y, i % channels));
	surface_finish(&from);
	surface_finish(&to);
}

static void test_shrunk(void **state)
{
	(void)state;
	uint32_t seed = 9;
	for (uint32_t n = 0; n < MOST * MOST; n++)
		for (uint32_t channels = 1; channels <= CHANNELS;
			channels += channels == 1 ? 2 : 1) {
			check_shrink(1 + n % MOST, 1 + n / MOST, channels, 2, &seed);
			if (n % 7 == 0)
				check_shrink(1 + n % MOST, 1 + n / MOST, channels,
					3 + draw(&seed, 5), &seed);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resampled),
		cmocka_unit_test(test_shrunk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
