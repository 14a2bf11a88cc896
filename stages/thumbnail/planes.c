#include "stages/thumbnail/planes.h"

#include <assert.h>
#include <string.h>

#include "stages/thumbnail/colour.h"
#include "stages/thumbnail/shrink.h"

struct surface *planes_whole(struct planes *planes)
{
	planes->count = 1;
	return &planes->of[0];
}

void planes_begin(struct planes *planes)
{
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		planes->halved[i] = 0;
}

/* A plane at most `factor` times smaller, which is halved as often as that allows. NULL: no memory.
 */
static const struct surface *planes_smaller(
	struct planes *planes, uint32_t number, uint32_t factor, struct error *err)
{
	const struct surface *from = &planes->of[number];
	struct surface *half = planes->halves[number];
	for (uint32_t i = 0; factor >> (i + 1) > 0; i++, from = half, half++) {
		if (i < planes->halved[number])
			continue;
		if (!shrink_surface(from, 2, half, err))
			return NULL;
		planes->halved[number]++;
	}
	return from;
}

/* Made smaller first where the size leaves much. NULL: no memory. */
static const struct surface *planes_for(
	struct planes *planes, uint32_t number, const struct resample_job *job, struct error *err)
{
	const struct surface *whole = &planes->of[number];
	const double pixels = job->kind == RESAMPLE_HALVED ? 2 : 1; /* that a sample stands for */
	const double across = whole->extent_x / job->stored->scaled_width;
	const double down = whole->extent_y / job->stored->scaled_height;
	const double excess = pixels * (across < down ? across : down);
	return planes_smaller(planes, number, shrink_factor(excess), err);
}

/* The first by one job, the others by another. */
static bool planes_each(struct planes_scaler *scaler, struct planes *planes,
	const struct resample_job *first, const struct resample_job *others, struct error *err)
{
	for (uint32_t i = 0; i < PLANES_MOST; i++) {
		const struct resample_job *job = i > 0 ? others : first;
		struct resample *resample = i > 0 ? &scaler->others : &scaler->first;
		const struct surface *from = planes_for(planes, i, job, err);
		if (!from || !resample_run(resample, from, job, &scaler->made[i], err))
			return false;
	}
	return true;
}

static bool planes_meet(
	const struct planes_scaler *scaler, bool luma, struct surface *to, struct error *err)
{
	const struct surface *made = scaler->made;
	if (!surface_shape(to, made->width, made->height, PLANES_MOST, err))
		return false;
	for (uint32_t y = 0; y < to->height; y++) {
		const int16_t *rows[PLANES_MOST];
		for (uint32_t i = 0; i < PLANES_MOST; i++)
			rows[i] = (const int16_t *)(const void *)surface_row(&made[i], y);
		if (luma)
			colour_convert(rows, surface_row(to, y), to->width);
		else
			colour_interleave(rows, surface_row(to, y), to->width);
	}
	return true;
}

bool planes_resample(struct planes_scaler *scaler, struct planes *planes,
	const struct resample_job *job, struct surface *to, struct error *err)
{
	if (planes->count == 1) {
		const struct surface *from = planes_for(planes, 0, job, err);
		return from && resample_run(&scaler->first, from, job, to, err);
	}
	struct resample_job fine = *job;
	fine.kind = RESAMPLE_FINE;
	return planes_each(scaler, planes, &fine, &fine, err) &&
	       planes_meet(scaler, planes->luma, to, err);
}

static void planes_fill_up(const struct surface *plane)
{
	for (uint32_t y = 0; y < plane->height; y++) {
		uint8_t *end = surface_row(plane, y) + plane->width;
		memset(end, end[-1], plane->stride - plane->width);
	}
}

/* Cb and Cr of a picture that has none. */
static bool planes_neutral(struct planes_scaler *scaler, bool halved, struct error *err)
{
	enum { NEUTRAL = 128 };
	struct surface *made = scaler->made;
	const uint32_t sides = halved ? 2 : 1; /* px that a sample stands for */
	const uint32_t width = (made->width + sides - 1) / sides;
	const uint32_t height = (made->height + sides - 1) / sides;
	for (uint32_t i = 1; i < PLANES_MOST; i++) {
		if (!surface_shape(&made[i], width, height, 1, err))
			return false;
		memset(made[i].pixels, NEUTRAL, made[i].stride * height);
	}
	return true;
}

static bool planes_grey(struct planes_scaler *scaler, struct planes *planes,
	const struct resample_job *job, bool halved, struct error *err)
{
	const struct surface *from = planes_for(planes, 0, job, err);
	return from && resample_run(&scaler->first, from, job, scaler->made, err) &&
	       planes_neutral(scaler, halved, err);
}

const struct surface *planes_resample_apart(struct planes_scaler *scaler, struct planes *planes,
	const struct resample_job *job, struct planes_form form, struct error *err)
{
	assert(planes->count == PLANES_MOST ? planes->luma : planes_channels(planes) == 1);
	struct resample_job luma = *job, chroma = *job;
	luma.range = form.limited ? RANGE_LUMA : RANGE_FULL;
	chroma.range = form.limited ? RANGE_CHROMA : RANGE_FULL;
	if (form.halved)
		chroma.kind = RESAMPLE_HALVED;
	const bool done = planes->count == 1 ? planes_grey(scaler, planes, &luma, form.halved, err)
					     : planes_each(scaler, planes, &luma, &chroma, err);
	if (!done)
		return NULL;
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		planes_fill_up(&scaler->made[i]);
	return scaler->made;
}

bool planes_join(struct planes_scaler *scaler, struct planes *planes, struct error *err)
{
	if (planes->count == 1)
		return true;
	const uint32_t width = planes->of[0].width, height = planes->of[0].height;
	const struct geometry all = {
		.scaled_width = width, .scaled_height = height, .width = width, .height = height
	};
	const struct resample_job job = { &all, 1, RESAMPLE_FINE, RANGE_FULL, false };
	if (!planes_each(scaler, planes, &job, &job, err))
		return false;
	planes_begin(planes);
	return planes_meet(scaler, planes->luma, planes_whole(planes), err);
}

void planes_trim(struct planes *planes)
{
	for (uint32_t i = 0; i < PLANES_MOST; i++) {
		surface_trim(&planes->of[i]);
		for (uint32_t k = 0; k < PLANES_HALVINGS; k++)
			surface_trim(&planes->halves[i][k]);
	}
}

void planes_scaler_trim(struct planes_scaler *scaler)
{
	resample_trim(&scaler->first);
	resample_trim(&scaler->others);
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		surface_trim(&scaler->made[i]);
}

void planes_finish(struct planes *planes)
{
	for (uint32_t i = 0; i < PLANES_MOST; i++) {
		surface_finish(&planes->of[i]);
		for (uint32_t k = 0; k < PLANES_HALVINGS; k++)
			surface_finish(&planes->halves[i][k]);
	}
}

void planes_scaler_finish(struct planes_scaler *scaler)
{
	resample_finish(&scaler->first);
	resample_finish(&scaler->others);
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		surface_finish(&scaler->made[i]);
}
