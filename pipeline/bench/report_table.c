#include <stdio.h>
#include <string.h>

#include "pipeline/bench/report.h"

enum { REPORT_PERCENT = 100, REPORT_CELL = 48 };

/* "12.3 ±2 %": half the way from the least to the most. */
static void report_spread(char cell[REPORT_CELL], const char *value, struct bench_spread spread)
{
	double half = spread.median > 0
			      ? (spread.most - spread.least) / 2 / spread.median * REPORT_PERCENT
			      : 0;
	snprintf(cell, REPORT_CELL, "%s ±%.0f%%", value, half);
}

static void report_number(char cell[REPORT_CELL], struct bench_spread spread)
{
	char value[REPORT_CELL / 2];
	int digits = spread.median < 10 ? 2 : spread.median < 1000 ? 1 : 0;
	snprintf(value, sizeof(value), "%.*f", digits, spread.median);
	report_spread(cell, value, spread);
}

static void report_bytes(char cell[REPORT_CELL], struct bench_spread spread)
{
	struct text text = { 0 };
	text_add_bytes(&text, spread.median);
	text.data[text.length < REPORT_CELL / 2 ? text.length : REPORT_CELL / 2] = '\0';
	report_spread(cell, text.data, spread);
	text_finish(&text);
}

static void report_percent(char cell[REPORT_CELL], double share)
{
	snprintf(cell, REPORT_CELL, "%.0f %%", share * REPORT_PERCENT);
}

/* Right-aligned to `width` characters; ± has two bytes. */
static void report_cell(struct text *text, int width, const char *cell)
{
	int wide = width + (strstr(cell, "±") ? 1 : 0);
	text_addf(text, "  %*s", wide, cell);
}

static struct bench_spread report_micros(struct bench_spread rate)
{
	return (struct bench_spread){ 1e6 / rate.most, 1e6 / rate.median, 1e6 / rate.least };
}

static bool report_pictures(const struct bench *bench)
{
	return bench->cases[0].figures.megapixels_per_second.median > 0;
}

static void report_row(const struct bench *bench, const struct bench_case *which, struct text *text)
{
	const struct bench_figures *figures = &which->figures;
	char cell[REPORT_CELL];
	text_addf(text, "%-14s%7u", which->plugin->plugin.name, which->workers);
	if (!which->fine) {
		text_addf(text, "  %s\n", which->trouble);
		return;
	}
	report_number(cell, figures->items_per_second);
	report_cell(text, 13, cell);
	if (report_pictures(bench))
		report_number(cell, figures->megapixels_per_second);
	else
		report_number(cell, report_micros(figures->items_per_second));
	report_cell(text, 13, cell);
	report_number(cell, figures->cpu_seconds);
	report_cell(text, 10, cell);
	report_bytes(cell, figures->peak_bytes);
	report_cell(text, 14, cell);
	report_number(cell, figures->speed_up);
	report_cell(text, 10, cell);
	report_percent(cell, figures->efficiency.median);
	report_cell(text, 10, cell);
	if (!bench->workload->tiny) {
		report_percent(cell, figures->workers_busy);
		report_cell(text, 5, cell);
	}
	text_add_string(text, "\n");
}

static void report_head(const struct bench *bench, struct text *text)
{
	text_addf(text, "%s: %zu items", bench->name, bench->distinct);
	if (bench->workload->count > bench->distinct)
		text_addf(text, ", each %zu times", bench->workload->count / bench->distinct);
	text_addf(text, "; %u CPU%s; %u round%s in turn, %s cache\n", bench->cpus,
		bench->cpus == 1 ? "" : "s", bench->done, bench->done == 1 ? "" : "s",
		bench->cold ? "cold" : "warm");
	if (bench->not_made)
		text_addf(text, "%llu of the items fail\n", (unsigned long long)bench->not_made);
	text_addf(text, "\n%-14s%7s  %13s  %13s  %10s  %14s  %10s  %10s%s\n", "executor", "workers",
		"items/s", report_pictures(bench) ? "MP/s" : "us/item", "CPU s", "peak memory",
		"speed-up", "efficiency", bench->workload->tiny ? "" : "   busy");
}

static void report_verdicts(const struct recommendation *recommendation, struct text *text)
{
	text_add_string(text, "\nWhere it stops, and why\n");
	for (size_t i = 0; i < recommendation->verdict_count; i++) {
		const struct recommend_verdict *verdict = &recommendation->verdicts[i];
		if (verdict->enough)
			text_addf(text, "  %-14s %u worker%s: %s\n", verdict->plugin->plugin.name,
				verdict->enough->workers, verdict->enough->workers == 1 ? "" : "s",
				verdict->why);
	}
	text_addf(text, "  %s\n", recommendation->items);
}

void report_table(
	const struct bench *bench, const struct recommendation *recommendation, struct text *text)
{
	report_head(bench, text);
	for (size_t i = 0; i < bench->count; i++)
		report_row(bench, &bench->cases[i], text);
	text_add_string(text,
		"Medians; ±: half of what lies between the least and the most. Speed-up: against "
		"the first row\nof the same round.");
	text_add_string(
		text, bench->workload->tiny
			      ? "\n"
			      : " Busy: the share of the time in which a worker has an item.\n");
	if (!recommendation->chosen)
		return;
	report_verdicts(recommendation, text);
	if (*recommendation->caution)
		text_addf(text, "  %s\n", recommendation->caution);
	text_addf(text, "\n%s\n\n    %s\n", recommendation->sentence, recommendation->yaml);
}
