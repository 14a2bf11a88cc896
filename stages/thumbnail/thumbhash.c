#include "stages/thumbnail/thumbhash.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum {
	THUMBHASH_PIXELS = THUMBHASH_SIDE * THUMBHASH_SIDE,
	THUMBHASH_CHANNELS = 4, /* lightness, yellow to blue, red to green, alpha */
	THUMBHASH_MOST_WAVES = 7,
};

static const double thumbhash_pi = 3.14159265358979323846;

struct thumbhash {
	uint32_t width, height;
	float planes[THUMBHASH_CHANNELS][THUMBHASH_PIXELS];
	bool translucent;
};

/* One plane as cosines. */
struct thumbhash_waves {
	double mean, scale;
	double waves[THUMBHASH_MOST_WAVES * THUMBHASH_MOST_WAVES]; /* 0 to 1 */
	size_t count;
};

/* Red, green, blue and alpha of a pixel, 0 to 1. */
static void thumbhash_pixel(const struct surface *surface, uint32_t x, uint32_t y, double rgba[4])
{
	const uint8_t *pixel = surface_row(surface, y) + (size_t)x * surface->channels;
	for (int c = 0; c < 3; c++)
		rgba[c] = pixel[surface->channels == 1 ? 0 : c] / 255.0;
	rgba[3] = surface->channels == 4 ? pixel[3] / 255.0 : 1;
}

static void thumbhash_mean(const struct surface *surface, double mean[4])
{
	for (uint32_t y = 0; y < surface->height; y++)
		for (uint32_t x = 0; x < surface->width; x++) {
			double rgba[4];
			thumbhash_pixel(surface, x, y, rgba);
			for (int c = 0; c < 3; c++)
				mean[c] += rgba[c] * rgba[3];
			mean[3] += rgba[3];
		}
	for (int c = 0; c < 3 && mean[3] > 0; c++)
		mean[c] /= mean[3];
}

/* What shows through is the mean colour. */
static void thumbhash_planes(const struct surface *surface, struct thumbhash *of)
{
	double mean[4] = { 0 };
	thumbhash_mean(surface, mean);
	of->width = surface->width;
	of->height = surface->height;
	of->translucent = mean[3] < (double)surface->width * surface->height;
	for (uint32_t i = 0; i < surface->width * surface->height; i++) {
		double rgba[4];
		thumbhash_pixel(surface, i % surface->width, i / surface->width, rgba);
		for (int c = 0; c < 3; c++)
			rgba[c] = mean[c] * (1 - rgba[3]) + rgba[c] * rgba[3];
		of->planes[0][i] = (float)((rgba[0] + rgba[1] + rgba[2]) / 3);
		of->planes[1][i] = (float)((rgba[0] + rgba[1]) / 2 - rgba[2]);
		of->planes[2][i] = (float)(rgba[0] - rgba[1]);
		of->planes[3][i] = (float)rgba[3];
	}
}

static double thumbhash_wave(
	const struct thumbhash *of, const float *plane, uint32_t across, uint32_t down)
{
	double cosines[THUMBHASH_SIDE], sum = 0;
	for (uint32_t x = 0; x < of->width; x++)
		cosines[x] = cos(thumbhash_pi / of->width * across * (x + 0.5));
	for (uint32_t y = 0; y < of->height; y++) {
		double row = 0;
		for (uint32_t x = 0; x < of->width; x++)
			row += plane[y * of->width + x] * cosines[x];
		sum += row * cos(thumbhash_pi / of->height * down * (y + 0.5));
	}
	return sum / of->width / of->height;
}

/* `across` x `down` waves, the slower ones of them. */
static struct thumbhash_waves thumbhash_measure(
	const struct thumbhash *of, int plane, uint32_t across, uint32_t down)
{
	struct thumbhash_waves made = { .count = 0 };
	for (uint32_t y = 0; y < down; y++)
		for (uint32_t x = 0; x * down < across * (down - y); x++) {
			const double wave = thumbhash_wave(of, of->planes[plane], x, y);
			if (x == 0 && y == 0) {
				made.mean = wave;
				continue;
			}
			made.waves[made.count++] = wave;
			made.scale = fmax(made.scale, fabs(wave));
		}
	/* An even plane has no waves but those of rounding. */
	if (made.scale < 1e-5)
		made.scale = 0;
	for (size_t i = 0; i < made.count; i++)
		made.waves[i] = made.scale > 0 ? 0.5 + 0.5 / made.scale * made.waves[i] : 0;
	return made;
}

static uint32_t thumbhash_round(double value)
{
	return value > 0 ? (uint32_t)(value + 0.5) : 0;
}

static uint32_t thumbhash_most(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void thumbhash_number(uint8_t *to, uint32_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

/* Four bits each. */
static size_t thumbhash_write(const struct thumbhash_waves *waves, uint8_t *hash, size_t half)
{
	for (size_t i = 0; i < waves->count; i++, half++)
		hash[half / 2] |=
			(uint8_t)(thumbhash_round(15 * waves->waves[i]) << (half % 2 ? 4 : 0));
	return half;
}

size_t thumbhash_of(const struct surface *surface, uint8_t hash[THUMBHASH_MOST_BYTES])
{
	assert(surface->width <= THUMBHASH_SIDE && surface->height <= THUMBHASH_SIDE);
	struct thumbhash of;
	thumbhash_planes(surface, &of);
	const double side = thumbhash_most(of.width, of.height);
	const uint32_t most = of.translucent ? 5 : THUMBHASH_MOST_WAVES;
	const uint32_t across = thumbhash_most(1, thumbhash_round(most * of.width / side));
	const uint32_t down = thumbhash_most(1, thumbhash_round(most * of.height / side));
	const struct thumbhash_waves light =
		thumbhash_measure(&of, 0, thumbhash_most(3, across), thumbhash_most(3, down));
	const struct thumbhash_waves yellow = thumbhash_measure(&of, 1, 3, 3);
	const struct thumbhash_waves red = thumbhash_measure(&of, 2, 3, 3);
	const bool wide = of.width > of.height;
	memset(hash, 0, THUMBHASH_MOST_BYTES);
	thumbhash_number(hash,
		thumbhash_round(63 * light.mean) | thumbhash_round(31.5 + 31.5 * yellow.mean) << 6 |
			thumbhash_round(31.5 + 31.5 * red.mean) << 12 |
			thumbhash_round(31 * light.scale) << 18 | (uint32_t)of.translucent << 23,
		3);
	thumbhash_number(hash + 3,
		(wide ? down : across) | thumbhash_round(63 * yellow.scale) << 3 |
			thumbhash_round(63 * red.scale) << 9 | (uint32_t)wide << 15,
		2);
	size_t half = 10;
	struct thumbhash_waves alpha = { .count = 0 };
	if (of.translucent) {
		alpha = thumbhash_measure(&of, 3, 5, 5);
		hash[5] = (uint8_t)(thumbhash_round(15 * alpha.mean) |
				    thumbhash_round(15 * alpha.scale) << 4);
		half = 12;
	}
	half = thumbhash_write(&light, hash, half);
	half = thumbhash_write(&yellow, hash, half);
	half = thumbhash_write(&red, hash, half);
	half = thumbhash_write(&alpha, hash, half);
	return (half + 1) / 2;
}
