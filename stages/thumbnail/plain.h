#ifndef NIGHTMILL_STAGES_THUMBNAIL_PLAIN_H
#define NIGHTMILL_STAGES_THUMBNAIL_PLAIN_H

/* How many bytes a picture has whose pixels stand in the file as they are, so that one that is cut
 * short is told from one that is broken. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/sniff.h"

/* From the first byte to the last pixel, by the header. 0: the header does not say (compressed,
 * written in digits, another format), or it makes no sense. */
uint64_t plain_bytes(enum sniff_kind kind, const unsigned char *data, size_t length);

/* Whether the header of a PNM gives sides. libvips takes what is no side for 1 px, with a warning
 * of GLib. At least two bytes. */
bool plain_has_sides(const unsigned char *data, size_t length);

/* Whether what has been found to be a PNM holds real numbers. At least two bytes. */
bool plain_is_pfm(const unsigned char *data);

#endif
