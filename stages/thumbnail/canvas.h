#ifndef NIGHTMILL_STAGES_THUMBNAIL_CANVAS_H
#define NIGHTMILL_STAGES_THUMBNAIL_CANVAS_H

/* What lies around and behind a picture: the bars of `contain`, and the background under alpha that
 * a format cannot hold. */

#include <stdbool.h>

#include "pipeline/support/error.h"
#include "stages/thumbnail/geometry.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

struct canvas_job {
	struct colour background;
	const struct geometry *geometry;
	bool alpha; /* the format holds it */
};

/* Makes `picture` (upright, the kept part) what is to be encoded: grey, RGB, or with `alpha` also
 * RGBA, no longer premultiplied. The result is `picture` itself, changed, or `canvas`; NULL and an
 * error without memory. Without `alpha` a translucent background lies on white. */
struct surface *canvas_lay(struct surface *picture, const struct canvas_job *job,
	struct surface *canvas, struct error *err);

#endif
