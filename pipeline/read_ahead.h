#ifndef NIGHTMILL_READ_AHEAD_H
#define NIGHTMILL_READ_AHEAD_H

/* Files that workers will read soon: the kernel is asked for them while the workers are busy with
 * others, so that a cold disk and the processors work at the same time. Main's thread only. */

#include "pipeline/plan.h"
#include "pipeline/windows.h"

struct read_ahead;

/* NULL: no stage of the plan reads files, or the roots cannot be opened, which workers will tell.
 * `plan` is borrowed until close. */
struct read_ahead *read_ahead_open(const struct plan *plan);

/* Asks for as many of the items that were given as may be ahead. NULL is allowed. */
void read_ahead_step(struct read_ahead *ahead, struct windows *windows);

/* NULL is allowed. */
void read_ahead_close(struct read_ahead *ahead);

#endif
