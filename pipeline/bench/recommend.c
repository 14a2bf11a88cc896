#include "pipeline/bench/recommend.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const double recommend_near = 0.97;      /* of the fastest of all */
static const double recommend_enough = 0.95;    /* of the executor's own fastest */
static const double recommend_saturated = 0.85; /* of the CPUs */
static const double recommend_dearer = 1.25;    /* CPU time of an item, times that of the base */
static const double recommend_stalled = 0.2;    /* of the wall time */
static const double recommend_idle = 0.5;       /* CPU time of a busy worker */
static const double recommend_disturbed = 0.05; /* of the machine's CPUs */
static const double recommend_cpu_bound = 0.8, recommend_io_bound = 0.3;

enum { RECOMMEND_PERCENT = 100 };

const char *recommend_word(enum recommend_limit limit)
{
	static const char *const words[] = {
		[LIMIT_NONE] = "none",
		[LIMIT_CPU] = "cpu",
		[LIMIT_MEMORY] = "memory",
		[LIMIT_DISK] = "disk",
		[LIMIT_WAITING] = "waiting",
		[LIMIT_ITEM] = "item",
		[LIMIT_OVERHEAD] = "overhead",
	};
	return words[limit];
}

static bool recommend_alone(const struct executor_plugin *plugin)
{
	return !option_find(plugin->plugin.options, "workers");
}

static double recommend_rate(const struct bench_case *which)
{
	return which->figures.items_per_second.median;
}

/* The fastest of one executor; NULL for `plugin`: of all. */
static const struct bench_case *recommend_fastest(
	const struct bench *bench, const struct executor_plugin *plugin)
{
	const struct bench_case *fastest = NULL;
	for (size_t i = 0; i < bench->count; i++) {
		const struct bench_case *which = &bench->cases[i];
		if (which->fine && (!plugin || which->plugin == plugin) &&
			(!fastest || recommend_rate(which) > recommend_rate(fastest)))
			fastest = which;
	}
	return fastest;
}

/* The cases of an executor stand in the order of their workers. */
static const struct bench_case *recommend_fewest(
	const struct bench *bench, const struct executor_plugin *plugin)
{
	const struct bench_case *fastest = recommend_fastest(bench, plugin);
	for (size_t i = 0; fastest && i < bench->count; i++) {
		const struct bench_case *which = &bench->cases[i];
		if (which->plugin == plugin && which->fine &&
			recommend_rate(which) >= recommend_enough * recommend_rate(fastest))
			return which;
	}
	return NULL;
}

/* Where the curve is flat: the next more workers that were measured. */
static const struct bench_case *recommend_beyond(
	const struct bench *bench, const struct bench_case *enough)
{
	const struct bench_case *next = enough + 1;
	bool there =
		next < bench->cases + bench->count && next->plugin == enough->plugin && next->fine;
	return there ? next : enough;
}

/* Of all CPUs of the machine, over all measurements; what else ran on it took them from ours. */
static double recommend_others(const struct bench *bench)
{
	double others = 0, wall = 0;
	for (size_t i = 0; i < bench->count; i++)
		for (uint32_t j = 0; j < bench->done; j++) {
			const struct measured *measured = &bench->cases[i].measured[j];
			others += measured->others_micros > 0 ? (double)measured->others_micros : 0;
			wall += (double)measured->wall_micros;
		}
	return wall > 0 ? others / wall / (double)sysconf(_SC_NPROCESSORS_ONLN) : 0;
}

static bool recommend_cpus_full(const struct bench *bench, const struct bench_case *which)
{
	double busy = which->figures.cpus_busy / bench->cpus + recommend_others(bench);
	return busy >= recommend_saturated;
}

static enum recommend_limit recommend_limit_of(
	const struct bench *bench, const struct bench_case *enough, const struct bench_case *beyond)
{
	const struct bench_figures *figures = &beyond->figures;
	bool full = recommend_cpus_full(bench, enough) || recommend_cpus_full(bench, beyond);
	if (bench->workload->tiny)
		return LIMIT_OVERHEAD;
	if (figures->longest >= recommend_idle && enough->workers > 1)
		return LIMIT_ITEM;
	if (full && enough->figures.item_cpu >= recommend_dearer)
		return LIMIT_MEMORY;
	if (full)
		return LIMIT_CPU;
	if (beyond == enough)
		return LIMIT_NONE;
	if (figures->stalled >= recommend_stalled &&
		(figures->read_bytes > 0 || figures->major_faults > 0))
		return LIMIT_DISK;
	if (figures->workers_busy >= recommend_saturated &&
		figures->cpus_busy < recommend_idle * beyond->workers)
		return LIMIT_WAITING;
	return LIMIT_OVERHEAD;
}

static void recommend_explain(const struct bench *bench, const struct bench_case *beyond,
	struct recommend_verdict *verdict)
{
	const struct bench_figures *figures = &verdict->enough->figures;
	const struct bench_figures *flat = &beyond->figures;
	char *why = verdict->why;
	size_t room = sizeof(verdict->why);
	switch (verdict->limit) {
	case LIMIT_NONE:
		snprintf(why, room, "the fastest of those that were tried");
		break;
	case LIMIT_CPU:
		snprintf(why, room, "the CPUs are busy (%.2f of %u%s)",
			flat->cpus_busy > figures->cpus_busy ? flat->cpus_busy : figures->cpus_busy,
			bench->cpus,
			recommend_others(bench) >= recommend_disturbed
				? ", the rest with other work"
				: "");
		break;
	case LIMIT_MEMORY:
		snprintf(why, room,
			"the CPUs are busy (%.2f of %u), and an item costs %.2f times the CPU time "
			"that it costs alone: they share caches, memory or a core",
			figures->cpus_busy, bench->cpus, figures->item_cpu);
		break;
	case LIMIT_DISK:
		snprintf(why, room, "the workers wait for a disk (%.0f %% of the time)",
			flat->stalled * RECOMMEND_PERCENT);
		break;
	case LIMIT_WAITING:
		snprintf(why, room,
			"the items wait for something that is neither CPU nor disk (%.2f of %u "
			"CPUs busy)",
			flat->cpus_busy, bench->cpus);
		break;
	case LIMIT_ITEM:
		snprintf(why, room, "one item takes %.0f %% of the whole time",
			flat->longest * RECOMMEND_PERCENT);
		break;
	default:
		snprintf(why, room, "%.2g us an item are spent on handing it out",
			1e6 / recommend_rate(verdict->enough));
		if (!bench->workload->tiny)
			snprintf(why, room,
				"the workers have nothing to do %.0f %% of the time: handing out "
				"items, and locks",
				(1 - flat->workers_busy) * RECOMMEND_PERCENT);
	}
}

static void recommend_judge(const struct bench *bench, struct recommendation *recommendation,
	const struct executor_plugin *plugin)
{
	struct recommend_verdict *verdict =
		&recommendation->verdicts[recommendation->verdict_count++];
	*verdict = (struct recommend_verdict){ .plugin = plugin };
	verdict->enough = recommend_fewest(bench, plugin);
	if (!verdict->enough)
		return;
	const struct bench_case *beyond = recommend_beyond(bench, verdict->enough);
	verdict->limit = recommend_limit_of(bench, verdict->enough, beyond);
	recommend_explain(bench, beyond, verdict);
}

/* The simpler, the lower. */
static int recommend_rank(const struct executor_plugin *plugin)
{
	const struct option *row = option_find(config_options, "executor");
	if (recommend_alone(plugin))
		return 0;
	if (strcmp(plugin->plugin.name, row->fallback) == 0)
		return 1;
	return plugin->isolates ? 3 : 2;
}

static bool recommend_simpler(const struct bench_case *a, const struct bench_case *b)
{
	int first = recommend_rank(a->plugin), second = recommend_rank(b->plugin);
	return first != second ? first < second : a->workers < b->workers;
}

static void recommend_choose(const struct bench *bench, struct recommendation *recommendation)
{
	const struct bench_case *fastest = recommend_fastest(bench, NULL), *chosen = fastest;
	for (size_t i = 0; fastest && i < bench->count; i++) {
		const struct bench_case *which = &bench->cases[i];
		if (which->fine &&
			recommend_rate(which) >= recommend_near * recommend_rate(fastest) &&
			recommend_simpler(which, chosen))
			chosen = which;
	}
	recommendation->chosen = chosen;
}

/* The best that survives a crash, for those who have to. */
static const struct bench_case *recommend_isolated(const struct bench *bench)
{
	const struct bench_case *best = NULL;
	for (size_t i = 0; i < bench->count; i++) {
		if (!bench->cases[i].plugin->isolates)
			continue;
		const struct bench_case *other = recommend_fewest(bench, bench->cases[i].plugin);
		if (other && (!best || recommend_rate(other) > recommend_rate(best)))
			best = other;
	}
	return best;
}

static const char *recommend_plural(uint32_t workers)
{
	return workers == 1 ? "" : "s";
}

static void recommend_write_sentence(
	const struct bench *bench, const struct bench_case *chosen, struct text *text)
{
	double rate = recommend_rate(chosen);
	const struct bench_case *safe = recommend_isolated(bench);
	text_addf(text, "Take %s", chosen->plugin->plugin.name);
	if (!recommend_alone(chosen->plugin))
		text_addf(text, " with %u worker%s", chosen->workers,
			recommend_plural(chosen->workers));
	text_addf(text, ": %.*f items a second", rate < 100 ? 1 : 0, rate);
	if (chosen == bench->cases)
		text_addf(text, ", and no executor is more than 3 %% faster.");
	else
		text_addf(text, ", %.2f times %s; nothing is more than 3 %% faster.",
			chosen->figures.speed_up.median, bench->cases[0].plugin->plugin.name);
	if (safe && !chosen->plugin->isolates)
		text_addf(text,
			" Where files come from strangers: %s with %u worker%s, at %.0f %% of that "
			"speed, loses one item to a crash and not the run.",
			safe->plugin->plugin.name, safe->workers, recommend_plural(safe->workers),
			recommend_rate(safe) / rate * RECOMMEND_PERCENT);
}

static void recommend_write(const struct bench *bench, struct recommendation *recommendation)
{
	const struct bench_case *chosen = recommendation->chosen;
	const char *name = chosen->plugin->plugin.name;
	struct text text = { 0 };
	recommend_write_sentence(bench, chosen, &text);
	snprintf(recommendation->sentence, sizeof(recommendation->sentence), "%s", text.data);
	text_finish(&text);
	if (recommend_alone(chosen->plugin))
		snprintf(recommendation->yaml, sizeof(recommendation->yaml), "executor: { %s: {} }",
			name);
	else
		snprintf(recommendation->yaml, sizeof(recommendation->yaml),
			"executor: { %s: { workers: %u } }", name, chosen->workers);
}

static void recommend_caution(const struct bench *bench, struct recommendation *recommendation)
{
	double others = recommend_others(bench);
	if (others >= recommend_disturbed)
		snprintf(recommendation->caution, sizeof(recommendation->caution),
			"Other work took %.0f %% of this machine's CPUs meanwhile: measure again "
			"when "
			"it is idle.",
			others * RECOMMEND_PERCENT);
}

static void recommend_describe(const struct bench *bench, struct recommendation *recommendation)
{
	const struct bench_figures *base = &bench->cases[0].figures;
	/* What other work has of the CPUs is no waiting of the items'. */
	double had = base->queued > 0 && base->queued < 1 ? 1 - base->queued : 1;
	double busy = base->cpus_busy / had;
	recommendation->bound = "mixed";
	if (bench->workload->tiny)
		recommendation->bound = "overhead";
	else if (busy >= recommend_cpu_bound)
		recommendation->bound = "CPU-bound";
	else if (busy <= recommend_io_bound)
		recommendation->bound = "I/O-bound";
	int length = snprintf(recommendation->items, sizeof(recommendation->items),
		"%s: with one worker, %.0f %% of the time is CPU time, %.0f major faults, %.1f MiB "
		"read from disk",
		recommendation->bound, base->cpus_busy * RECOMMEND_PERCENT, base->major_faults,
		base->read_bytes / (1 << 20));
	if (base->queued >= recommend_disturbed)
		length += snprintf(recommendation->items + length,
			sizeof(recommendation->items) - (size_t)length,
			", %.0f %% waiting for a CPU that other work had",
			base->queued * RECOMMEND_PERCENT);
	if (base->stalled >= 0)
		snprintf(recommendation->items + length,
			sizeof(recommendation->items) - (size_t)length,
			", a process waiting for a disk %.0f %% of the time",
			base->stalled * RECOMMEND_PERCENT);
}

void recommend(const struct bench *bench, struct recommendation *recommendation)
{
	*recommendation = (struct recommendation){ .bound = "unknown" };
	if (!bench->cases[0].fine)
		return;
	recommend_describe(bench, recommendation);
	recommend_caution(bench, recommendation);
	for (size_t i = 0; i < bench->count; i++)
		if ((i == 0 || bench->cases[i].plugin != bench->cases[i - 1].plugin) &&
			!recommend_alone(bench->cases[i].plugin) &&
			recommendation->verdict_count < RECOMMEND_VERDICTS)
			recommend_judge(bench, recommendation, bench->cases[i].plugin);
	recommend_choose(bench, recommendation);
	if (recommendation->chosen)
		recommend_write(bench, recommendation);
}
