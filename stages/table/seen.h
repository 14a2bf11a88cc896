#ifndef NIGHTMILL_STAGES_TABLE_SEEN_H
#define NIGHTMILL_STAGES_TABLE_SEEN_H

/* Which keys have been given, in 16 bytes a key and the index: for a million of them 32 MB. Keys
 * are told apart by 128 bits of digest. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/hashes.h"

struct seen {
	struct hashes hashes;
	struct seen_key *keys;
	size_t count, room;
};

/* Notes a key and the line that it stands on (0: none). True where it was there already: `*first`
 * is that one's line. */
bool seen_before(struct seen *seen, const struct slot *key, uint64_t line, uint64_t *first);

void seen_finish(struct seen *seen);

#endif
