/* metrics: Prometheus' text form, for node_exporter's textfile collector. Counters are those of all
 * runs that the state remembers, so that they grow; all else is the last run's. No time stands
 * behind a sample: the collector refuses files that have any. */

#include <inttypes.h>
#include <string.h>

#include "pipeline/sink.h"

extern const struct sink sink_metrics;

struct metrics {
	const struct sink_facts *facts;
	struct text *text;
	const char *family;
};

/* Label values may hold anything but these three, and what is no UTF-8. */
static void metrics_add_value(struct text *text, const char *value)
{
	const size_t length = strlen(value);
	for (size_t i = 0; i < length;) {
		const size_t bytes = text_utf8((const unsigned char *)value + i, length - i);
		if (value[i] == '\\' || value[i] == '"')
			text_addf(text, "\\%c", value[i]);
		else if (value[i] == '\n')
			text_add_string(text, "\\n");
		else if (bytes == 0)
			text_add_string(text, "?");
		else
			text_add(text, value + i, bytes);
		i += bytes ? bytes : 1;
	}
}

static void metrics_family(
	struct metrics *metrics, const char *name, const char *type, const char *help)
{
	metrics->family = name;
	text_addf(metrics->text, "# HELP nightmill_%s %s\n# TYPE nightmill_%s %s\n", name, help,
		name, type);
}

/* `labels` are further ones, name and value in turn, up to a NULL. */
static void metrics_labels(const struct metrics *metrics, const char *const *labels)
{
	text_addf(metrics->text, "nightmill_%s{job=\"", metrics->family);
	metrics_add_value(metrics->text, metrics->facts->job);
	for (size_t i = 0; labels && labels[i]; i += 2) {
		text_addf(metrics->text, "\",%s=\"", labels[i]);
		metrics_add_value(metrics->text, labels[i + 1]);
	}
	text_add_string(metrics->text, "\"} ");
}

static void metrics_number(const struct metrics *metrics, const char *const *labels, uint64_t value)
{
	metrics_labels(metrics, labels);
	text_addf(metrics->text, "%" PRIu64 "\n", value);
}

static void metrics_seconds(const struct metrics *metrics, const char *const *labels, double micros)
{
	metrics_labels(metrics, labels);
	text_addf(metrics->text, "%.6f\n", micros / 1e6);
}

static void metrics_items(const struct metrics *metrics, const struct state_run *run)
{
	const struct {
		const char *status;
		uint64_t count;
	} items[] = {
		{ "made", run->made },
		{ "unchanged", run->unchanged },
		{ "up_to_date", run->up_to_date },
		{ "ignored", run->ignored },
		{ "failed", run->failed },
		{ "known_failure", run->known_failures },
		{ "not_started", run->cancelled },
	};
	for (size_t i = 0; i < sizeof(items) / sizeof(*items); i++) {
		const char *const labels[] = { "status", items[i].status, NULL };
		metrics_number(metrics, labels, items[i].count);
	}
}

static void metrics_add_times(struct metrics *metrics)
{
	const struct state_run *run = metrics->facts->run;
	const struct state_totals *totals = metrics->facts->totals;
	metrics_family(
		metrics, "last_run_start_timestamp_seconds", "gauge", "When the last run began.");
	metrics_seconds(metrics, NULL, (double)run->started_nanos / 1e3);
	metrics_family(
		metrics, "last_run_end_timestamp_seconds", "gauge", "When the last run ended.");
	metrics_seconds(metrics, NULL, (double)run->finished_nanos / 1e3);
	metrics_family(metrics, "last_success_timestamp_seconds", "gauge",
		"When the last run ended whose exit status was 0; 0 if there was none.");
	metrics_seconds(metrics, NULL, (double)totals->succeeded_nanos / 1e3);
	metrics_family(metrics, "last_run_exit_status", "gauge", "Exit status of the last run.");
	metrics_number(metrics, NULL, (uint64_t)run->exit_status);
	metrics_family(
		metrics, "last_run_duration_seconds", "gauge", "How long the last run took.");
	metrics_seconds(metrics, NULL, (double)run->micros);
	metrics_family(metrics, "last_run_cpu_seconds", "gauge",
		"CPU time of the last run, its processes together.");
	metrics_seconds(metrics, NULL, (double)run->cpu_micros);
	metrics_family(metrics, "last_run_peak_memory_bytes", "gauge",
		"Memory of the last run's largest process at its peak.");
	metrics_number(metrics, NULL, run->peak_bytes);
	metrics_family(
		metrics, "last_run_workers", "gauge", "Workers that the last run began with.");
	metrics_number(metrics, NULL, run->workers);
}

static void metrics_add_last_items(struct metrics *metrics)
{
	const struct state_run *run = metrics->facts->run;
	metrics_family(metrics, "last_run_items", "gauge",
		"Items of the last run by what became of them.");
	metrics_items(metrics, run);
	metrics_family(metrics, "last_run_read_bytes", "gauge", "Bytes that the last run read.");
	metrics_number(metrics, NULL, run->bytes_read);
	metrics_family(
		metrics, "last_run_written_bytes", "gauge", "Bytes that the last run wrote.");
	metrics_number(metrics, NULL, run->bytes_written);
}

static void metrics_add_totals(struct metrics *metrics)
{
	const struct state_totals *totals = metrics->facts->totals;
	metrics_family(metrics, "runs_total", "counter", "Runs that have ended.");
	metrics_number(metrics, NULL, totals->runs);
	metrics_family(
		metrics, "items_total", "counter", "Items of all runs by what became of them.");
	metrics_items(metrics, &totals->sums);
	metrics_family(metrics, "outputs_total", "counter", "Outputs that all runs have made.");
	metrics_number(metrics, NULL, totals->sums.parts);
	metrics_family(metrics, "read_bytes_total", "counter", "Bytes that all runs have read.");
	metrics_number(metrics, NULL, totals->sums.bytes_read);
	metrics_family(
		metrics, "written_bytes_total", "counter", "Bytes that all runs have written.");
	metrics_number(metrics, NULL, totals->sums.bytes_written);
	metrics_family(metrics, "run_seconds_total", "counter", "How long all runs took.");
	metrics_seconds(metrics, NULL, (double)totals->sums.micros);
}

static void metrics_add_spent(struct metrics *metrics)
{
	size_t count;
	const struct times_row *rows = times_rows(metrics->facts->times, &count);
	metrics_family(metrics, "last_run_spent_seconds", "gauge",
		"Where the time of the last run went, by what the config asks for.");
	for (size_t i = 0; i < count; i++) {
		const char *const labels[] = { "what", rows[i].name, "within",
			rows[rows[i].parent].name, "thread", rows[i].worker ? "workers" : "main",
			"kind", rows[i].waits ? "wait" : "work", NULL };
		if (rows[i].times)
			metrics_seconds(metrics, labels, (double)rows[i].self_nanos / 1e3);
	}
}

/* What tells lookups apart: their new fields' name may be the same in no two of them. */
#define METRICS_LOOKUP(counts) "lookup", (counts)->as, "store", (counts)->name

static void metrics_add_keys(const struct metrics *metrics, const struct cache_counts *counts)
{
	const struct {
		const char *answer;
		uint64_t count;
	} keys[] = {
		{ "hit", counts->hits },
		{ "hit_without_row", counts->negative_hits },
		{ "stale", counts->stale_serves },
		{ "miss", counts->misses },
	};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *const labels[] = { METRICS_LOOKUP(counts), "answer", keys[i].answer,
			NULL };
		metrics_number(metrics, labels, keys[i].count);
	}
}

static void metrics_add_lookups(struct metrics *metrics)
{
	const struct sink_facts *facts = metrics->facts;
	const struct cache_counts *const *lookups = facts->lookups;
	if (facts->lookup_count == 0)
		return;
	metrics_family(metrics, "last_run_lookup_keys", "gauge",
		"Keys that the last run looked up, by how the cache answered.");
	for (size_t i = 0; i < facts->lookup_count; i++)
		metrics_add_keys(metrics, lookups[i]);
	metrics_family(metrics, "last_run_lookup_loads", "gauge",
		"Calls of the store for what the cache did not have.");
	for (size_t i = 0; i < facts->lookup_count; i++) {
		const char *const labels[] = { METRICS_LOOKUP(lookups[i]), NULL };
		metrics_number(metrics, labels, lookups[i]->loads);
	}
	metrics_family(metrics, "last_run_lookup_load_seconds", "gauge",
		"How long these calls took together.");
	for (size_t i = 0; i < facts->lookup_count; i++) {
		const char *const labels[] = { METRICS_LOOKUP(lookups[i]), NULL };
		metrics_seconds(metrics, labels, (double)lookups[i]->load_micros);
	}
	metrics_family(metrics, "last_run_lookup_saved_seconds", "gauge",
		"Time that the cache has saved, by the loads that were measured.");
	for (size_t i = 0; i < facts->lookup_count; i++) {
		const char *const labels[] = { METRICS_LOOKUP(lookups[i]), NULL };
		metrics_seconds(metrics, labels, (double)cache_saved_micros(lookups[i]));
	}
}

static void metrics_write(const struct sink_facts *facts, struct text *text)
{
	struct metrics metrics = { .facts = facts, .text = text };
	metrics_add_times(&metrics);
	metrics_add_last_items(&metrics);
	metrics_add_totals(&metrics);
	metrics_add_spent(&metrics);
	metrics_add_lookups(&metrics);
}

const struct sink sink_metrics = {
	.name = "metrics",
	.counts = true,
	.write = metrics_write,
};
