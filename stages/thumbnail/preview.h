#ifndef NIGHTMILL_STAGES_THUMBNAIL_PREVIEW_H
#define NIGHTMILL_STAGES_THUMBNAIL_PREVIEW_H

/* Smaller JPEGs that a camera has put into its JPEG: the thumbnail of the EXIF, and the large ones
 * of the Multi-Picture Format. What a HEIC or AVIF has is found by libheif. */

#include <stdbool.h>
#include <stddef.h>

enum { PREVIEW_MOST = 8 };

struct preview {
	const unsigned char *data; /* within the file */
	size_t length;
};

/* Finds up to PREVIEW_MOST of them; returns how many. What they are has yet to be looked at. */
size_t preview_find(
	const unsigned char *data, size_t length, struct preview previews[PREVIEW_MOST]);

/* Whether a HEIC or AVIF turns or mirrors any of its pictures: which of them has to be taken for
 * all of them, since a preview may be turned otherwise. */
bool preview_turns(const unsigned char *data, size_t length);

#endif
