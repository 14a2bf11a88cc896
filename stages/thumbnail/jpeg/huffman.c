#include "stages/thumbnail/jpeg/huffman.h"

#include <string.h>

static struct huffman_symbol huffman_symbol_of(uint32_t length, uint32_t value)
{
	const uint32_t run = value >> 4;
	const uint32_t size = value & 15;
	const bool end = size == 0 && run != 15;
	return (struct huffman_symbol){ length + size, length, size, end ? HUFFMAN_END : run + 1 };
}

struct huffman_symbol huffman_long(const struct huffman *huffman, uint32_t bits)
{
	for (uint32_t length = 1; length <= 16; length++) {
		if (bits >= huffman->limit[length])
			continue;
		const int32_t code = (int32_t)(bits >> (16 - length));
		return huffman_symbol_of(length, huffman->values[huffman->first[length] + code]);
	}
	return (struct huffman_symbol){ .advance = HUFFMAN_NONE };
}

/* The codes of each length follow those of the length before; a code of ones alone is none. */
static bool huffman_codes(struct huffman *huffman, bool dc)
{
	uint32_t code = 0;
	uint32_t count = 0;
	for (uint32_t length = 1; length <= 16; length++) {
		huffman->first[length] = (int32_t)count - (int32_t)code;
		code += huffman->bits[length];
		count += huffman->bits[length];
		if (count > 256 || code >= 1U << length)
			return false;
		huffman->limit[length] = code << (16 - length);
		code <<= 1;
	}
	for (uint32_t i = 0; dc && i < count; i++)
		if (huffman->values[i] > 15)
			return false;
	return true;
}

static uint32_t huffman_entry(const struct huffman *huffman, uint32_t bits)
{
	const struct huffman_symbol symbol = huffman_long(huffman, bits);
	if (symbol.total == 0 || symbol.length > HUFFMAN_BITS)
		return 0;
	return symbol.total | symbol.advance << HUFFMAN_ADVANCE | symbol.size << HUFFMAN_SIZE |
	       symbol.length << HUFFMAN_LENGTH;
}

bool huffman_set(struct huffman *huffman, const JHUFF_TBL *table, bool dc)
{
	if (!table)
		return false;
	if (huffman->known && memcmp(huffman->bits, table->bits, sizeof(huffman->bits)) == 0 &&
		memcmp(huffman->values, table->huffval, sizeof(huffman->values)) == 0)
		return true;
	huffman->known = false;
	huffman->skip_bits = 0;
	huffman->paired = false;
	memcpy(huffman->bits, table->bits, sizeof(huffman->bits));
	memcpy(huffman->values, table->huffval, sizeof(huffman->values));
	if (!huffman_codes(huffman, dc))
		return false;
	for (uint32_t i = 0; i < 1U << HUFFMAN_BITS; i++)
		huffman->symbols[i] = huffman_entry(huffman, i << (16 - HUFFMAN_BITS));
	huffman->known = true;
	return true;
}

/* All symbols whose codes end in the window; the value of the last may reach beyond it. */
static uint16_t huffman_skip(const struct huffman *huffman, uint32_t window, uint32_t bits)
{
	uint32_t total = 0;
	uint32_t advance = 0;
	while (total < bits) {
		const struct huffman_symbol symbol =
			huffman_long(huffman, window << total & 0xFFFF);
		if (symbol.total == 0 || symbol.length > bits - total ||
			(symbol.advance < HUFFMAN_END && advance + symbol.advance > 63))
			break;
		total += symbol.total;
		advance += symbol.advance;
		if (symbol.advance == HUFFMAN_END)
			break;
	}
	if (total == 0)
		advance = HUFFMAN_STUCK;
	return (uint16_t)(advance << HUFFMAN_SHIFT | total);
}

void huffman_set_skips(struct huffman *huffman, uint32_t bits)
{
	if (huffman->skip_bits == bits)
		return;
	huffman->skip_bits = bits;
	for (uint32_t i = 0; i < 1U << bits; i++)
		huffman->skips[i] = huffman_skip(huffman, i << (16 - bits), bits);
}

/* The value that JPEG writes as so many bits. */
static int16_t huffman_value(uint32_t bits, uint32_t size)
{
	const bool negative = size > 0 && bits >> (size - 1) == 0;
	return (int16_t)((int32_t)bits + (negative ? 1 - (int32_t)(1U << size) : 0));
}

/* A symbol whose code and value lie in the window behind `before` bits of it; total 0: none. */
static struct huffman_symbol huffman_within(
	const struct huffman *huffman, uint32_t window, uint32_t before, int16_t *value)
{
	const uint32_t ahead = window << before & 0xFFFF;
	struct huffman_symbol symbol = huffman_long(huffman, ahead);
	if (before + symbol.total > HUFFMAN_BITS)
		symbol.total = 0;
	const uint32_t bits = ahead >> (16 - symbol.total) & ((1U << symbol.size) - 1);
	*value = huffman_value(bits, symbol.size);
	return symbol;
}

static struct huffman_pair huffman_pair_of(const struct huffman *huffman, uint32_t window)
{
	struct huffman_pair pair = { 0 };
	const struct huffman_symbol first = huffman_within(huffman, window, 0, &pair.value);
	if (first.total == 0)
		return pair;
	pair.total = (uint8_t)first.total;
	pair.advance = (uint8_t)first.advance;
	const struct huffman_symbol second =
		huffman_within(huffman, window, first.total, &pair.second_value);
	if (first.advance == HUFFMAN_END || second.total == 0) {
		pair.second_value = pair.value;
		return pair;
	}
	pair.total = (uint8_t)(first.total + second.total);
	pair.second = (uint8_t)second.total;
	pair.second_advance = (uint8_t)second.advance;
	return pair;
}

void huffman_set_pairs(struct huffman *huffman)
{
	for (uint32_t i = 0; i < 1U << HUFFMAN_BITS && !huffman->paired; i++)
		huffman->pairs[i] = huffman_pair_of(huffman, i << (16 - HUFFMAN_BITS));
	huffman->paired = true;
}
