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

/* The orientation that does to a transposed picture what `orientation` does to the picture itself.
 */
int orient_transposed(int orientation);

#endif
