#ifndef NIGHTMILL_SINK_H
#define NIGHTMILL_SINK_H

/* A sink makes a file of what a run has measured, for a program that others have written. Its name
 * is the option of `run` that takes the file's path. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/cache.h"
#include "pipeline/state.h"
#include "pipeline/support/text.h"
#include "pipeline/times.h"

/* All that there is to tell at the end of a run. */
struct sink_facts {
	const char *job;    /* the config's `name` */
	const char *config; /* its path */
	struct times *times;
	const struct state_run *run; /* counts, times and status of this run */
	const struct state_totals *totals;
	const struct cache_counts *const *lookups;
	size_t lookup_count;
};

struct sink {
	const char *name;
	bool traces; /* it wants single spans */
	bool counts; /* it counts what was made: nothing for a dry run */

	/* Adds the whole file. */
	void (*write)(const struct sink_facts *facts, struct text *text);
};

/* pipeline/sinks/table.c, in the order of enum sink_number. */
enum sink_number { SINK_PROFILE, SINK_TRACE, SINK_METRICS, SINKS };
extern const struct sink *const sinks[SINKS];

#endif
