#ifndef NIGHTMILL_STAGES_THUMBNAIL_WEBP_WRITER_H
#define NIGHTMILL_STAGES_THUMBNAIL_WEBP_WRITER_H

/* What pictures and animations in WebP have in common. */

#include <stdbool.h>

#include <webp/encode.h>

#include "stages/thumbnail/encode.h"

/* False: another libwebp than the one compiled for. */
bool webp_writer_configure(const struct size *size, WebPConfig *config);

/* Takes the pixels of RGB or RGBA. False without memory. */
bool webp_writer_import(WebPPicture *picture, const struct surface *surface);

/* Puts profile and metadata into the whole file `out`. */
void webp_writer_extend(const struct encode_job *job, struct text *out);

#endif
