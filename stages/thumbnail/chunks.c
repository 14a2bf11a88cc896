#include "stages/thumbnail/chunks.h"

struct chunks chunks_of_jpeg(const unsigned char *data, size_t length)
{
	return (struct chunks){ CHUNKS_JPEG, data, length, 2 };
}

struct chunks chunks_of_png(const unsigned char *data, size_t length)
{
	return (struct chunks){ CHUNKS_PNG, data, length, 8 };
}

struct chunks chunks_of_webp(const unsigned char *data, size_t length)
{
	return (struct chunks){ CHUNKS_WEBP, data, length, 12 };
}

uint32_t chunks_big(const unsigned char *data, unsigned bytes)
{
	uint32_t number = 0;
	for (unsigned i = 0; i < bytes; i++)
		number = number << 8 | data[i];
	return number;
}

uint32_t chunks_little(const unsigned char *data, unsigned bytes)
{
	uint32_t number = 0;
	for (unsigned i = bytes; i > 0; i--)
		number = number << 8 | data[i - 1];
	return number;
}

/* Any number of 0xFF may stand in front of a marker. */
static bool chunks_next_jpeg(struct chunks *chunks, struct chunk *chunk)
{
	const unsigned char *data = chunks->data;
	size_t at = chunks->at;
	while (at + 1 < chunks->length && data[at] == 0xFF && data[at + 1] == 0xFF)
		at++;
	if (at > chunks->length || chunks->length - at < 4 || data[at] != 0xFF ||
		data[at + 1] == 0xDA || data[at + 1] == 0xD9)
		return false;
	const size_t bytes = chunks_big(data + at + 2, 2);
	if (bytes < 2 || bytes > chunks->length - at - 2)
		return false;
	*chunk = (struct chunk){ data[at + 1], data + at + 4, bytes - 2 };
	chunks->at = at + 2 + bytes;
	return true;
}

static bool chunks_next_png(struct chunks *chunks, struct chunk *chunk)
{
	const unsigned char *data = chunks->data + chunks->at;
	if (chunks->at > chunks->length || chunks->length - chunks->at < 12)
		return false;
	const size_t bytes = chunks_big(data, 4);
	if (bytes > chunks->length - chunks->at - 12)
		return false;
	*chunk = (struct chunk){ chunks_big(data + 4, 4), data + 8, bytes };
	chunks->at += 12 + bytes;
	return true;
}

static bool chunks_next_webp(struct chunks *chunks, struct chunk *chunk)
{
	const unsigned char *data = chunks->data + chunks->at;
	if (chunks->at > chunks->length || chunks->length - chunks->at < 8)
		return false;
	const size_t bytes = chunks_little(data + 4, 4);
	if (bytes > chunks->length - chunks->at - 8)
		return false;
	*chunk = (struct chunk){ chunks_big(data, 4), data + 8, bytes };
	chunks->at += 8 + bytes + (bytes & 1);
	return true;
}

bool chunks_next(struct chunks *chunks, struct chunk *chunk)
{
	switch (chunks->kind) {
	case CHUNKS_JPEG:
		return chunks_next_jpeg(chunks, chunk);
	case CHUNKS_PNG:
		return chunks_next_png(chunks, chunk);
	default:
		return chunks_next_webp(chunks, chunk);
	}
}
