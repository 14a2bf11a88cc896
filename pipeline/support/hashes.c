#include "pipeline/support/hashes.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/support/arena.h"

enum { HASHES_LEAST = 16, HASHES_HALF_BITS = 32 };

uint64_t hashes_of(const void *data, size_t length)
{
	return XXH3_64bits(data, length);
}

static uint32_t hashes_fold(uint64_t hash)
{
	return (uint32_t)(hash >> HASHES_HALF_BITS) ^ (uint32_t)hash;
}

struct hashes_walk hashes_find(const struct hashes *hashes, uint64_t hash)
{
	uint32_t folded = hashes_fold(hash);
	return (struct hashes_walk){ folded, hashes->room ? folded & (hashes->room - 1) : 0 };
}

bool hashes_next(const struct hashes *hashes, struct hashes_walk *walk, uint32_t *number)
{
	while (hashes->room && hashes->places[walk->at].number) {
		const struct hashes_place *place = &hashes->places[walk->at];
		walk->at = (walk->at + 1) & (hashes->room - 1);
		if (place->hash != walk->hash)
			continue;
		*number = place->number - 1;
		return true;
	}
	return false;
}

static void hashes_put(struct hashes *hashes, struct hashes_place place)
{
	size_t at = place.hash & (hashes->room - 1);
	while (hashes->places[at].number)
		at = (at + 1) & (hashes->room - 1);
	hashes->places[at] = place;
}

static void hashes_grow(struct hashes *hashes)
{
	struct hashes old = *hashes;
	hashes->room = old.room ? old.room * 2 : HASHES_LEAST;
	hashes->places = memory_zeroed(hashes->room, sizeof(*hashes->places));
	for (size_t i = 0; i < old.room; i++)
		if (old.places[i].number)
			hashes_put(hashes, old.places[i]);
	free(old.places);
}

void hashes_add(struct hashes *hashes, uint64_t hash, uint32_t number)
{
	if ((hashes->count + 1) * 4 > hashes->room * 3)
		hashes_grow(hashes);
	hashes->count++;
	hashes_put(hashes, (struct hashes_place){ hashes_fold(hash), number + 1 });
}

/* Moves what stands behind a free place back towards where it belongs, so that no walk ends early.
 */
static void hashes_close_gap(struct hashes *hashes, size_t gap)
{
	size_t mask = hashes->room - 1;
	for (size_t at = (gap + 1) & mask; hashes->places[at].number; at = (at + 1) & mask) {
		size_t home = hashes->places[at].hash & mask;
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		hashes->places[gap] = hashes->places[at];
		gap = at;
	}
	hashes->places[gap].number = 0;
}

void hashes_remove(struct hashes *hashes, uint64_t hash, uint32_t number)
{
	struct hashes_walk walk = hashes_find(hashes, hash);
	uint32_t found = 0;
	bool there = false;
	while (!there && hashes_next(hashes, &walk, &found))
		there = found == number;
	assert(there);
	hashes->count--;
	hashes_close_gap(hashes, (walk.at - 1) & (hashes->room - 1));
}

void hashes_clear(struct hashes *hashes)
{
	if (hashes->room)
		memset(hashes->places, 0, hashes->room * sizeof(*hashes->places));
	hashes->count = 0;
}

size_t hashes_bytes(const struct hashes *hashes)
{
	return hashes->room * sizeof(*hashes->places);
}

void hashes_finish(struct hashes *hashes)
{
	free(hashes->places);
	*hashes = (struct hashes){ 0 };
}
