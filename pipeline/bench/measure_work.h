#ifndef NIGHTMILL_BENCH_MEASURE_WORK_H
#define NIGHTMILL_BENCH_MEASURE_WORK_H

/* What the process of a measurement does. */

#include "pipeline/bench/measure.h"

/* In memory that all processes of a measurement share. */
struct measure_board {
	struct measured measured;
	struct workload_times times;
	struct measure_span spans[]; /* one for each item of the workload */
};

/* Gives all items to the executor, pulls all outcomes and fills in board->measured but for what
 * only the parent can see. */
void measure_work(struct measure_board *board, const struct measure_case *what);

#endif
