#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_H

/* Blocks of 8 x 8 coefficients to fewer samples, out of their low frequencies alone. A side gives
 * 1, 2, 4 or 8 samples; which frequencies that takes, and what the samples stand for:
 *
 *     samples   frequencies   a sample is
 *     1         0             the mean of the block
 *     2         0 and 1       the mean of half of it
 *     4         0 to 3        the value in the middle of a quarter
 *     8         0 to 5        the value of a pixel
 *
 * and of those that both sides take only the ones whose sum is not over the larger of the two (over
 * 2 for 2 x 2, and over 4 for 4 x 4 where those are fine). README.md says why that is better than
 * the mean of all. Four blocks at a time, or eight. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REDUCE_POSITIONS = 21, /* of the zigzag, at most, from the mean on */
	REDUCE_FREQUENCIES = 6,
	REDUCE_HALF = 4,  /* samples of a side that are reckoned: the others mirror them */
	REDUCE_WORDS = 24 /* of a block, at most */
};

struct reduce {
	uint32_t across, down; /* samples of a block: 1, 2, 4 or 8 */
	bool fine;
	uint32_t last;  /* position of the zigzag that is the last one needed; 0: the mean */
	uint32_t words; /* of a block, that hold those: 1 for the mean, 4, or a multiple of 8 */
	int32_t quant;  /* of the mean */
	/* What one unit of the coefficient at a position adds to the upper half of the samples of a
	 * column, and one unit of a frequency to the left half of those of a row. */
	float columns[REDUCE_POSITIONS][REDUCE_HALF];
	float rows[REDUCE_FREQUENCIES][REDUCE_HALF];
};

/* Coefficients as a scan has them: a word has the bits of a value in its lower half, and in its
 * upper half a 1 for each (bits beyond those may be anything); that of the mean its low 16 bits.
 * They stand from the end down: position 0 in front of `end`, position 1 in front of that. */
struct reduce_words {
	const uint32_t *end; /* of the first block */
	uint32_t across;     /* blocks of an MCU that stand beside each other */
	size_t mcu;          /* words from MCU to MCU */
	uint32_t mean;       /* added to each mean, modulo 2^16 */
};

/* Fills it in. `quant` has 64 factors in the order of rows, as libjpeg has them. `fine` is for 4 x
 * 4 samples only. */
void reduce_set(
	struct reduce *reduce, uint32_t across, uint32_t down, bool fine, const uint16_t *quant);

/* By how much samples are blurred beyond the values of a picture without any blur, along a side of
 * so many a block: the second moment, in samples squared. */
double reduce_blur(uint32_t samples);

/* `count` blocks beside each other to `down` rows of samples, `stride` bytes apart. As many more as
 * make a multiple of four are read, whatever they hold. */
void reduce_words(const struct reduce *reduce, const struct reduce_words *words, uint32_t count,
	uint8_t *samples, size_t stride);

/* The same for coefficients as they are, `last` + 1 of each block in the order of the zigzag. */
void reduce_values(const struct reduce *reduce, const int16_t *values, uint32_t count,
	uint8_t *samples, size_t stride);

#endif
