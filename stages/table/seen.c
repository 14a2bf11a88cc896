#include "stages/table/seen.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"

struct seen_key {
	uint64_t high; /* half of the digest; the index has the other, folded */
	uint32_t low;
	uint32_t line; /* capped */
};

bool seen_before(struct seen *seen, const struct slot *key, uint64_t line, uint64_t *first)
{
	struct digest digest = digest_of(key->data, key->length);
	struct hashes_walk walk = hashes_find(&seen->hashes, digest.low);
	for (uint32_t number; hashes_next(&seen->hashes, &walk, &number);) {
		const struct seen_key *other = &seen->keys[number];
		*first = other->line;
		if (other->high == digest.high && other->low == (uint32_t)digest.low)
			return true;
	}
	if (seen->count == seen->room) {
		seen->room = seen->room ? seen->room * 2 : 256;
		seen->keys = memory_resize(seen->keys, seen->room * sizeof(*seen->keys));
	}
	hashes_add(&seen->hashes, digest.low, (uint32_t)seen->count);
	seen->keys[seen->count++] = (struct seen_key){
		.high = digest.high,
		.low = (uint32_t)digest.low,
		.line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX,
	};
	return false;
}

void seen_finish(struct seen *seen)
{
	hashes_finish(&seen->hashes);
	free(seen->keys);
	*seen = (struct seen){ 0 };
}
