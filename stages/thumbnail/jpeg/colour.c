#include "stages/thumbnail/jpeg/colour.h"

/* 1.402, 0.34414, 0.71414 and 1.772 with 16 bits behind the point. */
enum { RED_CR = 91881, GREEN_CB = 22554, GREEN_CR = 46802, BLUE_CB = 116130, HALF = 32768 };

void colour_widen(const uint8_t *from, uint32_t times, uint8_t *to, size_t width)
{
	for (size_t x = 0; x < width; from++)
		for (uint32_t i = 0; i < times && x < width; i++)
			to[x++] = *from;
}

void colour_smooth(const uint8_t *restrict from, uint8_t *restrict to, size_t count)
{
	const size_t last = count - 1;
	to[0] = from[0];
	for (size_t x = 0; x < last; x++) {
		to[2 * x + 1] = (uint8_t)((from[x] * 3 + from[x + 1] + 2) >> 2);
		to[2 * x + 2] = (uint8_t)((from[x + 1] * 3 + from[x] + 1) >> 2);
	}
	to[2 * last + 1] = from[last];
}

static inline uint8_t colour_clamp(int32_t value)
{
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void colour_convert(const uint8_t *const samples[3], uint8_t *pixels, size_t width)
{
	for (size_t x = 0; x < width; x++, pixels += 3) {
		const int32_t y = samples[0][x];
		const int32_t cb = samples[1][x] - 128;
		const int32_t cr = samples[2][x] - 128;
		pixels[0] = colour_clamp(y + ((RED_CR * cr + HALF) >> 16));
		pixels[1] = colour_clamp(y + ((HALF - GREEN_CB * cb - GREEN_CR * cr) >> 16));
		pixels[2] = colour_clamp(y + ((BLUE_CB * cb + HALF) >> 16));
	}
}

void colour_interleave(const uint8_t *const samples[3], uint8_t *pixels, size_t width)
{
	for (size_t x = 0; x < width; x++, pixels += 3) {
		pixels[0] = samples[0][x];
		pixels[1] = samples[1][x];
		pixels[2] = samples[2][x];
	}
}
