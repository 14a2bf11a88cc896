#ifndef NIGHTMILL_STAGES_THUMBNAIL_KERNELS_H
#define NIGHTMILL_STAGES_THUMBNAIL_KERNELS_H

/* Weights that a worker has made and may need again: cameras have few sizes, and a run has few. */

#include "stages/thumbnail/kernel.h"

enum { KERNELS_KEPT = 16 };

/* All zero is empty. */
struct kernels {
	struct kernel kept[KERNELS_KEPT];
	uint64_t asked[KERNELS_KEPT]; /* when it was asked for last: the how manieth question */
	uint64_t questions;
};

/* The weights for the job, made where none are kept, in place of those that were not asked for for
 * longest. Borrowed: good for two more questions at least. NULL: no memory. */
const struct kernel *kernels_find(
	struct kernels *kernels, const struct kernel_job *job, struct error *err);

/* Gives all back where they are large. */
void kernels_trim(struct kernels *kernels);

void kernels_finish(struct kernels *kernels);

#endif
