#include "stages/thumbnail/exif.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { EXIF_TAG_ORIENTATION = 0x0112, EXIF_TYPE_SHORT = 3, EXIF_ENTRY_BYTES = 12 };

static uint32_t exif_number(const unsigned char *data, unsigned bytes, bool little)
{
	uint32_t number = 0;
	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | data[little ? bytes - 1 - i : i];
	return number;
}

/* One entry of the first folder; 0 where it is another one. */
static int exif_entry(const unsigned char *entry, bool little)
{
	if (exif_number(entry, 2, little) != EXIF_TAG_ORIENTATION ||
		exif_number(entry + 2, 2, little) != EXIF_TYPE_SHORT ||
		exif_number(entry + 4, 4, little) != 1)
		return 0;
	const uint32_t value = exif_number(entry + 8, 2, little);
	return value >= 1 && value <= 8 ? (int)value : 1;
}

int exif_orientation(const unsigned char *data, size_t length)
{
	if (length >= 6 && memcmp(data, "Exif\0\0", 6) == 0) {
		data += 6;
		length -= 6;
	}
	if (length < 10 || (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0))
		return 1;
	const bool little = data[0] == 'I';
	const size_t folder = exif_number(data + 4, 4, little);
	if (folder > length - 2)
		return 1;
	const size_t count = exif_number(data + folder, 2, little);
	const size_t whole = (length - folder - 2) / EXIF_ENTRY_BYTES;
	int found = 0;
	for (size_t i = 0; i < count && i < whole && found == 0; i++)
		found = exif_entry(data + folder + 2 + i * EXIF_ENTRY_BYTES, little);
	return found > 0 ? found : 1;
}

/* The segment at `at`, which starts with 0xFF: its orientation, 0 where it is no EXIF. */
static int exif_segment(const unsigned char *data, size_t at, size_t bytes)
{
	if (data[at + 1] != 0xE1 || bytes < 8 || memcmp(data + at + 4, "Exif\0\0", 6) != 0)
		return 0;
	return exif_orientation(data + at + 4, bytes - 2);
}

/* Length of the segment with its own two length bytes, 0 where the headers end here. */
static size_t exif_segment_bytes(const unsigned char *data, size_t length, size_t at)
{
	if (length - at < 4 || data[at] != 0xFF || data[at + 1] == 0xDA || data[at + 1] == 0xD9)
		return 0;
	const size_t bytes = exif_number(data + at + 2, 2, false);
	return bytes >= 2 && bytes <= length - at - 2 ? bytes : 0;
}

int exif_of_jpeg(const unsigned char *data, size_t length)
{
	size_t at = 2;
	int found = 0;
	while (found == 0 && at < length) {
		while (at + 1 < length && data[at] == 0xFF && data[at + 1] == 0xFF)
			at++;
		const size_t bytes = exif_segment_bytes(data, length, at);
		if (bytes == 0)
			break;
		found = exif_segment(data, at, bytes);
		at += 2 + bytes;
	}
	return found > 0 ? found : 1;
}

/* A PNG's chunks may come in any number and order; eXIf may stand behind the pixels. */
int exif_of_png(const unsigned char *data, size_t length)
{
	size_t at = 8;
	while (length >= 12 && at <= length - 12) {
		const size_t bytes = exif_number(data + at, 4, false);
		if (bytes > length - at - 12)
			break;
		if (memcmp(data + at + 4, "eXIf", 4) == 0)
			return exif_orientation(data + at + 8, bytes);
		at += 12 + bytes;
	}
	return 1;
}

int exif_of_webp(const unsigned char *data, size_t length)
{
	size_t at = 12;
	while (length >= 8 && at <= length - 8) {
		const size_t bytes = exif_number(data + at + 4, 4, true);
		if (bytes > length - at - 8)
			break;
		if (memcmp(data + at, "EXIF", 4) == 0)
			return exif_orientation(data + at + 8, bytes);
		at += 8 + bytes + (bytes & 1);
	}
	return 1;
}
