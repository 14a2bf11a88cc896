#ifndef NIGHTMILL_EXECUTORS_POOL_H
#define NIGHTMILL_EXECUTORS_POOL_H

/* The worker processes of `forked`: which holds what, which is killed, which comes back when. A
 * worker's death costs the item that it held and nothing else. Main's thread only. */

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipeline/executors/child.h"
#include "pipeline/executors/front.h"

struct pool_outcome {
	struct outcome outcome;
	uint32_t window;
};

struct pool {
	struct front *front; /* borrowed */
	struct child_making making;
	struct child *children;
	uint32_t count;
	uint32_t limit;      /* children that may hold an item */
	uint32_t gone;       /* children in that state */
	double base;         /* bytes that main had when it was opened: a child has them from it */
	double worker;       /* bytes that a child took beyond that, at most so far */
	struct taken *again; /* taken back from children, or sent to one that died before it */
	uint32_t again_count;
	struct pool_outcome *ready; /* what deaths have cost */
	uint32_t ready_count, ready_room;
	uint32_t place;             /* of the child that is heard first */
	bool took;                  /* an outcome, since it last slept */
	struct pollfd *descriptors; /* work.wake, then socket, process and bell of each child */
	bool now;                   /* stopped without waiting for items in hand */
	bool broken;                /* workers die faster than they should */
	struct error error;         /* why none is left, or why it is broken */
	int64_t minute_micros;      /* when the minute began for which the next two count */
	uint32_t crashes, answers;
};

/* `pool` is all zero but for front and making. */
bool pool_open(struct pool *pool, struct error *err);
void pool_close(struct pool *pool);

/* For front_calls. */
bool pool_collect(struct pool *pool, struct outcome *outcome, uint32_t *window);
bool pool_take(struct pool *pool, struct taken *taken);
bool pool_failed(struct pool *pool, struct error *err);
bool pool_wait(struct pool *pool, int64_t deadline);
void pool_limit(struct pool *pool, uint32_t workers);
struct footprint pool_footprint(struct pool *pool);

/* Gives children what there is for them. */
void pool_feed(struct pool *pool);

/* Takes back what was not begun; `now` kills. */
void pool_stop(struct pool *pool, bool now);

/* A death that was collected: settles what the child held, and its future. */
void pool_lose(struct pool *pool, struct child *child, const struct death *death);

/* Gives an outcome for the first item that the child holds, as the kill that it does not heed would
 * have. */
void pool_give_up(struct pool *pool, struct child *child);

/* A child that cannot be started. */
void pool_lose_start(struct pool *pool, struct child *child, const struct error *error);

/* Judges again which children are surplus. */
void pool_rank(struct pool *pool);

/* Adds to what pool_collect gives. */
void pool_finish(struct pool *pool, const struct outcome *outcome, uint32_t window);

#endif
