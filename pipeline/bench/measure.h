#ifndef NIGHTMILL_BENCH_MEASURE_H
#define NIGHTMILL_BENCH_MEASURE_H

/* One measurement: a workload through an executor, in a process of its own, so that nothing of one
 * is left in the next and a crash costs one figure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/bench/workload.h"
#include "pipeline/executor.h"
#include "pipeline/item.h"

/* When an item was worked on, in microseconds of clock_micros(). */
struct measure_span {
	int64_t begun, ended; /* ended 0: it was not */
	uint32_t worker, status;
};

struct measured {
	bool fine; /* to the end; otherwise `trouble` says why not */
	char trouble[200];
	uint64_t items; /* that came back finished, whatever became of them */
	uint64_t outcomes[OUTCOME_CANCELLED + 1];
	uint64_t pixels;
	int64_t started_micros; /* clock_micros() when the executor was opened */
	int64_t wall_micros;    /* from then to the last outcome */
	int64_t cpu_micros;     /* of all processes, user and system */
	uint64_t peak_bytes; /* that all processes held together, pages that they share counted once
			      */
	uint64_t major_faults;
	uint64_t read_bytes;    /* from disk */
	int64_t stalled_micros; /* in which some process of the machine waited for a disk; -1: not
				   known */
	int64_t queued_micros;  /* that main's thread waited for a CPU; -1: not known */
	int64_t others_micros;  /* CPU time of what else ran on the machine; -1: not known */
	int64_t busy_micros;    /* of all workers together */
	int64_t longest_micros; /* the longest item */
	int64_t stage_micros[WORKLOAD_STAGES];
};

/* Shared with the processes of a measurement. */
struct measure;

/* Room for `items` spans. `wake` is readable when the user wants to stop. */
bool measure_open(struct measure **measure, size_t items, int wake, struct error *err);

struct measure_case {
	struct workload *workload;
	size_t count; /* items of the workload that are given */
	const struct executor_plugin *plugin;
	const void *settings;
	uint32_t workers;
	int64_t most_micros; /* nothing is started after this time; 0: no limit */
};

/* Fills in `measured`. False where the user wants to stop: everything that was started has ended.
 */
bool measure_run(
	struct measure *measure, const struct measure_case *what, struct measured *measured);

/* The spans of the last run, by ticket. All zero for a tiny workload. */
const struct measure_span *measure_spans(const struct measure *measure);

/* NULL is allowed. */
void measure_close(struct measure *measure);

#endif
