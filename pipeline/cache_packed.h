#ifndef NIGHTMILL_CACHE_PACKED_H
#define NIGHTMILL_CACHE_PACKED_H

/* An answer as bytes that other runs, hosts and versions of this program may read back, or find
 * damaged. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/cache.h"

/* What an answer belongs to: bytes that were packed with another `about` than they are read with
 * are not taken for an answer. */
struct packed_about {
	struct digest table;   /* the table, and what is asked of it */
	struct digest version; /* the validator that it was loaded under; none: no one asked */
	size_t columns;        /* values of a row */
};

struct packed_answer {
	struct cache_answer answer;
	int64_t born_micros; /* wall time of its load */
};

enum packed_verdict {
	PACKED_FINE,
	PACKED_UNREADABLE, /* damaged, cut short, of another format, another key's or table's */
	PACKED_CHANGED,    /* loaded under another validator */
};

/* Adds the bytes of an answer. */
void packed_add(struct text *text, const struct packed_about *about, const struct slot *key,
	const struct packed_answer *packed);

/* Reads them back; values point into `bytes`, their list is the arena's. `packed` is filled in
 * where it is FINE. */
enum packed_verdict packed_read(const struct slot *bytes, const struct packed_about *about,
	const struct slot *key, struct arena *arena, struct packed_answer *packed);

#endif
