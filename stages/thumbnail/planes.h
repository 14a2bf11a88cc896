#ifndef NIGHTMILL_STAGES_THUMBNAIL_PLANES_H
#define NIGHTMILL_STAGES_THUMBNAIL_PLANES_H

/* A decoded picture: in one surface, or its components apart, each at a scale of its own, as JPEG
 * holds them. Components meet at the size of the thumbnail only, where there are fewest pixels, or
 * not at all where it becomes a JPEG again. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "stages/thumbnail/resample.h"
#include "stages/thumbnail/surface.h"

enum { PLANES_MOST = 3, PLANES_HALVINGS = 7 };

/* All zero is empty; its memory is used again by the next picture. */
struct planes {
	struct surface of[PLANES_MOST];
	uint32_t count; /* 1: whole pixels in of[0]; 3: components of one channel each */
	bool luma;      /* the three are Y, Cb and Cr, not R, G and B */
	/* The same half as large, a quarter, and so on, as far as they were needed: small sizes of
	 * one picture share them. */
	struct surface halves[PLANES_MOST][PLANES_HALVINGS];
	uint32_t halved[PLANES_MOST]; /* how many there are */
};

/* How a file has its colours. */
struct planes_form {
	bool apart;   /* as Y, Cb and Cr; else as red, green and blue, and nothing below counts */
	bool halved;  /* Cb and Cr at half the sides, see RESAMPLE_HALVED */
	bool limited; /* from 16 on, see RANGE_LUMA; else from 0 to 255 */
};

/* What one worker needs to make thumbnails of them; all zero is ready. */
struct planes_scaler {
	struct resample first, others; /* apart, so that each keeps its weights */
	struct surface made[PLANES_MOST];
};

/* Forgets the picture before; its memory is used again. */
void planes_begin(struct planes *planes);

/* For whole pixels: the surface that they go to. */
struct surface *planes_whole(struct planes *planes);

/* Channels of its pixels. */
static inline uint32_t planes_channels(const struct planes *planes)
{
	return planes->count == 1 ? planes->of[0].channels : planes->count;
}

/* The kept part of the picture as `to`, turned upright, in whole pixels. */
bool planes_resample(struct planes_scaler *scaler, struct planes *planes,
	const struct resample_job *job, struct surface *to, struct error *err);

/* The same of Y, Cb and Cr, which stay apart, or of grey, whose Cb and Cr are 128 everywhere. Rows
 * go on with their last sample to the end of their stride, since JPEG takes whole blocks. Three
 * surfaces, valid until the next call with this scaler. NULL: no memory. Not for other components.
 */
const struct surface *planes_resample_apart(struct planes_scaler *scaler, struct planes *planes,
	const struct resample_job *job, struct planes_form form, struct error *err);

/* Makes whole pixels of components, at the size of the first. */
bool planes_join(struct planes_scaler *scaler, struct planes *planes, struct error *err);

/* Give large memory back. */
void planes_trim(struct planes *planes);
void planes_scaler_trim(struct planes_scaler *scaler);

void planes_finish(struct planes *planes);
void planes_scaler_finish(struct planes_scaler *scaler);

#endif
