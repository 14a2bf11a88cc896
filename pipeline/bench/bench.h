#ifndef NIGHTMILL_BENCH_BENCH_H
#define NIGHTMILL_BENCH_BENCH_H

/* A comparison: the same items through every executor and number of workers, in turn, several
 * rounds, and the figures that follow. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/bench/measure.h"
#include "pipeline/bench/workload.h"
#include "pipeline/config.h"

/* Of the rounds. */
struct bench_spread {
	double least, median, most;
};

struct bench_figures {
	struct bench_spread wall_seconds, items_per_second, megapixels_per_second, cpu_seconds,
		peak_bytes;
	struct bench_spread speed_up;   /* against the base in the same round */
	struct bench_spread efficiency; /* of that, for each worker */
	double cpus_busy;               /* CPU time over wall time, medians as below */
	double workers_busy; /* time with an item over wall time, of one worker; 0 for a tiny
				workload */
	double item_cpu;     /* CPU time of an item over that of the base */
	double stalled; /* share of the time in which some process waited for a disk; below 0: not
			   known */
	double queued;  /* share of the time in which main's thread waited for a CPU; below 0: not
			   known */
	double longest; /* the longest item's share of the wall time */
	double major_faults, read_bytes;
};

/* One executor with one number of workers. */
struct bench_case {
	const struct executor_plugin *plugin;
	const void *settings; /* owned by the bench's arena */
	uint32_t workers;
	struct measured *measured;    /* one a round */
	bool fine;                    /* in every round */
	const char *trouble;          /* "" where it is */
	struct bench_figures figures; /* where it is fine */
	struct measure_span *spans;   /* of the last round; NULL for a tiny workload */
};

struct bench {
	const char *name; /* of the config or the built-in workload */
	struct workload *workload;
	uint32_t cpus;
	uint32_t rounds;
	uint32_t done; /* rounds that were measured in full */
	bool cold;
	size_t distinct;          /* items; the workload may hold each several times */
	uint64_t not_made;        /* items that failed in the base's first round */
	struct bench_case *cases; /* the first one is the base: one worker, called by main */
	size_t count;
	struct arena arena;
};

struct bench_setup {
	const struct config *config; /* its executor's options are kept; NULL: none */
	const char *executors;       /* names with commas between them; NULL: all */
	const uint32_t *workers;     /* NULL: as the machine suggests */
	size_t worker_count;
	uint32_t items; /* 0: what takes about two seconds */
	uint32_t rounds;
	bool cold;
	bool tell; /* what is being measured, on standard error */
};

/* Fills in the cases of `bench`, whose name and workload the caller has set. False after the
 * problems were printed. */
bool bench_plan(struct bench *bench, const struct bench_setup *setup);

/* Warms up, settles how many items there are, and measures all rounds. False where `wake` became
 * readable. */
bool bench_measure(
	struct bench *bench, const struct bench_setup *setup, int wake, struct error *err);

/* Fills in the figures of all cases. */
void bench_count(struct bench *bench);

/* Median, least and most of `count` values, which are sorted. */
struct bench_spread bench_spread_of(double *values, size_t count);

void bench_close(struct bench *bench);

#endif
