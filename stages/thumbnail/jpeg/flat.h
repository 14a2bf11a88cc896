#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_FLAT_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_FLAT_H

/* A scan's entropy-coded bytes without their stuffing, a window at a time. In front of an MCU there
 * are always as many bytes as the longest MCU can take, or all up to the marker and zeros behind
 * them: so nothing inside an MCU needs to look for an end.
 *
 *     flat_begin(&flat, &reader, from, end);
 *     for (every MCU) {
 *             decode it;
 *             if (!flat_go_on(&flat, &reader)) the data ended early;
 *     }
 *     if (!flat_finished(&flat, &reader)) too much data, or too little;
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/reader.h"

enum {
	FLAT_MCU = 2560,     /* bytes of an MCU at most: 10 blocks, 64 symbols each, 31 bits each */
	FLAT_PADDING = 2624, /* and what a reader loads ahead */
	FLAT_ROOM = 65536
};

struct flat {
	const uint8_t *from, *end; /* stuffed bytes that are still to come (borrowed) */
	size_t length;             /* bytes in the window, READER_BEHIND included */
	const uint8_t *low;        /* a reader that stands behind this has to call flat_fill */
	bool ended;                /* `from` stands at a marker, or at the end of all data */
	uint8_t bytes[FLAT_ROOM + FLAT_PADDING];
};

/* A segment of the scan that starts at `from`. */
void flat_begin(struct flat *flat, struct reader *reader, const uint8_t *from, const uint8_t *end);

static inline bool flat_due(const struct flat *flat, const struct reader *reader)
{
	return reader->at > flat->low;
}

/* False where more was read than there is. */
bool flat_fill(struct flat *flat, struct reader *reader);

/* Behind an MCU: bytes for the next. False as in flat_fill. */
static inline bool flat_go_on(struct flat *flat, struct reader *reader)
{
	return !flat_due(flat, reader) || flat_fill(flat, reader);
}

/* Whether all bits up to the marker were read but for those that fill up the last byte. */
bool flat_finished(struct flat *flat, struct reader *reader);

#endif
