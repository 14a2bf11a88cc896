#include "stages/thumbnail/jpeg/band.h"

enum { BAND_LONGEST = 48 }; /* positions that an entry of `jumps` has room for */

static uint32_t band_symbol(uint32_t length, uint32_t value, uint32_t most)
{
	const uint32_t run = value >> 4, size = value & 15;
	const bool end = size == 0 && run != 15;
	const uint32_t behind = end ? run : size;
	if (!end && size > most)
		return HUFFMAN_NO_CODE;
	return (length + behind) | (end ? HUFFMAN_END : run + 1) << HUFFMAN_ADVANCE |
	       ((1U << behind) - 1) << BAND_MASK;
}

uint32_t band_long(const struct band *band, uint32_t bits)
{
	const struct huffman_code code = huffman_code(&band->codes, bits);
	if (code.length == 0)
		return HUFFMAN_NO_CODE;
	return band_symbol(code.length, code.value, band->most);
}

static void band_set_symbols(struct band *band)
{
	const struct huffman_codes *codes = &band->codes;
	uint32_t at = 0, number = 0;
	for (uint32_t length = 1; length <= BAND_BITS; length++)
		for (uint32_t i = 0; i < codes->bits[length]; i++) {
			const uint32_t symbol =
				band_symbol(length, codes->values[number++], band->most);
			for (uint32_t k = 0; k < 1U << (BAND_BITS - length); k++)
				band->symbols[at++] = symbol;
		}
	while (at < 1U << BAND_BITS)
		band->symbols[at++] = 0;
}

/* Bits behind the code. */
static uint32_t band_behind(uint32_t symbol)
{
	const uint32_t mask = symbol >> BAND_MASK;
	return mask == 0 ? 0 : 32U - (uint32_t)__builtin_clz(mask);
}

/* A run of several blocks is left to `symbols`, as is a code that does not end here. */
static uint64_t band_jump(const struct band *band, uint32_t window, uint32_t bits)
{
	uint32_t total = 0, advance = 0;
	uint64_t mask = 0;
	while (total < bits && advance < HUFFMAN_END) {
		const uint32_t next = window << total & 0xFFFF;
		const uint32_t symbol = band->symbols[next >> (16 - BAND_BITS)];
		const uint32_t behind = band_behind(symbol);
		const uint32_t step = (uint16_t)symbol >> HUFFMAN_ADVANCE;
		if ((symbol & HUFFMAN_TOTAL) == 0 ||
			(symbol & HUFFMAN_TOTAL) - behind > bits - total ||
			(step == HUFFMAN_END ? behind != 0 : advance + step > BAND_LONGEST))
			break;
		if (behind != 0)
			mask |= 1ULL << (advance + step - 1);
		total += symbol & HUFFMAN_TOTAL;
		advance += step;
	}
	if (total == 0)
		return HUFFMAN_NO_CODE;
	return total | advance << HUFFMAN_ADVANCE | mask << BAND_MASK;
}

static void band_count(struct band *band)
{
	for (uint32_t i = 0; i < BAND_NEAR && !band->counted; i++) {
		uint32_t left = i;
		for (uint32_t k = 0; k < 16; k++, left = left == 0 ? 0 : left & (left - 1))
			band->nth[i][k] = left == 0 ? BAND_NOT_NEAR : (uint8_t)__builtin_ctz(left);
	}
	band->counted = true;
}

bool band_set(struct band *band, const JHUFF_TBL *table, uint32_t most, uint32_t bits)
{
	const uint32_t equal = 1U << (BAND_JUMP_BITS - bits);
	if (!huffman_codes_set(&band->codes, table, false))
		return false;
	band_count(band);
	band->most = most;
	band_set_symbols(band);
	for (uint32_t i = 0; i < 1U << BAND_JUMP_BITS; i += equal) {
		const uint64_t jump = band_jump(band, i << (16 - BAND_JUMP_BITS), bits);
		for (uint32_t k = 0; k < equal; k++)
			band->jumps[i + k] = jump;
	}
	return true;
}
