#include "stages/thumbnail/carry.h"

#include <stdbool.h>
#include <string.h>

#include "stages/thumbnail/folders.h"

enum { CARRY_MOST_WORDS = 2000 }; /* bytes of a name or a notice */

static void carry_set(const struct folders *folders, size_t folder, uint32_t tag, uint32_t value)
{
	struct folders_entry entry;
	if (folder > 0 && folders_find(folders, folder, tag, &entry))
		folders_set(folders, &entry, value);
}

/* A preview that stands in front of what is kept. */
static void carry_wipe(const struct folders *folders, size_t preview, size_t end)
{
	struct folders_entry at, bytes;
	if (preview == 0 || !folders_find(folders, preview, FOLDERS_PREVIEW_AT, &at) ||
		!folders_find(folders, preview, FOLDERS_PREVIEW_BYTES, &bytes))
		return;
	const size_t from = folders_number(folders, &at, 0);
	const size_t length = folders_number(folders, &bytes, 0);
	if (from < 8 || from >= end || length > folders->length - from)
		return;
	memset(folders->data + from, 0, length < end - from ? length : end - from);
}

void carry_exif(const struct metadata *metadata, uint32_t width, uint32_t height, struct text *out)
{
	text_clear(out);
	if (metadata->exif.length == 0)
		return;
	struct text copy = { .data = NULL };
	text_add(&copy, metadata->exif.data, metadata->exif.length);
	struct folders folders;
	if (folders_open(&folders, (unsigned char *)copy.data, copy.length)) {
		const size_t end = folders_extent(&folders, folders.first);
		const size_t preview = folders_next(&folders, folders.first);
		const size_t inside = folders_inside(&folders, folders.first, FOLDERS_EXIF);
		carry_wipe(&folders, preview, end);
		folders_cut(&folders, folders.first);
		carry_set(&folders, folders.first, FOLDERS_ORIENTATION, 1);
		carry_set(&folders, inside, FOLDERS_WIDTH, width);
		carry_set(&folders, inside, FOLDERS_HEIGHT, height);
		text_add(out, copy.data, end);
	}
	text_finish(&copy);
}

/* The words of an entry, up to a NUL. */
static void carry_words(const struct metadata *metadata, uint32_t tag, struct text *words)
{
	struct folders folders;
	struct folders_entry entry;
	if (metadata->exif.length == 0 ||
		!folders_open(
			&folders, (unsigned char *)metadata->exif.data, metadata->exif.length) ||
		!folders_find(&folders, folders.first, tag, &entry) ||
		entry.bytes > CARRY_MOST_WORDS)
		return;
	const char *data = metadata->exif.data + entry.value;
	text_add(words, data, strnlen(data, entry.bytes));
	while (words->length > 0 && words->data[words->length - 1] == ' ')
		words->data[--words->length] = '\0';
}

/* What stands in the first item of a list such as <dc:rights>, entities and all. */
static void carry_item(const struct text *xmp, const char *name, struct text *words)
{
	if (xmp->length == 0)
		return;
	const char *end = xmp->data + xmp->length;
	const char *at = memmem(xmp->data, xmp->length, name, strlen(name));
	const char *item = at ? memmem(at, (size_t)(end - at), "<rdf:li", 7) : NULL;
	const char *from = item ? memchr(item, '>', (size_t)(end - item)) : NULL;
	const char *to = from ? memchr(from, '<', (size_t)(end - from)) : NULL;
	if (to && to - from <= CARRY_MOST_WORDS)
		text_add(words, from + 1, (size_t)(to - from - 1));
}

/* Adds a folder of two entries of words at most, in the order of their tags. */
static void carry_write(const struct text words[2], struct text *out)
{
	static const uint32_t tags[2] = { FOLDERS_ARTIST, FOLDERS_COPYRIGHT };
	const unsigned count = (words[0].length > 0) + (words[1].length > 0);
	uint32_t value = 8 + 2 + 12 * count + 4;
	text_add(out, "II*\0\x08\0\0\0", 8);
	text_add(out, (unsigned char[]){ (unsigned char)count, 0 }, 2);
	for (int i = 0; i < 2; i++) {
		const uint32_t bytes = (uint32_t)words[i].length + 1;
		const uint32_t numbers[2] = { bytes, value };
		if (words[i].length == 0)
			continue;
		text_add(out,
			(unsigned char[]){
				(unsigned char)tags[i], (unsigned char)(tags[i] >> 8), 2, 0 },
			4);
		for (unsigned k = 0; k < 8; k++)
			text_add(out,
				&(unsigned char){ (unsigned char)(numbers[k / 4] >> 8 * (k % 4)) },
				1);
		value += bytes;
	}
	text_add(out, "\0\0\0", 4);
	for (int i = 0; i < 2; i++)
		if (words[i].length > 0)
			text_add(out, words[i].data, words[i].length + 1);
}

/* A value that fits into its entry has to stand there: words are made longer than that. */
static void carry_lengthen(struct text *words)
{
	while (words->length > 0 && words->length < 4)
		text_add(words, "", 1);
}

void carry_copyright(const struct metadata *metadata, struct text *out)
{
	text_clear(out);
	struct text words[2] = { { .data = NULL }, { .data = NULL } };
	carry_words(metadata, FOLDERS_ARTIST, &words[0]);
	carry_words(metadata, FOLDERS_COPYRIGHT, &words[1]);
	if (words[0].length == 0)
		carry_item(&metadata->xmp, "<dc:creator", &words[0]);
	if (words[1].length == 0)
		carry_item(&metadata->xmp, "<dc:rights", &words[1]);
	carry_lengthen(&words[0]);
	carry_lengthen(&words[1]);
	if (words[0].length > 0 || words[1].length > 0)
		carry_write(words, out);
	text_finish(&words[0]);
	text_finish(&words[1]);
}

/* The digit behind each `name` becomes 1. */
static void carry_turn(struct text *xmp, const char *name)
{
	const size_t length = strlen(name);
	char *at = xmp->data, *const end = xmp->data + xmp->length;
	while ((at = memmem(at, (size_t)(end - at), name, length)) != NULL) {
		at += length;
		if (at < end && *at >= '1' && *at <= '8')
			*at = '1';
	}
}

void carry_xmp(const struct metadata *metadata, struct text *out)
{
	static const char from[] = "<xmp:Thumbnails", to[] = "</xmp:Thumbnails>";
	text_clear(out);
	const struct text *xmp = &metadata->xmp;
	if (xmp->length == 0)
		return;
	const char *end = xmp->data + xmp->length;
	const char *cut = memmem(xmp->data, xmp->length, from, sizeof(from) - 1);
	const char *on = cut ? memmem(cut, (size_t)(end - cut), to, sizeof(to) - 1) : NULL;
	text_add(out, xmp->data, on ? (size_t)(cut - xmp->data) : xmp->length);
	if (on)
		text_add(out, on + sizeof(to) - 1, (size_t)(end - on) - (sizeof(to) - 1));
	carry_turn(out, "tiff:Orientation=\"");
	carry_turn(out, "<tiff:Orientation>");
}
