#include "pipeline/hoard.h"

#include <stdlib.h>
#include <string.h>

enum { HOARD_VARINT_BYTES = 10, HOARD_FIRST = 1024 };

/* What a number needs: seven bits a byte, the lowest first. */
static size_t hoard_put_number(unsigned char *to, uint64_t number)
{
	size_t length = 0;
	for (; number >= 0x80; number >>= 7)
		to[length++] = (unsigned char)(number | 0x80);
	to[length++] = (unsigned char)number;
	return length;
}

static uint64_t hoard_get_number(const unsigned char **from)
{
	uint64_t number = 0;
	unsigned shift = 0;
	for (; **from & 0x80; shift += 7)
		number |= (uint64_t)(*(*from)++ & 0x7F) << shift;
	return number | (uint64_t) * (*from)++ << shift;
}

/* A slot's head: 0 absent, else its length and whether it is secret. */
static uint64_t hoard_head(const struct slot *slot, bool kept)
{
	if (!kept || !slot->data)
		return 0;
	return ((uint64_t)slot->length << 1 | slot->secret) + 1;
}

/* What few records have. */
struct hoard_extra {
	struct validator validator;
	struct digest group;
	int64_t rank;
	uint32_t edition;
};

static bool hoard_extra_of(const struct item *record, struct hoard_extra *extra)
{
	static const struct validator none = { 0 };
	*extra = (struct hoard_extra){ record->validator, record->group, record->rank,
		record->edition };
	return memcmp(&record->validator, &none, sizeof(none)) != 0 ||
	       !digest_none(record->group) || record->rank || record->edition;
}

static size_t hoard_most_bytes(const struct item *record)
{
	size_t bytes = sizeof(struct hoard_extra) + record->key_length +
		       HOARD_VARINT_BYTES * (record->slot_count + 3);
	for (size_t i = 0; i < record->slot_count; i++)
		bytes += record->slots[i].data ? record->slots[i].length : 0;
	return bytes;
}

static size_t hoard_pack(unsigned char *to, const struct item *record, const struct fields *fields)
{
	struct hoard_extra extra;
	unsigned char *next = to;
	const bool has_extra = hoard_extra_of(record, &extra);
	next += hoard_put_number(next, (uint64_t)record->key_length << 1 | has_extra);
	memcpy(next, record->key, record->key_length);
	next += record->key_length;
	next += hoard_put_number(next, record->bytes);
	if (has_extra) {
		memcpy(next, &extra, sizeof(extra));
		next += sizeof(extra);
	}
	next += hoard_put_number(next, record->slot_count);
	for (size_t i = 0; i < record->slot_count; i++) {
		const struct slot *slot = &record->slots[i];
		uint64_t head = hoard_head(slot, fields->used[i]);
		next += hoard_put_number(next, head);
		if (!head)
			continue;
		memcpy(next, slot->data, slot->length);
		next += slot->length;
	}
	return (size_t)(next - to);
}

void hoard_add(struct hoard *hoard, const struct item *record, const struct fields *fields)
{
	unsigned char small[512], *large = NULL;
	size_t most = hoard_most_bytes(record);
	if (most > sizeof(small))
		large = memory_alloc(most);
	unsigned char *packed = large ? large : small;
	size_t length = hoard_pack(packed, record, fields);
	if (hoard->count == hoard->room) {
		hoard->room = hoard->room ? hoard->room * 2 : HOARD_FIRST;
		hoard->records = memory_resize(
			(void *)hoard->records, hoard->room * sizeof(*hoard->records));
	}
	hoard->records[hoard->count++] =
		(const unsigned char *)arena_copy(&hoard->arena, packed, length);
	free(large);
}

struct item hoard_get(const struct hoard *hoard, size_t number, struct arena *arena)
{
	const unsigned char *next = hoard->records[number];
	struct item record = { 0 };
	uint64_t head = hoard_get_number(&next);
	record.key = (const char *)next;
	record.key_length = head >> 1;
	next += record.key_length;
	record.bytes = hoard_get_number(&next);
	if (head & 1) {
		struct hoard_extra extra;
		memcpy(&extra, next, sizeof(extra));
		next += sizeof(extra);
		record.validator = extra.validator;
		record.group = extra.group;
		record.rank = extra.rank;
		record.edition = extra.edition;
	}
	record.slot_count = hoard_get_number(&next);
	struct slot *slots = arena_alloc(arena, record.slot_count * sizeof(*slots));
	for (size_t i = 0; i < record.slot_count; i++) {
		head = hoard_get_number(&next);
		if (!head)
			continue;
		slots[i].data = (const char *)next;
		slots[i].length = (uint32_t)((head - 1) >> 1);
		slots[i].secret = (head - 1) & 1;
		next += slots[i].length;
	}
	record.slots = slots;
	return record;
}

size_t hoard_bytes(const struct hoard *hoard)
{
	return arena_bytes(&hoard->arena) + hoard->room * sizeof(*hoard->records);
}

void hoard_finish(struct hoard *hoard)
{
	arena_finish(&hoard->arena);
	free((void *)hoard->records);
	*hoard = (struct hoard){ 0 };
}
