#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCALED_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCALED_H

/* A baseline JPEG at 1/8 or 1/4, faster than by libjpeg-turbo and with the same pixels: it reads
 * headers and tables, this reads the scan. What is unusual or damaged is left to it too.
 *
 *     jpeg_read_header(&info, TRUE);
 *     info.scale_denom = ...; jpeg_calc_output_dimensions(&info);
 *     if (!scaled_decode(scaled, &info, &sink))
 *             throw the rows away and go on with jpeg_start_decompress(&info), as if nothing had
 * been;
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

/* Tables and buffers, used again by the next picture. One belongs to one worker. */
struct scaled;

/* Where rows go. */
struct scaled_sink {
	uint8_t *(*next)(void *context); /* room for output_width pixels */
	void (*put)(void *context);      /* that row is written */
	void *context;
};

/* NULL: no memory. */
struct scaled *scaled_new(void);

/* NULL is allowed. */
void scaled_free(struct scaled *scaled);

/* `info` stands behind the header of a scan, its source has the whole file in memory,
 * out_color_space is RGB, or grey for grey. Nothing of it is changed. False: this is not for us;
 * rows may have come by then. */
bool scaled_decode(struct scaled *scaled, const struct jpeg_decompress_struct *info,
	const struct scaled_sink *sink);

#endif
