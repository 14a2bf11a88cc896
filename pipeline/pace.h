#ifndef NIGHTMILL_PACE_H
#define NIGHTMILL_PACE_H

/* Items that wait for their turn: no more begin within any minute than the rules of a stage allow,
 * in all and of one key. Items of one key keep their order; a key that has to wait holds up no
 * other. Time is what the caller says it is (microseconds). Main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/hashes.h"

/* When the last ones began, as many as a minute may have. */
struct pace_log {
	int64_t *times; /* a ring */
	uint32_t most;  /* 0: any number, none is kept */
	uint32_t room, count, first;
};

struct pace_waiting;

struct pace_key {
	char *name;
	struct pace_log log;
	struct pace_waiting *first, **end;
};

struct pace {
	struct pace_log all;
	uint32_t key_most;
	struct pace_key *keys;
	size_t key_count, key_room;
	struct hashes by_name;
	uint32_t *active; /* numbers of keys of which something waits, in turn */
	size_t active_count, active_room;
	size_t count; /* items that wait */
	struct pace_waiting *taken;
};

/* 0: any number a minute. */
void pace_open(struct pace *pace, uint32_t per_minute, uint32_t key_per_minute);

/* Keeps a copy of the item. `name`: of its key; may be NULL. */
void pace_add(struct pace *pace, const struct item *item, const char *name);

/* The next item that may begin at `now`, and begins; NULL: none may. Valid until the next call. */
const struct item *pace_take(struct pace *pace, int64_t now);

/* When the next one may begin; in the past: now; INT64_MAX: none waits. */
int64_t pace_due(const struct pace *pace);

void pace_close(struct pace *pace);

#endif
