/* TZif, RFC 8536. */

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/zone_private.h"

enum {
	FILE_HEADER = 44,
	FILE_VERSION_AT = 4,
	FILE_COUNTS_AT = 20,
	FILE_TYPE_BYTES = 6,
	FILE_MOST_OFFSET = 26 * 3600, /* seconds; RFC 8536 */
};

/* How many of each a block has. */
struct file_counts {
	size_t is_utc, is_standard, leaps, times, types, name_bytes;
};

/* What is left of the file. */
struct file_rest {
	const unsigned char *at;
	size_t left;
};

static uint64_t file_big(const unsigned char *at, size_t bytes)
{
	uint64_t number = 0;
	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | at[i];
	return number;
}

static const unsigned char *file_take(struct file_rest *rest, size_t bytes)
{
	const unsigned char *at = rest->at;
	if (bytes > rest->left)
		return NULL;
	rest->at += bytes;
	rest->left -= bytes;
	return at;
}

static bool file_header(struct file_rest *rest, struct file_counts *counts, int *version)
{
	const unsigned char *at = file_take(rest, FILE_HEADER);
	if (!at || memcmp(at, "TZif", FILE_VERSION_AT) != 0)
		return false;
	*version = at[FILE_VERSION_AT] ? at[FILE_VERSION_AT] - '0' : 1;
	size_t *const each[] = { &counts->is_utc, &counts->is_standard, &counts->leaps,
		&counts->times, &counts->types, &counts->name_bytes };
	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++) {
		*each[i] = (size_t)file_big(at + FILE_COUNTS_AT + i * 4, 4);
		if (*each[i] > rest->left)
			return false;
	}
	return true;
}

/* Bytes of a block whose times have `width` bytes. */
static size_t file_block_bytes(const struct file_counts *counts, size_t width)
{
	return counts->times * (width + 1) + counts->types * FILE_TYPE_BYTES + counts->name_bytes +
	       counts->leaps * (width + 4) + counts->is_standard + counts->is_utc;
}

static bool file_times(struct zone *zone, struct file_rest *rest, size_t count, size_t width)
{
	const unsigned char *times = file_take(rest, count * width);
	const unsigned char *kinds = file_take(rest, count);
	if (!times || !kinds)
		return false;
	zone->times = memory_zeroed(count + 1, sizeof(*zone->times));
	zone->kinds = memory_zeroed(count + 1, sizeof(*zone->kinds));
	for (size_t i = 0; i < count; i++) {
		const uint64_t raw = file_big(times + i * width, width);
		zone->times[i] = width == 4 ? (int32_t)(uint32_t)raw : (int64_t)raw;
		zone->kinds[i] = kinds[i];
		if ((i > 0 && zone->times[i] <= zone->times[i - 1]) || kinds[i] >= zone->type_count)
			return false;
	}
	zone->count = count;
	return true;
}

static bool file_types(struct zone *zone, struct file_rest *rest, const struct file_counts *counts)
{
	const unsigned char *types = file_take(rest, counts->types * FILE_TYPE_BYTES);
	const unsigned char *names = file_take(rest, counts->name_bytes);
	if (!types || !names || counts->types == 0 || counts->types > UINT8_MAX + 1)
		return false;
	zone->types = memory_zeroed(counts->types, sizeof(*zone->types));
	zone->names = memory_zeroed(counts->name_bytes + 1, 1);
	memcpy(zone->names, names, counts->name_bytes);
	for (size_t i = 0; i < counts->types; i++) {
		const unsigned char *at = types + i * FILE_TYPE_BYTES;
		struct zone_type *type = &zone->types[i];
		type->offset = (int32_t)(uint32_t)file_big(at, 4);
		type->name = at[5];
		if (type->offset > FILE_MOST_OFFSET || type->offset < -FILE_MOST_OFFSET ||
			type->name >= counts->name_bytes)
			return false;
	}
	return true;
}

/* The rule behind the second block, between two line feeds; there may be none. */
static bool file_footer(struct zone *zone, struct file_rest *rest)
{
	const unsigned char *open = file_take(rest, 1);
	if (!open || *open != '\n')
		return false;
	const unsigned char *end = memchr(rest->at, '\n', rest->left);
	if (!end)
		return false;
	return end == rest->at ||
	       zone_rule_parse(&zone->rule, (const char *)rest->at, (size_t)(end - rest->at));
}

bool zone_parse(struct zone *zone, const unsigned char *bytes, size_t length, struct error *err)
{
	struct file_rest rest = { bytes, length };
	struct file_counts counts;
	int version;
	size_t width = 4;
	bool fine = file_header(&rest, &counts, &version);
	if (fine && version >= 2) {
		width = 8;
		fine = file_take(&rest, file_block_bytes(&counts, 4)) &&
		       file_header(&rest, &counts, &version);
	}
	if (fine && counts.leaps > 0)
		return fail(err, ERROR_UNSUPPORTED, "it counts leap seconds");
	zone->type_count = fine ? counts.types : 0;
	fine = fine && file_times(zone, &rest, counts.times, width) &&
	       file_types(zone, &rest, &counts) &&
	       file_take(&rest, counts.is_standard + counts.is_utc) &&
	       (version < 2 || file_footer(zone, &rest));
	return fine || fail(err, ERROR_DAMAGED, "it is no TZif file, or a damaged one");
}

void zone_free(struct zone *zone)
{
	if (!zone)
		return;
	free(zone->times);
	free(zone->kinds);
	free(zone->types);
	free(zone->names);
	free(zone);
}
