#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_H

/* The entropy-coded data of one baseline scan to samples at a reduced size, an MCU row at a time.
 * Filled in by scaled.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/flat.h"
#include "stages/thumbnail/jpeg/huffman.h"
#include "stages/thumbnail/jpeg/reduce.h"

enum { SCAN_COMPONENTS = 3, SCAN_BLOCKS = 10 };

struct scan_component {
	const struct huffman *dc, *ac; /* borrowed; `ac` with skips where size is 1 */
	uint32_t across, down;         /* blocks of an MCU */
	uint32_t size;                 /* samples that a side of a block comes to: 1, 2 or 4 */
	int32_t last;                  /* DC of the block before */
	struct reduce reduce;
	uint8_t *samples; /* borrowed: down * size rows, room for every block of the row */
	size_t stride;    /* bytes */
};

/* A block of the MCU. */
struct scan_block {
	struct scan_component *component;
	uint8_t *samples; /* its upper left one in the first MCU */
	size_t step;      /* samples from MCU to MCU */
};

struct scan {
	struct scan_component components[SCAN_COMPONENTS]; /* in the order of the frame */
	uint32_t count;
	struct scan_block blocks[SCAN_BLOCKS]; /* in the order of the scan */
	uint32_t block_count;
	uint32_t mcus;     /* of a row */
	uint32_t interval; /* MCUs from one restart marker to the next; 0: there are none */
	uint32_t left;     /* MCUs until the next */
	uint32_t restarts; /* markers so far */
	struct reader reader;
	struct flat flat;
};

/* Decodes the next row of MCUs into the components' samples. False where anything is damaged, odd,
 * or not certain to give what libjpeg-turbo gives; then nothing more can be decoded. */
bool scan_row(struct scan *scan);

#endif
