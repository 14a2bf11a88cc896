#include "stages/thumbnail/exif.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "stages/thumbnail/chunks.h"

enum { EXIF_TAG_ORIENTATION = 0x0112, EXIF_TYPE_SHORT = 3, EXIF_ENTRY_BYTES = 12 };

static uint32_t exif_number(const unsigned char *data, unsigned bytes, bool little)
{
	return little ? chunks_little(data, bytes) : chunks_big(data, bytes);
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

int exif_of_jpeg(const unsigned char *data, size_t length)
{
	struct chunks chunks = chunks_of_jpeg(data, length);
	struct chunk chunk;
	while (chunks_next(&chunks, &chunk))
		if (chunk.name == 0xE1 && chunk.length >= 6 &&
			memcmp(chunk.data, "Exif\0\0", 6) == 0)
			return exif_orientation(chunk.data, chunk.length);
	return 1;
}

static int exif_of_chunk(struct chunks chunks, uint32_t name)
{
	struct chunk chunk;
	while (chunks_next(&chunks, &chunk))
		if (chunk.name == name)
			return exif_orientation(chunk.data, chunk.length);
	return 1;
}

/* It may stand behind the pixels. */
int exif_of_png(const unsigned char *data, size_t length)
{
	return exif_of_chunk(chunks_of_png(data, length), CHUNK_NAME("eXIf"));
}

int exif_of_webp(const unsigned char *data, size_t length)
{
	return exif_of_chunk(chunks_of_webp(data, length), CHUNK_NAME("EXIF"));
}
