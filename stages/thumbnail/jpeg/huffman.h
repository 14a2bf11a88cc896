#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_HUFFMAN_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_HUFFMAN_H

/* Look-up tables for one Huffman table: one symbol at a time with its value, or, where values do
 * not matter, all symbols whose codes end in the window at once, or, where all values do, two
 * symbols. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

enum {
	HUFFMAN_BITS = 10,      /* window of `symbols` */
	HUFFMAN_SKIP_BITS = 12, /* window of `skips`: larger ones crowd the level-1 cache */
	HUFFMAN_SKIP_MOST = 18  /* bits that an entry skips at most: three fit into a refill */
};

/* A symbol: how far it takes the position in the block, and the bits of code and value. */
struct huffman_symbol {
	uint32_t total;   /* bits of code and value; 0: there is no such code */
	uint32_t length;  /* bits of the code */
	uint32_t size;    /* bits of the value, 0 to 15 */
	uint32_t advance; /* AC: run + 1, HUFFMAN_END or HUFFMAN_NONE */
};

/* Entries of the tables, from the lowest bit: total (6), and from HUFFMAN_ADVANCE on the advance
 * (8). In `symbols`, the upper half has a 1 for each bit of the value; 0: the code is longer than
 * the window, or there is none. */
enum { HUFFMAN_TOTAL = 63, HUFFMAN_ADVANCE = 8, HUFFMAN_MASK = 16 };

/* Added to the position in a block: by an end of block, and where there is no such code, or none
 * that ends in the window of `skips`. Neither can be mistaken for the other, nor for a position. */
enum { HUFFMAN_END = 128, HUFFMAN_NONE = 255 };

/* An entry where there is no such code: it takes no bits. */
enum { HUFFMAN_NO_CODE = HUFFMAN_NONE << HUFFMAN_ADVANCE };

/* The next two symbols, where they end in the window with their values; where only one does, or
 * where that is an end of block, it is there twice, and the second takes nobody further. Totals and
 * advances stand as in an entry. */
struct huffman_pair {
	uint16_t both;   /* 0: not even the first ends in the window */
	uint16_t second; /* the second alone */
	int16_t value, second_value;
};

/* A table as the file has it, and where its codes begin. */
struct huffman_codes {
	UINT8 bits[17], values[256]; /* codes of each length; what they stand for */
	uint32_t limit[17]; /* of codes of each length, as the top of 16 bits; never shrinks */
	int32_t first[17];  /* index in `values` less the code */
};

/* What is read for a code. */
struct huffman_code {
	uint32_t length; /* bits; 0: there is no such code */
	uint8_t value;
};

struct huffman {
	struct huffman_codes codes;
	bool known;
	uint32_t skip_bits; /* bits of the window that `skips` goes by; 0: not made */
	uint32_t symbols[1 << HUFFMAN_BITS];
	uint16_t skips[1 << HUFFMAN_SKIP_BITS];
	bool paired; /* `pairs` is made */
	struct huffman_pair pairs[1 << HUFFMAN_BITS];
};

/* False: no table that may be decoded with. */
bool huffman_codes_set(struct huffman_codes *codes, const JHUFF_TBL *table, bool dc);

/* The next code, bit by bit; `bits` are the next 16. */
struct huffman_code huffman_code(const struct huffman_codes *codes, uint32_t bits);

/* Makes `symbols` of a table, if it does not hold it already. False: no table that may be decoded
 * with. */
bool huffman_set(struct huffman *huffman, const JHUFF_TBL *table, bool dc);

/* Makes `skips` too, by that many bits of the window: fewer take less time. */
void huffman_set_skips(struct huffman *huffman, uint32_t bits);

/* Makes `pairs` too. */
void huffman_set_pairs(struct huffman *huffman);

/* What `symbols` would hold for the next symbol in a window of 16 bits: its code is found bit by
 * bit. */
uint32_t huffman_entry(const struct huffman *huffman, uint32_t bits);

#endif
