#ifndef NIGHTMILL_STAGES_THUMBNAIL_UNFILTER_H
#define NIGHTMILL_STAGES_THUMBNAIL_UNFILTER_H

/* The bytes of a PNG's row, out of what its filter left of them. */

#include <stddef.h>
#include <stdint.h>

enum {
	UNFILTER_MOST = 4, /* the last of the filters */
	UNFILTER_ROOM =
		4 /* bytes behind each of the three that may be read, and of `row` written */
};

struct unfilter {
	const uint8_t *filtered; /* without the byte that names the filter */
	const uint8_t *above;    /* the row before, or zeros */
	uint8_t *row;            /* what comes out; overlaps neither */
	size_t count;            /* bytes of each, a multiple of those of a pixel */
};

/* `filter` is 0 to UNFILTER_MOST, `pixel` the bytes of one: 1, 3 or 4. */
void unfilter_row(const struct unfilter *one, uint8_t filter, uint32_t pixel);

#endif
