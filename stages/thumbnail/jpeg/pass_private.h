#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_PASS_PRIVATE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_PASS_PRIVATE_H

/* Blocks of a scan whose positions are others than the mean, for pass.c. */

#include "stages/thumbnail/jpeg/pass.h"
#include "stages/thumbnail/jpeg/scan_private.h"

#define PASS_INLINE SCAN_INLINE

struct pass {
	struct scan *scan;
	const struct band *band;
	const struct kept *kept;
	uint32_t from, to, low; /* see struct script_scan */
	uint32_t run;           /* blocks to come that have no symbols */
};

/* The next `count` blocks, from number `at` on, of the first scan of these positions. False where
 * anything is damaged or odd. */
bool pass_first(struct pass *pass, size_t at, uint32_t count);

/* The same where one more bit of each position follows. */
bool pass_more(struct pass *pass, size_t at, uint32_t count);

/* An entry for the next symbol; the reader stays. */
static PASS_INLINE uint32_t pass_symbol(const struct band *band, const struct reader *reader)
{
	const uint32_t symbol = band->symbols[reader_peek(reader, BAND_BITS)];
	return __builtin_expect(symbol == 0, 0) ? band_long(band, reader_peek(reader, 16)) : symbol;
}

static PASS_INLINE uint32_t pass_advance(uint32_t symbol)
{
	return (uint16_t)symbol >> HUFFMAN_ADVANCE;
}

/* Of the value that a symbol has. */
static PASS_INLINE int32_t pass_value(const struct reader *reader, uint32_t symbol)
{
	return reader_value(reader, symbol & HUFFMAN_TOTAL, symbol >> BAND_MASK);
}

/* Blocks behind this one that an end of blocks speaks of. */
static PASS_INLINE uint32_t pass_run(const struct reader *reader, uint32_t symbol)
{
	const uint32_t mask = symbol >> BAND_MASK;
	return mask + (reader_peek(reader, symbol & HUFFMAN_TOTAL) & mask);
}

/* A block that is being read. */
struct pass_block {
	uint64_t map; /* positions that are not zero */
	uint32_t at;  /* the next position */
	uint32_t run; /* as in struct pass */
};

/* An end of blocks: no symbol follows in this block, nor in so many behind it. */
static PASS_INLINE void pass_end(struct pass_block *block, struct reader *reader, uint32_t symbol)
{
	block->run = pass_run(reader, symbol);
	reader_skip(reader, symbol & HUFFMAN_TOTAL);
}

/* The next symbol of a block none of whose positions from here on is kept, or not zero yet. False:
 * the block has ended, properly where it stands behind its last position. */
static PASS_INLINE bool pass_step(
	const struct pass *pass, struct reader *reader, struct pass_block *block)
{
	reader_refill(reader);
	const uint32_t symbol = pass_symbol(pass->band, reader);
	const uint32_t advance = pass_advance(symbol);
	const uint32_t last = block->at + advance - 1;
	if (advance < HUFFMAN_END && last <= pass->to) {
		reader_skip(reader, symbol & HUFFMAN_TOTAL);
		block->map |= (uint64_t)(symbol >> BAND_MASK != 0) << last;
		block->at = last + 1;
		return last != pass->to;
	}
	if (advance == HUFFMAN_END) {
		pass_end(block, reader, symbol);
		block->at = pass->to + 1;
	}
	return false;
}

/* The rest of such a block, several symbols at a time. An entry that reaches beyond the block is
 * not taken. */
static PASS_INLINE bool pass_jump(
	const struct pass *pass, struct reader *reader, struct pass_block *block)
{
	for (;;) {
		reader_refill(reader);
		const uint64_t jump = pass->band->jumps[reader_peek(reader, BAND_JUMP_BITS)];
		const uint32_t end = block->at + pass_advance((uint32_t)jump);
		if (__builtin_expect(end <= pass->to, 1)) {
			reader_skip(reader, jump & HUFFMAN_TOTAL);
			block->map |= jump >> BAND_MASK << block->at;
			block->at = end;
			continue;
		}
		if (end == pass->to + 1 ||
			(end >= HUFFMAN_END + block->at && end <= HUFFMAN_END + pass->to)) {
			reader_skip(reader, jump & HUFFMAN_TOTAL);
			block->map |= jump >> BAND_MASK << block->at;
			block->at = pass->to + 1;
			return true;
		}
		if (!pass_step(pass, reader, block))
			return block->at == pass->to + 1;
	}
}

#endif
