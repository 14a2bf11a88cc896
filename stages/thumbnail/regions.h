#ifndef NIGHTMILL_STAGES_THUMBNAIL_REGIONS_H
#define NIGHTMILL_STAGES_THUMBNAIL_REGIONS_H

/* Where people say that a picture matters: faces and other regions in its XMP (Metadata Working
 * Group, Microsoft), the subject area in its EXIF, or a text such as "0.3, 0.7". */

#include <stdbool.h>
#include <stdint.h>

#include "stages/thumbnail/metadata.h"

/* In shares of the picture, from the left and from the top. */
struct regions_point {
	double x, y;
};

/* The middle of all regions, or of the subject area, of a picture of these sides as stored; turned
 * upright by `orientation` (EXIF, 1 to 8). False: there is none. */
bool regions_find(const struct metadata *metadata, uint32_t width, uint32_t height, int orientation,
	struct regions_point *point);

/* Two numbers with a comma or a space in between: shares from 0 to 1, or percent ("30% 70%"). */
bool regions_parse(const char *text, size_t length, struct regions_point *point);

#endif
