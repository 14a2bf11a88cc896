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

/* Where the block at `at` ends; `length` and more where it is cut, 0 where there is none. */
static size_t gif_block(const unsigned char *data, size_t length, size_t at)
{
	if (data[at] == GIF_EXTENSION)
		return gif_skip(data, length, at + 2);
	if (data[at] != GIF_IMAGE)
		return 0;
	if (length - at < GIF_IMAGE_BYTES)
		return length;
	const unsigned char flags = data[at + GIF_IMAGE_BYTES - 1];
	return gif_skip(data, length, at + GIF_IMAGE_BYTES + gif_table(flags) + 1);
}

bool gif_is_cut(const unsigned char *data, size_t length)
{
	if (length < GIF_HEADER_BYTES)
		return true;
	size_t at = GIF_HEADER_BYTES + gif_table(data[10]), next = at;
	while (at < length && (next = gif_block(data, length, at)) > 0 && next < length)
		at = next;
	/* A block that ends where the data do has its own last byte, which is 0. */
	return at >= length || (next >= length && data[length - 1] != 0);
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
		const size_t next = gif_block(data, length, at);
		if (next == 0 || (data[at] == GIF_IMAGE && length - at < GIF_IMAGE_BYTES))
			break;
		const unsigned char *frame = data + at + 1;
		if (data[at] == GIF_IMAGE) {
			*width = gif_larger(*width, gif_short(frame) + gif_short(frame + 4));
			*height = gif_larger(*height, gif_short(frame + 2) + gif_short(frame + 6));
		}
		at = next;
	}
	return true;
}
