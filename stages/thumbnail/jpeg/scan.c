#include "stages/thumbnail/jpeg/scan_private.h"

#include <string.h>

enum { SCAN_MIDDLE = 128 };

struct scan_step scan_long(const struct huffman *huffman, struct reader reader)
{
	reader_refill(&reader);
	const struct huffman_symbol found = huffman_long(huffman, reader_peek(&reader, 16));
	const int32_t value = reader_value(&reader, found.length, found.size);
	reader_skip(&reader, found.total);
	return (struct scan_step){ reader, { found.advance, value } };
}

/* Several symbols at a time from `position` (under BLOCK_END) on, until the block ends. An entry
 * that reaches beyond the block, because its last symbols belong to the next one, is taken back and
 * gone through symbol by symbol. */
static SCAN_INLINE bool scan_skip(
	const struct huffman *huffman, struct reader *reader, uint32_t position)
{
	const uint16_t *skips = huffman->skips;
	const uint32_t bits = huffman->skip_bits;
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
			if (position >= BLOCK_END)
				break;
			if (reader->count < HUFFMAN_MOST_SKIP + 15)
				continue;
			skip = skips[reader_peek(reader, bits)];
			position += skip >> HUFFMAN_SHIFT;
			reader_skip(reader, skip);
		} while (position < BLOCK_END);
		if (scan_ended(position))
			return true;
		position -= skip >> HUFFMAN_SHIFT;
		reader_back(reader, skip & 63);
		reader_refill(reader);
		position += scan_next(huffman, reader).advance;
		if (position >= BLOCK_END)
			return scan_ended(position);
	}
}

/* The next symbol; false where it lies beyond the low frequencies, or ends the block. */
static SCAN_INLINE bool scan_add(const struct scan_component *component, struct reader *reader,
	uint32_t *position, reduce_vector *sums, const uint32_t vectors)
{
	const struct scan_symbol symbol = scan_next(component->ac, reader);
	*position += symbol.advance;
	const uint32_t here = *position - 1;
	if (here > component->reduce.last)
		return false;
	const reduce_vector *adds = component->reduce.basis + (size_t)here * vectors;
	for (uint32_t i = 0; i < vectors; i++)
		sums[i] += (float)symbol.value * adds[i];
	return here < component->reduce.last;
}

/* The low frequencies symbol by symbol into `sums`, the others skipped. Two symbols a refill: those
 * that are found in the table take 25 bits at most. */
static SCAN_INLINE bool scan_sums(struct scan_component *component, struct reader *reader,
	reduce_vector *sums, const uint32_t vectors)
{
	for (uint32_t i = 0; i < vectors; i++)
		sums[i] =
			(float)(int16_t)component->last * component->reduce.basis[i] + SCAN_MIDDLE;
	uint32_t position = 1;
	for (bool more = true; more;) {
		reader_refill(reader);
		more = scan_add(component, reader, &position, sums, vectors);
		if (more)
			more = scan_add(component, reader, &position, sums, vectors);
	}
	return position >= BLOCK_END ? scan_ended(position)
				     : scan_skip(component->ac, reader, position);
}

/* With a constant number of vectors and of samples in a row, so that sums live in registers. */
static SCAN_INLINE bool scan_some(struct scan_component *component, struct reader *reader,
	uint8_t *samples, const uint32_t vectors, const uint32_t across)
{
	reduce_vector sums[REDUCE_VECTORS];
	if (!scan_sums(component, reader, sums, vectors))
		return false;
	uint8_t bytes[REDUCE_VECTORS * REDUCE_LANES];
	reduce_round(sums, bytes, vectors);
	const uint32_t down = component->reduce.down;
	for (uint32_t y = 0; y < down; y++)
		memcpy(samples + y * component->stride, bytes + (size_t)y * across, across);
	return true;
}

/* Shapes that are not worth a place in the loop. By value, see scan_long; advance 0: it went wrong.
 */
static __attribute__((noinline)) struct scan_step scan_shape(
	struct scan_component *component, struct reader from, uint8_t *samples)
{
	struct reader reader = from;
	bool done = false;
	switch (component->reduce.across * 16 + component->reduce.down) {
	case 1 * 16 + 2:
		done = scan_some(component, &reader, samples, 1, 1);
		break;
	case 4 * 16 + 8:
		done = scan_some(component, &reader, samples, 8, 4);
		break;
	case 8 * 16 + 4:
		done = scan_some(component, &reader, samples, 8, 8);
		break;
	case 8 * 16 + 8:
		done = scan_some(component, &reader, samples, 16, 8);
		break;
	default:
		break;
	}
	return (struct scan_step){ reader, { done, 0 } };
}

/* What a block comes to, where that is worth a place in the loop. */
enum scan_kind { SCAN_MEAN, SCAN_TWO, SCAN_FOUR, SCAN_FOUR_TWO, SCAN_TWO_FOUR, SCAN_OTHER };

static enum scan_kind scan_kind_of(const struct reduce *reduce)
{
	if (reduce->across == 1 && reduce->down == 1)
		return SCAN_MEAN;
	if (reduce->across == 2 && reduce->down <= 2)
		return SCAN_TWO;
	if (reduce->across == 4 && reduce->down == 4)
		return SCAN_FOUR;
	if (reduce->across == 4 && reduce->down == 2)
		return SCAN_FOUR_TWO;
	return reduce->across == 2 && reduce->down == 4 ? SCAN_TWO_FOUR : SCAN_OTHER;
}

static SCAN_INLINE bool scan_block(const struct scan_block *block, uint32_t mcu,
	struct reader *reader, const enum scan_kind kind)
{
	struct scan_component *component = block->component;
	uint8_t *samples = block->samples + block->step * mcu;
	if (!scan_dc(component, reader))
		return false;
	if (kind == SCAN_MEAN) {
		*samples = reduce_mean(&component->reduce, (int16_t)component->last);
		return scan_skip(component->ac, reader, 1);
	}
	if (kind == SCAN_TWO)
		return scan_some(component, reader, samples, 1, 2);
	if (kind == SCAN_FOUR)
		return scan_some(component, reader, samples, 4, 4);
	if (kind == SCAN_FOUR_TWO)
		return scan_some(component, reader, samples, 2, 4);
	if (kind == SCAN_TWO_FOUR)
		return scan_some(component, reader, samples, 2, 2);
	const struct scan_step step = scan_shape(component, *reader, samples);
	*reader = step.reader;
	return step.symbol.advance != 0;
}

bool scan_restart(struct scan *scan)
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

/* Layouts of an MCU that are common get code of their own: so the processor learns how blocks of
 * brightness end apart from those of colour. */
struct scan_layout {
	uint32_t first, others; /* blocks of the first component, and of all others */
	enum scan_kind kind, other_kind;
};

static SCAN_INLINE bool scan_mcu(const struct scan *scan, uint32_t mcu, struct reader *reader,
	const struct scan_layout layout)
{
#pragma GCC unroll 4
	for (uint32_t i = 0; i < layout.first; i++)
		if (!scan_block(&scan->blocks[i], mcu, reader, layout.kind))
			return false;
#pragma GCC unroll 2
	for (uint32_t i = 0; i < layout.others; i++)
		if (!scan_block(&scan->blocks[layout.first + i], mcu, reader, layout.other_kind))
			return false;
	return true;
}

static SCAN_INLINE bool scan_any(const struct scan *scan, uint32_t mcu, struct reader *reader)
{
	for (uint32_t i = 0; i < scan->block_count; i++)
		if (!scan_block(&scan->blocks[i], mcu, reader,
			    scan_kind_of(&scan->blocks[i].component->reduce)))
			return false;
	return true;
}

/* As many MCUs as there are up to `end`. */
static SCAN_INLINE bool scan_mcus(
	struct scan *scan, uint32_t from, uint32_t end, const struct scan_layout layout)
{
	struct reader reader = scan->reader;
	for (uint32_t mcu = from; mcu < end; mcu++) {
		if (layout.first == 0 ? !scan_any(scan, mcu, &reader)
				      : !scan_mcu(scan, mcu, &reader, layout))
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

typedef bool scan_part(struct scan *scan, uint32_t from, uint32_t end);

#define SCAN_PART(name, ...)                                                            \
	static bool name(struct scan *scan, uint32_t from, uint32_t end)                \
	{                                                                               \
		return scan_mcus(scan, from, end, (struct scan_layout){ __VA_ARGS__ }); \
	}

SCAN_PART(scan_444_at_8, 1, 2, SCAN_MEAN, SCAN_MEAN)
SCAN_PART(scan_444_at_4, 1, 2, SCAN_TWO, SCAN_TWO)
SCAN_PART(scan_422_at_8, 2, 2, SCAN_MEAN, SCAN_TWO)
SCAN_PART(scan_422_at_4, 2, 2, SCAN_TWO, SCAN_FOUR_TWO)
SCAN_PART(scan_440_at_4, 2, 2, SCAN_TWO, SCAN_TWO_FOUR)
SCAN_PART(scan_420_at_8, 4, 2, SCAN_MEAN, SCAN_TWO)
SCAN_PART(scan_420_at_4, 4, 2, SCAN_TWO, SCAN_FOUR)
SCAN_PART(scan_any_layout, 0, 0, SCAN_OTHER, SCAN_OTHER)

static const struct {
	struct scan_layout layout;
	scan_part *part;
} scan_parts[] = {
	{ { 1, 2, SCAN_MEAN, SCAN_MEAN }, scan_444_at_8 },
	{ { 1, 2, SCAN_TWO, SCAN_TWO }, scan_444_at_4 },
	{ { 2, 2, SCAN_MEAN, SCAN_TWO }, scan_422_at_8 },
	{ { 2, 2, SCAN_TWO, SCAN_FOUR_TWO }, scan_422_at_4 },
	{ { 2, 2, SCAN_TWO, SCAN_TWO_FOUR }, scan_440_at_4 },
	{ { 4, 2, SCAN_MEAN, SCAN_TWO }, scan_420_at_8 },
	{ { 4, 2, SCAN_TWO, SCAN_FOUR }, scan_420_at_4 },
};

/* Whether the blocks of the scan come in that order. */
static bool scan_has(const struct scan *scan, const struct scan_layout *layout)
{
	if (scan->block_count != layout->first + layout->others)
		return false;
	for (uint32_t i = 0; i < scan->block_count; i++) {
		const enum scan_kind kind = i < layout->first ? layout->kind : layout->other_kind;
		if (scan_kind_of(&scan->blocks[i].component->reduce) != kind)
			return false;
	}
	return true;
}

static scan_part *scan_part_of(const struct scan *scan)
{
	for (size_t i = 0; i < sizeof(scan_parts) / sizeof(*scan_parts); i++)
		if (scan_has(scan, &scan_parts[i].layout))
			return scan_parts[i].part;
	return scan_any_layout;
}

bool scan_row(struct scan *scan)
{
	scan_part *part = scan_part_of(scan);
	for (uint32_t mcu = 0; mcu < scan->mcus;) {
		uint32_t end = scan->mcus;
		if (scan->interval != 0) {
			if (scan->left == 0 && !scan_restart(scan))
				return false;
			if (scan->left < end - mcu)
				end = mcu + scan->left;
			scan->left -= end - mcu;
		}
		if (!part(scan, mcu, end))
			return false;
		mcu = end;
	}
	return true;
}
