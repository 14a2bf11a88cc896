#ifndef NIGHTMILL_RUN_ITEMS_H
#define NIGHTMILL_RUN_ITEMS_H

/* What becomes of one item in a run: from the judgement into a window, from the outcome into the
 * state. */

#include "pipeline/run_loop.h"

/* Takes what is due of a judged item on its way: claimed, then into the window that is being
 * filled. `index` is its number in the survey's batch. */
void run_judged(struct run *run, size_t index);

/* Puts items whose next attempt is due into that window, as far as there is room. */
void run_fill_retries(struct run *run);

/* Records what became of an item, and counts it. May halt the run. */
void run_record(struct run *run, const struct item *item, struct outcome *outcome);

/* Records that an item failed before it was given. */
void run_reject(struct run *run, const struct item *item, const struct error *err);

/* Records an outcome, or sees to it that the item is tried again. May halt the run. */
void run_outcome(struct run *run, struct outcome *outcome);

#endif
