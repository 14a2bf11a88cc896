#include "stages/thumbnail/kernels.h"

static const size_t kernels_most = 4U << 20; /* bytes that may be held on to */

const struct kernel *kernels_find(
	struct kernels *kernels, const struct kernel_job *job, struct error *err)
{
	uint32_t number = 0;
	for (uint32_t i = 0; i < KERNELS_KEPT; i++) {
		if (kernel_fits(&kernels->kept[i], job)) {
			number = i;
			break;
		}
		if (kernels->asked[i] < kernels->asked[number])
			number = i;
	}
	kernels->asked[number] = ++kernels->questions;
	return kernel_make(&kernels->kept[number], job, err) ? &kernels->kept[number] : NULL;
}

void kernels_trim(struct kernels *kernels)
{
	size_t bytes = 0;
	for (uint32_t i = 0; i < KERNELS_KEPT; i++)
		bytes += kernels->kept[i].span_room + kernels->kept[i].weight_room;
	if (bytes > kernels_most)
		kernels_finish(kernels);
}

void kernels_finish(struct kernels *kernels)
{
	for (uint32_t i = 0; i < KERNELS_KEPT; i++)
		kernel_finish(&kernels->kept[i]);
	*kernels = (struct kernels){ .questions = 0 };
}
