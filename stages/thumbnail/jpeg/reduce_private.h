#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_PRIVATE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_REDUCE_PRIVATE_H

/* Which frequencies samples take, for reduce.c and reduce_samples.c. */

#include <stdbool.h>

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

#endif
