#ifndef NIGHTMILL_STAGES_THUMBNAIL_ENCODE_H
#define NIGHTMILL_STAGES_THUMBNAIL_ENCODE_H

/* From a surface (not premultiplied) to the bytes of a file, in memory, without metadata but for a
 * profile. */

#include <stdbool.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

struct encode_job {
	const struct surface *surface; /* JPEG takes no alpha */
	const struct size *size;       /* quality 0 is the format's default */
	enum size_format format;       /* not FORMAT_SAME; this one counts, not that of `size` */
	const struct text *profile;    /* ICC, NULL: none */
};

/* Replaces what `out` holds. */
bool encode_surface(const struct encode_job *job, struct text *out, struct error *err);

/* "jpg", "webp", "png". */
const char *encode_extension(enum size_format format);

/* Add to `out`. */
bool encode_jpeg(const struct encode_job *job, struct text *out, struct error *err);
bool encode_webp(const struct encode_job *job, struct text *out, struct error *err);
bool encode_png(const struct encode_job *job, struct text *out, struct error *err);

#endif
