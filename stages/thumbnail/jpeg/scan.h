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

enum {
	SCAN_COMPONENTS = 3,
	SCAN_BLOCKS = 10,
	SCAN_ROOM = 8192,        /* words of MCUs that are read at a time */
	SCAN_AHEAD_ROOM = 32768, /* and of those that are read ahead */
	SCAN_BELOW = 1024,       /* and in front of them: see scan_mcus.h and reduce_words */
	SCAN_MARKS = 96
};

/* A place where the scan is being read. */
struct scan_stream {
	struct reader reader;
	int32_t last[SCAN_COMPONENTS]; /* DC of the block before; coefficients are its low 16 bits,
					* as in libjpeg */
};

struct scan_component {
	const struct huffman *dc, *ac; /* borrowed; `ac` with skips */
	uint32_t across, down;         /* blocks of an MCU */
	uint32_t words;                /* of an MCU, in front of its own */
	struct reduce reduce;          /* what becomes of a block */
	uint8_t *samples; /* borrowed: down * reduce.down rows, room for every block of the row */
	size_t stride;    /* bytes */
};

/* A block of the MCU. */
struct scan_block {
	const struct scan_component *component;
	uint32_t number; /* of the component */
	uint32_t words;  /* of an MCU, in front of its own */
};

/* Where an MCU may begin, and the DC of the blocks before it. */
struct scan_mark {
	int64_t at;      /* bits of the window */
	uint32_t number; /* of the MCUs that were read ahead */
	int32_t last[SCAN_COMPONENTS];
};

/* A second place, further on: see ahead.h. */
struct scan_ahead {
	const struct scan_reads *reads;
	size_t least; /* bytes that are to be left */
	bool active;
	uint32_t failures;         /* less successes, not below zero */
	size_t reach;              /* bytes ahead that are worth it */
	struct flat *flat;         /* that of the segment behind a restart marker */
	const uint8_t *from;       /* where it began */
	uint32_t mark, mark_count; /* the next that the first place can come to, of so many */
	const uint8_t *until;      /* where it ends */
	struct scan_stream stream;
	struct scan_mark marks[SCAN_MARKS];
	uint32_t count; /* MCUs so far */
	/* MCUs that proved to be what comes next: they are taken before anything else is read. */
	uint32_t ready, taken;
	int32_t mean[SCAN_COMPONENTS]; /* added to their DC */
	uint32_t words[SCAN_BELOW + SCAN_AHEAD_ROOM];
};

struct scan {
	struct scan_component components[SCAN_COMPONENTS]; /* in the order of the frame */
	uint32_t count;
	struct scan_block blocks[SCAN_BLOCKS]; /* in the order of the scan */
	uint32_t block_count;
	uint32_t mcu_words; /* of an MCU */
	uint32_t mcus;      /* of a row */
	uint32_t interval;  /* MCUs from one restart marker to the next; 0: there are none */
	uint32_t left;      /* MCUs until the next */
	uint32_t restarts;  /* markers so far */
	struct scan_stream stream;
	struct flat *flat; /* one of these two: the other is for reading ahead */
	struct flat flats[2];
	struct scan_ahead ahead;
	uint32_t words[SCAN_BELOW + SCAN_ROOM];
};

/* Begins at the scan's first byte. `interval` is filled in, and `blocks` where scan_row follows. */
void scan_begin(struct scan *scan, const uint8_t *from, const uint8_t *end);

/* Decodes the next row of MCUs into the components' samples. False where anything is damaged or
 * odd; then nothing more can be decoded. */
bool scan_row(struct scan *scan);

#endif
