#ifndef NIGHTMILL_STAGES_THUMBNAIL_THUMBHASH_H
#define NIGHTMILL_STAGES_THUMBNAIL_THUMBHASH_H

/* ThumbHash (evanw.github.io/thumbhash): a picture in about 25 bytes, as a placeholder while the
 * real one loads: some cosines of its lightness, colours and alpha. */

#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/surface.h"

enum { THUMBHASH_MOST_BYTES = 32, THUMBHASH_SIDE = 100 };

/* Of a surface of at most THUMBHASH_SIDE a side, in sRGB, no longer premultiplied. Returns how many
 * bytes were written to `hash`. */
size_t thumbhash_of(const struct surface *surface, uint8_t hash[THUMBHASH_MOST_BYTES]);

#endif
