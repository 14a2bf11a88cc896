#ifndef NIGHTMILL_STAGES_THUMBNAIL_LINEAR_H
#define NIGHTMILL_STAGES_THUMBNAIL_LINEAR_H

/* The same as resample.h in linear light: bytes become amounts of light by sRGB's curve, are
 * weighed as real numbers, and become bytes again. */

#include "stages/thumbnail/resample.h"

/* What one worker needs for it; all zero is ready. */
struct linear {
	struct kernel across, down;
	struct surface straight;
	float *memory;
	size_t room; /* numbers in `memory` */
};

bool linear_run(struct linear *linear, const struct surface *from, const struct resample_job *job,
	struct surface *to, struct error *err);

/* Gives all memory back; it may be used again. */
void linear_finish(struct linear *linear);

#endif
