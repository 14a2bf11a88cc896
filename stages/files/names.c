#include "stages/files/names.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"

enum { NAMES_LIST_LEAST = 256, NAMES_BYTES_LEAST = 8192 };

static uint64_t names_first(const char *name, size_t length)
{
	uint64_t first = 0;
	for (size_t i = 0; i < 8; i++)
		first = first << 8 | (i < length ? (unsigned char)name[i] : 0);
	return first;
}

void names_add(struct names *names, const char *name, size_t length, bool link)
{
	if (names->count == names->room) {
		names->room = names->room ? 2 * names->room : NAMES_LIST_LEAST;
		names->list = memory_resize(names->list, names->room * sizeof(*names->list));
	}
	if (length + 1 > names->bytes_room - names->used) {
		names->bytes_room = 2 * names->bytes_room + NAMES_BYTES_LEAST;
		names->bytes = memory_resize(names->bytes, names->bytes_room);
	}
	names->list[names->count++] = (struct name){
		.first = names_first(name, length),
		.at = names->used,
		.length = (uint16_t)length,
		.link = link,
	};
	memcpy(names->bytes + names->used, name, length);
	names->bytes[names->used + length] = '\0';
	names->used += length + 1;
}

/* No name contains a NUL, so that the shorter of two that start alike comes first. */
static int names_compare(const void *left, const void *right, void *bytes)
{
	const struct name *a = left, *b = right;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return strcmp((const char *)bytes + a->at, (const char *)bytes + b->at);
}

void names_sort(struct names *names, size_t start)
{
	const size_t count = names->count - start;
	if (count > 1)
		qsort_r(names->list + start, count, sizeof(*names->list), names_compare,
			names->bytes);
}

/* The names from `count` on may have been sorted: the first in memory is where they start. */
void names_cut(struct names *names, size_t count)
{
	for (size_t i = count; i < names->count; i++) {
		if (names->list[i].at < names->used)
			names->used = names->list[i].at;
	}
	names->count = count;
}

const char *names_text(const struct names *names, const struct name *name)
{
	return names->bytes + name->at;
}

void names_finish(struct names *names)
{
	free(names->list);
	free(names->bytes);
	*names = (struct names){ 0 };
}
