#include "stages/thumbnail/plain.h"

#include <ctype.h>
#include <stdlib.h>

#include "stages/thumbnail/chunks.h"

enum { PLAIN_LONGEST = 1 << 24 }; /* px: of a side; more makes no sense */

static bool plain_sides(uint64_t width, uint64_t height)
{
	return width >= 1 && height >= 1 && width <= PLAIN_LONGEST && height <= PLAIN_LONGEST;
}

/* Rows start at multiples of four bytes. */
static uint64_t plain_bmp(const unsigned char *data, size_t length)
{
	enum { HEADER = 54, UNCOMPRESSED = 0, BITFIELDS = 3, OLD_HEADER = 12 };
	if (length < HEADER || chunks_little(data + 14, 4) == OLD_HEADER)
		return 0;
	const uint64_t width = chunks_little(data + 18, 4);
	const int64_t rows = (int32_t)chunks_little(data + 22, 4); /* negative: from the top */
	const uint64_t height = (uint64_t)llabs(rows);
	const uint32_t bits = chunks_little(data + 28, 2), method = chunks_little(data + 30, 4);
	if ((method != UNCOMPRESSED && method != BITFIELDS) || bits > 32 ||
		!plain_sides(width, height))
		return 0;
	return chunks_little(data + 10, 4) + (width * bits + 31) / 32 * 4 * height;
}

/* Behind spaces and comments, at the first character of a number; `length` at the end. */
static size_t plain_skip(const unsigned char *data, size_t length, size_t at)
{
	while (at < length && (isspace(data[at]) || data[at] == '#')) {
		if (data[at] == '#')
			while (at < length && data[at] != '\n')
				at++;
		else
			at++;
	}
	return at;
}

static uint64_t plain_number(const unsigned char *data, size_t length, size_t *at)
{
	uint64_t number = 0;
	for (*at = plain_skip(data, length, *at); *at < length && isdigit(data[*at]); ++*at)
		if (number <= PLAIN_LONGEST)
			number = number * 10 + (uint64_t)(data[*at] - '0');
	return number;
}

/* Behind the sides of a PFM: a factor, whose sign is that of the order of bytes. */
static uint64_t plain_pfm(const unsigned char *data, size_t length, size_t at, uint64_t pixels)
{
	enum { FLOAT_BYTES = 4 };
	at = plain_skip(data, length, at);
	while (at < length && !isspace(data[at]))
		at++;
	return at < length ? at + 1 + pixels * (data[1] == 'F' ? 3 : 1) * FLOAT_BYTES : 0;
}

bool plain_is_pfm(const unsigned char *data)
{
	return data[1] == 'F' || data[1] == 'f';
}

bool plain_has_sides(const unsigned char *data, size_t length)
{
	size_t at = 2;
	const uint64_t width = plain_number(data, length, &at);
	return plain_sides(width, plain_number(data, length, &at));
}

static uint64_t plain_pnm(const unsigned char *data, size_t length)
{
	const char kind = (char)data[1];
	size_t at = 2;
	const uint64_t width = plain_number(data, length, &at);
	const uint64_t height = plain_number(data, length, &at);
	if (!plain_sides(width, height))
		return 0;
	if (plain_is_pfm(data))
		return plain_pfm(data, length, at, width * height);
	const uint64_t most = kind == '4' ? 1 : plain_number(data, length, &at);
	if (at >= length || kind < '4' || most < 1 || most > 65535)
		return 0;
	const uint64_t samples = kind == '6' ? 3 * width : width;
	const uint64_t row = kind == '4' ? (width + 7) / 8 : most > 255 ? 2 * samples : samples;
	return at + 1 + row * height;
}

uint64_t plain_bytes(enum sniff_kind kind, const unsigned char *data, size_t length)
{
	if (kind == SNIFF_BMP)
		return plain_bmp(data, length);
	return kind == SNIFF_PNM ? plain_pnm(data, length) : 0;
}
