#include "stages/thumbnail/gif.h"

enum { GIF_HEADER_BYTES = 13, GIF_EXTENSION = 0x21, GIF_IMAGE = 0x2C, GIF_IMAGE_BYTES = 10 };

static uint32_t gif_short(const unsigned char *data)
{
	return (uint32_t)data[0] | (uint32_t)data[1] << 8;
}

/* Bytes of the colour table that this flag byte announces. */
static size_t gif_table(unsigned char flags)
{
	return flags & 0x80 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Behind the sub-blocks that start at `at`; at most `length`. */
static size_t gif_skip(const unsigned char *data, size_t length, size_t at)
{
	while (at < length && data[at] != 0)
		at += (size_t)data[at] + 1;
	return at < length ? at + 1 : length;
}

static uint32_t gif_larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

bool gif_extent(const unsigned char *data, size_t length, uint32_t *width, uint32_t *height)
{
	if (length < GIF_HEADER_BYTES)
		return false;
	*width = gif_short(data + 6);
	*height = gif_short(data + 8);
	size_t at = GIF_HEADER_BYTES + gif_table(data[10]);
	while (at < length) {
		if (data[at] == GIF_EXTENSION) {
			at = gif_skip(data, length, at + 2);
			continue;
		}
		if (data[at] != GIF_IMAGE || length - at < GIF_IMAGE_BYTES)
			break;
		const unsigned char *frame = data + at + 1;
		*width = gif_larger(*width, gif_short(frame) + gif_short(frame + 4));
		*height = gif_larger(*height, gif_short(frame + 2) + gif_short(frame + 6));
		at = gif_skip(data, length, at + GIF_IMAGE_BYTES + gif_table(frame[8]) + 1);
	}
	return true;
}
