#ifndef NIGHTMILL_CAREFUL_H
#define NIGHTMILL_CAREFUL_H

/* An item that was in hand when a run ended badly is tried alone, in a process of its own, so that
 * it can cost one night and not every night. Main's thread only. */

#include <stdbool.h>

#include "pipeline/executor.h"
#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

struct careful {
	const struct executor_plugin *plugin;
	struct executor *executor; /* NULL: not open */
	struct arena arena;        /* of its settings */
};

/* Opens one worker of the first executor that isolates, with default settings: before any thread is
 * started. `work` is copied; its wake is not used. */
bool careful_open(struct careful *careful, const struct work *work, struct error *err);

/* Waits for the item's outcome; CANCELLED where no worker could take it. */
void careful_process(struct careful *careful, const struct item *item, struct outcome *outcome);

/* May be called where it is not open. */
void careful_close(struct careful *careful);

#endif
