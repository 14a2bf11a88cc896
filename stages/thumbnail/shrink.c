#include "stages/thumbnail/shrink.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint32_t shrink_ceil(uint32_t side, uint32_t factor)
{
	return (side + factor - 1) / factor;
}

static bool shrink_room(struct shrink *shrink, struct error *err)
{
	if (shrink->shape.factor == 1)
		return true;
	const size_t samples = (size_t)shrink->shape.width * shrink->shape.channels;
	shrink->row = calloc(samples + SURFACE_BLOCK, 1);
	shrink->sums = calloc(samples + 2 * SURFACE_BLOCK, sizeof(*shrink->sums));
	if (!shrink->row || !shrink->sums)
		return fail(err, ERROR_MEMORY, "no memory for rows of %u px", shrink->shape.width);
	return true;
}

bool shrink_begin(struct shrink *shrink, const struct shrink_shape *shape, struct surface *to,
	struct error *err)
{
	*shrink = (struct shrink){ .shape = *shape, .to = to };
	const uint32_t width = shrink_ceil(shape->width, shape->factor);
	const uint32_t height = shrink_ceil(shape->height, shape->factor);
	if (!surface_shape(to, width, height, shape->channels, err))
		return false;
	to->extent_x = shape->extent_x / shape->factor;
	to->extent_y = shape->extent_y / shape->factor;
	to->blur_x = shape->blur_x;
	to->blur_y = shape->blur_y;
	surface_averaged(to, shape->factor);
	return shrink_room(shrink, err);
}

uint8_t *shrink_next(struct shrink *shrink)
{
	return shrink->shape.factor == 1 ? surface_row(shrink->to, shrink->rows) : shrink->row;
}

/* In blocks of a constant length, which compilers turn into vectors without being asked; both have
 * room for the last one. */
static void shrink_add(uint16_t *restrict sums, const uint8_t *restrict row, size_t samples)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK)
		for (size_t i = at; i < at + SURFACE_BLOCK; i++)
			sums[i] = (uint16_t)(sums[i] + row[i]);
}

/* The same where there is nothing in them yet. */
static void shrink_set(uint16_t *restrict sums, const uint8_t *restrict row, size_t samples)
{
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK)
		for (size_t i = at; i < at + SURFACE_BLOCK; i++)
			sums[i] = row[i];
}

/* Sums over `count` neighbours of one channel, divided by the number of pixels that they stand for.
 */
static inline uint8_t shrink_mean(
	const uint16_t *sums, uint32_t count, uint32_t channels, uint32_t rows)
{
	uint32_t sum = 0;
	for (uint32_t i = 0; i < count; i++)
		sum += sums[i * channels];
	assert(count > 0 && rows > 0);
	const uint32_t pixels = count * rows;
	return (uint8_t)((sum + pixels / 2) / pixels);
}

/* With a constant number of channels and a reciprocal the compiler makes something of it; exact
 * while 255 * pixels * pixels stays below 2^32, so for factors up to 64. */
static inline void shrink_blocks(const struct shrink *shrink, uint8_t *out, uint32_t channels)
{
	const uint32_t factor = shrink->shape.factor;
	const uint64_t reciprocal = (UINT64_C(1) << 32) / (factor * factor) + 1;
	const uint32_t blocks = shrink->shape.width / factor;
	const uint16_t *sums = shrink->sums;
	for (uint32_t x = 0; x < blocks; x++, sums += (size_t)factor * channels, out += channels) {
		uint32_t totals[4] = { 0 };
		for (uint32_t i = 0; i < factor * channels; i += channels)
			for (uint32_t c = 0; c < channels; c++)
				totals[c] += sums[i + c];
		for (uint32_t c = 0; c < channels; c++)
			out[c] = (uint8_t)((totals[c] + factor * factor / 2) * reciprocal >> 32);
	}
}

/* Every other pixel of means of neighbours. */
static inline void shrink_pick(
	uint8_t *out, const uint8_t *means, uint32_t pixels, uint32_t channels)
{
	for (uint32_t x = 0; x < pixels; x++, means += 2 * (size_t)channels, out += channels)
		memcpy(out, means, channels == 1 ? 1 : 4); /* one too many is overwritten, or lies
							      where rows have room */
}

/* Halves, the most common by far: means of all neighbours in vectors, of which every other one is
 * taken. */
static inline void shrink_halves(const struct shrink *shrink, uint8_t *out, uint32_t channels)
{
	const uint16_t *sums = shrink->sums;
	const size_t samples = (size_t)shrink->shape.width * channels;
	uint8_t *means = shrink->row;
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK)
		for (size_t i = at; i < at + SURFACE_BLOCK; i++)
			means[i] = (uint8_t)((sums[i] + sums[i + channels] + 2) >> 2);
	shrink_pick(out, means, shrink->shape.width / 2, channels);
}

static inline void shrink_whole(const struct shrink *shrink, uint8_t *out, uint32_t channels)
{
	if (shrink->shape.factor == 2)
		shrink_halves(shrink, out, channels);
	else
		shrink_blocks(shrink, out, channels);
}

static uint32_t shrink_fast(const struct shrink *shrink, uint8_t *out, uint32_t rows)
{
	if (rows < shrink->shape.factor || shrink->shape.factor > 64)
		return 0;
	if (shrink->shape.channels == 1)
		shrink_whole(shrink, out, 1);
	else if (shrink->shape.channels == 3)
		shrink_whole(shrink, out, 3);
	else
		shrink_whole(shrink, out, 4);
	return shrink->shape.width / shrink->shape.factor;
}

static void shrink_flush(struct shrink *shrink, uint32_t rows)
{
	const uint32_t channels = shrink->shape.channels;
	const uint32_t factor = shrink->shape.factor;
	uint8_t *out = surface_row(shrink->to, (shrink->rows - 1) / factor);
	for (uint32_t x = shrink_fast(shrink, out, rows); x < shrink->to->width; x++) {
		const uint32_t left = shrink->shape.width - x * factor;
		const uint32_t count = left < factor ? left : factor;
		const uint16_t *sums = shrink->sums + (size_t)x * factor * channels;
		for (uint32_t c = 0; c < channels; c++)
			out[(size_t)x * channels + c] =
				shrink_mean(sums + c, count, channels, rows);
	}
}

/* Adds a row that lies elsewhere. */
static void shrink_take(struct shrink *shrink, const uint8_t *row)
{
	const struct shrink_shape *shape = &shrink->shape;
	assert(shrink->sums);
	const size_t samples = (size_t)shape->width * shape->channels;
	const uint32_t rows = shrink->rows++ % shape->factor + 1;
	if (rows == 1)
		shrink_set(shrink->sums, row, samples);
	else
		shrink_add(shrink->sums, row, samples);
	if (rows == shape->factor || shrink->rows == shape->height)
		shrink_flush(shrink, rows);
}

void shrink_put(struct shrink *shrink)
{
	const struct shrink_shape *shape = &shrink->shape;
	uint8_t *row = shrink_next(shrink);
	if (shape->straight && surface_premultiply(row, shape->width))
		shrink->translucent = true;
	if (shape->factor > 1)
		shrink_take(shrink, row);
	else
		shrink->rows++;
}

static void shrink_blank(struct shrink *shrink)
{
	const uint32_t factor = shrink->shape.factor;
	if (factor > 1 && shrink->rows % factor != 0)
		shrink_flush(shrink, shrink->rows % factor);
	struct surface *to = shrink->to;
	for (uint32_t y = shrink_ceil(shrink->rows, factor); y < to->height; y++)
		memset(surface_row(to, y), 0, (size_t)to->width * to->channels);
	if (shrink->rows < shrink->shape.height)
		shrink->translucent = true;
}

void shrink_end(struct shrink *shrink)
{
	const bool shaped = shrink->shape.factor == 1 || (shrink->row && shrink->sums);
	if (shaped && shrink->to->pixels && shrink->rows < shrink->shape.height)
		shrink_blank(shrink);
	if (shaped && shrink->shape.straight && !shrink->translucent && shrink->to->pixels)
		surface_drop_alpha(shrink->to);
	free(shrink->row);
	free(shrink->sums);
	shrink->row = NULL;
	shrink->sums = NULL;
}

uint32_t shrink_factor(double excess)
{
	if (excess < 6)
		return 1;
	return excess < 3 * SHRINK_MOST ? (uint32_t)(excess / 3) : SHRINK_MOST;
}

struct shrink_shape shrink_pixels(uint32_t width, uint32_t height, uint32_t channels, double excess)
{
	return (struct shrink_shape){
		.width = width,
		.height = height,
		.channels = channels,
		.factor = shrink_factor(excess),
		.straight = channels == 4,
		.extent_x = width,
		.extent_y = height,
	};
}

/* Means of two by two samples of one channel: two that lie side by side are one number, of which
 * the halves are added. */
static void shrink_pair(uint8_t *restrict out, const uint8_t *restrict above,
	const uint8_t *restrict below, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint16_t upper, lower;
		memcpy(&upper, above + 2 * i, sizeof(upper));
		memcpy(&lower, below + 2 * i, sizeof(lower));
		const unsigned sum = (upper & 255U) + (upper >> 8) + (lower & 255U) + (lower >> 8);
		out[i] = (uint8_t)((sum + 2) >> 2);
	}
}

/* The same of several channels. */
static inline void shrink_pair_of(const struct shrink *shrink, uint8_t *restrict out,
	const uint8_t *restrict above, const uint8_t *restrict below, uint32_t channels)
{
	const size_t samples = (size_t)shrink->shape.width * channels;
	uint8_t *restrict means = shrink->row;
	for (size_t at = 0; at < samples; at += SURFACE_BLOCK)
		for (size_t i = at; i < at + SURFACE_BLOCK; i++)
			means[i] = (uint8_t)((above[i] + below[i] + above[i + channels] +
						     below[i + channels] + 2) >>
					     2);
	shrink_pick(out, means, shrink->shape.width / 2, channels);
}

/* The last pixel of an odd number. */
static void shrink_pair_end(const struct shrink *shrink, uint8_t *out, const uint8_t *above,
	const uint8_t *below, uint32_t channels)
{
	const size_t last = (size_t)(shrink->shape.width - 1) * channels;
	if (shrink->shape.width % 2 == 0)
		return;
	for (uint32_t c = 0; c < channels; c++)
		out[last / 2 + c] = (uint8_t)((above[last + c] + below[last + c] + 1) / 2);
}

/* Pairs of rows at once, without sums in memory; how many rows that takes. */
static uint32_t shrink_pairs(struct shrink *shrink, const struct surface *from)
{
	const uint32_t channels = from->channels, rows = from->height / 2 * 2;
	if (shrink->shape.factor != 2)
		return 0;
	for (uint32_t y = 0; y < rows; y += 2) {
		const uint8_t *above = surface_row(from, y), *below = surface_row(from, y + 1);
		uint8_t *out = surface_row(shrink->to, y / 2);
		if (channels == 1)
			shrink_pair(out, above, below, from->width / 2);
		else if (channels == 3)
			shrink_pair_of(shrink, out, above, below, 3);
		else
			shrink_pair_of(shrink, out, above, below, 4);
		shrink_pair_end(shrink, out, above, below, channels);
	}
	return shrink->rows = rows;
}

bool shrink_surface(
	const struct surface *from, uint32_t factor, struct surface *to, struct error *err)
{
	const struct shrink_shape shape = { from->width, from->height, from->channels, factor,
		false, from->extent_x, from->extent_y, from->blur_x, from->blur_y };
	struct shrink shrink;
	const bool begun = shrink_begin(&shrink, &shape, to, err);
	for (uint32_t y = begun ? shrink_pairs(&shrink, from) : 0; begun && y < from->height; y++)
		shrink_take(&shrink, surface_row(from, y));
	shrink_end(&shrink);
	return begun;
}
