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
	const struct huffman *dc, *ac; /* borrowed; `ac` with skips */
	uint32_t across, down;         /* blocks of an MCU */
	int32_t last; /* DC of the block before; coefficients are its low 16 bits, as in libjpeg */
	struct reduce reduce; /* what becomes of a block */
	uint8_t *samples; /* borrowed: down * reduce.down rows, room for every block of the row */
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

/* Decodes the next row of MCUs into the components' samples. False where anything is damaged or
 * odd; then nothing more can be decoded. */
bool scan_row(struct scan *scan);

#endif
