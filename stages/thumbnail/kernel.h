#ifndef NIGHTMILL_STAGES_THUMBNAIL_KERNEL_H
#define NIGHTMILL_STAGES_THUMBNAIL_KERNEL_H

/* The weights of one direction of a resampling: Lanczos with three lobes, stretched by the ratio
 * when it makes smaller, renormalised where the edge cuts it. Where source pixels are blurred
 * already, it gives back what that took from fine detail. Fixed point: the weights of one pixel add
 * up to what they should exactly, so that an even area stays even. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"

enum { KERNEL_BITS = 14, KERNEL_ONE = 1 << KERNEL_BITS };

/* The taps of one output pixel. */
struct kernel_span {
	uint32_t first; /* source pixel of the first weight */
	uint32_t count; /* at least 1 */
};

/* Where output pixels lie in a row (or column) of source pixels. */
struct kernel_job {
	uint32_t pixels;      /* in the source */
	double extent;        /* where the picture ends; a last pixel beyond it counts for less */
	double start, length; /* the part of the source that is wanted */
	uint32_t count;       /* output pixels */
	double blur;          /* of source pixels, see struct surface */
	int32_t sum;          /* of the weights of an output pixel; KERNEL_ONE, or less */
};

struct kernel {
	struct kernel_job job; /* that it was made for */
	struct kernel_span *spans;
	int16_t *weights; /* `taps` for each output pixel */
	double *scratch;
	uint32_t taps;
	uint32_t low, high; /* all spans lie in [low, high) */
	size_t span_room, weight_room, scratch_room;
};

/* All zero is an empty kernel; its memory is used again, and so are the weights
 * where the job is the same. */
bool kernel_make(struct kernel *kernel, const struct kernel_job *job, struct error *err);

/* Whether it was made for that. */
bool kernel_fits(const struct kernel *kernel, const struct kernel_job *job);

void kernel_finish(struct kernel *kernel);

#endif
