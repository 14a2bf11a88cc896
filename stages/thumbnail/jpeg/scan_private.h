#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_PRIVATE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_PRIVATE_H

/* Symbols of a scan one at a time, and what lies between MCUs, for scan.c, scan_mcus.c, ahead.c,
 * pass.c and coefficients.c. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/scan.h"

enum { BLOCK_END = 64 };

/* Positions of the block that are left stand in the reader, above the count of its bits and below a
 * bit that says that the block goes on: so that one subtraction takes a table's entry off both, and
 * takes the bit away where the block ends. */
enum {
	SCAN_LEFT = HUFFMAN_ADVANCE,
	SCAN_BITS = (1 << SCAN_LEFT) - 1,
	SCAN_SIGN = 31,
	SCAN_LAST = 1 << (SCAN_SIGN - SCAN_LEFT) /* that bit, as it stands above the positions */
};

#define SCAN_GOING (UINT32_C(1) << SCAN_SIGN)

/* Else a reader would have to live in memory, which makes each look-up wait for its writes. */
#define SCAN_INLINE inline __attribute__((always_inline))

/* How many positions are left in front of a position. */
static SCAN_INLINE uint32_t scan_left(uint32_t position)
{
	return (BLOCK_END - 1 - position) << SCAN_LEFT;
}

/* The position of the next coefficient; whatever is behind the last one where the block is over. */
static SCAN_INLINE uint32_t scan_position(const struct reader *reader)
{
	return BLOCK_END - 1 + SCAN_LAST - (reader->count >> SCAN_LEFT);
}

static SCAN_INLINE bool scan_over(const struct reader *reader)
{
	return (int32_t)reader->count >= 0;
}

/* Whether a block that is over ended properly: its last symbol was the last coefficient, or an end
 * of block that came before it. */
static SCAN_INLINE bool scan_ended(const struct reader *reader)
{
	const uint32_t position = scan_position(reader);
	return position == BLOCK_END ||
	       (position > HUFFMAN_END && position < HUFFMAN_END + BLOCK_END);
}

/* As many of `most` MCUs as come in front of the next restart marker; 0: the one that is due is not
 * there. */
uint32_t scan_stretch(struct scan *scan, uint32_t most);

/* Behind each MCU: bytes for the next. False: the data ended early. */
static SCAN_INLINE bool scan_fill(struct scan *scan, struct reader *reader)
{
	if (!flat_due(scan->flat, reader))
		return true;
	scan->stream.reader = *reader;
	const bool filled = flat_fill(scan->flat, &scan->stream.reader);
	*reader = scan->stream.reader;
	return filled;
}

/* Whether the window stands in front of that restart marker. */
bool scan_is_due(const struct flat *flat, uint32_t restarts);

/* The next symbol's entry, whatever its length; the reader stays. */
static SCAN_INLINE uint32_t scan_entry(const struct huffman *huffman, struct reader *reader)
{
	const uint32_t entry = huffman->symbols[reader_peek(reader, HUFFMAN_BITS)];
	if (__builtin_expect(entry != 0, 1))
		return entry;
	reader_refill(reader);
	return huffman_entry(huffman, reader_peek(reader, 16));
}

/* Takes it. */
static SCAN_INLINE int32_t scan_value(struct reader *reader, uint32_t entry)
{
	const int32_t value = reader_value(reader, entry & HUFFMAN_TOTAL, entry >> HUFFMAN_MASK);
	reader_skip(reader, (uint16_t)entry);
	return value;
}

static SCAN_INLINE int32_t scan_next(const struct huffman *huffman, struct reader *reader)
{
	return scan_value(reader, scan_entry(huffman, reader));
}

/* The mean of a block; its reader then stands in front of the other coefficients, with 25 bits at
 * least. */
static SCAN_INLINE bool scan_dc(const struct huffman *dc, struct reader *reader, int32_t *last)
{
	reader_refill(reader);
	uint32_t entry = dc->symbols[reader_peek(reader, HUFFMAN_BITS)];
	if (__builtin_expect(entry == 0, 0)) {
		entry = huffman_entry(dc, reader_peek(reader, 16));
		if (entry == HUFFMAN_NO_CODE)
			return false;
	}
	if (__builtin_add_overflow(*last, scan_value(reader, entry), last))
		return false;
	reader->count = (reader->count & SCAN_BITS) | SCAN_GOING | scan_left(1);
	return true;
}

#endif
