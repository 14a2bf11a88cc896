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

static REDUCE_INLINE uint32_t reduce_most(uint32_t across, uint32_t down)
{
	if (across == 2 && down == 2)
		return 2;
	return reduce_highest(across > down ? across : down);
}

/* Whether samples need the frequency `u` across and `v` down. */
static REDUCE_INLINE bool reduce_needs(uint32_t across, uint32_t down, uint32_t u, uint32_t v)
{
	return u <= reduce_highest(across) && v <= reduce_highest(down) &&
	       u + v <= reduce_most(across, down);
}

/* Shapes of a block's samples, and the last position that they need. */
#define REDUCE_SHAPES(SHAPE) \
	SHAPE(1, 2, 2)       \
	SHAPE(2, 1, 1)       \
	SHAPE(2, 2, 4)       \
	SHAPE(2, 4, 9)       \
	SHAPE(4, 2, 7)       \
	SHAPE(4, 4, 9)       \
	SHAPE(4, 8, 20)      \
	SHAPE(8, 4, 18)      \
	SHAPE(8, 8, 20)

#define REDUCE_KEY(across, down) ((across)*16 + (down))

static REDUCE_INLINE uint32_t reduce_half(uint32_t samples)
{
	return (samples + 1) / 2;
}

/* Samples of a block, and the last position that they need. All of it is constant where it is used.
 */
struct reduce_shape {
	uint32_t across, down, last;
};

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
