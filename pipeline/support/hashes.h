#ifndef NIGHTMILL_SUPPORT_HASHES_H
#define NIGHTMILL_SUPPORT_HASHES_H

/* From a hash to the numbers that were put under it: the index of a list that its owner keeps. Two
 * things may share a hash, so the owner compares:
 *
 *     struct hashes_walk walk = hashes_find(&hashes, hash);
 *     for (uint32_t number; hashes_next(&hashes, &walk, &number);)
 *             if (same(list[number], wanted))
 *                     return number;
 *
 * 8 bytes a place, at most three quarters of them in use. All zero is an empty one. Not for several
 * threads at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hashes_place {
	uint32_t hash;
	uint32_t number; /* plus 1; 0: free */
};

struct hashes {
	struct hashes_place *places;
	size_t room; /* a power of two */
	size_t count;
};

struct hashes_walk {
	uint32_t hash;
	size_t at;
};

/* A hash of `length` bytes. */
uint64_t hashes_of(const void *data, size_t length);

struct hashes_walk hashes_find(const struct hashes *hashes, uint64_t hash);

/* The next number under the hash; false behind the last. */
bool hashes_next(const struct hashes *hashes, struct hashes_walk *walk, uint32_t *number);

/* `number` is below UINT32_MAX. */
void hashes_add(struct hashes *hashes, uint64_t hash, uint32_t number);

/* Takes out what was added with this hash and number; it must be there. */
void hashes_remove(struct hashes *hashes, uint64_t hash, uint32_t number);

/* Empties it and keeps its memory. */
void hashes_clear(struct hashes *hashes);

size_t hashes_bytes(const struct hashes *hashes);

void hashes_finish(struct hashes *hashes);

#endif
