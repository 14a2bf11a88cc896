#ifndef NIGHTMILL_STAGES_THUMBNAIL_EXIF_H
#define NIGHTMILL_STAGES_THUMBNAIL_EXIF_H

/* The orientation out of EXIF data, from files that may say anything. */

#include <stddef.h>

/* The orientation (1 to 8) in a block of EXIF: a TIFF header and its first folder, with or without
 * "Exif\0\0" in front; 1 where there is none or it makes no sense. */
int exif_orientation(const unsigned char *data, size_t length);

/* The same from a whole file: the APP1 of a JPEG, the eXIf of a PNG, the EXIF of a WebP. */
int exif_of_jpeg(const unsigned char *data, size_t length);
int exif_of_png(const unsigned char *data, size_t length);
int exif_of_webp(const unsigned char *data, size_t length);

#endif
