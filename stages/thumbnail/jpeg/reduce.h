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

enum {
	REDUCE_LANES = 4,
	REDUCE_VECTORS = 16,  /* of 8 x 8 samples */
	REDUCE_POSITIONS = 21 /* of the zigzag, at most, from the mean on */
};

typedef float reduce_vector __attribute__((vector_size(4 * REDUCE_LANES)));
typedef int32_t reduce_lanes __attribute__((vector_size(4 * REDUCE_LANES)));

struct reduce {
	uint32_t across, down; /* samples of a block: 1, 2, 4 or 8 */
	uint32_t vectors;      /* that they fill: 1, 2, 4, 8 or 16; 0: the mean alone */
	uint32_t last;         /* position of the zigzag that is the last one needed; 0: the mean */
	int32_t quant;         /* of the mean */
	/* What one unit of the coefficient at a position adds to the samples, row by row: `vectors`
	 * for each position. */
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
	return reduce_clamp((dc * reduce->quant + 4 + 8 * 128) >> 3);
}

/* Rounds the sums of `vectors` vectors to bytes, in the same order. */
static inline void reduce_round(const reduce_vector *sums, uint8_t *to, uint32_t vectors)
{
	const reduce_vector none = { 0 };
	const reduce_vector half = none + 0.5F;
	const reduce_vector most = none + 255;
	for (uint32_t i = 0; i < vectors; i++) {
		const reduce_lanes positive = (reduce_lanes)sums[i] & (sums[i] > none);
		const reduce_lanes fits = (reduce_vector)positive < most;
		const reduce_lanes sample = (positive & fits) | ((reduce_lanes)most & ~fits);
		const reduce_lanes whole =
			__builtin_convertvector((reduce_vector)sample + half, reduce_lanes);
		for (uint32_t k = 0; k < REDUCE_LANES; k++)
			to[i * REDUCE_LANES + k] = (uint8_t)whole[k];
	}
}

#endif
