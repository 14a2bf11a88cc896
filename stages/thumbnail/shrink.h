#ifndef NIGHTMILL_STAGES_THUMBNAIL_SHRINK_H
#define NIGHTMILL_STAGES_THUMBNAIL_SHRINK_H

/* Box averages by a whole factor, while rows arrive: a picture of 100 megapixels is never in memory
 * whole.
 *
 *     if (!shrink_begin(&shrink, &shape, &surface, err)) ...
 *     while (...) {
 *             decode a row into shrink_next(&shrink);
 *             shrink_put(&shrink);
 *     }
 *     shrink_end(&shrink);
 *
 * Blocks at the right and lower edge that are cut short average what they have. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/thumbnail/surface.h"

enum { SHRINK_MOST = 128 }; /* largest factor */

/* What the rows are like. */
struct shrink_shape {
	uint32_t width, height, channels;
	uint32_t factor;           /* 1 to SHRINK_MOST */
	bool straight;             /* 4 channels whose colours are not premultiplied yet */
	double extent_x, extent_y; /* see struct surface */
	double blur_x, blur_y;     /* see there too */
};

struct shrink {
	struct shrink_shape shape;
	struct surface *to;
	uint8_t *row;   /* factor over 1: the row that arrives */
	uint16_t *sums; /* of the rows of the block so far */
	uint32_t rows;  /* that arrived */
	bool translucent;
};

/* Whole pixels, none of them blurred, that are `excess` times too large; of 4 channels straight. */
struct shrink_shape shrink_pixels(
	uint32_t width, uint32_t height, uint32_t channels, double excess);

/* Shapes `to` (borrowed until end). */
bool shrink_begin(struct shrink *shrink, const struct shrink_shape *shape, struct surface *to,
	struct error *err);

/* Where the next row goes; at least width * channels bytes. Valid until the next put. */
uint8_t *shrink_next(struct shrink *shrink);

/* Takes what was written there. Never more than `height` times. */
void shrink_put(struct shrink *shrink);

/* Rows that never came become zero (a picture that was cut short); alpha that says nothing is
 * dropped. Frees everything but the surface. Must be called after begin, whether it went well or
 * not. */
void shrink_end(struct shrink *shrink);

/* The largest factor that leaves a picture at least three times too large for the resampler. */
uint32_t shrink_factor(double excess);

/* A surface, smaller by `factor`, over 1. */
bool shrink_surface(
	const struct surface *from, uint32_t factor, struct surface *to, struct error *err);

#endif
