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

enum { WINDOW_LEAST = 256, WINDOW_MOST = 65536 };

struct window {
	struct arena arena; /* owns what the items point to */
	struct item *items;
	bool *done; /* one for each item: its outcome came back */
	size_t count, room;
	size_t outstanding; /* 0 and count > 0: to be filled or given */
	bool given;
};

struct windows {
	struct window list[EXECUTOR_WINDOWS];
	struct window *filling; /* NULL: none free */
	size_t room;            /* of the next window to be filled */
	int64_t given_micros;   /* when the last one was given */
};

void windows_open(struct windows *windows);

/* True where windows_add may be called `count` times. Finds a free window where none is being
 * filled. */
bool windows_have_room(struct windows *windows, size_t count);

/* Copies an item (all that it points to) into the window that is being filled. */
void windows_add(struct windows *windows, const struct item *item);

/* How many items wait to be given. */
size_t windows_waiting(const struct windows *windows);

/* Hands out the window that is being filled; items stay valid until all their outcomes were
 * released. Each window has twice as many items as the one before where that was used up within a
 * second, so that short items don't wait for main. */
const struct item *windows_give(struct windows *windows, size_t *count);

/* The item that an outcome belongs to; NULL for one that is late, a duplicate, or never was given.
 */
const struct item *windows_find(struct windows *windows, const struct outcome *outcome);

/* The outcome's item is not needed any more. */
void windows_release(struct windows *windows, const struct outcome *outcome);

void windows_close(struct windows *windows);

/* Copies what an item points to into `arena`. Slots that lie within the key stay within its copy.
 */
void item_copy(struct item *copy, const struct item *item, struct arena *arena);

#endif
