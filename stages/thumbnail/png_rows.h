#ifndef NIGHTMILL_STAGES_THUMBNAIL_PNG_ROWS_H
#define NIGHTMILL_STAGES_THUMBNAIL_PNG_ROWS_H

/* The rows of a PNG with nothing special about it, faster than libspng gives them: inflated in one
 * go by libdeflate, unfiltered without waiting. What is not whole and sound is not taken, so that
 * libspng has the last word on it.
 *
 *     if (png_rows_open(&rows, data, length))
 *             for (y ...)
 *                     png_rows_next(&rows)
 *     png_rows_close(&rows);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/unfilter.h"

/* All zero but for the first three before opening. */
struct png_rows {
	uint32_t width, height; /* px */
	uint32_t pixel;         /* bytes of one: 1, 3 or 4; 8 bits a sample, not interlaced */
	unsigned char *packed;  /* the data of all chunks, one behind the other */
	unsigned char *inflated;
	unsigned char *rows[2]; /* the one that was given last, and the one before */
	uint32_t given;
};

/* Bytes that it takes while it is open. */
uint64_t png_rows_memory(const struct png_rows *rows, size_t length);

/* Inflates the picture in the `length` bytes of a file. False where it is not all there, where
 * anything about it is wrong, or where memory is short. */
bool png_rows_open(struct png_rows *rows, const unsigned char *data, size_t length);

/* The next row, from above; at most `height` times. Valid until the next but one. */
const unsigned char *png_rows_next(struct png_rows *rows);

/* After open, whether it went well or not. */
void png_rows_close(struct png_rows *rows);

#endif
