#ifndef NIGHTMILL_STAGES_THUMBNAIL_SRGB_H
#define NIGHTMILL_STAGES_THUMBNAIL_SRGB_H

/* From the colours of a profile to sRGB, by Little CMS, usually relative colorimetric with black
 * point compensation. What was worked out for a profile is kept, since cameras repeat theirs. */

#include <stdbool.h>

#include "pipeline/support/error.h"
#include "stages/thumbnail/icc.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

/* One worker's; Little CMS is not started before the first profile. */
struct srgb;

/* What is to be done to pictures with one profile. */
struct srgb_map;

/* With `clip_black` dark parts that sRGB does not have become black instead of being moved. */
struct srgb *srgb_open(enum size_intent intent, bool clip_black);

/* For surfaces with `channels`. NULL: nothing is to be done, because there is no profile, it is
 * sRGB already, or it is broken or made for other pictures (inks, for example). Valid until the
 * next call. */
const struct srgb_map *srgb_find(struct srgb *srgb, const struct icc *icc, uint32_t channels);

/* Converts in place, also what is premultiplied. */
void srgb_convert(const struct srgb_map *map, struct surface *surface);

/* Whether numbers of this profile may go on as they are together with the profile. Not those of
 * grey and of PNG's gamma. */
bool srgb_can_keep(const struct srgb_map *map, uint32_t channels);

/* The profile of sRGB itself, valid until close; NULL without memory. */
const struct text *srgb_standard(struct srgb *srgb);

/* NULL is allowed. */
void srgb_close(struct srgb *srgb);

#endif
