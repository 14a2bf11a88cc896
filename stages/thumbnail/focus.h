#ifndef NIGHTMILL_STAGES_THUMBNAIL_FOCUS_H
#define NIGHTMILL_STAGES_THUMBNAIL_FOCUS_H

/* Which part of a picture is worth keeping where `cover` cuts something off. Follows from the
 * pixels alone, so that the same picture is always cut the same way. */

#include "stages/thumbnail/geometry.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

/* Moves the kept part of `stored` over the whole picture `decoded`, for CROP_ENTROPY (where most
 * different tones are) and CROP_ATTENTION (where edges, colours and skin are); the others stay. */
void focus_move(struct geometry *stored, const struct surface *decoded, enum size_crop crop);

#endif
