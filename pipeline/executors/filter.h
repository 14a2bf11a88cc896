#ifndef NIGHTMILL_EXECUTORS_FILTER_H
#define NIGHTMILL_EXECUTORS_FILTER_H

/* Which system calls a worker process may make. */

#include <stdbool.h>

#include "pipeline/executor.h"
#include "pipeline/support/error.h"

/* The kernel can filter. */
bool filter_exists(void);

/* Denies this process and its threads, until it ends, the system calls that a worker with these
 * needs (NULL: none) has no use for. */
bool filter_enter(const struct work_needs *needs, struct error *err);

#endif
