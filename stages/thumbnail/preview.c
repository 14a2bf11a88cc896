#include "stages/thumbnail/preview.h"

#include <stdint.h>
#include <string.h>

#include "stages/thumbnail/chunks.h"
#include "stages/thumbnail/folders.h"

enum {
	PREVIEW_APP1 = 0xE1,
	PREVIEW_APP2 = 0xE2,
	PREVIEW_ENTRIES = 0xB002, /* of the Multi-Picture Format */
	PREVIEW_ENTRY_BYTES = 16,
	PREVIEW_LARGE = 0x010000, /* the kinds of entries that are previews */
};

/* Of a file, those that were found so far. */
struct preview_search {
	const unsigned char *data;
	size_t length;
	struct preview *found;
	size_t count;
};

/* `base` is what offsets count from. */
static void preview_add(
	struct preview_search *search, const unsigned char *base, size_t offset, size_t length)
{
	const size_t room = search->length - (size_t)(base - search->data);
	if (search->count == PREVIEW_MOST || offset == 0 || offset > room || length < 4 ||
		length > room - offset || memcmp(base + offset, "\xFF\xD8\xFF", 3) != 0)
		return;
	search->found[search->count++] = (struct preview){ base + offset, length };
}

static bool preview_folders(const struct chunk *chunk, size_t head, struct folders *folders)
{
	/* Nothing is written through it. */
	unsigned char *data = (unsigned char *)(uintptr_t)chunk->data;
	return folders_open(folders, data + head, chunk->length - head);
}

static void preview_of_exif(struct preview_search *search, const struct chunk *chunk)
{
	struct folders folders;
	struct folders_entry at, bytes;
	if (chunk->length < 6 || memcmp(chunk->data, "Exif\0\0", 6) != 0 ||
		!preview_folders(chunk, 6, &folders))
		return;
	const size_t second = folders_next(&folders, folders.first);
	if (second != 0 && folders_find(&folders, second, FOLDERS_PREVIEW_AT, &at) &&
		folders_find(&folders, second, FOLDERS_PREVIEW_BYTES, &bytes))
		preview_add(search, chunk->data + 6, folders_number(&folders, &at, 0),
			folders_number(&folders, &bytes, 0));
}

static uint32_t preview_number(const struct folders *folders, size_t at)
{
	return folders->little ? chunks_little(folders->data + at, 4)
			       : chunks_big(folders->data + at, 4);
}

static void preview_of_format(struct preview_search *search, const struct chunk *chunk)
{
	struct folders folders;
	struct folders_entry entries;
	if (chunk->length < 4 || memcmp(chunk->data, "MPF\0", 4) != 0 ||
		!preview_folders(chunk, 4, &folders) ||
		!folders_find(&folders, folders.first, PREVIEW_ENTRIES, &entries))
		return;
	for (size_t i = 0; (i + 1) * PREVIEW_ENTRY_BYTES <= entries.bytes; i++) {
		const size_t at = entries.value + i * PREVIEW_ENTRY_BYTES;
		const uint32_t kind = preview_number(&folders, at) & 0xFFFFFF;
		if ((kind & 0xFF0000) == PREVIEW_LARGE)
			preview_add(search, folders.data, preview_number(&folders, at + 8),
				preview_number(&folders, at + 4));
	}
}

size_t preview_find(const unsigned char *data, size_t length, struct preview previews[PREVIEW_MOST])
{
	struct preview_search search = { data, length, previews, 0 };
	struct chunks chunks = chunks_of_jpeg(data, length);
	struct chunk chunk;
	while (chunks_next(&chunks, &chunk))
		if (chunk.name == PREVIEW_APP1)
			preview_of_exif(&search, &chunk);
		else if (chunk.name == PREVIEW_APP2)
			preview_of_format(&search, &chunk);
	return search.count;
}

/* A box of this name, anywhere: what is none by chance costs a preview. */
static const unsigned char *preview_box(
	const unsigned char *data, const unsigned char *end, const char *name)
{
	return memmem(data, (size_t)(end - data), name, 4);
}

bool preview_turns(const unsigned char *data, size_t length)
{
	const unsigned char *end = data + length, *at = data;
	if (preview_box(data, end, "imir"))
		return true;
	while ((at = preview_box(at, end, "irot"))) {
		at += 4;
		if (at < end && (*at & 3) != 0)
			return true;
	}
	return false;
}
