#ifndef NIGHTMILL_EXECUTORS_BACKLOG_H
#define NIGHTMILL_EXECUTORS_BACKLOG_H

/* The windows of items that an executor was given and has not handed back in full. No lock inside:
 * fields say who may touch them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/executor.h"

struct backlog_window {
	const struct item *items; /* borrowed until every outcome has been handed back */
	size_t count;
	size_t taken;       /* items[0 .. taken) were taken by backlog_take */
	size_t outstanding; /* outcomes not handed back yet; main's thread only */
};

struct backlog {
	struct backlog_window list[EXECUTOR_WINDOWS];
	uint8_t order[EXECUTOR_WINDOWS]; /* places in the list, oldest window first */
	size_t count;                    /* of order; some may be finished meanwhile */
	size_t unstarted;                /* items not taken yet, of all windows */
	size_t outstanding;              /* outcomes not handed back, of all; main's thread only */
	size_t busy;                     /* windows with some outstanding; main's thread only */
};

/* An item on its way, and the window that it came with. */
struct taken {
	const struct item *item;
	uint32_t window;
};

/* Adds a window of at least one item and returns its place in the list. */
uint32_t backlog_give(struct backlog *backlog, const struct item *items, size_t count);

/* Takes the next item of the oldest window that has one; false where there is none. */
bool backlog_take(struct backlog *backlog, struct taken *taken);

/* One outcome of that window was handed back. Main's thread only. */
void backlog_return(struct backlog *backlog, uint32_t window);

#endif
