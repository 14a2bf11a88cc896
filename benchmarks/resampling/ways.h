#ifndef NIGHTMILL_BENCHMARKS_RESAMPLING_WAYS_H
#define NIGHTMILL_BENCHMARKS_RESAMPLING_WAYS_H

/* The same px made smaller in one way or another, from memory to memory, on one thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/planes.h"

enum { CHANNELS = 3, PEERS = 6 };

/* Where the samples of each channel are. */
struct made {
	const uint8_t *channels[CHANNELS];
	size_t stride, step; /* from row to row, from px to px */
};

/* What is to be made, and all that is needed for it. */
struct work {
	uint8_t *packed; /* RGB without gaps between the rows */
	uint32_t width, height;
	struct geometry to;
	struct planes pixels, apart; /* the same twice, R, G and B as three planes too */
	struct planes_scaler scaler;
	struct surface whole;
	uint8_t *room; /* for a result, RGB or three planes */
	void *held;    /* by libvips */
};

/* What is made is borrowed from `work`, until the next. */
struct way {
	const char *name;
	bool (*run)(struct work *work, struct made *made); /* NULL: not installed */
};

/* libvips, swscale and stb_image_resize. */
extern const struct way peers[PEERS];
bool peers_open(const char *program);
void peers_close(struct work *work);

/* RGB in one block. */
struct made made_of_pixels(const uint8_t *pixels, size_t stride);

/* What Lanczos with three lobes gives in real numbers: RGB, cut off at the ends of the scale only.
 * The caller frees it. */
double *exact_pixels(const struct work *work);

/* How far away from that is what was made. */
double exact_decibels(const struct work *work, const struct made *made, const double *wanted);

/* Cleared; it is freed by free. */
void *memory(size_t bytes);

#endif
