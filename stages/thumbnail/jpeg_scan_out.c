#include "stages/thumbnail/jpeg_scan_out.h"

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jpegint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "stages/thumbnail/huffman_best.h"

enum {
	SCAN_OUT_TABLES = 4, /* DC and AC of Y, DC and AC of Cb and Cr */
	SCAN_OUT_SYMBOLS = SCAN_OUT_TABLES * HUFFMAN_SYMBOLS,
	SCAN_OUT_NOTES = 1 << 20,           /* 4 MiB; 1024 x 768 px at quality 80 have 300,000 */
	SCAN_OUT_BLOCK_NOTES = 65,          /* most of one block */
	SCAN_OUT_SOME = 1024,               /* notes that are written together */
	SCAN_OUT_BYTES = 8 * SCAN_OUT_SOME, /* 27 bits each at most, and stuffing as much again */
	SCAN_OUT_END = 0x00,                /* symbol: nothing but zeros follows in the block */
	SCAN_OUT_ZEROS = 0xf0,              /* symbol: sixteen zeros */
	SCAN_OUT_RUN = 16,
	SCAN_OUT_DC_BITS = 11, /* most of a difference; samples have 8 bits */
	SCAN_OUT_AC_BITS = 10,
	SCAN_OUT_VALUES = 2 << SCAN_OUT_DC_BITS
};

/* A symbol, the table it is of and the bits behind it: value 0..15, symbol 16..23, table 24..25.
 * How many bits follow a symbol, its lower four say. */
typedef uint32_t note;

/* Bits on their way to bytes. */
struct scan_out_bits {
	uint64_t word;  /* its lowest `count` are to be written */
	unsigned count; /* below 32 between two notes */
	uint8_t *to;
};

struct scan_out {
	note notes[SCAN_OUT_NOTES];
	size_t note_count;
	uint32_t counts[SCAN_OUT_SYMBOLS]; /* of table and symbol, as in a note */
	uint32_t codes[SCAN_OUT_SYMBOLS];  /* code << 8 | its length in bits */
	bool head_written;
	int last[MAX_COMPS_IN_SCAN];             /* DC */
	void (*write_head)(j_compress_ptr info); /* libjpeg-turbo's: tables and SOS */
	struct scan_out_bits bits;
	uint8_t bytes[SCAN_OUT_BYTES];
	note values[SCAN_OUT_VALUES]; /* from the lowest on; no zeros in front, no table */
};

static const uint8_t ZIGZAG_OF[DCTSIZE2] = { 0, 1, 5, 6, 14, 15, 27, 28, 2, 4, 7, 13, 16, 26, 29,
	42, 3, 8, 12, 17, 25, 30, 41, 43, 9, 11, 18, 24, 31, 40, 44, 53, 10, 19, 23, 32, 39, 45, 52,
	54, 20, 22, 33, 38, 46, 51, 55, 60, 21, 34, 37, 47, 50, 56, 59, 61, 35, 36, 48, 49, 57, 58,
	62, 63 };

/* The bits of a negative value are those of one less. */
static note scan_out_value(int value)
{
	const unsigned size = value ? 32 - (unsigned)__builtin_clz((unsigned)abs(value)) : 0;
	const unsigned bits = (unsigned)(value < 0 ? value - 1 : value) & ((1U << size) - 1);
	return size << 16 | bits;
}

struct scan_out *scan_out_new(void)
{
	/* Not zeroed: most pictures need little of it. */
	struct scan_out *out = malloc(sizeof(*out));
	for (int i = 0; out && i < SCAN_OUT_VALUES; i++)
		out->values[i] = scan_out_value(i - SCAN_OUT_VALUES / 2);
	return out;
}

void scan_out_free(struct scan_out *out)
{
	free(out);
}

/* The bytes that are ready, to libjpeg-turbo's destination. */
static void scan_out_pour(struct scan_out *out, j_compress_ptr info)
{
	struct jpeg_destination_mgr *to = info->dest;
	for (const uint8_t *at = out->bytes; at < out->bits.to;) {
		const size_t left = (size_t)(out->bits.to - at);
		const size_t step = left < to->free_in_buffer ? left : to->free_in_buffer;
		memcpy(to->next_output_byte, at, step);
		to->next_output_byte += step;
		to->free_in_buffer -= step;
		at += step;
		if (to->free_in_buffer == 0)
			to->empty_output_buffer(info);
	}
	out->bits.to = out->bytes;
}

static void scan_out_byte(struct scan_out_bits *bits, uint8_t byte)
{
	*bits->to++ = byte;
	if (byte == 0xff)
		*bits->to++ = 0;
}

static bool scan_out_has_ff(uint32_t word)
{
	return (word & 0x80808080 & (~word - 0x01010101)) != 0;
}

static inline void scan_out_word(struct scan_out_bits *bits, uint32_t word)
{
	if (scan_out_has_ff(word)) {
		for (int shift = 24; shift >= 0; shift -= 8)
			scan_out_byte(bits, (uint8_t)(word >> shift));
		return;
	}
	const uint32_t written = htobe32(word);
	memcpy(bits->to, &written, sizeof(written));
	bits->to += sizeof(written);
}

static inline void scan_out_put(struct scan_out_bits *bits, uint32_t value, unsigned count)
{
	bits->word = bits->word << count | value;
	bits->count += count;
	if (bits->count < 32)
		return;
	bits->count -= 32;
	scan_out_word(bits, (uint32_t)(bits->word >> bits->count));
}

/* Ones up to the next byte, and all that is left. */
static void scan_out_put_rest(struct scan_out_bits *bits)
{
	const unsigned ones = (8 - bits->count % 8) % 8;
	scan_out_put(bits, (1U << ones) - 1, ones);
	for (; bits->count > 0; bits->count -= 8)
		scan_out_byte(bits, (uint8_t)(bits->word >> (bits->count - 8)));
}

/* Notes that there is room for, whatever they are. */
static void scan_out_write_some(struct scan_out *out, const note *notes, size_t count)
{
	struct scan_out_bits bits = out->bits;
	for (size_t i = 0; i < count; i++) {
		const uint32_t code = out->codes[notes[i] >> 16];
		const unsigned size = notes[i] >> 16 & 15;
		scan_out_put(&bits, code >> 8 << size | (notes[i] & 0xffff), (code & 0xff) + size);
	}
	out->bits = bits;
}

static void scan_out_write_notes(struct scan_out *out, j_compress_ptr info)
{
	for (size_t i = 0; i < out->note_count; i += SCAN_OUT_SOME) {
		const size_t left = out->note_count - i;
		scan_out_write_some(
			out, out->notes + i, left < SCAN_OUT_SOME ? left : SCAN_OUT_SOME);
		scan_out_pour(out, info);
	}
	out->note_count = 0;
}

static void scan_out_codes(const JHUFF_TBL *table, uint32_t codes[HUFFMAN_SYMBOLS])
{
	uint32_t code = 0;
	const UINT8 *symbol = table->huffval;
	for (uint32_t length = 1; length <= HUFFMAN_LONGEST; length++, code <<= 1)
		for (int i = 0; i < table->bits[length]; i++)
			codes[*symbol++] = code++ << 8 | length;
}

/* What is yet to come may have any symbol: all together count as much as what has come, half as
 * much for each bit of the value and each two zeros in front of it. */
static void scan_out_expect_dc(uint32_t counts[HUFFMAN_SYMBOLS])
{
	for (int size = 0; size <= SCAN_OUT_DC_BITS; size++)
		counts[size] += SCAN_OUT_NOTES >> 4;
}

static void scan_out_expect_ac(uint32_t counts[HUFFMAN_SYMBOLS])
{
	for (int zeros = 0; zeros < SCAN_OUT_RUN; zeros++)
		for (int size = 1; size <= SCAN_OUT_AC_BITS; size++)
			counts[zeros << 4 | size] += SCAN_OUT_NOTES >> (2 + size + zeros / 2);
	counts[SCAN_OUT_END] += SCAN_OUT_NOTES >> 2;
	counts[SCAN_OUT_ZEROS] += SCAN_OUT_NOTES >> 8;
}

/* A table that nothing was counted for, as those of Cb and Cr in a grey picture, is not used. */
static void scan_out_write_head(struct scan_out *out, j_compress_ptr info)
{
	for (int i = 0; i < SCAN_OUT_TABLES; i++) {
		JHUFF_TBL **tables = i % 2 ? info->ac_huff_tbl_ptrs : info->dc_huff_tbl_ptrs;
		JHUFF_TBL *table = tables[i / 2];
		huffman_best(out->counts + i * HUFFMAN_SYMBOLS, table);
		scan_out_codes(table, out->codes + i * HUFFMAN_SYMBOLS);
	}
	out->write_head(info);
	out->head_written = true;
}

/* More than is kept: the code follows from what has come, with room for all that may. */
static void scan_out_empty(struct scan_out *out, j_compress_ptr info)
{
	for (int i = 0; !out->head_written && i < SCAN_OUT_TABLES; i += 2) {
		scan_out_expect_dc(out->counts + i * HUFFMAN_SYMBOLS);
		scan_out_expect_ac(out->counts + (i + 1) * HUFFMAN_SYMBOLS);
	}
	if (!out->head_written)
		scan_out_write_head(out, info);
	scan_out_write_notes(out, info);
}

/* `zeros` in front of a value. A block takes no more notes than SCAN_OUT_BLOCK_NOTES. */
static inline note *scan_out_note(
	struct scan_out *out, note *to, uint32_t table, int zeros, int value)
{
	const note it = table << 24 | (uint32_t)zeros << 20 |
			out->values[(value + SCAN_OUT_VALUES / 2) & (SCAN_OUT_VALUES - 1)];
	out->counts[it >> 16]++;
	*to = it;
	return to + 1;
}

#ifdef __SSE2__
/* Which coefficients are not 0, in their natural order. */
static uint64_t scan_out_present(const JCOEF *block)
{
	const __m128i zero = _mm_setzero_si128();
	uint64_t absent = 0;
	for (int i = 0; i < DCTSIZE2; i += 16) {
		const __m128i *at = (const __m128i *)(const void *)(block + i);
		const __m128i low = _mm_cmpeq_epi16(_mm_loadu_si128(at), zero);
		const __m128i high = _mm_cmpeq_epi16(_mm_loadu_si128(at + 1), zero);
		const int mask = _mm_movemask_epi8(_mm_packs_epi16(low, high));
		absent |= (uint64_t)(uint32_t)mask << i;
	}
	return ~absent;
}
#else
static uint64_t scan_out_present(const JCOEF *block)
{
	uint64_t present = 0;
	for (int i = 0; i < DCTSIZE2; i++)
		present |= (uint64_t)(block[i] != 0) << i;
	return present;
}
#endif

/* The same in zigzag order. */
static uint64_t scan_out_zigzag(uint64_t natural)
{
	uint64_t zigzag = 0;
	for (; natural; natural &= natural - 1)
		zigzag |= UINT64_C(1) << ZIGZAG_OF[__builtin_ctzll(natural)];
	return zigzag;
}

static note *scan_out_note_ac(struct scan_out *out, note *to, uint32_t table, const JCOEF *block)
{
	int next = 1;
	uint64_t left = scan_out_zigzag(scan_out_present(block) & ~UINT64_C(1));
	for (; left; left &= left - 1) {
		const int at = __builtin_ctzll(left);
		int zeros = at - next;
		for (; zeros >= SCAN_OUT_RUN; zeros -= SCAN_OUT_RUN)
			to = scan_out_note(out, to, table, SCAN_OUT_RUN - 1, 0);
		to = scan_out_note(out, to, table, zeros, block[jpeg_natural_order[at]]);
		next = at + 1;
	}
	return next < DCTSIZE2 ? scan_out_note(out, to, table, 0, 0) : to;
}

/* Takes the place of libjpeg-turbo's encode_mcu. */
static boolean scan_out_mcu(j_compress_ptr info, JBLOCKROW *blocks)
{
	struct scan_out *out = info->client_data;
	for (int i = 0; i < info->blocks_in_MCU; i++) {
		const int component = info->MCU_membership[i];
		const uint32_t table = 2 * (uint32_t)info->cur_comp_info[component]->dc_tbl_no;
		const JCOEF *block = blocks[i][0];
		if (out->note_count > SCAN_OUT_NOTES - SCAN_OUT_BLOCK_NOTES)
			scan_out_empty(out, info);
		note *to = out->notes + out->note_count;
		to = scan_out_note(out, to, table, 0, block[0] - out->last[component]);
		to = scan_out_note_ac(out, to, table + 1, block);
		out->note_count = (size_t)(to - out->notes);
		out->last[component] = block[0];
	}
	return TRUE;
}

/* Takes the place of finish_pass. */
static void scan_out_finish(j_compress_ptr info)
{
	struct scan_out *out = info->client_data;
	if (!out->head_written)
		scan_out_write_head(out, info);
	scan_out_write_notes(out, info);
	scan_out_put_rest(&out->bits);
	scan_out_pour(out, info);
}

/* Takes the place of write_scan_header, which comes before the first sample. */
static void scan_out_no_head(j_compress_ptr info)
{
	(void)info;
}

void scan_out_take_over(struct scan_out *out, j_compress_ptr info)
{
	out->note_count = 0;
	memset(out->counts, 0, sizeof(out->counts));
	out->head_written = false;
	memset(out->last, 0, sizeof(out->last));
	out->bits = (struct scan_out_bits){ .to = out->bytes };
	out->write_head = info->marker->write_scan_header;
	info->marker->write_scan_header = scan_out_no_head;
	info->entropy->encode_mcu = scan_out_mcu;
	info->entropy->finish_pass = scan_out_finish;
	info->client_data = out;
}
