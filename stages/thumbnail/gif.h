#ifndef NIGHTMILL_STAGES_THUMBNAIL_GIF_H
#define NIGHTMILL_STAGES_THUMBNAIL_GIF_H

/* How large a GIF claims to be, before a library believes it: a file of 329 bytes makes GLib ask
 * for 17 GB and abort when it does not get them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The smallest box that holds the logical screen and every frame, in px. False where there is not
 * even a screen. */
bool gif_extent(const unsigned char *data, size_t length, uint32_t *width, uint32_t *height);

/* True where the data end inside a block: something of a frame is missing. A missing end mark alone
 * does not count. */
bool gif_is_cut(const unsigned char *data, size_t length);

#endif
