#ifndef NIGHTMILL_STAGES_THUMBNAIL_ORIENT_H
#define NIGHTMILL_STAGES_THUMBNAIL_ORIENT_H

/* Pictures turned and mirrored. */

#include <stdbool.h>

#include "stages/thumbnail/surface.h"

/* `from` as EXIF `orientation` (1 to 8) says it is to be seen. Rows become columns for 5 to 8; 5 is
 * the plain transposition.
 */
bool orient_surface(
	const struct surface *from, int orientation, struct surface *to, struct error *err);

/* Transposes single samples of 1 or 2 bytes. `to` has from->width rows with room for from->height
 * samples in whole blocks. */
void orient_transpose(const struct surface *from, struct surface *to);

/* Puts rows of a picture, from `top` on, where `orientation` wants them in `to`, which has its
 * shape. They come transposed and their channels apart: row x * channels + c of `from` holds
 * channel c of column x. Samples are of from->channels bytes. */
void orient_columns(const struct surface *from, uint32_t top, int orientation, struct surface *to);

#endif
