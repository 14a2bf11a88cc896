#include "pipeline/cache_packed.h"

#include <string.h>

/* mark and format (4), checksum (16), validator (16), wall time (8), enum cache_found (1); then of
 * each value its length plus 1 (4; 0: absent) and its bytes. Numbers have their lowest byte first,
 * whatever the host. The checksum covers what follows it, the key and the table. */
enum { PACKED_SUM = 4, PACKED_VERSION = 20, PACKED_BORN = 36, PACKED_FOUND = 44, PACKED_VALUES };

static const char packed_mark[] = { 'n', 'm', 'c', 1 };

static void packed_put(char *to, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (char)(number >> 8 * i & 0xff);
}

static uint64_t packed_get(const char *from, size_t bytes)
{
	uint64_t number = 0;
	for (size_t i = bytes; i-- > 0;)
		number = number << 8 | (unsigned char)from[i];
	return number;
}

static void packed_put_digest(char *to, struct digest digest)
{
	packed_put(to, digest.low, 8);
	packed_put(to + 8, digest.high, 8);
}

static struct digest packed_get_digest(const char *from)
{
	return (struct digest){ packed_get(from, 8), packed_get(from + 8, 8) };
}

static struct digest packed_sum(
	const struct slot *bytes, struct digest table, const struct slot *key)
{
	const struct digest body =
		digest_of(bytes->data + PACKED_VERSION, bytes->length - PACKED_VERSION);
	return digest_mix(body, digest_mix(table, digest_of(key->data, key->length)));
}

void packed_add(struct text *text, const struct packed_about *about, const struct slot *key,
	const struct packed_answer *packed)
{
	const struct cache_answer *answer = &packed->answer;
	size_t start = text->length;
	char head[PACKED_VALUES] = { 0 }, length[4];
	memcpy(head, packed_mark, sizeof(packed_mark));
	packed_put_digest(head + PACKED_VERSION, about->version);
	packed_put(head + PACKED_BORN, (uint64_t)packed->born_micros, 8);
	head[PACKED_FOUND] = (char)answer->found;
	text_add(text, head, sizeof(head));
	for (size_t i = 0; answer->found == CACHE_FOUND && i < about->columns; i++) {
		const struct slot *value = &answer->values[i];
		packed_put(length, value->data ? (uint64_t)value->length + 1 : 0, 4);
		text_add(text, length, sizeof(length));
		if (value->data)
			text_add(text, value->data, value->length);
	}
	const struct slot bytes = { text->data + start, (uint32_t)(text->length - start), false };
	packed_put_digest(text->data + start + PACKED_SUM, packed_sum(&bytes, about->table, key));
}

static bool packed_read_values(const struct slot *bytes, size_t columns, struct slot *values)
{
	size_t at = PACKED_VALUES;
	for (size_t i = 0; i < columns; i++) {
		if (bytes->length - at < 4)
			return false;
		uint32_t length = (uint32_t)packed_get(bytes->data + at, 4);
		at += 4;
		if (length == 0)
			continue;
		if (bytes->length - at < --length)
			return false;
		values[i] = (struct slot){ bytes->data + at, length, false };
		at += length;
	}
	return at == bytes->length;
}

enum packed_verdict packed_read(const struct slot *bytes, const struct packed_about *about,
	const struct slot *key, struct arena *arena, struct packed_answer *packed)
{
	size_t columns = about->columns;
	if (bytes->length < PACKED_VALUES ||
		memcmp(bytes->data, packed_mark, sizeof(packed_mark)) != 0 ||
		!digest_equal(packed_get_digest(bytes->data + PACKED_SUM),
			packed_sum(bytes, about->table, key)))
		return PACKED_UNREADABLE;
	unsigned found = (unsigned char)bytes->data[PACKED_FOUND];
	struct slot *values =
		found == CACHE_FOUND ? arena_alloc(arena, columns * sizeof(*values)) : NULL;
	if (found > CACHE_SEVERAL || !packed_read_values(bytes, values ? columns : 0, values))
		return PACKED_UNREADABLE;
	if (!digest_equal(packed_get_digest(bytes->data + PACKED_VERSION), about->version))
		return PACKED_CHANGED;
	packed->answer = (struct cache_answer){ (enum cache_found)found, values };
	packed->born_micros = (int64_t)packed_get(bytes->data + PACKED_BORN, 8);
	return PACKED_FINE;
}
