#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_HUFFMAN_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_HUFFMAN_H

/* Look-up tables for one Huffman table: one symbol at a time with its value, or, where values do
 * not matter, all symbols whose codes end in the window at once. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

enum {
	HUFFMAN_BITS = 10,     /* window of `symbols` */
	HUFFMAN_MOST_SKIP = 13 /* largest window of `skips`: beyond, it leaves the level-1 cache */
};

/* A symbol: how far it takes the position in the block, and the bits of code and value. */
union huffman_entry {
	struct {
		uint8_t total;   /* bits of code and value; 0: look it up with huffman_long */
		uint8_t length;  /* bits of the code */
		uint8_t size;    /* bits of the value, 0 to 15 */
		uint8_t advance; /* AC: run + 1, or HUFFMAN_END */
	};
	uint32_t word;
};

enum {
	HUFFMAN_END = 128 /* added to the position by an end of block */
};

/* An entry of `skips`: bits in the lowest six, then the advance. */
enum {
	HUFFMAN_SHIFT = 6,
	HUFFMAN_STUCK = 512 /* advance: no code ends in the window, or the block could overflow */
};

struct huffman {
	UINT8 bits[17], values[256]; /* as in the file */
	bool known;
	uint32_t limit[17]; /* of codes of each length, as the top of 16 bits; never shrinks */
	int32_t first[17];  /* index in `values` less the code */
	uint32_t skip_bits; /* window of `skips`; 0: not made */
	union huffman_entry symbols[1 << HUFFMAN_BITS];
	uint16_t skips[1 << HUFFMAN_MOST_SKIP];
};

/* Makes `symbols` of a table, if it does not hold it already. False: no table that may be decoded
 * with. */
bool huffman_set(struct huffman *huffman, const JHUFF_TBL *table, bool dc);

/* Makes `skips` too, with a window of that many bits. */
void huffman_set_skips(struct huffman *huffman, uint32_t bits);

/* A code that does not fit the window of `symbols`; `bits` are the next 16. The total is 0 where
 * there is no such code. */
union huffman_entry huffman_long(const struct huffman *huffman, uint32_t bits);

#endif
