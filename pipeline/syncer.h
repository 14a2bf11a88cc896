#ifndef NIGHTMILL_SYNCER_H
#define NIGHTMILL_SYNCER_H

/* A helper process that calls syncfs, so that main does not wait for the disk while workers are
 * busy. One request at a time. Start it before any thread. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/error.h"

struct syncer;

/* Forks the helper for these descriptors (of file systems to be synced; duplicates of one file
 * system are synced once). It ignores SIGINT, dies with main (PR_SET_PDEATHSIG), and has every
 * other descriptor closed. */
bool syncer_open(const int *descriptors, size_t count, struct syncer **syncer, struct error *err);

/* Asks for a sync. Must not be called while one is under way. */
bool syncer_ask(struct syncer *syncer, struct error *err);

/* True where a sync is under way. */
bool syncer_busy(const struct syncer *syncer);

/* Looks whether the sync has ended, waiting for it where `wait`. `*done` tells; false is an error
 * of the disk (EIO, ENOSPC), of the place or the moment: what was to be synced must not be called
 * done. */
bool syncer_done(struct syncer *syncer, bool wait, bool *done, struct error *err);

/* Ends the helper and reaps it. NULL is allowed. */
void syncer_close(struct syncer *syncer);

#endif
