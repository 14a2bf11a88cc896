#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_PRIVATE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_PRIVATE_H

/* Which frequencies samples take, for reduce.c and reduce_samples.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/reduce.h"

#define REDUCE_INLINE inline __attribute__((always_inline))

enum {
	REDUCE_SIDE = 8,
	REDUCE_MIDDLE = 128 /* the sample that coefficients are reckoned from */
};

static REDUCE_INLINE uint32_t reduce_highest(uint32_t samples)
{
	return samples == 8 ? 5 : samples - 1;
}

/* Samples of a block, and the last position that they need. All of it is constant where speed
 * counts. */
struct reduce_shape {
	uint32_t across, down, last;
	bool fine;
};

static REDUCE_INLINE uint32_t reduce_most(const struct reduce_shape shape)
{
	if (shape.across == 2 && shape.down == 2)
		return 2;
	return reduce_highest(shape.across > shape.down ? shape.across : shape.down) + shape.fine;
}

/* Whether samples need the frequency `u` across and `v` down. */
static REDUCE_INLINE bool reduce_needs(const struct reduce_shape shape, uint32_t u, uint32_t v)
{
	return u <= reduce_highest(shape.across) && v <= reduce_highest(shape.down) &&
	       u + v <= reduce_most(shape);
}

#define REDUCE_SHAPES(SHAPE)   \
	SHAPE(1, 2, 2, false)  \
	SHAPE(2, 1, 1, false)  \
	SHAPE(2, 2, 4, false)  \
	SHAPE(2, 4, 9, false)  \
	SHAPE(4, 2, 7, false)  \
	SHAPE(4, 4, 9, false)  \
	SHAPE(4, 4, 13, true)  \
	SHAPE(4, 8, 20, false) \
	SHAPE(8, 4, 18, false) \
	SHAPE(8, 8, 20, false)

#define REDUCE_KEY(across, down, fine) (((fine)*16 + (across)) * 16 + (down))

static REDUCE_INLINE uint32_t reduce_half(uint32_t samples)
{
	return (samples + 1) / 2;
}

/* The next block. */
struct reduce_walk {
	const uint32_t *end;
	uint32_t number; /* in its MCU */
};

/* Where the words of so many blocks stand, and where their samples go. */
struct reduce_place {
	uint8_t *samples;
	size_t stride;
	uint32_t blocks;
	struct reduce_walk walk;
};

static REDUCE_INLINE void reduce_step(
	struct reduce_walk *walk, const struct reduce_words *words, uint32_t size)
{
	walk->end -= size;
	if (++walk->number < words->across)
		return;
	walk->number = 0;
	walk->end -= words->mcu - (size_t)size * words->across;
}

/* Eight blocks at a time, by AVX2: as many eights of `count` as there are. Returns how many blocks
 * that were; `place` then stands behind them. 0: the processor has no AVX2, or a block is one
 * sample. */
uint32_t reduce_wide(const struct reduce *reduce, const struct reduce_words *words, uint32_t count,
	struct reduce_place *place);

#endif
