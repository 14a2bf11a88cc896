#ifndef NIGHTMILL_WORKER_H
#define NIGHTMILL_WORKER_H

/* The worker walks one item through the plan's tail. The same functions run called, on a thread and
 * in a child. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/notes.h"
#include "pipeline/plan.h"
#include "pipeline/times.h"
#include "pipeline/support/error.h"

/* What all workers share, read-only. */
struct worker_setup {
	const struct plan *plan;
	struct notes *notes; /* of what is in hand; NULL: nothing is noted */
	struct times *times; /* where time goes; NULL: no one wants to know */
	bool careful;        /* the worker that works alone has its figures to itself */
	const char *const
		*temporary; /* path of the temporary folder of each stage of the tail; NULL: none */
};

/* Opens every stage of the tail for worker `number`. `context` is a struct worker_setup, borrowed
 * until close. */
bool worker_open(const void *context, uint32_t number, void **worker, struct error *err);

/* Fills in the whole outcome. Where a later stage fails, `made` names temporary files of earlier
 * ones too: main removes them. */
void worker_process(void *worker, const struct item *item, struct outcome *outcome);

/* NULL is allowed. */
void worker_close(void *worker);

#endif
