#ifndef NIGHTMILL_STAGES_THUMBNAIL_ENCODE_H
#define NIGHTMILL_STAGES_THUMBNAIL_ENCODE_H

/* From a surface (not premultiplied) to the bytes of a file, in memory, without metadata. */

#include <stdbool.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

/* Replaces what `out` holds. `quality` 0 is the format's default. FORMAT_SAME is no format here;
 * JPEG takes no alpha. */
bool encode_surface(const struct surface *surface, enum size_format format, int quality,
	struct text *out, struct error *err);

/* "jpg", "webp", "png". */
const char *encode_extension(enum size_format format);

bool encode_jpeg(const struct surface *surface, int quality, struct text *out, struct error *err);
bool encode_webp(const struct surface *surface, int quality, struct text *out, struct error *err);
bool encode_png(const struct surface *surface, struct text *out, struct error *err);

#endif
