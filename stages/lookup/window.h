#ifndef NIGHTMILL_STAGES_LOOKUP_WINDOW_H
#define NIGHTMILL_STAGES_LOOKUP_WINDOW_H

/* The keys of a window of records, each asked for once. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/cache.h"
#include "pipeline/head.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/hashes.h"
#include "pipeline/template.h"

/* The key of one record. */
struct window_key {
	struct slot text; /* absent: blank */
	size_t number;    /* of the same key among the unique ones */
	bool secret;      /* made of a secret slot */
};

/* All zero is a new one. */
struct window {
	struct arena arena; /* owns what the keys point to */
	struct window_key keys[HEAD_WINDOW];
	struct slot unique[HEAD_WINDOW];
	size_t unique_count;
	struct cache_answer answers[HEAD_WINDOW]; /* for each of the unique ones */
	struct hashes hashes;
	struct text text;
	struct slot *added;
	size_t added_room;
};

/* Makes the keys of `count` records, HEAD_WINDOW at most. */
void window_fill(struct window *window, const struct template *key, const struct item *records,
	size_t count);

/* Room for the slots that a record gets, valid until the next call. */
struct slot *window_added(struct window *window, size_t count);

void window_finish(struct window *window);

#endif
