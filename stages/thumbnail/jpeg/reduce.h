#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_H

/* Blocks of 8 x 8 coefficients to 1 x 1, 2 x 2 or 4 x 4 samples, in exactly the arithmetic of
 * libjpeg-turbo's jidctred.c. Its vector code and its C code differ where sums overflow; such
 * values, which no encoder writes, are noticed instead (`wild`). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	REDUCE_MOST = 4096, /* dequantised coefficients stay below this */
	REDUCE_WILD = 2 * REDUCE_MOST,
	REDUCE_POSITIONS = 64
};

/* What becomes of the coefficient at a position of the zigzag. */
struct reduce_weight {
	int32_t quant;
	uint32_t place; /* row by row */
};

struct reduce {
	struct reduce_weight weights[REDUCE_POSITIONS];
	uint32_t wild; /* bits of values that were out of range: at least REDUCE_WILD then */
};

typedef int16_t reduce_vector __attribute__((vector_size(16)));

/* A block's dequantised coefficients, row by row. */
union reduce_block {
	int16_t rows[8][8];
	reduce_vector vectors[8];
};

/* Written out, because gcc makes a slow `rep stos` of a loop or an initialiser. */
static inline void reduce_clear(union reduce_block *block)
{
	const reduce_vector zero = { 0 };
	reduce_vector *to = block->vectors;
	to[0] = zero;
	to[1] = zero;
	to[2] = zero;
	to[3] = zero;
	to[4] = zero;
	to[5] = zero;
	to[6] = zero;
	to[7] = zero;
}

/* `quant` is in the order of rows, as libjpeg has it. False where a factor is out of range. */
bool reduce_set(struct reduce *reduce, const uint16_t quant[REDUCE_POSITIONS]);

/* Gives what is to be added to `wild`, which had better be in a register. */
static inline uint32_t reduce_put(
	const struct reduce *reduce, union reduce_block *block, uint32_t position, int32_t value)
{
	const struct reduce_weight weight = reduce->weights[position];
	const int32_t coefficient = (int32_t)((uint32_t)value * (uint32_t)weight.quant);
	(&block->rows[0][0])[weight.place] = (int16_t)coefficient;
	return (uint32_t)coefficient + REDUCE_MOST;
}

static inline uint8_t reduce_clamp(int32_t sample)
{
	const int32_t centred = sample + 128;
	return (uint8_t)(centred < 0 ? 0 : centred > 255 ? 255 : centred);
}

/* Of every DC: what is out of range could pass for small once it is multiplied. */
static inline void reduce_judge(struct reduce *reduce, int32_t dc)
{
	reduce->wild |= (uint32_t)dc + REDUCE_MOST;
}

/* The mean of a block. */
static inline uint8_t reduce_one(struct reduce *reduce, int32_t dc)
{
	const int32_t coefficient =
		(int32_t)((uint32_t)dc * (uint32_t)reduce->weights[0].quant + 4);
	reduce->wild |= (uint32_t)coefficient + REDUCE_MOST;
	return reduce_clamp(coefficient >> 3);
}

/* The means of a block's quarters, to two rows of `stride` bytes. */
void reduce_two(
	struct reduce *reduce, const union reduce_block *block, uint8_t *samples, size_t stride);

/* The means of a block's sixteenths, to four rows of `stride` bytes. */
void reduce_four(
	struct reduce *reduce, const union reduce_block *block, uint8_t *samples, size_t stride);

static inline bool reduce_wild(const struct reduce *reduce)
{
	return reduce->wild >= REDUCE_WILD;
}

#endif
