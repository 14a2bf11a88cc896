#ifndef NIGHTMILL_BENCH_WORKLOAD_H
#define NIGHTMILL_BENCH_WORKLOAD_H

/* What is measured: a list of items and what a worker does with one. Either a config's own or one
 * of those that are built in. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/executor.h"
#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

enum { WORKLOAD_STAGES = 16 }; /* whose time is told apart; those behind them count as the last */

/* In memory that all processes of a measurement share. */
struct workload_times {
	_Atomic int64_t stage_micros[WORKLOAD_STAGES];
};

struct workload {
	const char *name;
	struct work work;   /* borrows the workload */
	struct item *items; /* tickets are their places; owned by the arena */
	size_t count;
	bool tiny;  /* an item takes so little that even looking at the clock would be seen */
	bool waits; /* more workers than CPUs make sense */
	const char *stages[WORKLOAD_STAGES];
	size_t stage_count;           /* 0: the items have no stages */
	struct workload_times *times; /* set by measure.h before work.open is called */
	/* Removes what the worker made of an item, called in the process that the executor runs in.
	 * NULL: nothing. */
	void (*discard)(struct workload *workload, const struct outcome *outcome);
	/* The path of an item's file, in `path`. NULL: there is none. */
	bool (*path)(const struct workload *workload, size_t index, char *path, size_t room);
	void (*close)(struct workload *workload); /* what lies outside the arena. NULL: nothing */
	void *own;                                /* the kind's own */
	struct arena arena;
};

/* The names of the built-in workloads, NULL-terminated. */
extern const char *const workload_names[];

/* Fills in a built-in workload with `items` items (0: so many that they surely take two seconds).
 * False where there is none of this name. */
bool workload_open_built_in(
	struct workload *workload, const char *name, uint32_t items, struct error *err);

/* May be called after a failed open, and twice. */
void workload_close(struct workload *workload);

#endif
