#ifndef NIGHTMILL_STAGES_THUMBNAIL_SHARPEN_H
#define NIGHTMILL_STAGES_THUMBNAIL_SHARPEN_H

/* Edges made clearer: what a slight blur would take away is added once more. */

#include "stages/thumbnail/surface.h"

/* Writes `from`, sharpened by `amount` (0: as it is; 1: clearly; 10: far too much), into `to`.
 * Alpha stays, and premultiplied colours stay below it. */
bool sharpen_surface(
	const struct surface *from, double amount, struct surface *to, struct error *err);

#endif
