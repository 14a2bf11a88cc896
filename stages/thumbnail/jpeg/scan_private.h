#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_PRIVATE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_PRIVATE_H

/* Symbols of a scan one at a time, and what lies between MCUs, for scan.c, pass.c and
 * coefficients.c. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/scan.h"

enum { BLOCK_END = 64 };

/* Positions of the block that are left stand in the reader, above the count of its bits: so that
 * one subtraction takes a table's entry off both. Below zero: the block has ended. */
enum { SCAN_LEFT = HUFFMAN_ADVANCE, SCAN_BITS = (1 << SCAN_LEFT) - 1 };

/* Else a reader would have to live in memory, which makes each look-up wait for its writes. */
#define SCAN_INLINE inline __attribute__((always_inline))

/* How many positions are left in front of a position. */
static SCAN_INLINE uint32_t scan_left(uint32_t position)
{
	return (BLOCK_END - 1 - position) << SCAN_LEFT;
}

static SCAN_INLINE bool scan_over(const struct reader *reader)
{
	return (int32_t)reader->count < 0;
}

/* Whether a block that is over ended properly: its last symbol was the last coefficient, or an end
 * of block that came before it. */
static SCAN_INLINE bool scan_ended(const struct reader *reader)
{
	const int32_t position = BLOCK_END - 1 - ((int32_t)reader->count >> SCAN_LEFT);
	return position == BLOCK_END ||
	       (position > HUFFMAN_END && position < HUFFMAN_END + BLOCK_END);
}

/* A symbol that was read. */
struct scan_symbol {
	bool none; /* no such code */
	int32_t value;
};

/* The reader goes by value where a function is not inlined: else it would have to live in memory
 * all the time. */
struct scan_step {
	struct reader reader;
	struct scan_symbol symbol;
};

/* The next symbol, whatever its length. */
struct scan_step scan_long(const struct huffman *huffman, struct reader reader);

/* As many of `most` MCUs as come in front of the next restart marker; 0: the one that is due is not
 * there. */
uint32_t scan_stretch(struct scan *scan, uint32_t most);

/* Behind each MCU: bytes for the next. False: the data ended early. */
static SCAN_INLINE bool scan_fill(struct scan *scan, struct reader *reader)
{
	if (!flat_due(&scan->flat, reader))
		return true;
	scan->reader = *reader;
	const bool filled = flat_fill(&scan->flat, &scan->reader);
	*reader = scan->reader;
	return filled;
}

static SCAN_INLINE struct scan_symbol scan_next(
	const struct huffman *huffman, struct reader *reader)
{
	const uint32_t entry = huffman->symbols[reader_peek(reader, HUFFMAN_BITS)];
	if (__builtin_expect(entry == 0, 0)) {
		const struct scan_step step = scan_long(huffman, *reader);
		*reader = step.reader;
		return step.symbol;
	}
	const int32_t value = reader_value(reader, entry & HUFFMAN_TOTAL, entry >> HUFFMAN_MASK);
	reader_skip(reader, (uint16_t)entry);
	return (struct scan_symbol){ false, value };
}

/* The mean of a block; its reader then stands in front of the other coefficients. */
static SCAN_INLINE bool scan_dc(struct scan_component *component, struct reader *reader)
{
	reader_refill(reader);
	const struct scan_symbol difference = scan_next(component->dc, reader);
	if (difference.none ||
		__builtin_add_overflow(component->last, difference.value, &component->last))
		return false;
	reader->count = (reader->count & SCAN_BITS) | scan_left(1);
	return true;
}

#endif
