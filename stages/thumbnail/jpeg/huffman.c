#include "stages/thumbnail/jpeg/huffman.h"

#include <string.h>

#include "stages/thumbnail/jpeg/reader.h"

static struct huffman_symbol huffman_symbol_of(uint32_t length, uint32_t value)
{
	const uint32_t run = value >> 4;
	const uint32_t size = value & 15;
	const bool end = size == 0 && run != 15;
	return (struct huffman_symbol){ length + size, length, size, end ? HUFFMAN_END : run + 1 };
}

struct huffman_code huffman_code(const struct huffman_codes *codes, uint32_t bits)
{
	for (uint32_t length = 1; length <= 16; length++) {
		if (bits >= codes->limit[length])
			continue;
		const int32_t code = (int32_t)(bits >> (16 - length));
		return (struct huffman_code){ length, codes->values[codes->first[length] + code] };
	}
	return (struct huffman_code){ 0 };
}

static struct huffman_symbol huffman_symbol_at(const struct huffman *huffman, uint32_t bits)
{
	const struct huffman_code code = huffman_code(&huffman->codes, bits);
	if (code.length == 0)
		return (struct huffman_symbol){ .advance = HUFFMAN_NONE };
	return huffman_symbol_of(code.length, code.value);
}

/* The codes of each length follow those of the length before; a code of ones alone is none. */
bool huffman_codes_set(struct huffman_codes *codes, const JHUFF_TBL *table, bool dc)
{
	uint32_t code = 0;
	uint32_t count = 0;
	memcpy(codes->bits, table->bits, sizeof(codes->bits));
	memcpy(codes->values, table->huffval, sizeof(codes->values));
	for (uint32_t length = 1; length <= 16; length++) {
		codes->first[length] = (int32_t)count - (int32_t)code;
		code += codes->bits[length];
		count += codes->bits[length];
		if (count > 256 || code >= 1U << length)
			return false;
		codes->limit[length] = code << (16 - length);
		code <<= 1;
	}
	for (uint32_t i = 0; dc && i < count; i++)
		if (codes->values[i] > 15)
			return false;
	return true;
}

/* A 1 for each bit of its value. */
static uint32_t huffman_mask(const struct huffman_symbol *symbol)
{
	return (1U << symbol->size) - 1;
}

static uint32_t huffman_entry_of(const struct huffman_symbol *symbol)
{
	return symbol->total | symbol->advance << HUFFMAN_ADVANCE |
	       huffman_mask(symbol) << HUFFMAN_MASK;
}

uint32_t huffman_entry(const struct huffman *huffman, uint32_t bits)
{
	const struct huffman_symbol symbol = huffman_symbol_at(huffman, bits);
	return huffman_entry_of(&symbol);
}

/* 0 where the code is longer than the window. */
static uint32_t huffman_short(const struct huffman *huffman, uint32_t bits)
{
	const struct huffman_symbol symbol = huffman_symbol_at(huffman, bits);
	return symbol.total == 0 || symbol.length > HUFFMAN_BITS ? 0 : huffman_entry_of(&symbol);
}

bool huffman_set(struct huffman *huffman, const JHUFF_TBL *table, bool dc)
{
	if (!table)
		return false;
	const struct huffman_codes *codes = &huffman->codes;
	if (huffman->known && memcmp(codes->bits, table->bits, sizeof(codes->bits)) == 0 &&
		memcmp(codes->values, table->huffval, sizeof(codes->values)) == 0)
		return true;
	huffman->known = false;
	huffman->skip_bits = 0;
	huffman->paired = false;
	if (!huffman_codes_set(&huffman->codes, table, dc))
		return false;
	for (uint32_t i = 0; i < 1U << HUFFMAN_BITS; i++)
		huffman->symbols[i] = huffman_short(huffman, i << (16 - HUFFMAN_BITS));
	huffman->known = true;
	return true;
}

/* All symbols whose codes end in the window, up to HUFFMAN_SKIP_MOST; the value of the last may
 * reach beyond it. */
static uint16_t huffman_skip(const struct huffman *huffman, uint32_t window, uint32_t bits)
{
	uint32_t total = 0;
	uint32_t advance = 0;
	while (total < bits) {
		const struct huffman_symbol symbol =
			huffman_symbol_at(huffman, window << total & 0xFFFF);
		if (symbol.total == 0 || symbol.length > bits - total ||
			total + symbol.total > HUFFMAN_SKIP_MOST ||
			(symbol.advance < HUFFMAN_END && advance + symbol.advance > 63))
			break;
		total += symbol.total;
		advance += symbol.advance;
		if (symbol.advance == HUFFMAN_END)
			break;
	}
	if (total == 0)
		advance = HUFFMAN_NONE;
	return (uint16_t)(advance << HUFFMAN_ADVANCE | total);
}

void huffman_set_skips(struct huffman *huffman, uint32_t bits)
{
	if (huffman->skip_bits == bits)
		return;
	huffman->skip_bits = bits;
	const uint32_t equal = HUFFMAN_SKIP_BITS - bits;
	for (uint32_t i = 0; i < 1U << bits; i++) {
		const uint16_t skip = huffman_skip(huffman, i << (16 - bits), bits);
		for (uint32_t k = 0; k < 1U << equal; k++)
			huffman->skips[i << equal | k] = skip;
	}
}

/* Of the symbol at the top of a window, whose value ends in it. */
static int16_t huffman_value(uint32_t entry, uint32_t window)
{
	const struct reader reader = { .buffer = (uint64_t)window << (64 - HUFFMAN_BITS) };
	return (int16_t)reader_value(&reader, entry & HUFFMAN_TOTAL, entry >> HUFFMAN_MASK);
}

static struct huffman_pair huffman_pair_of(const struct huffman *huffman, uint32_t window)
{
	const uint32_t first = huffman->symbols[window];
	const uint32_t bits = first & HUFFMAN_TOTAL;
	struct huffman_pair pair = { 0 };
	if (first == 0 || bits > HUFFMAN_BITS)
		return pair;
	pair.both = (uint16_t)first;
	pair.value = pair.second_value = huffman_value(first, window);
	const uint32_t rest = window << bits & ((1U << HUFFMAN_BITS) - 1);
	const uint32_t second = huffman->symbols[rest];
	const bool end = (uint16_t)first >> HUFFMAN_ADVANCE == HUFFMAN_END;
	if (end || second == 0 || bits + (second & HUFFMAN_TOTAL) > HUFFMAN_BITS)
		return pair;
	pair.both = (uint16_t)(first + second);
	pair.second = (uint16_t)second;
	pair.second_value = huffman_value(second, rest);
	return pair;
}

void huffman_set_pairs(struct huffman *huffman)
{
	for (uint32_t i = 0; i < 1U << HUFFMAN_BITS && !huffman->paired; i++)
		huffman->pairs[i] = huffman_pair_of(huffman, i);
	huffman->paired = true;
}
