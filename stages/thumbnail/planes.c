#include "stages/thumbnail/planes.h"

#include "stages/thumbnail/colour.h"
#include "stages/thumbnail/shrink.h"

struct surface *planes_whole(struct planes *planes)
{
	planes->count = 1;
	return &planes->of[0];
}

/* Made smaller first where the size leaves much. */
static bool planes_one(struct planes_scaler *scaler, const struct surface *from,
	const struct resample_job *job, struct surface *to, struct error *err)
{
	const bool other = to == &scaler->made[1] || to == &scaler->made[2];
	struct resample *resample = other ? &scaler->others : &scaler->first;
	const double across = from->extent_x / job->stored->scaled_width;
	const double down = from->extent_y / job->stored->scaled_height;
	const uint32_t factor = shrink_factor(across < down ? across : down);
	if (factor > 1) {
		if (!shrink_surface(from, factor, &scaler->shrunk, err))
			return false;
		from = &scaler->shrunk;
	}
	return resample_run(resample, from, job, to, err);
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

bool planes_resample(struct planes_scaler *scaler, const struct planes *planes,
	const struct resample_job *job, struct surface *to, struct error *err)
{
	if (planes->count == 1)
		return planes_one(scaler, &planes->of[0], job, to, err);
	struct resample_job fine = *job;
	fine.fine = true;
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		if (!planes_one(scaler, &planes->of[i], &fine, &scaler->made[i], err))
			return false;
	return planes_meet(scaler, planes->luma, to, err);
}

bool planes_join(struct planes_scaler *scaler, struct planes *planes, struct error *err)
{
	if (planes->count == 1)
		return true;
	const uint32_t width = planes->of[0].width, height = planes->of[0].height;
	const struct geometry all = {
		.scaled_width = width, .scaled_height = height, .width = width, .height = height
	};
	const struct resample_job job = { &all, 1, true };
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		if (!planes_one(scaler, &planes->of[i], &job, &scaler->made[i], err))
			return false;
	return planes_meet(scaler, planes->luma, planes_whole(planes), err);
}

void planes_trim(struct planes *planes)
{
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		surface_trim(&planes->of[i]);
}

void planes_scaler_trim(struct planes_scaler *scaler)
{
	resample_trim(&scaler->first);
	resample_trim(&scaler->others);
	surface_trim(&scaler->shrunk);
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		surface_trim(&scaler->made[i]);
}

void planes_finish(struct planes *planes)
{
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		surface_finish(&planes->of[i]);
}

void planes_scaler_finish(struct planes_scaler *scaler)
{
	resample_finish(&scaler->first);
	resample_finish(&scaler->others);
	surface_finish(&scaler->shrunk);
	for (uint32_t i = 0; i < PLANES_MOST; i++)
		surface_finish(&scaler->made[i]);
}
