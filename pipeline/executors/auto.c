#include "pipeline/executors/auto.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/executors/cgroup.h"

/* What a picture of a camera takes in full, with the libraries; and the share of the memory that is
 * for workers. */
static const double auto_worker_bytes = 256.0 * 1024 * 1024, auto_share = 0.7;

/* A worker counts as this at least: the next item may be larger. */
static const double auto_least_bytes = 16.0 * 1024 * 1024;

const char *const auto_words[] = { "auto", NULL };

#define SETTINGS struct auto_settings
const struct option auto_options[] = {
	AUTO_WORKERS(workers),
	{ .name = NULL },
};
#undef SETTINGS

static uint32_t auto_affinity(void)
{
	for (int room = 1024; room <= 1 << 20; room *= 2) {
		cpu_set_t *set = CPU_ALLOC(room);
		if (!set)
			break;
		int got = sched_getaffinity(0, CPU_ALLOC_SIZE(room), set);
		int count = got == 0 ? CPU_COUNT_S(CPU_ALLOC_SIZE(room), set) : 0;
		CPU_FREE(set);
		if (count > 0)
			return (uint32_t)count;
	}
	return 1;
}

/* What the kernel could hand out without swapping; 0 where it does not say. */
static double auto_free_memory(const char *root)
{
	struct text path = { .data = NULL };
	static const char word[] = "MemAvailable:";
	char line[128];
	double kib = 0;
	text_addf(&path, "%s/proc/meminfo", root);
	FILE *file = fopen(path.data, "re");
	text_finish(&path);
	while (file && fgets(line, sizeof(line), file))
		if (strncmp(line, word, strlen(word)) == 0)
			kib = strtod(line + strlen(word), NULL);
	if (file)
		fclose(file);
	return kib * 1024;
}

struct auto_facts auto_look(const char *root)
{
	const double own = cgroup_memory(root), all = auto_free_memory(root);
	return (struct auto_facts){
		.cpus = auto_affinity(),
		.quota = cgroup_quota(root),
		.memory = own > 0 && (all <= 0 || own < all) ? own : all,
	};
}

static uint32_t auto_by_memory(const struct auto_facts *facts)
{
	const double seen = facts->worker > auto_least_bytes ? facts->worker : auto_least_bytes;
	const double worker = facts->worker > 0 ? seen : auto_worker_bytes;
	const double count = (facts->memory * auto_share + facts->held) / worker;
	if (facts->memory <= 0 || count >= AUTO_MOST)
		return AUTO_MOST;
	return count < 1 ? 1 : (uint32_t)count;
}

uint32_t auto_count(const struct auto_facts *facts)
{
	uint32_t count = facts->cpus, memory = auto_by_memory(facts);
	if (facts->quota > 0 && facts->quota < count)
		count = facts->quota > 1 && facts->quota < 2 ? 2 : (uint32_t)facts->quota;
	if (count > memory)
		count = memory;
	return count < 1 ? 1 : count;
}

void auto_explain_limits(const struct auto_facts *facts, struct text *why)
{
	const uint32_t memory = auto_by_memory(facts);
	text_addf(why, "%u cpu%s", facts->cpus, facts->cpus == 1 ? "" : "s");
	if (facts->quota > 0)
		text_addf(why, ", cgroup quota %.1f", facts->quota);
	if (facts->memory <= 0)
		return;
	text_addf(why, ", memory allows %s%u", memory == AUTO_MOST ? "over " : "", memory);
	if (facts->worker <= 0)
		return;
	text_add_string(why, " of ");
	text_add_bytes(why, facts->worker);
}

void auto_explain(const struct auto_facts *facts, struct text *why)
{
	const uint32_t count = auto_count(facts);
	text_addf(why, "%u worker%s: ", count, count == 1 ? "" : "s");
	auto_explain_limits(facts, why);
}

uint32_t auto_workers(const void *settings, struct text *why)
{
	const struct option_number *workers = &((const struct auto_settings *)settings)->workers;
	if (workers->word < 0) {
		if (why)
			text_addf(why, "%ld worker%s", (long)workers->number,
				workers->number == 1 ? "" : "s");
		return (uint32_t)workers->number;
	}
	const char *root = ((const struct auto_settings *)settings)->root;
	const struct auto_facts facts = auto_look(root ? root : "");
	if (why)
		auto_explain(&facts, why);
	return auto_count(&facts);
}

uint32_t auto_most(const void *settings)
{
	if (((const struct auto_settings *)settings)->workers.word < 0)
		return auto_workers(settings, NULL);
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);
	return cpus < 1 ? 1 : cpus < AUTO_MOST ? (uint32_t)cpus : AUTO_MOST;
}
