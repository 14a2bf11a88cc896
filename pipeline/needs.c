#include "pipeline/needs.h"

struct needs {
	struct work_needs work; /* first */
	const char *paths[];
};

struct work_needs *needs_of(const struct plan *plan, const char *const *temporary)
{
	const size_t roots = plan->roots.count, count = roots + plan->tail_count + 2;
	struct needs *needs = memory_zeroed(1, sizeof(*needs) + count * sizeof(needs->paths[0]));
	const char **write = &needs->paths[roots + 1];
	needs->work.read = needs->paths;
	needs->work.write = write;
	for (size_t i = 0; i < roots; i++)
		needs->paths[i] = plan->roots.items[i];
	for (size_t i = 0; i < plan->tail_count; i++)
		if (temporary[i])
			*write++ = temporary[i];
	return &needs->work;
}
