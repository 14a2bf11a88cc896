#ifndef NIGHTMILL_STAGES_THUMBNAIL_CARRY_H
#define NIGHTMILL_STAGES_THUMBNAIL_CARRY_H

/* Metadata made fit for a thumbnail: upright, of its own size, without the picture's previews. */

#include <stdint.h>

#include "stages/thumbnail/metadata.h"

/* The EXIF with orientation 1 and these sides, and nothing behind its first folder (where previews
 * are). Replaces what `out` holds; empty where there is none. */
void carry_exif(const struct metadata *metadata, uint32_t width, uint32_t height, struct text *out);

/* Who made the picture and whose it is, as EXIF: artist and copyright from the EXIF, else from the
 * XMP. Empty where neither says. */
void carry_copyright(const struct metadata *metadata, struct text *out);

/* The XMP with orientation 1 and without previews. */
void carry_xmp(const struct metadata *metadata, struct text *out);

#endif
