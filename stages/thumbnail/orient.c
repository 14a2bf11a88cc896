#include "stages/thumbnail/orient.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "stages/thumbnail/geometry.h"

enum { ORIENT_TILE = 16 }; /* px: a tile of the source and its copy fit the first-level cache */

/* Where the source's pixel (0, 0) goes, and how far the next one to the right and the next one down
 * are from there. */
struct orient_walk {
	uint8_t *origin;
	ptrdiff_t right, down; /* bytes */
};

static struct orient_walk orient_walk_of(const struct surface *to, int orientation)
{
	const ptrdiff_t column = to->channels, row = (ptrdiff_t)to->stride;
	const bool swaps = geometry_swaps(orientation);
	const bool left =
		orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
	const bool up =
		orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
	struct orient_walk walk = { .origin = to->pixels };
	if (left)
		walk.origin += (to->width - 1) * column;
	if (up)
		walk.origin += (to->height - 1) * row;
	const ptrdiff_t across = left ? -column : column;
	const ptrdiff_t along = up ? -row : row;
	walk.right = swaps ? along : across;
	walk.down = swaps ? across : along;
	return walk;
}

/* Pixels [x0, x1) of one row; a constant number of channels lets the compiler copy words. */
static inline void orient_pixels(
	const uint8_t *from, uint8_t *to, ptrdiff_t step, uint32_t count, uint32_t channels)
{
	for (uint32_t i = 0; i < count; i++, from += channels, to += step)
		for (uint32_t c = 0; c < channels; c++)
			to[c] = from[c];
}

static void orient_row(
	const uint8_t *from, uint8_t *to, ptrdiff_t step, uint32_t count, uint32_t channels)
{
	switch (channels) {
	case 1:
		orient_pixels(from, to, step, count, 1);
		break;
	case 2:
		orient_pixels(from, to, step, count, 2);
		break;
	case 3:
		orient_pixels(from, to, step, count, 3);
		break;
	default:
		orient_pixels(from, to, step, count, 4);
		break;
	}
}

static void orient_tiles(const struct surface *from, const struct orient_walk *walk, uint32_t top)
{
	const uint32_t rows = from->height - top < ORIENT_TILE ? from->height - top : ORIENT_TILE;
	for (uint32_t x = 0; x < from->width; x += ORIENT_TILE) {
		const uint32_t left = from->width - x;
		const uint32_t count = left < ORIENT_TILE ? left : ORIENT_TILE;
		for (uint32_t y = top; y < top + rows; y++)
			orient_row(surface_row(from, y) + (size_t)x * from->channels,
				walk->origin + (ptrdiff_t)x * walk->right +
					(ptrdiff_t)y * walk->down,
				walk->right, count, from->channels);
	}
}

#if defined(__SSE2__)

enum { ORIENT_EIGHT = 8 };

/* Else gcc hands the rows over in memory. */
#define ORIENT_INLINE inline __attribute__((always_inline))

/* 8 x 8 samples of 16 bits: pairs, pairs of pairs, and halves change places. */
static ORIENT_INLINE void orient_eight(
	const __m128i rows[ORIENT_EIGHT], __m128i columns[ORIENT_EIGHT])
{
	__m128i pairs[ORIENT_EIGHT], fours[ORIENT_EIGHT];
	for (int i = 0; i < ORIENT_EIGHT; i += 2) {
		pairs[i] = _mm_unpacklo_epi16(rows[i], rows[i + 1]);
		pairs[i + 1] = _mm_unpackhi_epi16(rows[i], rows[i + 1]);
	}
	for (int i = 0; i < ORIENT_EIGHT; i += 4) {
		fours[i] = _mm_unpacklo_epi32(pairs[i], pairs[i + 2]);
		fours[i + 1] = _mm_unpackhi_epi32(pairs[i], pairs[i + 2]);
		fours[i + 2] = _mm_unpacklo_epi32(pairs[i + 1], pairs[i + 3]);
		fours[i + 3] = _mm_unpackhi_epi32(pairs[i + 1], pairs[i + 3]);
	}
	for (int i = 0; i < ORIENT_EIGHT / 2; i++) {
		columns[2 * i] = _mm_unpacklo_epi64(fours[i], fours[i + 4]);
		columns[2 * i + 1] = _mm_unpackhi_epi64(fours[i], fours[i + 4]);
	}
}

/* The same of bytes, the lower 8 of each row. */
static ORIENT_INLINE void orient_eight_bytes(
	const __m128i rows[ORIENT_EIGHT], __m128i columns[ORIENT_EIGHT])
{
	__m128i pairs[ORIENT_EIGHT / 2], fours[ORIENT_EIGHT / 2], eights[ORIENT_EIGHT / 2];
	for (int i = 0; i < ORIENT_EIGHT / 2; i++)
		pairs[i] = _mm_unpacklo_epi8(rows[2 * i], rows[2 * i + 1]);
	for (int i = 0; i < ORIENT_EIGHT / 2; i += 2) {
		fours[i] = _mm_unpacklo_epi16(pairs[i], pairs[i + 1]);
		fours[i + 1] = _mm_unpackhi_epi16(pairs[i], pairs[i + 1]);
	}
	for (int i = 0; i < ORIENT_EIGHT / 4; i++) {
		eights[2 * i] = _mm_unpacklo_epi32(fours[i], fours[i + 2]);
		eights[2 * i + 1] = _mm_unpackhi_epi32(fours[i], fours[i + 2]);
	}
	for (int i = 0; i < ORIENT_EIGHT / 2; i++) {
		columns[2 * i] = eights[i];
		columns[2 * i + 1] = _mm_srli_si128(eights[i], ORIENT_EIGHT);
	}
}

/* Rows below the last one repeat it: what they give lies beyond the end of rows that have room. */
static ORIENT_INLINE void orient_block(
	const struct surface *from, uint32_t x, uint32_t y, const struct surface *to, bool wide)
{
	const size_t bytes = wide ? sizeof(int16_t) : 1;
	const uint32_t most = from->height - y < ORIENT_EIGHT ? from->height - y : ORIENT_EIGHT;
	const uint8_t *row = surface_row(from, y) + x * bytes;
	__m128i rows[ORIENT_EIGHT], columns[ORIENT_EIGHT];
	for (uint32_t i = 0; i < ORIENT_EIGHT; i++) {
		rows[i] = wide ? _mm_loadu_si128((const __m128i *)(const void *)row)
			       : _mm_loadl_epi64((const __m128i *)(const void *)row);
		if (i + 1 < most)
			row += from->stride;
	}
	if (wide)
		orient_eight(rows, columns);
	else
		orient_eight_bytes(rows, columns);
	uint8_t *column = surface_row(to, x) + y * bytes;
	for (uint32_t i = 0; i < ORIENT_EIGHT && x + i < to->height; i++, column += to->stride) {
		if (wide)
			_mm_storeu_si128((__m128i *)(void *)column, columns[i]);
		else
			_mm_storel_epi64((__m128i *)(void *)column, columns[i]);
	}
}

/* Whole lines of the cache are written before the next ones are begun. */
static ORIENT_INLINE void orient_blocks(
	const struct surface *from, const struct surface *to, bool wide)
{
	const uint32_t tall = SURFACE_BLOCK / (wide ? sizeof(int16_t) : 1);
	for (uint32_t top = 0; top < from->height; top += tall) {
		const uint32_t end = from->height - top < tall ? from->height : top + tall;
		for (uint32_t x = 0; x < from->width; x += ORIENT_EIGHT)
			for (uint32_t y = top; y < end; y += ORIENT_EIGHT)
				orient_block(from, x, y, to, wide);
	}
}

static void orient_samples(const struct surface *from, const struct surface *to)
{
	if (from->channels == 1)
		orient_blocks(from, to, false);
	else
		orient_blocks(from, to, true);
}

#else

static void orient_samples(const struct surface *from, const struct surface *to)
{
	const struct orient_walk walk = orient_walk_of(to, 5);
	for (uint32_t y = 0; y < from->height; y += ORIENT_TILE)
		orient_tiles(from, &walk, y);
}

#endif

bool orient_surface(
	const struct surface *from, int orientation, struct surface *to, struct error *err)
{
	const bool swaps = geometry_swaps(orientation);
	const uint32_t width = swaps ? from->height : from->width;
	const uint32_t height = swaps ? from->width : from->height;
	if (!surface_shape(to, width, height, from->channels, err))
		return false;
	to->extent_x = swaps ? from->extent_y : from->extent_x;
	to->extent_y = swaps ? from->extent_x : from->extent_y;
	const struct orient_walk walk = orient_walk_of(to, orientation);
	for (uint32_t y = 0; y < from->height; y += ORIENT_TILE)
		orient_tiles(from, &walk, y);
	return true;
}

void orient_transpose(const struct surface *from, struct surface *to)
{
	to->width = from->height;
	to->height = from->width;
	orient_samples(from, to);
}

/* One of the channels, to its place between the others. */
static void orient_channel(const struct surface *from, uint32_t channels, uint32_t channel,
	const struct orient_walk *walk)
{
	const size_t bytes = from->channels;
	for (uint32_t x = 0; x * channels < from->height; x++) {
		const uint8_t *row = surface_row(from, x * channels + channel);
		uint8_t *to = walk->origin + (ptrdiff_t)x * walk->right + channel * bytes;
		orient_row(row, to, walk->down, from->width, (uint32_t)bytes);
	}
}

void orient_columns(const struct surface *from, uint32_t top, int orientation, struct surface *to)
{
	const uint32_t channels = to->channels / from->channels;
	if (orientation == 1) { /* all samples of a row lie together */
		struct surface part = *to;
		part.pixels = surface_row(to, top);
		part.channels = from->channels;
		orient_transpose(from, &part);
		return;
	}
	struct orient_walk walk = orient_walk_of(to, orientation);
	walk.origin += (ptrdiff_t)top * walk.down;
	for (uint32_t channel = 0; channel < channels; channel++)
		orient_channel(from, channels, channel, &walk);
}
