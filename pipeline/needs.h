#ifndef NIGHTMILL_NEEDS_H
#define NIGHTMILL_NEEDS_H

/* What the stages of a plan need of the world, together. */

#include "pipeline/executor.h"
#include "pipeline/plan.h"

/* Reading below the source's roots, writing in the stages' temporary folders (as many as the tail
 * has stages; NULL: none), and what the stages say themselves. The paths are borrowed. Gives one
 * block for free(). */
struct work_needs *needs_of(const struct plan *plan, const char *const *temporary);

#endif
