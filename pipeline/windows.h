#ifndef NIGHTMILL_WINDOWS_H
#define NIGHTMILL_WINDOWS_H

/* Main's copies of the items that an executor holds, window by window, so that memory follows what
 * is under way and not what the source has. One window is filled while others run. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/executor.h"
#include "pipeline/item.h"
#include "pipeline/support/arena.h"

enum {
	WINDOW_LEAST = 256,
	WINDOW_MOST = 65536,
	WINDOW_BYTES = 2 << 20, /* that its items point to, from which on it counts as full */
};

struct window {
	struct arena arena; /* owns what the items point to */
	struct item *items;
	uint8_t *states; /* enum window_state, one for each item */
	size_t count, room;
	size_t outstanding; /* 0 and count > 0: to be filled or given */
	bool given;
	uint64_t number; /* of those given, from 0 */
};

enum window_state {
	WINDOW_UNDER_WAY, /* or not given yet */
	WINDOW_AHEAD,     /* the same, and looked at ahead */
	WINDOW_DONE       /* its outcome came back */
};

/* How far windows_look_ahead has come. */
struct windows_ahead {
	uint64_t number; /* of the window */
	size_t index;    /* of the next item in it */
	size_t items;    /* that were looked at and are under way */
	uint64_t bytes;  /* of them */
};

struct windows {
	struct window list[EXECUTOR_WINDOWS];
	struct window *filling; /* NULL: none free */
	size_t room;            /* of the next window to be filled */
	int64_t given_micros;   /* when the last one was given */
	uint64_t given;         /* windows so far */
	struct windows_ahead ahead;
};

void windows_open(struct windows *windows);

/* True where windows_add may be called `count` times, and should be. Finds a free window where none
 * is being filled. */
bool windows_have_room(struct windows *windows, size_t count);

/* Copies an item (all that it points to) into the window that is being filled. */
void windows_add(struct windows *windows, const struct item *item);

/* How many items wait to be given. */
size_t windows_waiting(const struct windows *windows);

/* Hands out the window that is being filled; items stay valid until all their outcomes were
 * released. Each window has twice as many items as the one before where that was used up within a
 * second, so that short items don't wait for main. */
const struct item *windows_give(struct windows *windows, size_t *count);

/* The next item that was given and has not come back, each once, in the order in which they are
 * started; NULL: none now, because there is none, or because those that were looked at and have not
 * come back are as many as `items` or have as many as `bytes`. */
const struct item *windows_look_ahead(struct windows *windows, size_t items, uint64_t bytes);

/* The item that an outcome belongs to; NULL for one that is late, a duplicate, or never was given.
 */
const struct item *windows_find(struct windows *windows, const struct outcome *outcome);

/* The outcome's item is not needed any more. */
void windows_release(struct windows *windows, const struct outcome *outcome);

void windows_close(struct windows *windows);

/* What item_copy takes of an arena at most. */
size_t item_bytes(const struct item *item);

/* Copies what an item points to into `arena`. Slots that lie within the key stay within its copy.
 */
void item_copy(struct item *copy, const struct item *item, struct arena *arena);

#endif
