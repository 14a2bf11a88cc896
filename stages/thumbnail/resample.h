#ifndef NIGHTMILL_STAGES_THUMBNAIL_RESAMPLE_H
#define NIGHTMILL_STAGES_THUMBNAIL_RESAMPLE_H

/* A part of a surface to another size, turned upright on the way. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "stages/thumbnail/geometry.h"
#include "stages/thumbnail/kernel.h"
#include "stages/thumbnail/surface.h"

/* What one worker needs for it; all zero is ready. The same job again finds its weights. */
struct resample {
	struct kernel across, down;
	struct surface tall, turned, wide;
};

struct resample_job {
	const struct geometry *stored; /* before turning */
	int orientation;               /* EXIF, 1 to 8: how it is turned */
	bool fine; /* samples of 16 bits, CONVOLVE_FRACTION of them behind the point, not cut off */
};

/* Makes the kept part of the whole picture `from`, turned upright. Where it is fine, two of `to`'s
 * channels hold a sample (an int16_t). */
bool resample_run(struct resample *resample, const struct surface *from,
	const struct resample_job *job, struct surface *to, struct error *err);

/* What a kernel has to know of each direction. */
struct kernel_job resample_across(const struct surface *from, const struct geometry *stored);
struct kernel_job resample_down(const struct surface *from, const struct geometry *stored);

/* Gives large memory back. */
void resample_trim(struct resample *resample);

void resample_finish(struct resample *resample);

#endif
