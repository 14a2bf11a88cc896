#include "stages/thumbnail/metadata.h"

#include <stdbool.h>
#include <string.h>

#include "stages/thumbnail/chunks.h"

enum { METADATA_APP1 = 0xE1 };

static const char metadata_exif_head[6] = "Exif\0";
static const char metadata_xmp_head[29] = "http://ns.adobe.com/xap/1.0/";
static const char metadata_png_head[22] = "XML:com.adobe.xmp\0\0\0\0"; /* uncompressed */

static bool metadata_starts(const struct chunk *chunk, const char *head, size_t length)
{
	return chunk->length > length && memcmp(chunk->data, head, length) == 0;
}

static void metadata_take(struct text *text, const void *data, size_t length)
{
	if (text->length == 0 && length <= METADATA_MOST_BYTES)
		text_add(text, data, length);
}

void metadata_take_exif(struct metadata *metadata, const void *data, size_t length)
{
	const bool head = length > sizeof(metadata_exif_head) &&
			  memcmp(data, metadata_exif_head, sizeof(metadata_exif_head)) == 0;
	const size_t skipped = head ? sizeof(metadata_exif_head) : 0;
	metadata_take(&metadata->exif, (const char *)data + skipped, length - skipped);
}

void metadata_take_xmp(struct metadata *metadata, const void *data, size_t length)
{
	metadata_take(&metadata->xmp, data, length);
}

static void metadata_of_jpeg(struct chunks chunks, struct metadata *metadata)
{
	struct chunk chunk;
	while (chunks_next(&chunks, &chunk)) {
		if (chunk.name != METADATA_APP1)
			continue;
		if (metadata_starts(&chunk, metadata_exif_head, sizeof(metadata_exif_head)))
			metadata_take_exif(metadata, chunk.data, chunk.length);
		else if (metadata_starts(&chunk, metadata_xmp_head, sizeof(metadata_xmp_head)))
			metadata_take_xmp(metadata, chunk.data + sizeof(metadata_xmp_head),
				chunk.length - sizeof(metadata_xmp_head));
	}
}

static void metadata_of_png(struct chunks chunks, struct metadata *metadata)
{
	struct chunk chunk;
	while (chunks_next(&chunks, &chunk))
		if (chunk.name == CHUNK_NAME("eXIf"))
			metadata_take_exif(metadata, chunk.data, chunk.length);
		else if (chunk.name == CHUNK_NAME("iTXt") &&
			 metadata_starts(&chunk, metadata_png_head, sizeof(metadata_png_head)))
			metadata_take_xmp(metadata, chunk.data + sizeof(metadata_png_head),
				chunk.length - sizeof(metadata_png_head));
}

static void metadata_of_webp(struct chunks chunks, struct metadata *metadata)
{
	struct chunk chunk;
	while (chunks_next(&chunks, &chunk))
		if (chunk.name == CHUNK_NAME("EXIF"))
			metadata_take_exif(metadata, chunk.data, chunk.length);
		else if (chunk.name == CHUNK_NAME("XMP "))
			metadata_take_xmp(metadata, chunk.data, chunk.length);
}

void metadata_read(
	enum sniff_kind kind, const unsigned char *data, size_t length, struct metadata *metadata)
{
	if (kind == SNIFF_JPEG)
		metadata_of_jpeg(chunks_of_jpeg(data, length), metadata);
	else if (kind == SNIFF_PNG)
		metadata_of_png(chunks_of_png(data, length), metadata);
	else if (kind == SNIFF_WEBP)
		metadata_of_webp(chunks_of_webp(data, length), metadata);
}

void metadata_finish(struct metadata *metadata)
{
	text_finish(&metadata->exif);
	text_finish(&metadata->xmp);
}
