#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_MCUS_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_MCUS_H

/* MCUs to words of coefficients (see struct reduce_words): those that the samples are made of, from
 * the end of the room down, block after block and MCU after MCU. What lies behind the last position
 * that is needed is written too, further down, where the next block will be: hence SCAN_BELOW words
 * of room below the last. */

#include "stages/thumbnail/jpeg/scan.h"

enum { SCAN_FAILED = UINT32_MAX };

/* MCUs of a stream that are to be read. */
struct scan_span {
	struct scan_stream *stream;
	uint32_t *end;        /* the words of the first stand in front of this */
	const uint8_t *until; /* the last MCU is the one that makes the reader stand behind it */
};

/* Reads 1 to `most`, and returns how many; SCAN_FAILED where anything is damaged or odd. In front
 * of the reader there must be FLAT_MCU bytes or padding. */
typedef uint32_t scan_read_one(
	const struct scan *scan, const struct scan_span *span, uint32_t most);

/* The same for two streams at once, as many of each: what one waits for, the other has time for.
 * Which one failed is not told. */
typedef uint32_t scan_read_two(const struct scan *scan, const struct scan_span *span,
	const struct scan_span *other, uint32_t most);

struct scan_reads {
	scan_read_one *one;
	scan_read_two *two; /* NULL: not for this layout of an MCU */
};

/* Those for the layout of the scan's MCUs. */
const struct scan_reads *scan_reads_of(const struct scan *scan);

#endif
