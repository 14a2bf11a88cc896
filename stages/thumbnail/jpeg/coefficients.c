#include "stages/thumbnail/jpeg/coefficients.h"

#include "stages/thumbnail/jpeg/scan_private.h"

/* A position is that of the coefficient before, from 0 (the mean) to 63; all beyond, ends of blocks
 * among them, stand for the last: what they write there is zero, or the block is refused. */
enum { COEFFICIENTS_LAST = BLOCK_END - 1, COEFFICIENTS_BEYOND = 256 };

/* Where the coefficients of the zigzag stand in a block. */
static const uint8_t coefficients_order[COEFFICIENTS_BEYOND] = { 0, 1, 8, 16, 9, 2, 3, 10, 17, 24,
	32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42,
	49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53,
	60, 61, 54, 47, 55, 62,
	[COEFFICIENTS_LAST... COEFFICIENTS_BEYOND - 1] = COEFFICIENTS_LAST };

/* Of the coefficient that was read last. */
static SCAN_INLINE uint32_t coefficients_position(const struct reader *reader)
{
	return scan_position(reader) - 1;
}

/* What the table of pairs does not hold. */
static SCAN_INLINE void coefficients_single(
	const struct huffman *ac, struct reader *reader, JCOEF *block)
{
	reader_refill(reader);
	const int32_t value = scan_next(ac, reader);
	const uint32_t position = coefficients_position(reader);
	if (position <= COEFFICIENTS_LAST)
		block[coefficients_order[position]] = (JCOEF)value;
}

/* Two symbols where both fit, out of HUFFMAN_BITS that must be there. Both are always written: a
 * branch would often be mispredicted. True: the block is over. */
static SCAN_INLINE bool coefficients_pair(
	const struct huffman *ac, struct reader *reader, JCOEF *block)
{
	const struct huffman_pair pair = ac->pairs[reader_peek(reader, HUFFMAN_BITS)];
	if (__builtin_expect(pair.both == 0, 0)) {
		coefficients_single(ac, reader, block);
		return scan_over(reader);
	}
	reader_skip(reader, pair.both);
	const uint32_t position = coefficients_position(reader);
	const uint32_t first = position - (pair.second >> HUFFMAN_ADVANCE);
	block[coefficients_order[first]] = pair.value;
	block[coefficients_order[position]] = pair.second_value;
	if (__builtin_expect(first == COEFFICIENTS_LAST, 0)) {
		/* The second is the next block's. */
		block[COEFFICIENTS_LAST] = pair.value;
		reader_back(reader, pair.second);
	}
	return scan_over(reader);
}

/* Two pairs a refill: what the mean, or a long symbol, leaves of one is enough for that. */
static SCAN_INLINE bool coefficients_block(
	const struct scan_component *component, struct reader *reader, int32_t *last, JCOEF *block)
{
	const struct huffman *ac = component->ac;
	if (!scan_dc(component->dc, reader, last))
		return false;
	block[0] = (JCOEF)*last;
	bool over = coefficients_pair(ac, reader, block);
	while (!over && !coefficients_pair(ac, reader, block)) {
		reader_refill(reader);
		over = coefficients_pair(ac, reader, block);
	}
	return scan_ended(reader);
}

bool coefficients_mcu(struct scan *scan, JBLOCKROW *blocks)
{
	if (scan_stretch(scan, 1) == 0)
		return false;
	struct reader reader = scan->stream.reader;
	for (uint32_t i = 0; i < scan->block_count; i++) {
		const struct scan_block *block = &scan->blocks[i];
		int32_t *last = &scan->stream.last[block->number];
		if (!coefficients_block(block->component, &reader, last, *blocks[i]))
			return false;
	}
	scan->stream.reader = reader;
	return flat_go_on(scan->flat, &scan->stream.reader);
}
