#ifndef NIGHTMILL_TESTS_PICTURES_H
#define NIGHTMILL_TESTS_PICTURES_H

/* Thumbnails of files that a test made, and what is to be seen in them. */

#include "pipeline/support/text.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

/* The pixels of a file, in full; the caller finishes them. Fails the test where they are damaged.
 */
struct surface pictures_decoded(const struct text *file);

/* Adds to `parts` the `count` thumbnails that a maker makes of a file; the caller finishes them.
 * Fails the test where it fails. */
void pictures_make(
	const struct text *file, const struct size *sizes, size_t count, struct text *parts);

/* Y, Cb and Cr of the first pixel of a lossy WebP, as they are stored. */
void pictures_webp_numbers(const struct text *file, uint8_t numbers[3]);

#endif
