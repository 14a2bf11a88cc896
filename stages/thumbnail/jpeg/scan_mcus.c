#include "stages/thumbnail/jpeg/scan_mcus.h"

#include <string.h>

#include "stages/thumbnail/jpeg/scan_private.h"

/* Which half of a word has its lower bits. */
enum { SCAN_LOWER = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };

/* Layouts of an MCU that are common get code of their own: so the processor learns how blocks of
 * brightness end apart from those of colour. */
struct scan_layout {
	uint32_t first, others;      /* blocks of the first component, and of all others */
	uint32_t words, other_words; /* of each of them: see struct reduce */
};

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

/* Where the value of the symbol before goes. */
static SCAN_INLINE uint32_t *scan_word(const struct reader *reader, uint32_t *end)
{
	return end + ((ptrdiff_t)(reader->count >> SCAN_LEFT) - (BLOCK_END - 1 + SCAN_LAST));
}

/* Takes a symbol, and leaves its value's bits and mask as they are: that they make a number is
 * cheaper to find out for many at once. Storing them as two halves takes less than putting them
 * together. */
static SCAN_INLINE void scan_put(struct reader *reader, uint32_t entry, uint32_t *end)
{
	const uint16_t bits = (uint16_t)reader_turned(reader, entry & HUFFMAN_TOTAL);
	const uint16_t mask = (uint16_t)(entry >> HUFFMAN_MASK);
	reader_skip(reader, (uint16_t)entry);
	uint16_t *halves = (uint16_t *)scan_word(reader, end);
	memcpy(halves + SCAN_LOWER, &bits, sizeof(bits));
	memcpy(halves + !SCAN_LOWER, &mask, sizeof(mask));
}

/* Whether positions up to `last` are still to come. */
static SCAN_INLINE bool scan_more(const struct reader *reader, const uint32_t last)
{
	return (int32_t)(reader->count - scan_left(last)) < 0;
}

/* The low frequencies symbol by symbol, two a refill: those that are found in the table take 25
 * bits at most. */
static SCAN_INLINE void scan_low(
	const struct huffman *ac, struct reader *reader, uint32_t *end, const uint32_t last)
{
	do {
		reader_refill(reader);
		scan_put(reader, scan_entry(ac, reader), end);
		if (!scan_more(reader, last))
			return;
		scan_put(reader, scan_entry(ac, reader), end);
	} while (scan_more(reader, last));
}

/* Begins a block, whose words stand in front of `end`. */
static SCAN_INLINE bool scan_mean(const struct scan_block *block, struct scan_stream *stream,
	struct reader *reader, uint32_t *end, const uint32_t words)
{
	int32_t *last = &stream->last[block->number];
	if (!scan_dc(block->component->dc, reader, last))
		return false;
	const uint32_t mean = (uint32_t)*last;
	if (words > 1)
		memset(end - words, 0, words * sizeof(*end));
	end[-1] = mean;
	return true;
}

/* A block of a constant number of words. */
static SCAN_INLINE bool scan_block(const struct scan_block *block, struct scan_stream *stream,
	struct reader *reader, uint32_t *mcu, const uint32_t words)
{
	const struct huffman *ac = block->component->ac;
	uint32_t *end = mcu - block->words;
	if (!scan_mean(block, stream, reader, end, words))
		return false;
	if (words > 1)
		scan_low(ac, reader, end, block->component->reduce.last);
	return scan_over(reader) ? scan_ended(reader) : scan_skip(ac, reader);
}

/* All ones until the block is over, then zero: what is and-ed with that takes nobody further. */
static SCAN_INLINE uint32_t scan_going(const struct reader *reader)
{
	return -(reader->count >> SCAN_SIGN);
}

static SCAN_INLINE void scan_put_going(
	const struct huffman *ac, struct reader *reader, uint32_t *end)
{
	const uint32_t entry = scan_entry(ac, reader);
	scan_put(reader, entry & scan_going(reader), end);
}

static SCAN_INLINE void scan_skip_going(const struct huffman *ac, struct reader *reader)
{
	const uint32_t skip = ac->skips[reader_peek(reader, HUFFMAN_SKIP_BITS)];
	reader_skip(reader, skip & scan_going(reader));
}

/* A reader that is not inlined goes by value: else it would have to live in memory all the time. */
struct scan_rest {
	struct reader reader;
	bool ended;
};

static __attribute__((noinline)) struct scan_rest scan_rest(
	const struct huffman *ac, struct reader from)
{
	struct reader reader = from;
	const bool ended = scan_over(&reader) ? scan_ended(&reader) : scan_skip(ac, &reader);
	return (struct scan_rest){ reader, ended };
}

/* `from` is the same reader in front of what was skipped. */
static SCAN_INLINE bool scan_settled(
	const struct huffman *ac, struct reader *reader, const struct reader *from)
{
	if (__builtin_expect(scan_ended(reader), 1))
		return true;
	const struct scan_rest rest = scan_rest(ac, *from);
	*reader = rest.reader;
	return rest.ended;
}

/* The same block of each of two streams. Nothing in it depends on how one of them goes on but the
 * number of rounds: the one that is over waits for the other, so that one branch is left to be
 * mispredicted for both. */
struct scan_pair {
	const struct scan_block *block;
	struct scan_stream *streams[2];
	uint32_t *mcus[2]; /* ends of the MCUs' words */
};

/* Whether one of them goes on, `behind` positions in front of its end. */
static SCAN_INLINE bool scan_either(
	const struct reader *one, const struct reader *two, const uint32_t behind)
{
	return (int32_t)((one->count - behind) | (two->count - behind)) < 0;
}

/* Behind the mean of a block enough bits are left for one look-up more. */
static SCAN_INLINE void scan_skip_first(const struct huffman *ac, struct reader *reader)
{
	reader_skip(reader, ac->skips[reader_peek(reader, HUFFMAN_SKIP_BITS)]);
}

static SCAN_INLINE void scan_put_first(
	const struct huffman *ac, struct reader *reader, uint32_t *end)
{
	scan_put(reader, scan_entry(ac, reader), end);
}

/* What is left of both: see scan_skip. `first`: nothing but the mean was read before. */
static SCAN_INLINE bool scan_both_skip(
	const struct huffman *ac, struct reader *one, struct reader *two, const bool first)
{
	const struct reader one_from = *one, two_from = *two;
	if (first) {
		scan_skip_first(ac, one);
		scan_skip_first(ac, two);
	}
	do {
		reader_refill(one);
		reader_refill(two);
#pragma GCC unroll 3
		for (uint32_t i = 0; i < 3; i++) {
			scan_skip_going(ac, one);
			scan_skip_going(ac, two);
		}
	} while (scan_either(one, two, 0));
	return scan_settled(ac, one, &one_from) && scan_settled(ac, two, &two_from);
}

/* See scan_low. */
static SCAN_INLINE void scan_both_low(const struct huffman *ac, struct reader *one,
	struct reader *two, uint32_t *const ends[2], const uint32_t last)
{
	scan_put_first(ac, one, ends[0]);
	scan_put_first(ac, two, ends[1]);
	if (last == 1)
		return;
	do {
		reader_refill(one);
		reader_refill(two);
#pragma GCC unroll 2
		for (uint32_t i = 0; i < 2; i++) {
			scan_put_going(ac, one, ends[0]);
			scan_put_going(ac, two, ends[1]);
		}
	} while (scan_either(one, two, scan_left(last)));
}

/* `before`: words of the MCU that stand in front of the block's. */
static SCAN_INLINE bool scan_both(const struct scan_pair *pair, struct reader *one,
	struct reader *two, const uint32_t before, const uint32_t words)
{
	const struct scan_block *block = pair->block;
	const struct huffman *ac = block->component->ac;
	uint32_t *const ends[2] = { pair->mcus[0] - before, pair->mcus[1] - before };
	if (!scan_mean(block, pair->streams[0], one, ends[0], words) ||
		!scan_mean(block, pair->streams[1], two, ends[1], words))
		return false;
	if (words > 1)
		scan_both_low(ac, one, two, ends, block->component->reduce.last);
	return scan_both_skip(ac, one, two, words == 1);
}

static SCAN_INLINE uint32_t scan_words_of(const struct scan_layout *layout, uint32_t number)
{
	return number < layout->first ? layout->words : layout->other_words;
}

/* Words of an MCU that stand in front of those of a block. */
static SCAN_INLINE uint32_t scan_words_before(const struct scan_layout *layout, uint32_t number)
{
	const uint32_t first = number < layout->first ? number : layout->first;
	return first * layout->words + (number - first) * layout->other_words;
}

/* An MCU of each. */
static SCAN_INLINE bool scan_both_mcus(const struct scan *scan, struct scan_pair *pair,
	struct reader *one, struct reader *two, const struct scan_layout layout)
{
#pragma GCC unroll 6
	for (uint32_t i = 0; i < layout.first + layout.others; i++) {
		pair->block = &scan->blocks[i];
		if (!scan_both(pair, one, two, scan_words_before(&layout, i),
			    scan_words_of(&layout, i)))
			return false;
	}
	return true;
}

static SCAN_INLINE uint32_t scan_two(const struct scan *scan, const struct scan_span *span,
	const struct scan_span *other, uint32_t most, const struct scan_layout layout)
{
	struct reader one = span->stream->reader, two = other->stream->reader;
	uint32_t done = 0;
	const uint32_t words = scan->mcu_words;
	struct scan_pair pair = { .streams = { span->stream, other->stream },
		.mcus = { span->end, other->end } };
	do {
		if (!scan_both_mcus(scan, &pair, &one, &two, layout))
			return SCAN_FAILED;
		pair.mcus[0] -= words;
		pair.mcus[1] -= words;
		done++;
	} while (done < most && one.at <= span->until && two.at <= other->until);
	span->stream->reader = one;
	other->stream->reader = two;
	return done;
}

static SCAN_INLINE bool scan_mcu(const struct scan *scan, const struct scan_span *span,
	struct reader *reader, uint32_t *mcu, const struct scan_layout layout)
{
#pragma GCC unroll 6
	for (uint32_t i = 0; i < layout.first + layout.others; i++)
		if (!scan_block(
			    &scan->blocks[i], span->stream, reader, mcu, scan_words_of(&layout, i)))
			return false;
	return true;
}

/* Blocks of any number of words. By value, see struct scan_rest. */
static __attribute__((noinline)) struct scan_rest scan_any_block(const struct scan_block *block,
	const struct scan_span *span, struct reader from, uint32_t *mcu)
{
	struct reader reader = from;
	const bool ended =
		scan_block(block, span->stream, &reader, mcu, block->component->reduce.words);
	return (struct scan_rest){ reader, ended };
}

static SCAN_INLINE bool scan_any_mcu(
	const struct scan *scan, const struct scan_span *span, struct reader *reader, uint32_t *mcu)
{
	for (uint32_t i = 0; i < scan->block_count; i++) {
		const struct scan_rest rest = scan_any_block(&scan->blocks[i], span, *reader, mcu);
		*reader = rest.reader;
		if (!rest.ended)
			return false;
	}
	return true;
}

static SCAN_INLINE uint32_t scan_one(const struct scan *scan, const struct scan_span *span,
	uint32_t most, const struct scan_layout layout)
{
	struct reader reader = span->stream->reader;
	uint32_t done = 0;
	bool sound = true;
	do {
		uint32_t *mcu = span->end - (size_t)done++ * scan->mcu_words;
		sound = layout.first == 0 ? scan_any_mcu(scan, span, &reader, mcu)
					  : scan_mcu(scan, span, &reader, mcu, layout);
	} while (sound && done < most && reader.at <= span->until);
	span->stream->reader = reader;
	return sound ? done : SCAN_FAILED;
}

/* The blocks of the first component and their words, then all others and theirs. At 1/8, 1/4 and
 * 1/2; `half`: colours with half the samples a side. */
#define SCAN_LAYOUTS(LAYOUT)                \
	LAYOUT(444_at_8, 1, 1, 2, 1)        \
	LAYOUT(444_at_4, 1, 8, 2, 8)        \
	LAYOUT(444_at_4_half, 1, 8, 2, 1)   \
	LAYOUT(444_at_2, 1, 16, 2, 16)      \
	LAYOUT(444_at_2_half, 1, 16, 2, 8)  \
	LAYOUT(422_at_8, 2, 1, 2, 4)        \
	LAYOUT(422_at_8_half, 2, 1, 2, 1)   \
	LAYOUT(422_at_4, 2, 8, 2, 8)        \
	LAYOUT(422_at_4_half, 2, 8, 2, 4)   \
	LAYOUT(422_at_2, 2, 16, 2, 24)      \
	LAYOUT(422_at_2_half, 2, 16, 2, 8)  \
	LAYOUT(440_at_4, 2, 8, 2, 16)       \
	LAYOUT(440_at_2_half, 2, 16, 2, 16) \
	LAYOUT(420_at_8, 4, 1, 2, 8)        \
	LAYOUT(420_at_8_half, 4, 1, 2, 1)   \
	LAYOUT(420_at_4, 4, 8, 2, 16)       \
	LAYOUT(420_at_4_half, 4, 8, 2, 8)   \
	LAYOUT(420_at_2, 4, 16, 2, 24)      \
	LAYOUT(420_at_2_half, 4, 16, 2, 16)

#define SCAN_LAYOUT(first, words, others, other_words) \
	{                                              \
		first, others, words, other_words      \
	}

#define SCAN_READS(name, ...)                                                                    \
	static uint32_t scan_one_##name(                                                         \
		const struct scan *scan, const struct scan_span *span, uint32_t most)            \
	{                                                                                        \
		return scan_one(scan, span, most, (struct scan_layout)SCAN_LAYOUT(__VA_ARGS__)); \
	}                                                                                        \
	static uint32_t scan_two_##name(const struct scan *scan, const struct scan_span *span,   \
		const struct scan_span *other, uint32_t most)                                    \
	{                                                                                        \
		return scan_two(                                                                 \
			scan, span, other, most, (struct scan_layout)SCAN_LAYOUT(__VA_ARGS__));  \
	}

SCAN_LAYOUTS(SCAN_READS)

static uint32_t scan_one_any(const struct scan *scan, const struct scan_span *span, uint32_t most)
{
	return scan_one(scan, span, most, (struct scan_layout){ .first = 0 });
}

#define SCAN_ROW(name, ...) { SCAN_LAYOUT(__VA_ARGS__), { scan_one_##name, scan_two_##name } },

static const struct {
	struct scan_layout layout;
	struct scan_reads reads;
} scan_reads[] = { SCAN_LAYOUTS(SCAN_ROW) };

static const struct scan_reads scan_any_reads = { scan_one_any, NULL };

/* Whether the blocks of the scan come in that order. */
static bool scan_has(const struct scan *scan, const struct scan_layout *layout)
{
	if (scan->block_count != layout->first + layout->others)
		return false;
	for (uint32_t i = 0; i < scan->block_count; i++)
		if (scan->blocks[i].component->reduce.words != scan_words_of(layout, i))
			return false;
	return true;
}

const struct scan_reads *scan_reads_of(const struct scan *scan)
{
	for (size_t i = 0; i < sizeof(scan_reads) / sizeof(*scan_reads); i++)
		if (scan_has(scan, &scan_reads[i].layout))
			return &scan_reads[i].reads;
	return &scan_any_reads;
}
