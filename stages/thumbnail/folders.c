#include "stages/thumbnail/folders.h"

#include <string.h>

#include "stages/thumbnail/chunks.h"

enum { FOLDERS_ENTRY_BYTES = 12, FOLDERS_SHORT = 3, FOLDERS_LONG = 4, FOLDERS_DEEPEST = 3 };

static uint32_t folders_read(const struct folders *folders, size_t at, unsigned bytes)
{
	return folders->little ? chunks_little(folders->data + at, bytes)
			       : chunks_big(folders->data + at, bytes);
}

static void folders_write(const struct folders *folders, size_t at, unsigned bytes, uint32_t value)
{
	for (unsigned i = 0; i < bytes; i++) {
		const unsigned place = folders->little ? i : bytes - 1 - i;
		folders->data[at + i] = (unsigned char)(value >> 8 * place);
	}
}

bool folders_open(struct folders *folders, unsigned char *data, size_t length)
{
	if (length < 14 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
		return false;
	*folders = (struct folders){ .data = data, .length = length, .little = data[0] == 'I' };
	folders->first = folders_read(folders, 4, 4);
	return folders->first >= 8 && folders->first <= length - 6;
}

/* Those that are there whole. */
static size_t folders_count(const struct folders *folders, size_t folder)
{
	if (folder < 8 || folder > folders->length - 6)
		return 0;
	const size_t count = folders_read(folders, folder, 2);
	const size_t room = (folders->length - folder - 2) / FOLDERS_ENTRY_BYTES;
	return count < room ? count : room;
}

static bool folders_entry_at(const struct folders *folders, size_t at, struct folders_entry *entry)
{
	static const unsigned sizes[] = { 0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8 };
	const uint32_t type = folders_read(folders, at + 2, 2);
	if (type >= sizeof(sizes) / sizeof(sizes[0]))
		return false;
	*entry = (struct folders_entry){
		.at = at,
		.tag = folders_read(folders, at, 2),
		.type = type,
		.count = folders_read(folders, at + 4, 4),
	};
	const uint64_t bytes = (uint64_t)entry->count * sizes[type];
	entry->value = bytes <= 4 ? at + 8 : folders_read(folders, at + 8, 4);
	entry->bytes = (size_t)bytes;
	return bytes <= folders->length && entry->value <= folders->length - bytes;
}

bool folders_find(
	const struct folders *folders, size_t folder, uint32_t tag, struct folders_entry *entry)
{
	const size_t count = folders_count(folders, folder);
	for (size_t i = 0; i < count; i++) {
		const size_t at = folder + 2 + i * FOLDERS_ENTRY_BYTES;
		if (folders_read(folders, at, 2) == tag)
			return folders_entry_at(folders, at, entry);
	}
	return false;
}

uint32_t folders_number(
	const struct folders *folders, const struct folders_entry *entry, uint32_t index)
{
	if (index >= entry->count)
		return 0;
	if (entry->type == FOLDERS_SHORT)
		return folders_read(folders, entry->value + (size_t)2 * index, 2);
	return entry->type == FOLDERS_LONG
		       ? folders_read(folders, entry->value + (size_t)4 * index, 4)
		       : 0;
}

size_t folders_inside(const struct folders *folders, size_t folder, uint32_t tag)
{
	struct folders_entry entry;
	return folders_find(folders, folder, tag, &entry) ? folders_number(folders, &entry, 0) : 0;
}

/* The offset of the number that leads to the next folder; 0: it is not there. */
static size_t folders_link(const struct folders *folders, size_t folder)
{
	if (folder < 8 || folder > folders->length - 6)
		return 0;
	const size_t at =
		folder + 2 + (size_t)folders_read(folders, folder, 2) * FOLDERS_ENTRY_BYTES;
	return at <= folders->length - 4 ? at : 0;
}

size_t folders_next(const struct folders *folders, size_t folder)
{
	const size_t link = folders_link(folders, folder);
	return link > 0 ? folders_read(folders, link, 4) : 0;
}

void folders_set(const struct folders *folders, const struct folders_entry *entry, uint32_t value)
{
	if (entry->count == 1 && entry->type == FOLDERS_SHORT)
		folders_write(folders, entry->value, 2, value);
	else if (entry->count == 1 && entry->type == FOLDERS_LONG)
		folders_write(folders, entry->value, 4, value);
}

void folders_cut(const struct folders *folders, size_t folder)
{
	const size_t link = folders_link(folders, folder);
	if (link > 0)
		folders_write(folders, link, 4, 0);
}

static size_t folders_larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static size_t folders_reach(const struct folders *folders, size_t folder, int depth)
{
	const size_t count = folders_count(folders, folder);
	size_t end = folder + 2 + count * FOLDERS_ENTRY_BYTES + 4;
	for (size_t i = 0; i < count && depth < FOLDERS_DEEPEST; i++) {
		struct folders_entry entry;
		if (!folders_entry_at(folders, folder + 2 + i * FOLDERS_ENTRY_BYTES, &entry))
			continue;
		end = folders_larger(end, entry.value + entry.bytes);
		if (entry.tag == FOLDERS_EXIF || entry.tag == FOLDERS_GPS ||
			entry.tag == FOLDERS_INTEROP)
			end = folders_larger(
				end, folders_reach(folders, folders_number(folders, &entry, 0),
					     depth + 1));
	}
	return end < folders->length ? end : folders->length;
}

size_t folders_extent(const struct folders *folders, size_t folder)
{
	return folders_reach(folders, folder, 0);
}
