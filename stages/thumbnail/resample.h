#ifndef NIGHTMILL_STAGES_THUMBNAIL_RESAMPLE_H
#define NIGHTMILL_STAGES_THUMBNAIL_RESAMPLE_H

/* A part of a surface to another size, turned upright on the way. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "stages/thumbnail/geometry.h"
#include "stages/thumbnail/kernels.h"
#include "stages/thumbnail/surface.h"

/* What one worker needs for it; all zero is ready. Jobs that come again find their weights. */
struct resample {
	struct kernels kernels;
	const struct kernel *across, *down; /* of the job at hand */
	struct surface tall, turned, wide;
	int32_t offset; /* of the sums that results are made of */
};

enum resample_kind {
	RESAMPLE_PLAIN,
	RESAMPLE_FINE,   /* samples of 16 bits, CONVOLVE_FRACTION of them behind the point, not cut
			    off: two of the channels hold one (an int16_t) */
	RESAMPLE_HALVED, /* as 4:2:0 has colours: half the sides, rounded up; what the last row or
			    column stands for may lie half beyond the edge, unless it is the only
			    one */
};

/* What 0 to 255 of the source become; what overshoots them, overshoots these as far as a byte goes.
 */
enum resample_range {
	RANGE_FULL,  /* the same, as JPEG has all components */
	RANGE_LUMA,  /* 16 to 235, as BT.601 has Y */
	RANGE_CHROMA /* about 16 to 240, as it has Cb and Cr; 128 stays what it is */
};

struct resample_job {
	const struct geometry *stored; /* before turning */
	int orientation;               /* EXIF, 1 to 8: how it is turned */
	enum resample_kind kind;
	enum resample_range range;
	bool soft; /* a little, where it is made smaller: for a file that loses something anyway */
};

/* Makes the kept part of the whole picture `from`, turned upright. */
bool resample_run(struct resample *resample, const struct surface *from,
	const struct resample_job *job, struct surface *to, struct error *err);

/* What a kernel has to know of each direction. */
struct kernel_job resample_across(const struct surface *from, const struct geometry *stored);
struct kernel_job resample_down(const struct surface *from, const struct geometry *stored);

/* Gives large memory back. */
void resample_trim(struct resample *resample);

void resample_finish(struct resample *resample);

#endif
