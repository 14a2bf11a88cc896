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
	int64_t wait_micros; /* until the next: short at first, so that short runs keep something */
	bool withdrawn;      /* something is to be committed before the next give */
	bool broken;         /* a sync has failed: nothing is called done any more */
};

/* Starts the helper that syncs: before any thread. */
bool recorder_open(struct recorder *recorder, struct survey *survey, struct error *err);

enum recorder_claim {
	RECORDER_CLAIMED, /* the paths of all due parts are this item's */
	RECORDER_TAKEN,   /* an output of another item is there: an error of this one */
	RECORDER_PENDING, /* another item has claimed the path, but has made nothing yet and may
			     never */
	RECORDER_INVALID, /* a path cannot be made: an error of the item */
	RECORDER_BROKEN,  /* an error of the state */
};

/* Reserves the paths of what is due; `err` is filled in unless they are claimed. An owner that the
 * source certainly has no more loses its path. What stands there already does not count as up to
 * date any more, even after a crash, once recorder_before_give has been called. */
enum recorder_claim recorder_claim(
	struct recorder *recorder, const struct item *item, struct error *err);

/* Commits what was withdrawn by claims: before their items are given. */
bool recorder_before_give(struct recorder *recorder, struct error *err);

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

/* Queues a row for an item that is up to date by the rows of its outputs (FRESHNESS_SETTLED). */
bool recorder_settle(struct recorder *recorder, const struct item *item, struct error *err);

/* Removes the temporary files of an outcome that is not to be recorded. */
void recorder_discard(
	struct recorder *recorder, const struct item *item, const struct outcome *outcome);

/* To be called often: asks for a sync every 5 s, writes and commits the rows whose files are
 * durable. With `finish` waits until all are. */
bool recorder_tick(struct recorder *recorder, bool finish, struct error *err);

/* Rows that were not committed are lost: their items are done again. */
void recorder_close(struct recorder *recorder);

#endif
