#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_PRIVATE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_PRIVATE_H

/* Symbols of a scan one at a time, for scan.c and coefficients.c. */

#include <stdbool.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/scan.h"

enum { BLOCK_END = 64 };

/* Else a reader would have to live in memory, which makes each look-up wait for its writes. */
#define SCAN_INLINE inline __attribute__((always_inline))

/* A symbol that was read. */
struct scan_symbol {
	uint32_t advance; /* HUFFMAN_NONE: no such code */
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

/* At a restart marker, which must be the one that is due; false: it is not. */
bool scan_restart(struct scan *scan);

static SCAN_INLINE struct scan_symbol scan_next(
	const struct huffman *huffman, struct reader *reader)
{
	const uint32_t entry = huffman->symbols[reader_peek(reader, HUFFMAN_BITS)];
	if (__builtin_expect(entry == 0, 0)) {
		const struct scan_step step = scan_long(huffman, *reader);
		*reader = step.reader;
		return step.symbol;
	}
	const struct scan_symbol symbol = {
		.advance = entry >> HUFFMAN_ADVANCE & 0xFF,
		.value =
			reader_value(reader, entry >> HUFFMAN_LENGTH, entry >> HUFFMAN_SIZE & 0xFF),
	};
	reader_skip(reader, entry);
	return symbol;
}

/* The mean of the next block: into `last`. */
static SCAN_INLINE bool scan_dc(struct scan_component *component, struct reader *reader)
{
	reader_refill(reader);
	const struct scan_symbol difference = scan_next(component->dc, reader);
	return difference.advance != HUFFMAN_NONE &&
	       !__builtin_add_overflow(component->last, difference.value, &component->last);
}

/* Whether the position behind a symbol ends a block properly: it was the last coefficient, or an
 * end of block that came before it. */
static SCAN_INLINE bool scan_ended(uint32_t position)
{
	return position == BLOCK_END ||
	       (position > HUFFMAN_END && position < HUFFMAN_END + BLOCK_END);
}

#endif
