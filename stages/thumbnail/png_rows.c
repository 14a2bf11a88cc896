#include "stages/thumbnail/png_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <libdeflate.h>

enum { PNG_SIGNATURE = 8, PNG_FRAME = 12 /* bytes of a chunk around its data */ };

static uint32_t png_rows_number(const unsigned char *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static uint64_t png_rows_bytes(const struct png_rows *rows)
{
	return (uint64_t)rows->width * rows->pixel;
}

static uint64_t png_rows_inflated(const struct png_rows *rows)
{
	return (png_rows_bytes(rows) + 1) * rows->height;
}

uint64_t png_rows_memory(const struct png_rows *rows, size_t length)
{
	return length + png_rows_inflated(rows) + 2 * png_rows_bytes(rows);
}

/* Whether the chunk that begins `at`, and is all there, is what its checksum says. */
static bool png_rows_sound(const unsigned char *data, size_t at)
{
	const uint32_t bytes = png_rows_number(data + at);
	const uint32_t wanted = png_rows_number(data + at + 8 + bytes);
	return libdeflate_crc32(0, data + at + 4, (size_t)bytes + 4) == wanted;
}

/* Chunks behind which there are no more pixels. */
static bool png_rows_stops(const unsigned char *name)
{
	return memcmp(name, "IEND", 4) == 0 || memcmp(name, "IHDR", 4) == 0 ||
	       memcmp(name, "PLTE", 4) == 0 || memcmp(name, "tRNS", 4) == 0;
}

/* Puts the data of the IDAT chunks together, one behind the other, and says how many bytes they
 * are. Ends in front of one that is not sound. */
static size_t png_rows_pack(struct png_rows *rows, const unsigned char *data, size_t length)
{
	size_t packed = 0, bytes = 0;
	for (size_t at = PNG_SIGNATURE; length - at >= PNG_FRAME; at += bytes + PNG_FRAME) {
		const bool pixels = memcmp(data + at + 4, "IDAT", 4) == 0;
		bytes = png_rows_number(data + at);
		if (bytes > length - at - PNG_FRAME || (pixels && !png_rows_sound(data, at)) ||
			(packed > 0 && png_rows_stops(data + at + 4)))
			break;
		if (pixels)
			memcpy(rows->packed + packed, data + at + 8, bytes);
		packed += pixels ? bytes : 0;
	}
	return packed;
}

static bool png_rows_inflate(struct png_rows *rows, size_t packed)
{
	struct libdeflate_decompressor *inflate = libdeflate_alloc_decompressor();
	if (!inflate)
		return false;
	const enum libdeflate_result result = libdeflate_zlib_decompress(inflate, rows->packed,
		packed, rows->inflated, (size_t)png_rows_inflated(rows), NULL);
	libdeflate_free_decompressor(inflate);
	return result == LIBDEFLATE_SUCCESS;
}

static bool png_rows_known(const struct png_rows *rows)
{
	const size_t step = (size_t)png_rows_bytes(rows) + 1;
	for (uint32_t y = 0; y < rows->height; y++)
		if (rows->inflated[y * step] > UNFILTER_MOST)
			return false;
	return true;
}

bool png_rows_open(struct png_rows *rows, const unsigned char *data, size_t length)
{
	const size_t row = (size_t)png_rows_bytes(rows) + UNFILTER_ROOM;
	rows->packed = malloc(length);
	rows->inflated = malloc((size_t)png_rows_inflated(rows) + UNFILTER_ROOM);
	rows->rows[0] = calloc(1, row);
	rows->rows[1] = calloc(1, row);
	if (!rows->packed || !rows->inflated || !rows->rows[0] || !rows->rows[1])
		return false;
	return png_rows_inflate(rows, png_rows_pack(rows, data, length)) && png_rows_known(rows);
}

const unsigned char *png_rows_next(struct png_rows *rows)
{
	assert(rows->given < rows->height);
	const size_t count = (size_t)png_rows_bytes(rows);
	const unsigned char *filtered = rows->inflated + (count + 1) * rows->given;
	const struct unfilter one = {
		.filtered = filtered + 1,
		.above = rows->rows[(rows->given + 1) % 2],
		.row = rows->rows[rows->given % 2],
		.count = count,
	};
	unfilter_row(&one, filtered[0], rows->pixel);
	return rows->rows[rows->given++ % 2];
}

void png_rows_close(struct png_rows *rows)
{
	free(rows->packed);
	free(rows->inflated);
	free(rows->rows[0]);
	free(rows->rows[1]);
	rows->packed = rows->inflated = rows->rows[0] = rows->rows[1] = NULL;
}
