#include "stages/thumbnail/jpeg/scan.h"

#include <string.h>

enum { BLOCK_END = 64 };

/* Whether the position behind a symbol ends a block properly: it was the last coefficient, or an
 * end of block that came before it. */
static inline bool scan_ended(uint32_t position)
{
	return position == BLOCK_END ||
	       (position > HUFFMAN_END && position < HUFFMAN_END + BLOCK_END);
}

/* A symbol that was read. */
struct scan_symbol {
	uint32_t advance; /* 0: no such code */
	int32_t value;
};

/* The reader goes by value where a function is not inlined: else it would have to live in memory
 * all the time. */
struct scan_step {
	struct reader reader;
	struct scan_symbol symbol;
};

static __attribute__((noinline)) struct scan_step scan_long(
	const struct huffman *huffman, struct reader reader)
{
	reader_refill(&reader);
	const struct huffman_symbol found = huffman_long(huffman, reader_peek(&reader, 16));
	const int32_t value = reader_value(&reader, found.length, found.size);
	reader_skip(&reader, found.total);
	return (struct scan_step){ reader, { found.advance, value } };
}

static inline struct scan_symbol scan_next(const struct huffman *huffman, struct reader *reader)
{
	const uint32_t entry = huffman->symbols[reader_peek(reader, HUFFMAN_BITS)];
	struct scan_symbol symbol = {
		.advance = entry >> HUFFMAN_ADVANCE & 0xFF,
		.value = (int32_t)entry >> HUFFMAN_VALUE,
	};
	if (__builtin_expect(entry & HUFFMAN_BEYOND, 0)) {
		const uint32_t length = entry >> HUFFMAN_VALUE;
		if (length == 0) {
			const struct scan_step step = scan_long(huffman, *reader);
			*reader = step.reader;
			return step.symbol;
		}
		symbol.value = reader_value(reader, length, (entry & 63) - length);
	}
	reader_skip(reader, entry);
	return symbol;
}

static inline bool scan_dc(struct scan_component *component, struct reader *reader)
{
	reader_refill(reader);
	const struct scan_symbol difference = scan_next(component->dc, reader);
	component->last += difference.value;
	reduce_judge(&component->reduce, component->last);
	return difference.advance != 0;
}

/* Several symbols at a time, until the block ends. An entry that reaches beyond the block, because
 * its last symbols belong to the next one, is taken back and gone through symbol by symbol. */
static inline bool scan_skip(const struct huffman *huffman, struct reader *reader)
{
	const uint16_t *skips = huffman->skips;
	const uint32_t bits = huffman->skip_bits;
	uint32_t position = 1;
	for (;;) {
		uint32_t skip;
		do {
			reader_refill(reader);
			skip = skips[reader_peek(reader, bits)];
			position += skip >> HUFFMAN_SHIFT;
			reader_skip(reader, skip);
			if (position >= BLOCK_END)
				break;
			skip = skips[reader_peek(reader, bits)];
			position += skip >> HUFFMAN_SHIFT;
			reader_skip(reader, skip);
		} while (position < BLOCK_END);
		if (scan_ended(position))
			return true;
		position -= skip >> HUFFMAN_SHIFT;
		reader_back(reader, skip & 63);
		reader_refill(reader);
		const uint32_t advance = scan_next(huffman, reader).advance;
		position += advance;
		if (advance == 0 || position >= BLOCK_END)
			return scan_ended(position);
	}
}

/* All coefficients, then fewer samples of them. What goes wrong in the sums of a block with wild
 * values does not matter: it is thrown away. */
static inline bool scan_coefficients(
	struct scan_component *component, struct reader *reader, union reduce_block *block)
{
	const struct huffman *huffman = component->ac;
	const struct reduce *reduce = &component->reduce;
	uint32_t position = 1;
	uint32_t wild = reduce_put(reduce, block, 0, component->last);
	for (;;) {
		reader_refill(reader);
		const struct scan_symbol symbol = scan_next(huffman, reader);
		position += symbol.advance;
		if (position > BLOCK_END || symbol.advance == 0)
			break;
		wild |= reduce_put(reduce, block, position - 1, symbol.value);
		if (position == BLOCK_END)
			break;
		const struct scan_symbol second = scan_next(huffman, reader);
		position += second.advance;
		if (position > BLOCK_END || second.advance == 0)
			break;
		wild |= reduce_put(reduce, block, position - 1, second.value);
		if (position == BLOCK_END)
			break;
	}
	component->reduce.wild |= wild;
	return wild < REDUCE_WILD && scan_ended(position);
}

static inline bool scan_block(const struct scan_block *block, uint32_t mcu, struct reader *reader)
{
	struct scan_component *component = block->component;
	uint8_t *samples = block->samples + block->step * mcu;
	if (!scan_dc(component, reader))
		return false;
	if (component->size == 1) {
		*samples = reduce_one(&component->reduce, component->last);
		return scan_skip(component->ac, reader);
	}
	union reduce_block coefficients;
	reduce_clear(&coefficients);
	if (!scan_coefficients(component, reader, &coefficients))
		return false;
	if (component->size == 2)
		reduce_two(&component->reduce, &coefficients, samples, component->stride);
	else
		reduce_four(&component->reduce, &coefficients, samples, component->stride);
	return true;
}

/* At a restart marker, which must be the one that is due. */
static bool scan_restart(struct scan *scan)
{
	struct flat *flat = &scan->flat;
	if (!flat_finished(flat, &scan->reader) || flat->end - flat->from < 2 ||
		flat->from[1] != 0xD0 + (scan->restarts & 7))
		return false;
	flat_begin(flat, &scan->reader, flat->from + 2, flat->end);
	scan->restarts++;
	scan->left = scan->interval;
	for (uint32_t i = 0; i < scan->count; i++)
		scan->components[i].last = 0;
	return true;
}

/* As many MCUs as there are up to `end`. */
static bool scan_mcus(struct scan *scan, uint32_t from, uint32_t end)
{
	struct reader reader = scan->reader;
	for (uint32_t mcu = from; mcu < end; mcu++) {
		for (uint32_t i = 0; i < scan->block_count; i++)
			if (!scan_block(&scan->blocks[i], mcu, &reader))
				return false;
		if (!flat_due(&scan->flat, &reader))
			continue;
		scan->reader = reader;
		if (!flat_fill(&scan->flat, &scan->reader))
			return false;
		reader = scan->reader;
	}
	scan->reader = reader;
	return true;
}

bool scan_row(struct scan *scan)
{
	for (uint32_t mcu = 0; mcu < scan->mcus;) {
		uint32_t end = scan->mcus;
		if (scan->interval != 0) {
			if (scan->left == 0 && !scan_restart(scan))
				return false;
			if (scan->left < end - mcu)
				end = mcu + scan->left;
			scan->left -= end - mcu;
		}
		if (!scan_mcus(scan, mcu, end))
			return false;
		mcu = end;
	}
	for (uint32_t i = 0; i < scan->count; i++)
		if (reduce_wild(&scan->components[i].reduce))
			return false;
	return true;
}
