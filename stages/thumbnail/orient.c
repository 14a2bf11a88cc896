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
	case 4:
		orient_pixels(from, to, step, count, 4);
		break;
	case 6:
		orient_pixels(from, to, step, count, 6);
		break;
	default:
		orient_pixels(from, to, step, count, 8);
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

/* 8 x 8 samples of 16 bits: pairs, pairs of pairs, and halves change places. */
static void orient_eight(const __m128i rows[ORIENT_EIGHT], __m128i columns[ORIENT_EIGHT])
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

/* Rows below the last one repeat it: what they give lies beyond the end of rows that have room. */
static void orient_wide_block(
	const struct surface *from, uint32_t x, uint32_t y, struct surface *to)
{
	__m128i rows[ORIENT_EIGHT], columns[ORIENT_EIGHT];
	for (uint32_t i = 0; i < ORIENT_EIGHT; i++) {
		const uint32_t row = y + i < from->height ? y + i : from->height - 1;
		const uint8_t *at = surface_row(from, row) + (size_t)x * sizeof(int16_t);
		rows[i] = _mm_loadu_si128((const __m128i *)(const void *)at);
	}
	orient_eight(rows, columns);
	for (uint32_t i = 0; i < ORIENT_EIGHT && x + i < to->height; i++) {
		uint8_t *at = surface_row(to, x + i) + (size_t)y * sizeof(int16_t);
		_mm_storeu_si128((__m128i *)(void *)at, columns[i]);
	}
}

/* What every picture goes through twice: samples of 16 bits, transposed. */
static bool orient_wide(const struct surface *from, int orientation, struct surface *to)
{
	if (orientation != 5 || from->channels != sizeof(int16_t))
		return false;
	for (uint32_t y = 0; y < from->height; y += ORIENT_EIGHT)
		for (uint32_t x = 0; x < from->width; x += ORIENT_EIGHT)
			orient_wide_block(from, x, y, to);
	return true;
}

#else

static bool orient_wide(const struct surface *from, int orientation, struct surface *to)
{
	(void)from;
	(void)orientation;
	(void)to;
	return false;
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
	if (orient_wide(from, orientation, to))
		return true;
	const struct orient_walk walk = orient_walk_of(to, orientation);
	for (uint32_t y = 0; y < from->height; y += ORIENT_TILE)
		orient_tiles(from, &walk, y);
	return true;
}

int orient_transposed(int orientation)
{
	static const int after[] = { 5, 5, 6, 7, 8, 1, 2, 3, 4 };
	return after[orientation >= 1 && orientation <= 8 ? orientation : 1];
}
