#include <stdlib.h>
#include <string.h>

#include "pipeline/bench/report.h"

enum { JSON_SPANS = 1500 /* of one case at most */ };

static void json_text(struct text *text, const char *name, const char *value)
{
	text_addf(text, "\"%s\":", name);
	text_add_json(text, value, strlen(value));
}

static void json_spread(struct text *text, const char *name, struct bench_spread spread)
{
	text_addf(text, ",\"%s\":{\"least\":%.6g,\"median\":%.6g,\"most\":%.6g}", name,
		spread.least, spread.median, spread.most);
}

static void json_figures(struct text *text, const struct bench_figures *figures)
{
	json_spread(text, "items_per_second", figures->items_per_second);
	json_spread(text, "megapixels_per_second", figures->megapixels_per_second);
	json_spread(text, "wall_seconds", figures->wall_seconds);
	json_spread(text, "cpu_seconds", figures->cpu_seconds);
	json_spread(text, "peak_bytes", figures->peak_bytes);
	json_spread(text, "speed_up", figures->speed_up);
	json_spread(text, "efficiency", figures->efficiency);
	text_addf(text,
		",\"cpus_busy\":%.4g,\"workers_busy\":%.4g,\"cpu_of_base\":%.4g,\"longest_item\":%."
		"4g,"
		"\"major_faults\":%.0f,\"read_bytes\":%.0f",
		figures->cpus_busy, figures->workers_busy, figures->item_cpu, figures->longest,
		figures->major_faults, figures->read_bytes);
	if (figures->stalled >= 0)
		text_addf(text, ",\"disk_pressure\":%.4g", figures->stalled);
	if (figures->queued >= 0)
		text_addf(text, ",\"cpu_queue\":%.4g", figures->queued);
}

static void json_outcomes(struct text *text, const struct measured *measured)
{
	text_add_string(text, ",\"outcomes\":{");
	for (uint32_t status = 0; status <= OUTCOME_CANCELLED; status++)
		text_addf(text, "%s\"%s\":%llu", status ? "," : "", outcome_word(status),
			(unsigned long long)measured->outcomes[status]);
	text_add_string(text, "}");
}

/* Seconds of all workers together in the last round: in each stage, between the stages, without an
 * item. */
static void json_times(struct text *text, const struct bench *bench, const struct bench_case *which)
{
	const struct measured *measured = &which->measured[bench->done - 1];
	double all = (double)measured->wall_micros * which->workers / 1e6;
	double busy = (double)measured->busy_micros / 1e6, stages = 0;
	text_add_string(text, ",\"times\":[");
	for (size_t i = 0; i < bench->workload->stage_count; i++) {
		double seconds = (double)measured->stage_micros[i] / 1e6;
		stages += seconds;
		text_add_string(text, "{");
		json_text(text, "name", bench->workload->stages[i]);
		text_addf(text, ",\"seconds\":%.6g},", seconds);
	}
	text_addf(text, "{\"name\":\"%s\",\"seconds\":%.6g},",
		bench->workload->stage_count ? "between stages" : "items",
		busy > stages ? busy - stages : 0);
	text_addf(text, "{\"name\":\"no item\",\"seconds\":%.6g}]", all > busy ? all - busy : 0);
}

static int json_compare(const void *a, const void *b)
{
	const struct measure_span *x = a, *y = b;
	if (x->worker != y->worker)
		return x->worker < y->worker ? -1 : 1;
	return (x->begun > y->begun) - (x->begun < y->begun);
}

static void json_span(struct text *text, const struct measure_span *span, int64_t started)
{
	bool first = text->data[text->length - 1] == '[';
	text_addf(text, "%s[%u,%.6g,%.6g,%u]", first ? "" : ",", span->worker,
		(double)(span->begun - started) / 1e6, (double)(span->ended - started) / 1e6,
		span->status);
}

/* [worker, begun, ended, status], in seconds. Where there are too many, neighbours become one. */
static void json_timeline(
	struct text *text, const struct bench *bench, const struct bench_case *which)
{
	size_t count = bench->workload->count;
	const struct measured *measured = &which->measured[bench->done - 1];
	struct measure_span *spans = memory_alloc(count * sizeof(*spans));
	int64_t gap = count > JSON_SPANS ? measured->wall_micros * which->workers / JSON_SPANS : -1;
	memcpy(spans, which->spans, count * sizeof(*spans));
	qsort(spans, count, sizeof(*spans), json_compare);
	text_add_string(text, ",\"timeline\":[");
	struct measure_span open = { 0 };
	for (size_t i = 0; i < count; i++) {
		if (!spans[i].ended)
			continue;
		bool same = open.ended && open.worker == spans[i].worker;
		if (same && spans[i].begun - open.ended < gap &&
			spans[i].ended - open.begun < 2 * gap) {
			open.ended = spans[i].ended;
			continue;
		}
		if (open.ended)
			json_span(text, &open, measured->started_micros);
		open = spans[i];
	}
	if (open.ended)
		json_span(text, &open, measured->started_micros);
	text_add_string(text, "]");
	free(spans);
}

static void json_case(struct text *text, const struct bench *bench, const struct bench_case *which,
	bool timelines)
{
	text_add_string(text, "{");
	json_text(text, "executor", which->plugin->plugin.name);
	text_addf(text, ",\"workers\":%u,", which->workers);
	json_text(text, "trouble", which->trouble);
	if (which->fine) {
		json_figures(text, &which->figures);
		json_outcomes(text, &which->measured[bench->done - 1]);
		if (which->spans)
			json_times(text, bench, which);
		if (which->spans && timelines)
			json_timeline(text, bench, which);
	}
	text_add_string(text, "}");
}

static void json_verdicts(struct text *text, const struct recommendation *recommendation)
{
	text_add_string(text, ",\"verdicts\":[");
	for (size_t i = 0; i < recommendation->verdict_count; i++) {
		const struct recommend_verdict *verdict = &recommendation->verdicts[i];
		text_addf(text, "%s{", i ? "," : "");
		json_text(text, "executor", verdict->plugin->plugin.name);
		if (verdict->enough) {
			text_addf(text, ",\"workers\":%u,", verdict->enough->workers);
			json_text(text, "limit", recommend_word(verdict->limit));
			text_add_string(text, ",");
			json_text(text, "why", verdict->why);
		}
		text_add_string(text, "}");
	}
	text_add_string(text, "]");
}

static void json_recommendation(struct text *text, const struct recommendation *recommendation)
{
	const struct bench_case *chosen = recommendation->chosen;
	text_add_string(text, ",");
	json_text(text, "bound", recommendation->bound);
	text_add_string(text, ",");
	json_text(text, "items_are", recommendation->items);
	text_add_string(text, ",");
	json_text(text, "caution", recommendation->caution);
	json_verdicts(text, recommendation);
	if (!chosen)
		return;
	text_add_string(text, ",\"recommendation\":{");
	json_text(text, "executor", chosen->plugin->plugin.name);
	text_addf(text, ",\"workers\":%u,", chosen->workers);
	json_text(text, "sentence", recommendation->sentence);
	text_add_string(text, ",");
	json_text(text, "yaml", recommendation->yaml);
	text_add_string(text, "}");
}

void report_json(const struct bench *bench, const struct recommendation *recommendation,
	bool timelines, struct text *text)
{
	text_add_string(text, "{");
	json_text(text, "nightmill", NIGHTMILL_VERSION);
	text_add_string(text, ",");
	json_text(text, "name", bench->name);
	text_add_string(text, ",");
	json_text(text, "workload", bench->workload->name);
	text_addf(text, ",\"cpus\":%u,\"items\":%zu,\"repeats\":%zu,\"rounds\":%u,\"cold\":%s",
		bench->cpus, bench->distinct, bench->workload->count / bench->distinct, bench->done,
		bench->cold ? "true" : "false");
	text_add_string(text, ",\"cases\":[");
	for (size_t i = 0; i < bench->count; i++) {
		text_add_string(text, i ? "," : "");
		json_case(text, bench, &bench->cases[i], timelines);
	}
	text_add_string(text, "]");
	json_recommendation(text, recommendation);
	text_add_string(text, "}\n");
}
