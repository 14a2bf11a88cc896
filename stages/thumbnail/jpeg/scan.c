#include "stages/thumbnail/jpeg/scan_private.h"

#include <string.h>

/* Samples of a block. */
struct scan_shape {
	uint32_t across, down;
};

/* Layouts of an MCU that are common get code of their own: so the processor learns how blocks of
 * brightness end apart from those of colour. */
struct scan_layout {
	uint32_t first, others; /* blocks of the first component, and of all others */
	struct scan_shape shape, other_shape;
};

struct scan_step scan_long(const struct huffman *huffman, struct reader reader)
{
	reader_refill(&reader);
	const struct huffman_symbol found = huffman_long(huffman, reader_peek(&reader, 16));
	const int32_t value = reader_value(&reader, found.total, huffman_mask(&found));
	reader_skip(&reader, found.total | found.advance << HUFFMAN_ADVANCE);
	return (struct scan_step){ reader, { found.advance == HUFFMAN_NONE, value } };
}

/* Several symbols at a time until the block ends. An entry that reaches beyond the block, because
 * its last symbols belong to the next one, is taken back and gone through symbol by symbol. */
static SCAN_INLINE bool scan_skip(const struct huffman *huffman, struct reader *reader)
{
	const uint16_t *skips = huffman->skips;
	for (;;) {
		uint32_t skip;
		do {
			reader_refill(reader);
			skip = skips[reader_peek(reader, HUFFMAN_SKIP_BITS)];
			reader_skip(reader, skip);
			if (scan_over(reader))
				break;
			skip = skips[reader_peek(reader, HUFFMAN_SKIP_BITS)];
			reader_skip(reader, skip);
			if (scan_over(reader))
				break;
			if ((reader->count & SCAN_BITS) < HUFFMAN_SKIP_BITS + 15)
				continue;
			skip = skips[reader_peek(reader, HUFFMAN_SKIP_BITS)];
			reader_skip(reader, skip);
		} while (!scan_over(reader));
		if (scan_ended(reader))
			return true;
		reader_back(reader, skip);
		reader_refill(reader);
		scan_next(huffman, reader);
		if (scan_over(reader))
			return scan_ended(reader);
	}
}

/* The next symbol; false where it lies beyond the low frequencies, or ends the block. */
static SCAN_INLINE bool scan_add(const struct scan_component *component, struct reader *reader,
	reduce_vector *sums, const uint32_t vectors)
{
	const struct scan_symbol symbol = scan_next(component->ac, reader);
	const uint32_t before = reader->count - scan_left(component->reduce.last + 1);
	if ((int32_t)before < 0)
		return false;
	const reduce_vector *adds =
		component->reduce.basis + (size_t)(before >> SCAN_LEFT) * vectors;
	for (uint32_t i = 0; i < vectors; i++)
		sums[i] += (float)symbol.value * adds[i];
	return before >> SCAN_LEFT != 0;
}

/* The low frequencies symbol by symbol into `sums`, the others skipped. Two symbols a refill: those
 * that are found in the table take 25 bits at most. */
static SCAN_INLINE bool scan_sums(struct scan_component *component, struct reader *reader,
	reduce_vector *sums, const uint32_t vectors)
{
	const reduce_vector *mean =
		component->reduce.basis + (size_t)component->reduce.last * vectors;
	for (uint32_t i = 0; i < vectors; i++)
		sums[i] = (float)(int16_t)component->last * mean[i] + REDUCE_MIDDLE;
	for (bool more = true; more;) {
		reader_refill(reader);
		more = scan_add(component, reader, sums, vectors);
		if (more)
			more = scan_add(component, reader, sums, vectors);
	}
	return scan_over(reader) ? scan_ended(reader) : scan_skip(component->ac, reader);
}

/* A block of a constant shape, so that sums live in registers. */
static SCAN_INLINE bool scan_block(struct scan_component *component, struct reader *reader,
	uint8_t *samples, const struct scan_shape shape)
{
	const uint32_t vectors = (shape.across * shape.down + REDUCE_LANES - 1) / REDUCE_LANES;
	reduce_vector sums[REDUCE_VECTORS];
	reduce_bytes bytes[REDUCE_VECTORS];
	if (!scan_dc(component, reader))
		return false;
	if (shape.across == 1 && shape.down == 1) {
		*samples = reduce_mean(&component->reduce, (int16_t)component->last);
		return scan_skip(component->ac, reader);
	}
	if (!scan_sums(component, reader, sums, vectors))
		return false;
	for (uint32_t i = 0; i < vectors; i++)
		bytes[i] = reduce_round(sums[i]);
	for (uint32_t y = 0; y < shape.down; y++)
		memcpy(samples + y * component->stride,
			(const uint8_t *)bytes + (size_t)y * shape.across, shape.across);
	return true;
}

#define SCAN_SHAPES(SHAPE) \
	SHAPE(1, 1)        \
	SHAPE(1, 2)        \
	SHAPE(2, 1)        \
	SHAPE(2, 2)        \
	SHAPE(2, 4)        \
	SHAPE(4, 2)        \
	SHAPE(4, 4)        \
	SHAPE(4, 8)        \
	SHAPE(8, 4)        \
	SHAPE(8, 8)

#define SCAN_CASE(across, down)                                                            \
	case (across)*16 + (down):                                                         \
		done = scan_block(                                                         \
			component, &reader, samples, (struct scan_shape){ across, down }); \
		break;

/* Any shape. By value, see scan_long. */
static __attribute__((noinline)) struct scan_step scan_any_block(
	struct scan_component *component, struct reader from, uint8_t *samples)
{
	struct reader reader = from;
	bool done = false;
	switch (component->reduce.across * 16 + component->reduce.down) {
		SCAN_SHAPES(SCAN_CASE)
	default:
		break;
	}
	return (struct scan_step){ reader, { !done, 0 } };
}

/* At a restart marker, which must be the one that is due; false: it is not. */
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

uint32_t scan_stretch(struct scan *scan, uint32_t most)
{
	if (scan->interval == 0)
		return most;
	if (scan->left == 0 && !scan_restart(scan))
		return 0;
	const uint32_t stretch = scan->left < most ? scan->left : most;
	scan->left -= stretch;
	return stretch;
}

static SCAN_INLINE uint8_t *scan_samples(const struct scan_block *block, uint32_t mcu)
{
	return block->samples + block->step * mcu;
}

static SCAN_INLINE bool scan_mcu(const struct scan *scan, uint32_t mcu, struct reader *reader,
	const struct scan_layout layout)
{
#pragma GCC unroll 4
	for (uint32_t i = 0; i < layout.first + layout.others; i++) {
		const struct scan_block *block = &scan->blocks[i];
		if (!scan_block(block->component, reader, scan_samples(block, mcu),
			    i < layout.first ? layout.shape : layout.other_shape))
			return false;
	}
	return true;
}

static SCAN_INLINE bool scan_any(const struct scan *scan, uint32_t mcu, struct reader *reader)
{
	for (uint32_t i = 0; i < scan->block_count; i++) {
		const struct scan_block *block = &scan->blocks[i];
		const struct scan_step step =
			scan_any_block(block->component, *reader, scan_samples(block, mcu));
		*reader = step.reader;
		if (step.symbol.none)
			return false;
	}
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
		if (!scan_fill(scan, &reader))
			return false;
	}
	scan->reader = reader;
	return true;
}

typedef bool scan_part(struct scan *scan, uint32_t from, uint32_t end);

/* The blocks of the first component and their shape, then all others and theirs. */
#define SCAN_LAYOUTS(LAYOUT)               \
	LAYOUT(444_at_8, 1, 1, 1, 2, 1, 1) \
	LAYOUT(444_at_4, 1, 2, 2, 2, 2, 2) \
	LAYOUT(444_at_2, 1, 4, 4, 2, 4, 4) \
	LAYOUT(422_at_8, 2, 1, 1, 2, 2, 1) \
	LAYOUT(422_at_4, 2, 2, 2, 2, 4, 2) \
	LAYOUT(422_at_2, 2, 4, 4, 2, 8, 4) \
	LAYOUT(440_at_8, 2, 1, 1, 2, 1, 2) \
	LAYOUT(440_at_4, 2, 2, 2, 2, 2, 4) \
	LAYOUT(440_at_2, 2, 4, 4, 2, 4, 8) \
	LAYOUT(420_at_8, 4, 1, 1, 2, 2, 2) \
	LAYOUT(420_at_4, 4, 2, 2, 2, 4, 4) \
	LAYOUT(420_at_2, 4, 4, 4, 2, 8, 8)

#define SCAN_LAYOUT(first, across, down, others, other_across, other_down) \
	{                                                                  \
		first, others, { across, down },                           \
		{                                                          \
			other_across, other_down                           \
		}                                                          \
	}

#define SCAN_PART(name, ...)                                                                     \
	static bool scan_##name(struct scan *scan, uint32_t from, uint32_t end)                  \
	{                                                                                        \
		return scan_mcus(scan, from, end, (struct scan_layout)SCAN_LAYOUT(__VA_ARGS__)); \
	}

SCAN_LAYOUTS(SCAN_PART)
SCAN_PART(any_layout, 0, 0, 0, 0, 0, 0)

#define SCAN_ROW(name, ...) { SCAN_LAYOUT(__VA_ARGS__), scan_##name },

static const struct {
	struct scan_layout layout;
	scan_part *part;
} scan_parts[] = { SCAN_LAYOUTS(SCAN_ROW) };

/* Whether the blocks of the scan come in that order. */
static bool scan_has(const struct scan *scan, const struct scan_layout *layout)
{
	if (scan->block_count != layout->first + layout->others)
		return false;
	for (uint32_t i = 0; i < scan->block_count; i++) {
		const struct scan_shape *shape =
			i < layout->first ? &layout->shape : &layout->other_shape;
		const struct reduce *reduce = &scan->blocks[i].component->reduce;
		if (reduce->across != shape->across || reduce->down != shape->down)
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
		const uint32_t stretch = scan_stretch(scan, scan->mcus - mcu);
		if (stretch == 0 || !part(scan, mcu, mcu + stretch))
			return false;
		mcu += stretch;
	}
	return true;
}
