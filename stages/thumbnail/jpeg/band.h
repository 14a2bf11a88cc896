#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_BAND_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_BAND_H

/* Look-up tables for a scan of a progressive JPEG whose positions are others than the mean: where
 * a baseline table ends a block, such a one ends a run of blocks, and says in bits behind the code
 * how many. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "stages/thumbnail/jpeg/huffman.h"

enum {
	BAND_BITS = 10,      /* window of `symbols` */
	BAND_JUMP_BITS = 11, /* window of `jumps` */
	BAND_MASK = 16,      /* where in an entry of either the mask begins */
	BAND_NEAR = 256,     /* eight positions */
	BAND_NOT_NEAR = 255
};

/* The lower half of an entry is as in huffman.h; HUFFMAN_END stands for the end of a run too, with
 * its length less 1, but for the highest bit, in the bits behind the code. */
struct band {
	struct huffman_codes codes;
	uint32_t most; /* bits of a value; what has more is no symbol */
	/* The upper half has a 1 for each bit of the value; 0: the code is longer than the window,
	 * or there is none. */
	uint32_t symbols[1 << BAND_BITS];
	/* All symbols whose codes end in the window. Above the lower half there is a 1 for each
	 * coefficient, the lowest for the position at hand. */
	uint64_t jumps[1 << BAND_JUMP_BITS];
	bool counted;
	uint8_t nth[BAND_NEAR][16]; /* of eight positions with a 1 each: the first, the second ...;
				       BAND_NOT_NEAR: there are fewer */
};

/* Makes all of them. `jumps` goes by that many bits of the window: fewer take less time. False: no
 * table that may be decoded with. */
bool band_set(struct band *band, const JHUFF_TBL *table, uint32_t most, uint32_t bits);

/* An entry of `symbols` for a code of any length; `bits` are the next 16. HUFFMAN_NONE: there is no
 * such code. */
uint32_t band_long(const struct band *band, uint32_t bits);

#endif
