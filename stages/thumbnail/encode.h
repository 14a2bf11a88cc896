#ifndef NIGHTMILL_STAGES_THUMBNAIL_ENCODE_H
#define NIGHTMILL_STAGES_THUMBNAIL_ENCODE_H

/* From a surface (not premultiplied) to the bytes of a file, in memory, without metadata but
 * for what it is given. */

#include <stdbool.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/freedesktop.h"
#include "stages/thumbnail/planes.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

/* What goes along with the pixels; NULL or empty: not there. Borrowed. */
struct encode_extra {
	const struct text *profile; /* ICC */
	const struct text *exif;    /* from "II" or "MM" on */
	const struct text *xmp;
	const struct freedesktop_tags *tags; /* PNG alone; NULL: none */
};

/* What quality 0 stands for. */
enum { ENCODE_JPEG_QUALITY = 80, ENCODE_WEBP_QUALITY = 75, ENCODE_AVIF_QUALITY = 50 };

/* What a worker keeps of its encoder of JPEGs from picture to picture. */
struct jpeg_writer;

struct encode_job {
	const struct surface *surface; /* JPEG takes no alpha; where there is `chroma`: Y */
	const struct size *size;       /* quality 0 is the format's default */
	enum size_format format;       /* not one of two; this one counts, not that of `size` */
	struct encode_extra extra;
	/* Cb and Cr, as planes_resample_apart makes them in the form that encode_form says. NULL:
	 * there are whole pixels. */
	const struct surface *chroma;
	/* The worker's, NULL in the beginning: made when it is first needed, and NULL again after
	 * an error. NULL: each picture has one of its own. */
	struct jpeg_writer **jpeg;
};

/* Replaces what `out` holds. */
bool encode_surface(const struct encode_job *job, struct text *out, struct error *err);

/* False for what only the picture decides: FORMAT_SAME, FORMAT_AUTO. */
bool encode_is_known(enum size_format format);

/* How a file of this format, which is known, has its colours. */
struct planes_form encode_form(const struct size *size, enum size_format format);

/* "jpg", "webp", "png", "avif". */
const char *encode_extension(enum size_format format);

/* What quality it is encoded with; 0: this format, or what is lossless, has none. */
int encode_quality(const struct encode_job *job);

/* Add to `out`. */
bool encode_jpeg(const struct encode_job *job, struct text *out, struct error *err);
bool encode_webp(const struct encode_job *job, struct text *out, struct error *err);
bool encode_png(const struct encode_job *job, struct text *out, struct error *err);
bool encode_avif(const struct encode_job *job, struct text *out, struct error *err);

/* NULL is allowed. */
void jpeg_writer_free(struct jpeg_writer *writer);

/* True where there is something in `text`, which may be NULL. */
static inline bool encode_has(const struct text *text)
{
	return text && text->length > 0;
}

#endif
