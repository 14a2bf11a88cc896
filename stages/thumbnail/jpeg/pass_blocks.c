#include "stages/thumbnail/jpeg/pass_private.h"

enum { PASS_BEHIND = 24 }; /* bits that are there at least behind the longest symbol */

/* The value of a position, behind which the block goes on. */
static PASS_INLINE void pass_put(const struct pass *pass, struct pass_block *block,
	int16_t *coefficients, uint32_t position, int32_t value)
{
	block->map |= (uint64_t)(value != 0) << position;
	if (position < pass->kept->count)
		coefficients[position] = (int16_t)(value * (1 << pass->low));
	block->at = position + 1;
}

/* Symbols that end with the first position that is not kept. */
static PASS_INLINE bool pass_first_low(const struct pass *pass, struct reader *reader,
	struct pass_block *block, int16_t *coefficients)
{
	while (block->at < pass->kept->count) {
		reader_refill(reader);
		const uint32_t symbol = pass_symbol(pass->band, reader);
		const uint32_t advance = pass_advance(symbol);
		if (advance == HUFFMAN_END) {
			pass_end(block, reader, symbol);
			block->at = pass->to + 1;
			return true;
		}
		const int32_t value = pass_value(reader, symbol);
		const uint32_t last = block->at + advance - 1;
		if (last > pass->to)
			return false;
		reader_skip(reader, symbol & HUFFMAN_TOTAL);
		pass_put(pass, block, coefficients, last, value);
		if (last == pass->to)
			return true;
	}
	return true;
}

static PASS_INLINE bool pass_first_block(
	const struct pass *pass, struct reader *reader, struct pass_block *block, size_t number)
{
	const struct kept *kept = pass->kept;
	int16_t *coefficients = kept->coefficients + number * kept->count;
	if (!pass_first_low(pass, reader, block, coefficients) ||
		(block->at <= pass->to && !pass_jump(pass, reader, block)))
		return false;
	if (kept->maps)
		kept->maps[number] |= block->map;
	return true;
}

bool pass_first(struct pass *pass, size_t at, uint32_t count)
{
	struct reader reader = pass->scan->stream.reader;
	const size_t end = at + count;
	uint32_t run = pass->run;
	while (at < end) {
		if (run > 0) {
			const uint32_t skipped = run < end - at ? run : (uint32_t)(end - at);
			at += skipped;
			run -= skipped;
			continue;
		}
		struct pass_block block = { .at = pass->from };
		if (!pass_first_block(pass, &reader, &block, at++) ||
			!scan_fill(pass->scan, &reader))
			return false;
		run = block.run;
	}
	pass->scan->stream.reader = reader;
	pass->run = run;
	return true;
}

/* From one to another, of 64. */
static PASS_INLINE uint64_t pass_positions(uint32_t from, uint32_t to)
{
	return ~0ULL << from & ~0ULL >> (63 - to);
}

/* The position where a symbol ends: `advance - 1` zeros are passed, and those that are not zero.
 * BLOCK_END: there are too few. */
static PASS_INLINE uint32_t pass_target(
	const struct pass *pass, uint64_t zeros, uint32_t at, uint32_t advance)
{
	const uint32_t near = pass->band->nth[zeros >> at & 255][advance - 1];
	if (__builtin_expect(near != BAND_NOT_NEAR, 1))
		return at + near;
	for (uint32_t i = 1; i < advance; i++)
		zeros &= zeros - 1;
	return zeros == 0 ? BLOCK_END : (uint32_t)__builtin_ctzll(zeros);
}

/* A bit for each position of `map`, which has `count` of them: it takes those further from zero
 * whose bit is 1. */
static PASS_INLINE void pass_correct(const struct pass *pass, struct reader *reader,
	int16_t *coefficients, uint64_t map, uint32_t count)
{
	uint64_t low = map & ((1ULL << pass->kept->count) - 1);
	if (__builtin_expect(count > PASS_BEHIND, 0))
		reader_refill(reader);
	for (; low != 0; low &= low - 1, count--) {
		int16_t *at = coefficients + __builtin_ctzll(low);
		const int32_t bit = (int32_t)reader_peek(reader, 1) << pass->low;
		*at = (int16_t)(*at + (*at < 0 ? -bit : bit));
		reader_skip(reader, 1);
	}
	for (; count > 32; count -= 32) {
		reader_skip(reader, 32);
		reader_refill(reader);
	}
	reader_skip(reader, count);
}

/* Symbols as long as some position from here on is kept, or not zero. */
static PASS_INLINE bool pass_more_symbols(const struct pass *pass, struct reader *reader,
	struct pass_block *block, int16_t *coefficients)
{
	while (block->at <= pass->to) {
		const uint64_t here = pass_positions(block->at, pass->to);
		const uint64_t history = block->map & here;
		if (history == 0 && block->at >= pass->kept->count)
			return pass_jump(pass, reader, block);
		reader_refill(reader);
		const uint32_t symbol = pass_symbol(pass->band, reader);
		const uint32_t advance = pass_advance(symbol);
		if (advance == HUFFMAN_END) {
			pass_end(block, reader, symbol);
			return true;
		}
		if (advance == HUFFMAN_NONE)
			return false;
		const int32_t value = pass_value(reader, symbol);
		const uint32_t last = pass_target(pass, ~block->map & here, block->at, advance);
		if (last >= BLOCK_END)
			return false;
		reader_skip(reader, symbol & HUFFMAN_TOTAL);
		pass_correct(pass, reader, coefficients, history & ((1ULL << last) - 1),
			last - block->at - (advance - 1));
		pass_put(pass, block, coefficients, last, value);
	}
	return true;
}

/* The next block. Positions that its symbols do not reach, or that lie in a run of blocks, are
 * corrected. */
static PASS_INLINE bool pass_more_block(
	const struct pass *pass, struct reader *reader, struct pass_block *block, size_t number)
{
	const struct kept *kept = pass->kept;
	int16_t *coefficients = kept->coefficients + number * kept->count;
	block->map = kept->maps[number];
	if (block->run > 0)
		block->run--;
	else if (!pass_more_symbols(pass, reader, block, coefficients))
		return false;
	else
		kept->maps[number] = block->map;
	if (block->at <= pass->to) {
		const uint64_t left = block->map & pass_positions(block->at, pass->to);
		if (left == 0)
			return true;
		reader_refill(reader);
		pass_correct(
			pass, reader, coefficients, left, (uint32_t)__builtin_popcountll(left));
	}
	return true;
}

bool pass_more(struct pass *pass, size_t at, uint32_t count)
{
	struct reader reader = pass->scan->stream.reader;
	uint32_t run = pass->run;
	for (const size_t end = at + count; at < end; at++) {
		struct pass_block block = { .at = pass->from, .run = run };
		if (!pass_more_block(pass, &reader, &block, at) || !scan_fill(pass->scan, &reader))
			return false;
		run = block.run;
	}
	pass->scan->stream.reader = reader;
	pass->run = run;
	return true;
}
