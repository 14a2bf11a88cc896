#ifndef NIGHTMILL_BENCH_SCRATCH_H
#define NIGHTMILL_BENCH_SCRATCH_H

/* A folder for what a measurement makes, on the file system that the outputs would lie on:
 * `.nightmill-bench-NAME` in the output root, or in the nearest folder above it that is there.
 * Locked as long as it is open, so that two of a name don't meet. */

#include <stdbool.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

struct scratch {
	struct text path;
	int above, folder; /* descriptors; -1: closed */
};

/* Makes the folder, or empties what a killed measurement has left. ERROR_LOCKED where another one
 * is using it. */
bool scratch_open(struct scratch *scratch, const char *root, const char *name, struct error *err);

/* Removes all files in it. */
bool scratch_empty(struct scratch *scratch, struct error *err);

/* Empties and removes the folder. May be called after a failed open, and twice. */
void scratch_close(struct scratch *scratch);

#endif
