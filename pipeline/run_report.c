#include "pipeline/run_report.h"

#include "pipeline/sinks.h"

enum { NANOS_PER_MICRO = 1000 };

static bool run_report_spent(const struct run *run, struct error *err)
{
	size_t count;
	const struct times_row *rows = times_rows(run->times, &count);
	for (size_t i = 0; i < count; i++) {
		const struct state_spent spent = {
			.what = rows[i].name,
			.line = rows[i].line,
			.worker = rows[i].worker,
			.waits = rows[i].waits,
			.times = rows[i].times,
			.micros = rows[i].self_nanos / NANOS_PER_MICRO,
		};
		if (spent.times &&
			!state_put_spent(run->survey.state, run->now.number, &spent, err))
			return false;
	}
	return true;
}

static bool run_report_lookups(const struct run *run, struct error *err)
{
	const struct cache_counts *lookups[PROGRESS_LOOKUPS];
	size_t count = flow_lookups(run->survey.flow, lookups, PROGRESS_LOOKUPS);
	for (size_t i = 0; i < count; i++) {
		const struct cache_counts *counts = lookups[i];
		const struct state_lookup lookup = {
			.name = counts->as,
			.store = counts->name,
			.cache = counts->cache,
			.records = counts->records,
			.keys = counts->keys,
			.hits = counts->hits,
			.negative_hits = counts->negative_hits,
			.stale = counts->stale_serves,
			.misses = counts->misses,
			.loads = counts->loads,
			.load_micros = counts->load_micros,
			.saved_micros = cache_saved_micros(counts),
		};
		if (!state_put_lookup(run->survey.state, run->now.number, &lookup, err))
			return false;
	}
	return true;
}

bool run_report_times(struct run *run, struct error *err)
{
	struct text line = { 0 };
	times_stop(run->times);
	times_summary(run->times, &line);
	if (line.length)
		progress_spent(run->progress, line.data);
	text_finish(&line);
	return run->options->dry_run ||
	       (run_report_spent(run, err) && run_report_lookups(run, err) &&
		       state_forget_spent(run->survey.state, run->now.number, err));
}

bool run_report_files(struct run *run, struct error *err)
{
	struct state_totals totals;
	const struct cache_counts *lookups[PROGRESS_LOOKUPS];
	const struct sink_facts facts = {
		.job = run->plan->config->name,
		.config = run->options->config,
		.times = run->times,
		.run = &run->now,
		.totals = &totals,
		.lookups = lookups,
		.lookup_count = flow_lookups(run->survey.flow, lookups, PROGRESS_LOOKUPS),
	};
	return state_totals(run->survey.state, &totals, err) &&
	       sinks_write(run->options->sinks, &facts, err);
}
