#ifndef NIGHTMILL_STAGES_THUMBNAIL_SURFACE_H
#define NIGHTMILL_STAGES_THUMBNAIL_SURFACE_H

/* Pixels in memory: 8 bits a channel, interleaved; 1 channel is grey, 3 are RGB, 4 are RGB
 * premultiplied with alpha. All zero is an empty surface. The memory is used again by the next
 * picture; one surface belongs to one worker. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"

enum {
	SURFACE_BLOCK = 64
}; /* bytes: rows may be read and written in whole blocks from anywhere inside */

struct surface {
	uint8_t *pixels;
	size_t stride; /* bytes from row to row */
	uint32_t width, height, channels;
	/* Sides of the picture in px of this surface: a decode at 1/8 of a side of 1001 px has 126
	 * px, the picture ends at 125.125 of them. */
	double extent_x, extent_y;
	/* By how much px are blurred beyond samples of an unblurred picture, in each direction: the
	 * second moment, in px squared; below 0: they are sharper than they should look. */
	double blur_x, blur_y;
	size_t room; /* bytes held */
};

/* Gives it a shape; the pixels are not set, and neither is anything kept. Fails with ERROR_MEMORY.
 */
bool surface_shape(struct surface *surface, uint32_t width, uint32_t height, uint32_t channels,
	struct error *err);

/* Says that each of its px has become the mean of factor x factor of what they were. */
void surface_averaged(struct surface *surface, uint32_t factor);

/* Bytes that such a shape takes. */
uint64_t surface_bytes(uint64_t width, uint64_t height, uint32_t channels);

static inline uint8_t *surface_row(const struct surface *surface, uint32_t row)
{
	return surface->pixels + row * surface->stride;
}

/* Makes `count` RGBA pixels premultiplied; false where every alpha is 255 and nothing had to be
 * done. */
bool surface_premultiply(uint8_t *pixels, size_t count);

/* The way back: colours of translucent pixels are divided by their alpha. */
void surface_divide(struct surface *surface);

/* Drops the alpha of a surface that is known to be opaque. */
void surface_drop_alpha(struct surface *surface);

/* Makes RGB of grey. */
bool surface_widen(const struct surface *grey, struct surface *wide, struct error *err);

/* Gives large memory back, so that one huge picture does not stay with a worker for the night. */
void surface_trim(struct surface *surface);

void surface_finish(struct surface *surface);

#endif
