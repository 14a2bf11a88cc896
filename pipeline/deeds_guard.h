#ifndef NIGHTMILL_DEEDS_GUARD_H
#define NIGHTMILL_DEEDS_GUARD_H

/* Whether what a run is about to do to the world is plausible. Main's thread only. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/deeds.h"
#include "pipeline/support/error.h"

/* Judges what the first walk has found to be due, of which `limit` at most are begun (0: all).
 * False where it is the first run that acts, where the state knows deeds that the ledger does not,
 * where there are many more than usual (unless `yes`), or more than the rules allow at most; `err`
 * says how many, to whom, and how to go on. */
bool deeds_guard(struct deeds *deeds, bool yes, uint64_t limit, struct error *err);

/* This run sets out to act: `limit` of what is due at most (0: all). Committed with the next
 * claims. */
bool deeds_begin_round(struct deeds *deeds, uint64_t limit, struct error *err);

#endif
