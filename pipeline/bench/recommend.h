#ifndef NIGHTMILL_BENCH_RECOMMEND_H
#define NIGHTMILL_BENCH_RECOMMEND_H

/* What the figures say: where each executor stops scaling and why, and what to write into the
 * config. */

#include "pipeline/bench/bench.h"

enum recommend_limit {
	LIMIT_NONE,   /* more were not tried */
	LIMIT_CPU,    /* all CPUs are busy */
	LIMIT_MEMORY, /* all are busy, and an item costs more CPU time than alone: they share caches
			 and memory */
	LIMIT_DISK,   /* the workers wait for a disk */
	LIMIT_WAITING,  /* the items wait for something that is neither CPU nor disk */
	LIMIT_ITEM,     /* one item takes as long as all the others together */
	LIMIT_OVERHEAD, /* handing out items, and locks */
};

/* "cpu", "memory", ... */
const char *recommend_word(enum recommend_limit limit);

/* Of one executor. */
struct recommend_verdict {
	const struct executor_plugin *plugin;
	const struct bench_case
		*enough; /* the fewest workers within 5 % of its fastest; NULL: it never was fine */
	enum recommend_limit limit;
	char why[256];
};

enum { RECOMMEND_VERDICTS = 16 };

struct recommendation {
	const struct bench_case *chosen; /* NULL: nothing was fine */
	char sentence[512];
	char yaml[128];
	const char *bound; /* "CPU-bound", "I/O-bound", "mixed", "overhead" */
	char items[320];   /* a sentence about where the time of an item goes */
	char caution[160]; /* why the figures may be wrong; "": no reason */
	struct recommend_verdict verdicts[RECOMMEND_VERDICTS];
	size_t verdict_count;
};

/* From a bench whose figures have been counted. Of all that is at most 3 % slower than the fastest,
 * it takes the simplest: no workers before workers, the config's default before other executors,
 * those that isolate last; then the fewest workers. */
void recommend(const struct bench *bench, struct recommendation *recommendation);

#endif
