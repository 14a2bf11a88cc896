#include "stages/thumbnail/jpeg/huffman.h"

#include <string.h>

static union huffman_entry huffman_entry_of(uint32_t length, uint32_t symbol)
{
	const uint32_t run = symbol >> 4;
	const uint32_t size = symbol & 15;
	const bool end = size == 0 && run != 15;
	return (union huffman_entry){ {
		.total = (uint8_t)(length + size),
		.length = (uint8_t)length,
		.size = (uint8_t)size,
		.advance = (uint8_t)(end ? HUFFMAN_END : run + 1),
	} };
}

union huffman_entry huffman_long(const struct huffman *huffman, uint32_t bits)
{
	for (uint32_t length = 1; length <= 16; length++) {
		if (bits >= huffman->limit[length])
			continue;
		const int32_t code = (int32_t)(bits >> (16 - length));
		return huffman_entry_of(length, huffman->values[huffman->first[length] + code]);
	}
	return (union huffman_entry){ .word = 0 };
}

/* The codes of each length follow those of the length before. */
static bool huffman_codes(struct huffman *huffman, bool dc)
{
	uint32_t code = 0;
	uint32_t count = 0;
	for (uint32_t length = 1; length <= 16; length++) {
		huffman->first[length] = (int32_t)count - (int32_t)code;
		code += huffman->bits[length];
		count += huffman->bits[length];
		if (count > 256 || code > 1U << length)
			return false;
		huffman->limit[length] = code << (16 - length);
		code <<= 1;
	}
	for (uint32_t i = 0; dc && i < count; i++)
		if (huffman->values[i] > 15)
			return false;
	return true;
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
	memcpy(huffman->bits, table->bits, sizeof(huffman->bits));
	memcpy(huffman->values, table->huffval, sizeof(huffman->values));
	if (!huffman_codes(huffman, dc))
		return false;
	for (uint32_t i = 0; i < 1U << HUFFMAN_BITS; i++) {
		const union huffman_entry entry = huffman_long(huffman, i << (16 - HUFFMAN_BITS));
		const bool fits = entry.length <= HUFFMAN_BITS;
		huffman->symbols[i] = fits ? entry : (union huffman_entry){ .word = 0 };
	}
	huffman->known = true;
	return true;
}

/* What the code at the top of 16 bits is, of which only `bits` are known. */
static union huffman_entry huffman_next(
	const struct huffman *huffman, uint32_t window, uint32_t bits)
{
	union huffman_entry entry = huffman->symbols[window >> (16 - HUFFMAN_BITS)];
	if (entry.total == 0)
		entry = huffman_long(huffman, window);
	return entry.length <= bits ? entry : (union huffman_entry){ .word = 0 };
}

/* All symbols whose codes end in the window; the value of the last may reach beyond it. */
static uint16_t huffman_skip(const struct huffman *huffman, uint32_t window, uint32_t bits)
{
	uint32_t total = 0;
	uint32_t advance = 0;
	while (total < bits) {
		const union huffman_entry entry =
			huffman_next(huffman, window << total & 0xFFFF, bits - total);
		if (entry.total == 0 || (entry.advance < HUFFMAN_END && advance + entry.advance > 63))
			break;
		total += entry.total;
		advance += entry.advance;
		if (entry.advance == HUFFMAN_END)
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
