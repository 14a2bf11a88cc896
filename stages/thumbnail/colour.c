#include "stages/thumbnail/colour.h"

#include "stages/thumbnail/convolve.h"

/* 1.402, 0.344136, 0.714136 and 1.772 with 14 bits behind the point. */
enum {
	COLOUR_BITS = 14,
	RED_CR = 22970,
	GREEN_CB = 5638,
	GREEN_CR = 11700,
	BLUE_CB = 29032,
	SHIFT = COLOUR_BITS + CONVOLVE_FRACTION,
	HALF = 1 << (SHIFT - 1),
	NEUTRAL = 128 << CONVOLVE_FRACTION
};

static inline uint8_t colour_clamp(int32_t value)
{
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void colour_convert(const int16_t *const samples[3], uint8_t *pixels, size_t width)
{
	for (size_t x = 0; x < width; x++, pixels += 3) {
		const int32_t y = samples[0][x] * (1 << COLOUR_BITS) + HALF;
		const int32_t cb = samples[1][x] - NEUTRAL;
		const int32_t cr = samples[2][x] - NEUTRAL;
		pixels[0] = colour_clamp((y + RED_CR * cr) >> SHIFT);
		pixels[1] = colour_clamp((y - GREEN_CB * cb - GREEN_CR * cr) >> SHIFT);
		pixels[2] = colour_clamp((y + BLUE_CB * cb) >> SHIFT);
	}
}

static inline uint8_t colour_round(int16_t sample)
{
	return colour_clamp((sample + (1 << (CONVOLVE_FRACTION - 1))) >> CONVOLVE_FRACTION);
}

void colour_interleave(const int16_t *const samples[3], uint8_t *pixels, size_t width)
{
	for (size_t x = 0; x < width; x++, pixels += 3) {
		pixels[0] = colour_round(samples[0][x]);
		pixels[1] = colour_round(samples[1][x]);
		pixels[2] = colour_round(samples[2][x]);
	}
}
