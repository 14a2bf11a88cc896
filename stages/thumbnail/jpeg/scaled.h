#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCALED_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCALED_H

/* A JPEG at a reduced size, each component by itself, out of the low frequencies alone:
 * libjpeg-turbo reads headers and tables, this reads the scans. What is unusual or damaged is left
 * to libjpeg-turbo. Where the size is hardly reduced, this reads a baseline scan for libjpeg-turbo.
 *
 *     jpeg_read_header(&info, TRUE);
 *     struct scaled_shape shape;
 *     if (scaled_shape_of(&info, excess, &shape)) {
 *             make room for the samples of each component;
 *             if (!scaled_decode(scaled, &info, &shape, &sink))
 *                     throw them away and go on with jpeg_start_decompress(&info), as if nothing
 *                     had been;
 *     }
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

enum { SCALED_COMPONENTS = 3, SCALED_AHEAD = 4096 };

/* Tables and buffers, used again by the next picture. One belongs to one worker. */
struct scaled;

/* What a component comes to. */
struct scaled_plane {
	uint32_t across, down;  /* samples of a block: 1, 2, 4 or 8 */
	bool fine;              /* 4 x 4 samples, out of more frequencies: see reduce.h */
	uint32_t width, height; /* samples */
	double extent_x,
		extent_y;      /* where the picture ends, in samples: a little before the last */
	double blur_x, blur_y; /* see struct surface; what the usual interpolation of components
				  with fewer samples would blur is taken off */
};

struct scaled_shape {
	struct scaled_plane planes[SCALED_COMPONENTS];
	uint32_t count;
};

/* Where rows of samples go; those of a component come in their order. */
struct scaled_sink {
	uint8_t *(*next)(void *context, uint32_t component); /* room for `width` samples */
	void (*put)(void *context, uint32_t component);      /* that row is written */
	void *context;
};

/* How many times too large the picture is for what is made of its first component, and of the
 * others: px of the picture to px, or samples, of the result. */
struct scaled_excess {
	double first, others;
};

/* Enough that each component is still twice too large (one with fewer samples than the picture has
 * px: as far as it goes). False: this is not for us. `info` stands behind the header of a scan;
 * nothing of it is changed. */
bool scaled_shape_of(const struct jpeg_decompress_struct *info, const struct scaled_excess *excess,
	struct scaled_shape *shape);

/* Scans are read at two places at once while at least `ahead` bytes of them are left (see ahead.h):
 * SCALED_AHEAD, but for tests. NULL: no memory. */
struct scaled *scaled_new(size_t ahead);

/* NULL is allowed. */
void scaled_free(struct scaled *scaled);

/* `info` stands behind the header of a scan, its source has the whole file in memory. Nothing of it
 * is changed. False: damaged, or not for us; rows may have come by then, none of a
 * progressive picture. True means that libjpeg-turbo has nothing to complain of either. */
bool scaled_decode(struct scaled *scaled, const struct jpeg_decompress_struct *info,
	const struct scaled_shape *shape, const struct scaled_sink *sink);

/* libjpeg-turbo's coefficients are read by us from here on, and transformed by it: the same pixels
 * in less time. `info` stands behind jpeg_start_decompress, its source has the whole file in
 * memory, and its client_data is ours. False: not for us (of several scans, for one, that call has
 * read them all); nothing is changed. Where the data are damaged, or odd, jpeg_read_scanlines gives
 * no row: libjpeg-turbo then has to begin again, alone, from the header on. */
bool scaled_serve(struct scaled *scaled, struct jpeg_decompress_struct *info);

#endif
