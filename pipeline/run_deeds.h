#ifndef NIGHTMILL_RUN_DEEDS_H
#define NIGHTMILL_RUN_DEEDS_H

/* The deeds of a run whose plan acts on the world: put on record and judged as a whole before the
 * first, then given at their pace, no more at a time than there are workers, each only once its row
 * says so. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/run_loop.h"

/* The first walk: puts all that is due on record. False where the run ends here; its status says
 * why. */
bool run_deeds_plan(struct run *run);

/* Room for a batch of the second walk. */
bool run_deeds_room(const struct run *run);

/* Takes an item that is due on its way. `again`: it was tried before in this run. */
void run_deeds_take(struct run *run, const struct item *item, bool again);

/* The same for one that was put off in an earlier run: once its time has come. */
void run_deeds_take_soon(struct run *run, const struct item *item);

/* An item whose deed was in doubt and is done, as someone has found out: the state is told. */
void run_deeds_settled(struct run *run, const struct item *item);

/* Writes down how deeds have ended and which are given now, then gives those. */
void run_deeds_give(struct run *run);

/* How the deed of an item has ended. */
void run_deeds_outcome(struct run *run, const struct item *item, struct outcome *outcome);

/* When run_deeds_give has something to give again (clock_micros()), as far as time decides it;
 * INT64_MAX: an outcome does, or nothing. */
int64_t run_deeds_due(struct run *run);

/* Something waits to be given or written down. */
bool run_deeds_left(const struct run *run);

/* The run is over: writes down what is left, and says what is in doubt. */
void run_deeds_finish(struct run *run);

/* For --dry-run: an item that would be given, as a line on standard output. */
void run_deeds_show(struct run *run, const struct item *item);

/* Behind the last of these: whether a run would halt, and why. */
void run_deeds_show_end(struct run *run);

#endif
