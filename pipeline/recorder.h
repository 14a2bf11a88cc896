#ifndef NIGHTMILL_RECORDER_H
#define NIGHTMILL_RECORDER_H

/* Outcomes become outputs and rows: temporary files are renamed at once, rows wait until a sync has
 * made the files durable, so that nothing is called done that a power cut could take back. Main's
 * thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/survey.h"
#include "pipeline/syncer.h"

struct recorder_row;

/* Rows that wait for the same sync. */
struct recorder_batch {
	struct arena arena;
	struct recorder_row *first, **end;
	size_t count;
};

struct recorder {
	struct survey *survey; /* borrowed */
	struct syncer *syncer; /* NULL: no outputs to be synced */
	struct recorder_batch fresh, syncing;
	struct arena scratch;
	int64_t run;          /* number of the run in the state */
	int64_t asked_micros; /* when the last sync began */
};

/* Starts the helper that syncs: before any thread. */
bool recorder_open(struct recorder *recorder, struct survey *survey, struct error *err);

/* Makes sure that an item may write what is due: reserves its paths in the state. An error is the
 * item's where `*state_failed` stays false (another item owns the path). */
bool recorder_claim(
	struct recorder *recorder, const struct item *item, bool *state_failed, struct error *err);

/* How the failure of an item looks beside what is remembered of it. */
enum recorder_news {
	RECORDER_NEW,   /* a new failure */
	RECORDER_KNOWN, /* the same as in an earlier run */
};

/* Puts outputs in place and queues the rows. May turn a MADE `outcome` into FAILED where an output
 * cannot be put in place; one that blames the place leaves no row. `*news` is filled in for
 * failures. False is an error of the state. */
bool recorder_outcome(struct recorder *recorder, const struct item *item, struct outcome *outcome,
	enum recorder_news *news, struct error *err);

/* Removes the temporary files of an outcome that is not to be recorded. */
void recorder_discard(
	struct recorder *recorder, const struct item *item, const struct outcome *outcome);

/* To be called often: asks for a sync every 5 s, writes and commits the rows whose files are
 * durable. With `finish` waits until all are. */
bool recorder_tick(struct recorder *recorder, bool finish, struct error *err);

/* Rows that were not committed are lost: their items are done again. */
void recorder_close(struct recorder *recorder);

#endif
