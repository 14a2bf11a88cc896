#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_H

/* A block of 8 x 8 coefficients to fewer samples, out of its low frequencies alone. A side gives 1,
 * 2, 4 or 8 samples; which frequencies that takes, and what the samples stand for:
 *
 *     samples   frequencies   a sample is
 *     1         0             the mean of the block
 *     2         0 and 1       the mean of half of it
 *     4         0 to 3        the value in the middle of a quarter
 *     8         0 to 5        the value of a pixel
 *
 * and of those that both sides take only the ones whose sum is not over the larger of the two (over
 * 2 for 2 x 2). README.md says why that is better than the mean of all. */

#include <stddef.h>
#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum {
	REDUCE_LANES = 4,
	REDUCE_VECTORS = 16,   /* of 8 x 8 samples */
	REDUCE_POSITIONS = 21, /* of the zigzag, at most, from the mean on */
	REDUCE_MIDDLE = 128    /* the sample that coefficients are reckoned from */
};

typedef float reduce_vector __attribute__((vector_size(4 * REDUCE_LANES)));
typedef uint8_t reduce_bytes __attribute__((vector_size(REDUCE_LANES)));

struct reduce {
	uint32_t across, down; /* samples of a block: 1, 2, 4 or 8 */
	uint32_t vectors;      /* that they fill: 1, 2, 4, 8 or 16; 0: the mean alone */
	uint32_t last;         /* position of the zigzag that is the last one needed; 0: the mean */
	int32_t quant;         /* of the mean */
	/* What one unit of the coefficient at a position adds to the samples, row by row: `vectors`
	 * for each position, from `last` down to the mean. */
	reduce_vector basis[REDUCE_POSITIONS * REDUCE_VECTORS];
};

/* Fills it in. `quant` has 64 factors in the order of rows, as libjpeg has them. */
void reduce_set(struct reduce *reduce, uint32_t across, uint32_t down, const uint16_t *quant);

/* By how much samples are blurred beyond the values of a picture without any blur, along a side of
 * so many a block: the second moment, in samples squared. */
double reduce_blur(uint32_t samples);

static inline uint8_t reduce_clamp(int32_t value)
{
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* The mean of a block: rounded as libjpeg does it at 1/8. */
static inline uint8_t reduce_mean(const struct reduce *reduce, int16_t dc)
{
	return reduce_clamp((dc * reduce->quant + 4 + 8 * REDUCE_MIDDLE) >> 3);
}

/* Rounds four sums to bytes, in the same order. */
static inline reduce_bytes reduce_round(reduce_vector sums)
{
#ifdef __SSE2__
	const __m128 clamped =
		_mm_min_ps(_mm_max_ps((__m128)sums, _mm_setzero_ps()), _mm_set1_ps(255));
	const __m128i whole = _mm_cvttps_epi32(_mm_add_ps(clamped, _mm_set1_ps(0.5F)));
	const __m128i halves = _mm_packs_epi32(whole, whole);
	const int32_t bytes = _mm_cvtsi128_si32(_mm_packus_epi16(halves, halves));
	return (reduce_bytes)bytes;
#else
	reduce_bytes bytes = { 0 };
	for (uint32_t k = 0; k < REDUCE_LANES; k++)
		bytes[k] = (uint8_t)((sums[k] < 0 ? 0 : sums[k] > 255 ? 255 : sums[k]) + 0.5F);
	return bytes;
#endif
}

#endif
