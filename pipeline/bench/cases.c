#include <stdio.h>
#include <string.h>

#include "pipeline/bench/bench.h"
#include "pipeline/support/problems.h"

enum { CASES_WAIT = 8 /* workers for a CPU, where items only wait */, CASES_COUNTS = 32 };

static bool cases_alone(const struct plugin *plugin)
{
	return !option_find(plugin->options, "workers");
}

/* With the options that the config has for this executor, else with the defaults. */
static bool cases_settings(struct bench *bench, const struct config *config,
	const struct plugin *plugin, const void **settings, struct problems *problems)
{
	if (config) {
		struct config other = *config;
		if (!config_replace_executor(&other, plugin->name, cases_alone(plugin) ? "1" : NULL,
			    &bench->arena, problems))
			return false;
		*settings = other.executor.settings;
		return true;
	}
	struct place place = { plugin->name, 0, 0 };
	void *made = arena_alloc(&bench->arena, plugin->settings_bytes);
	*settings = made;
	return option_parse(plugin->options, NULL, place, made, &bench->arena, problems);
}

/* As many as `workers: auto` would take: a quota counts too. */
static uint32_t cases_cpus(struct bench *bench)
{
	for (size_t i = 0; executors[i]; i++) {
		struct problems problems = { 0 };
		const void *settings;
		bool fine = !cases_alone(executors[i]) &&
			    cases_settings(bench, NULL, executors[i], &settings, &problems);
		problems_finish(&problems);
		if (fine)
			return executor_of(executors[i])->workers(settings, NULL);
	}
	return 1;
}

static bool cases_listed(const char *list, const char *name)
{
	size_t length = strlen(name);
	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
			return true;
	}
	return false;
}

/* Every word of the list must be an executor's name. */
static bool cases_check_list(const char *list, struct problems *problems)
{
	enum { MOST = 64 };
	const char *names[MOST];
	size_t count = 0, before = problems->count;
	for (; executors[count] && count < MOST; count++)
		names[count] = executors[count]->name;
	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		char word[64];
		bool known = false;
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(at, ","), at);
		for (size_t i = 0; i < count; i++)
			known |= strcmp(names[i], word) == 0;
		const char *near = known ? NULL : text_nearest(word, names, count);
		if (!known)
			problems_add(problems, (struct place){ "--executors", 0, 0 },
				"unknown executor '%s'%s%s%s", word, near ? " (did you mean '" : "",
				near ? near : "", near ? "'?)" : "");
	}
	return problems->count == before;
}

static void cases_add_count(uint32_t *counts, size_t *count, uint32_t workers)
{
	if (*count == CASES_COUNTS || (*count > 0 && counts[*count - 1] >= workers))
		return;
	counts[(*count)++] = workers;
}

/* 1, 2, 4, ... all CPUs, and more than that, so that the end of the curve is seen. */
static size_t cases_counts(const struct bench *bench, uint32_t counts[CASES_COUNTS])
{
	size_t count = 0;
	uint32_t most = bench->workload->waits ? CASES_WAIT * bench->cpus : bench->cpus;
	for (uint32_t workers = 1; workers < most; workers *= 2)
		cases_add_count(counts, &count, workers);
	cases_add_count(counts, &count, most);
	if (!bench->workload->waits)
		cases_add_count(counts, &count, most + (most + 3) / 4);
	return count;
}

static void cases_add(
	struct bench *bench, const struct plugin *plugin, const void *settings, uint32_t workers)
{
	bench->cases[bench->count++] = (struct bench_case){
		.plugin = executor_of(plugin),
		.settings = settings,
		.workers = workers,
		.trouble = "",
	};
}

/* The base comes first, asked for or not: it is what the others are compared with. */
static bool cases_fill(struct bench *bench, const struct bench_setup *setup, const uint32_t *counts,
	size_t count, struct problems *problems)
{
	for (int alone = 1; alone >= 0; alone--) {
		for (size_t i = 0; executors[i]; i++) {
			const struct plugin *plugin = executors[i];
			const void *settings;
			if (cases_alone(plugin) != (alone == 1) ||
				(bench->count > 0 && setup->executors &&
					!cases_listed(setup->executors, plugin->name)))
				continue;
			if (!cases_settings(bench, setup->config, plugin, &settings, problems))
				return false;
			for (size_t j = 0; j < (alone ? 1 : count); j++)
				cases_add(bench, plugin, settings, alone ? 1 : counts[j]);
		}
	}
	return true;
}

bool bench_plan(struct bench *bench, const struct bench_setup *setup)
{
	uint32_t suggested[CASES_COUNTS];
	struct problems problems = { 0 };
	bench->cpus = cases_cpus(bench);
	bench->rounds = setup->rounds;
	bench->cold = setup->cold;
	size_t plugins = 0, count = cases_counts(bench, suggested);
	if (setup->worker_count)
		count = setup->worker_count;
	while (executors[plugins])
		plugins++;
	bench->cases = arena_alloc(&bench->arena, plugins * count * sizeof(*bench->cases));
	bool fine = cases_check_list(setup->executors, &problems) &&
		    cases_fill(bench, setup, setup->worker_count ? setup->workers : suggested,
			    count, &problems);
	problems_print(&problems);
	problems_finish(&problems);
	for (size_t i = 0; fine && i < bench->count; i++)
		bench->cases[i].measured = arena_alloc(
			&bench->arena, bench->rounds * sizeof(*bench->cases[i].measured));
	return fine;
}

void bench_close(struct bench *bench)
{
	arena_finish(&bench->arena);
}
