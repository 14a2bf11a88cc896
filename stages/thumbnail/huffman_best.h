#ifndef NIGHTMILL_STAGES_THUMBNAIL_HUFFMAN_BEST_H
#define NIGHTMILL_STAGES_THUMBNAIL_HUFFMAN_BEST_H

/* The shortest Huffman code for what is to be written, as JPEG wants it: no code longer than 16
 * bits, and none of ones alone. */

#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

enum { HUFFMAN_SYMBOLS = 256, HUFFMAN_LONGEST = 16 };

/* `counts` says how often each symbol comes; those that never do get no code. At most 2^24
 * together. The rest of `table` stays. */
void huffman_best(const uint32_t counts[HUFFMAN_SYMBOLS], JHUFF_TBL *table);

#endif
