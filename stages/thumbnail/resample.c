#include "stages/thumbnail/resample.h"

#include "stages/thumbnail/convolve.h"
#include "stages/thumbnail/orient.h"

/* Samples of a row that are taken at once. */
enum { RESAMPLE_STRIP = 1024 };

/* `apart`: rows from one that counts to the next. */
static struct convolve resample_rows_of(const struct kernel *kernel, const struct surface *from,
	uint32_t number, uint32_t top, uint32_t apart)
{
	const struct kernel_span *span = &kernel->spans[number];
	return (struct convolve){
		.first = surface_row(from, (span->first - top) * apart),
		.stride = from->stride * apart,
		.weights = kernel->weights + (size_t)number * kernel->taps,
		.count = span->count,
	};
}

/* Output rows from `top` on, each from the rows of `from` that its kernel names, and of those as
 * many samples as `to` has, from number `first` on. */
static void resample_down_rows(const struct kernel *down, const struct surface *from, uint32_t top,
	uint32_t first, const struct surface *to)
{
	const struct convolve_calls *convolve = convolve_best();
	for (uint32_t y = 0; y < to->height; y++) {
		struct convolve rows = resample_rows_of(down, from, top + y, 0, 1);
		rows.first += first;
		convolve->bytes(&rows, to->width, (int16_t *)(void *)surface_row(to, y));
	}
}

/* A band of rows, transposed: what lies in between stays in the cache. */
static void resample_down_band(struct resample *resample, const struct surface *from, uint32_t top)
{
	const struct kernel *across = &resample->across;
	const uint32_t first = across->low * from->channels;
	const uint32_t samples = resample->turned.height;
	for (uint32_t at = 0; at < samples; at += RESAMPLE_STRIP) {
		struct surface strip = resample->turned;
		strip.pixels = surface_row(&strip, at);
		resample->tall.width =
			samples - at < RESAMPLE_STRIP ? samples - at : RESAMPLE_STRIP;
		resample_down_rows(&resample->down, from, top, first + at, &resample->tall);
		orient_transpose(&resample->tall, &strip);
	}
}

/* The same of columns: `from` is transposed, its channels are rows of their own, and it begins
 * where the kernel's first span does. */
static void resample_columns(const struct kernel *kernel, const struct surface *from,
	uint32_t channels, const struct surface *to)
{
	const bool fine = to->channels == sizeof(int16_t);
	const struct convolve_calls *convolve = convolve_best();
	for (uint32_t y = 0; y < to->height; y++) {
		struct convolve rows =
			resample_rows_of(kernel, from, y / channels, kernel->low, channels);
		rows.first += y % channels * from->stride;
		uint8_t *out = surface_row(to, y);
		if (fine)
			convolve->fine(&rows, to->width, (int16_t *)(void *)out);
		else
			convolve->wides(&rows, to->width, out);
	}
}

struct kernel_job resample_across(const struct surface *from, const struct geometry *stored)
{
	const double scale = from->extent_x / stored->scaled_width;
	return (struct kernel_job){ from->width, from->extent_x, stored->left * scale,
		stored->width * scale, stored->width, from->blur_x };
}

struct kernel_job resample_down(const struct surface *from, const struct geometry *stored)
{
	const double scale = from->extent_y / stored->scaled_height;
	return (struct kernel_job){ from->height, from->extent_y, stored->top * scale,
		stored->height * scale, stored->height, from->blur_y };
}

/* Room for a band of `rows` rows on their way. */
static bool resample_room(struct resample *resample, const struct surface *from,
	const struct resample_job *job, uint32_t rows, struct error *err)
{
	const struct kernel *across = &resample->across;
	const uint32_t samples = (across->high - across->low) * from->channels;
	const uint32_t bytes = job->fine ? sizeof(int16_t) : 1;
	return surface_shape(&resample->tall, RESAMPLE_STRIP, rows, sizeof(int16_t), err) &&
	       surface_shape(&resample->turned, rows, samples, sizeof(int16_t), err) &&
	       surface_shape(&resample->wide, rows, across->job.count * from->channels, bytes, err);
}

static bool resample_shape(const struct surface *from, const struct resample_job *job,
	struct surface *to, struct error *err)
{
	const bool swaps = geometry_swaps(job->orientation);
	const uint32_t width = job->stored->width, height = job->stored->height;
	const uint32_t channels = from->channels * (job->fine ? (uint32_t)sizeof(int16_t) : 1);
	return surface_shape(to, swaps ? height : width, swaps ? width : height, channels, err);
}

/* Both directions are the same walk over rows, which vectors do well; the picture is transposed in
 * between, sample by sample, and turned back, or to wherever it belongs, at the end. A band of rows
 * at a time, so that all of this stays in the cache. */
bool resample_run(struct resample *resample, const struct surface *from,
	const struct resample_job *job, struct surface *to, struct error *err)
{
	const struct kernel_job across = resample_across(from, job->stored);
	const struct kernel_job down = resample_down(from, job->stored);
	if (!kernel_make(&resample->across, &across, err) ||
		!kernel_make(&resample->down, &down, err) || !resample_shape(from, job, to, err))
		return false;
	uint32_t rows = 0;
	for (uint32_t top = 0; top < down.count; top += rows) {
		const uint32_t left =
			down.count - top < SURFACE_BLOCK ? down.count - top : SURFACE_BLOCK;
		if (left != rows && !resample_room(resample, from, job, left, err))
			return false;
		rows = left;
		resample_down_band(resample, from, top);
		resample_columns(
			&resample->across, &resample->turned, from->channels, &resample->wide);
		orient_columns(&resample->wide, top, job->orientation, to);
	}
	return true;
}

void resample_trim(struct resample *resample)
{
	surface_trim(&resample->tall);
	surface_trim(&resample->turned);
	surface_trim(&resample->wide);
}

void resample_finish(struct resample *resample)
{
	kernel_finish(&resample->across);
	kernel_finish(&resample->down);
	surface_finish(&resample->tall);
	surface_finish(&resample->turned);
	surface_finish(&resample->wide);
}
