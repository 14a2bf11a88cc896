#include "stages/thumbnail/icc.h"

#include <stdbool.h>
#include <string.h>

#include <zlib.h>

#include "stages/thumbnail/chunks.h"

enum {
	ICC_LEAST_BYTES = 132, /* header and number of tags */
	ICC_APP2 = 0xE2,
	ICC_APP2_HEAD = 14, /* "ICC_PROFILE\0", number from 1, count */
	ICC_PARTS = 256,
	ICC_NAME_BYTES = 80, /* of an iCCP, with its NUL */
};

/* The parts of a profile that is spread over a JPEG's segments. */
struct icc_parts {
	struct chunk parts[ICC_PARTS]; /* by number; data NULL: not seen */
	unsigned count;                /* 0: none seen */
	size_t bytes;
	bool broken;
};

static void icc_part(struct icc_parts *parts, const struct chunk *chunk)
{
	const unsigned number = chunk->data[ICC_APP2_HEAD - 2];
	const unsigned count = chunk->data[ICC_APP2_HEAD - 1];
	if (parts->count == 0)
		parts->count = count;
	if (number < 1 || number > count || count != parts->count || parts->parts[number].data) {
		parts->broken = true;
		return;
	}
	parts->parts[number] = (struct chunk){ chunk->name, chunk->data + ICC_APP2_HEAD,
		chunk->length - ICC_APP2_HEAD };
	parts->bytes += chunk->length - ICC_APP2_HEAD;
}

static bool icc_is_part(const struct chunk *chunk)
{
	return chunk->name == ICC_APP2 && chunk->length >= ICC_APP2_HEAD &&
	       memcmp(chunk->data, "ICC_PROFILE", 12) == 0;
}

static bool icc_fits(size_t bytes)
{
	return bytes >= ICC_LEAST_BYTES && bytes <= ICC_MOST_BYTES;
}

/* Every part once, whatever the order. */
static void icc_join(const struct icc_parts *parts, struct text *profile)
{
	if (parts->broken || !icc_fits(parts->bytes))
		return;
	for (unsigned i = 1; i <= parts->count; i++)
		if (!parts->parts[i].data)
			return;
	for (unsigned i = 1; i <= parts->count; i++)
		text_add(profile, parts->parts[i].data, parts->parts[i].length);
}

static void icc_read_jpeg(const unsigned char *data, size_t length, struct icc *icc)
{
	struct icc_parts parts;
	struct chunks chunks = chunks_of_jpeg(data, length);
	struct chunk chunk;
	bool any = false;
	while (chunks_next(&chunks, &chunk)) {
		if (!icc_is_part(&chunk))
			continue;
		if (!any)
			memset(&parts, 0, sizeof(parts));
		any = true;
		icc_part(&parts, &chunk);
	}
	if (any)
		icc_join(&parts, &icc->profile);
}

/* False where the stream is broken or gives too much. */
static bool icc_inflate_all(z_stream *stream, struct text *profile)
{
	unsigned char block[8192];
	int code = Z_OK;
	while (code == Z_OK && profile->length <= ICC_MOST_BYTES) {
		stream->next_out = block;
		stream->avail_out = sizeof(block);
		code = inflate(stream, Z_NO_FLUSH);
		text_add(profile, block, sizeof(block) - stream->avail_out);
	}
	return code == Z_STREAM_END && icc_fits(profile->length);
}

/* iCCP: a name, its NUL, method 0, a zlib stream. */
static void icc_inflate(const struct chunk *chunk, struct text *profile)
{
	const size_t looked = chunk->length < ICC_NAME_BYTES ? chunk->length : ICC_NAME_BYTES;
	const unsigned char *name_end = memchr(chunk->data, 0, looked);
	if (!name_end)
		return;
	const size_t head = (size_t)(name_end - chunk->data) + 2;
	if (head > chunk->length || name_end[1] != 0)
		return;
	z_stream stream = { .next_in = (unsigned char *)(uintptr_t)(chunk->data + head),
		.avail_in = (uInt)(chunk->length - head) };
	if (inflateInit(&stream) != Z_OK)
		return;
	if (!icc_inflate_all(&stream, profile))
		text_finish(profile);
	inflateEnd(&stream);
}

static void icc_read_primaries(const struct chunk *chunk, uint32_t primaries[8])
{
	for (int i = 0; i < 8; i++)
		primaries[i] = chunks_big(chunk->data + (size_t)4 * i, 4);
}

/* A profile counts before sRGB, sRGB before gAMA and cHRM. All stand in front of the pixels. */
static void icc_read_png(const unsigned char *data, size_t length, struct icc *icc)
{
	struct chunks chunks = chunks_of_png(data, length);
	struct chunk chunk;
	bool standard = false;
	while (chunks_next(&chunks, &chunk) && chunk.name != CHUNK_NAME("IDAT")) {
		if (chunk.name == CHUNK_NAME("iCCP") && icc->profile.length == 0)
			icc_inflate(&chunk, &icc->profile);
		else if (chunk.name == CHUNK_NAME("sRGB"))
			standard = true;
		else if (chunk.name == CHUNK_NAME("gAMA") && chunk.length == 4)
			icc->gamma = chunks_big(chunk.data, 4);
		else if (chunk.name == CHUNK_NAME("cHRM") && chunk.length == 32)
			icc_read_primaries(&chunk, icc->primaries);
	}
	if (!standard && icc->profile.length == 0 && icc->gamma != 0)
		return;
	icc->gamma = 0;
	memset(icc->primaries, 0, sizeof(icc->primaries));
}

static void icc_read_webp(const unsigned char *data, size_t length, struct icc *icc)
{
	struct chunks chunks = chunks_of_webp(data, length);
	struct chunk chunk;
	while (chunks_next(&chunks, &chunk))
		if (chunk.name == CHUNK_NAME("ICCP")) {
			if (icc_fits(chunk.length))
				text_add(&icc->profile, chunk.data, chunk.length);
			return;
		}
}

void icc_read(enum sniff_kind kind, const unsigned char *data, size_t length, struct icc *icc)
{
	switch (kind) {
	case SNIFF_JPEG:
		icc_read_jpeg(data, length, icc);
		break;
	case SNIFF_PNG:
		icc_read_png(data, length, icc);
		break;
	case SNIFF_WEBP:
		icc_read_webp(data, length, icc);
		break;
	default:
		break;
	}
}

void icc_finish(struct icc *icc)
{
	text_finish(&icc->profile);
}
