#ifndef NIGHTMILL_BENCH_REPORT_H
#define NIGHTMILL_BENCH_REPORT_H

/* A bench and its recommendation for people and programs. */

#include "pipeline/bench/bench.h"
#include "pipeline/bench/recommend.h"
#include "pipeline/support/text.h"

/* A table for a terminal, the verdicts, the recommendation and its YAML. */
void report_table(
	const struct bench *bench, const struct recommendation *recommendation, struct text *text);

/* One JSON object on one line; `timelines` adds what every worker did when in the last round. */
void report_json(const struct bench *bench, const struct recommendation *recommendation,
	bool timelines, struct text *text);

/* One page with everything in it, plots included, that needs no network. */
void report_page(
	const struct bench *bench, const struct recommendation *recommendation, struct text *text);

#endif
