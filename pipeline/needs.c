#include "pipeline/needs.h"

struct needs {
	struct work_needs work; /* first */
	const char *paths[];
};

static struct stage_needs needs_of_stage(const struct plan_stage *stage)
{
	struct stage_needs needs = { 0 };
	if (stage->plugin->needs)
		stage->plugin->needs(stage->prepared, &needs);
	return needs;
}

static const char **needs_add(const char **to, const struct option_list *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		*to++ = paths->items[i];
	return to;
}

struct work_needs *needs_of(const struct plan *plan, const char *const *temporary)
{
	size_t reads = plan->roots.count, writes = plan->tail_count;
	for (size_t i = 0; i < plan->tail_count; i++) {
		const struct stage_needs stage = needs_of_stage(&plan->tail[i]);
		reads += stage.read.count;
		writes += stage.write.count;
	}
	const size_t count = reads + writes + 2;
	struct needs *needs = memory_zeroed(1, sizeof(*needs) + count * sizeof(needs->paths[0]));
	const char **read = needs_add(needs->paths, &plan->roots);
	const char **write = &needs->paths[reads + 1];
	needs->work.read = needs->paths;
	needs->work.write = write;
	for (size_t i = 0; i < plan->tail_count; i++) {
		const struct stage_needs stage = needs_of_stage(&plan->tail[i]);
		read = needs_add(read, &stage.read);
		write = needs_add(write, &stage.write);
		needs->work.network = needs->work.network || stage.network;
		needs->work.exec = needs->work.exec || stage.exec;
		if (temporary[i])
			*write++ = temporary[i];
	}
	return &needs->work;
}
