#ifndef NIGHTMILL_BENCH_PLANNED_H
#define NIGHTMILL_BENCH_PLANNED_H

/* The workload that a config describes: a sample of its items through its stages, into scratch
 * folders. Nothing of the state is read or written. */

#include "pipeline/bench/workload.h"
#include "pipeline/plan.h"

/* `plan` is borrowed until close. `items` at most; 0: as many as a measurement can want. */
bool planned_open(
	struct workload *workload, const struct plan *plan, uint32_t items, struct error *err);

#endif
