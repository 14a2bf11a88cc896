#ifndef NIGHTMILL_HOARD_H
#define NIGHTMILL_HOARD_H

/* Records kept by a head stage that needs all of them before it can give the first, packed: the
 * bytes of key and slots, a byte or two for the length of each, and 8 bytes a record. Slots that no
 * one reads are left out. All zero is an empty one. */

#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/arena.h"

struct hoard {
	struct arena arena;
	const unsigned char **records;
	size_t count, room;
};

/* Keeps a record as number hoard->count, with those slots that are `used` in `fields`. */
void hoard_add(struct hoard *hoard, const struct item *record, const struct fields *fields);

/* The record with this number, as it was added, but for slots that were left out. Key and slots'
 * bytes are borrowed from the hoard, the slots themselves live in `arena`. */
struct item hoard_get(const struct hoard *hoard, size_t number, struct arena *arena);

/* Bytes that it holds. */
size_t hoard_bytes(const struct hoard *hoard);

void hoard_finish(struct hoard *hoard);

#endif
