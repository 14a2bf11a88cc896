#ifndef NIGHTMILL_TIMES_H
#define NIGHTMILL_TIMES_H

/* Where the time of a run went: main's stopwatch and one for each worker, by what the config asks
 * for. A purpose is known by the path that --set takes ("stages.1.lookup") and by where it stands
 * in the file. Boards lie in memory that worker processes share, so that what a worker spent is
 * known whatever becomes of it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/plan.h"
#include "pipeline/support/stopwatch.h"

enum times_purpose {
	TIMES_RUN,          /* main: all that is not below */
	TIMES_WAIT,         /* main: for workers */
	TIMES_SOURCE,       /* the source; behind it its store */
	TIMES_SOURCE_STORE, /* */
	TIMES_JUDGE,        /* what is remembered of an item, and whether it is due */
	TIMES_CLAIM,        /* what is due gets its paths and its place in a window */
	TIMES_RECORD,       /* an outcome: outputs are put in place */
	TIMES_COMMIT,       /* rows of the state */
	TIMES_SYNC,         /* wait for the disk, before a commit */
	TIMES_PACE,         /* main: for a turn, of a plan that acts, while a worker is free */
	TIMES_IDLE,         /* workers: for an item */
	TIMES_ITEM,         /* workers: what of an item is no stage's */
	TIMES_FIXED,
	/* Of each head stage: itself, its cache, its store. */
	TIMES_HEAD_STAGE = 0,
	TIMES_HEAD_CACHE,
	TIMES_HEAD_STORE,
	TIMES_HEAD_EACH,
	/* Of each tail stage: itself, and what it tells apart. */
	TIMES_TAIL_EACH = 1 + STAGE_SPENDINGS,
};

/* The numbers of the purposes of a plan's stages: their first each. */
uint32_t times_head(size_t head);
uint32_t times_tail(const struct plan *plan, size_t tail);

struct times;

/* For `workers` workers at most. With `trace` single spans are kept too, as many as fit. Before any
 * worker is started. */
struct times *times_open(const struct plan *plan, uint32_t workers, bool trace, struct error *err);

/* Main's, which runs from times_open to times_stop. */
struct stopwatch *times_main(struct times *times);

/* The board of worker `number`, for stopwatch_start with times_size and TIMES_IDLE; NULL beyond the
 * workers it was opened for. Number TIMES_CAREFUL is that of the one that works alone. */
struct stopwatch_board *times_board(const struct times *times, uint32_t number);
struct stopwatch_size times_size(const struct times *times);
enum { TIMES_CAREFUL = UINT32_MAX };

/* Main's stands still from now on; workers should have ended. */
void times_stop(struct times *times);

/* What is known of a purpose. */
struct times_row {
	const char *name;   /* "stages.1.lookup.cache.sieve" */
	int line;           /* in the config, from 1 */
	uint32_t parent;    /* purpose that it is entered from; its own number: none */
	bool waits;         /* it is no work */
	bool worker;        /* workers', not main's */
	uint64_t times;     /* entered */
	int64_t self_nanos; /* without what it has entered */
	int64_t all_nanos;  /* with that */
};

/* All purposes, by number. What was never entered has 0 times. Valid until close; figures are those
 * of the call. */
const struct times_row *times_rows(struct times *times, size_t *count);

/* Boards for those who show single spans: 0 is main's, then the workers', then the careful one. */
size_t times_boards(const struct times *times);
struct stopwatch_board *times_board_at(const struct times *times, size_t index);
struct stopwatch_size times_size_at(const struct times *times, size_t index);

/* clock_now_nanos() of times_open. */
int64_t times_started(const struct times *times);

/* Adds where most of the time went, in one line: "main: 82 % ...; workers: ...". Nothing where
 * there was none to speak of. */
void times_summary(struct times *times, struct text *text);

/* NULL is allowed. No worker may run any more. */
void times_close(struct times *times);

#endif
