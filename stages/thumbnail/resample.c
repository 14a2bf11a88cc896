#include "stages/thumbnail/resample.h"

#include "stages/thumbnail/convolve.h"
#include "stages/thumbnail/orient.h"

static struct convolve resample_rows_of(
	const struct kernel *kernel, const struct surface *from, uint32_t y, uint32_t top)
{
	const struct kernel_span *span = &kernel->spans[y];
	return (struct convolve){
		.first = surface_row(from, span->first - top),
		.stride = from->stride,
		.weights = kernel->weights + (size_t)y * kernel->taps,
		.count = span->count,
	};
}

/* Every output row from the rows of `from` that its kernel names, from column `left` on. */
static void resample_down_rows(
	const struct kernel *kernel, const struct surface *from, uint32_t left, struct surface *to)
{
	const struct convolve_calls *convolve = convolve_best();
	const size_t samples = (size_t)to->width * from->channels;
	for (uint32_t y = 0; y < to->height; y++) {
		struct convolve rows = resample_rows_of(kernel, from, y, 0);
		rows.first += (size_t)left * from->channels;
		convolve->bytes(&rows, samples, (int16_t *)(void *)surface_row(to, y));
	}
}

/* `from` begins where the kernel's first span does. */
static void resample_across_rows(
	const struct kernel *kernel, const struct surface *from, bool fine, struct surface *to)
{
	const struct convolve_calls *convolve = convolve_best();
	const size_t samples = (size_t)to->width * from->channels / sizeof(int16_t);
	for (uint32_t y = 0; y < to->height; y++) {
		const struct convolve rows = resample_rows_of(kernel, from, y, kernel->low);
		uint8_t *out = surface_row(to, y);
		if (fine)
			convolve->fine(&rows, samples, (int16_t *)(void *)out);
		else
			convolve->wides(&rows, samples, out);
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

/* Both directions are the same walk over rows, which vectors do well; the picture is transposed in
 * between and turned back, or to wherever it belongs, at the end. */
bool resample_run(struct resample *resample, const struct surface *from,
	const struct resample_job *job, struct surface *to, struct error *err)
{
	const struct kernel_job across = resample_across(from, job->stored);
	const struct kernel_job down = resample_down(from, job->stored);
	if (!kernel_make(&resample->across, &across, err) ||
		!kernel_make(&resample->down, &down, err))
		return false;
	const uint32_t left = resample->across.low;
	const uint32_t columns = resample->across.high - left;
	const uint32_t channels = from->channels * (uint32_t)sizeof(int16_t);
	if (!surface_shape(&resample->tall, columns, down.count, channels, err))
		return false;
	resample_down_rows(&resample->down, from, left, &resample->tall);
	if (!orient_surface(&resample->tall, 5, &resample->turned, err) ||
		!surface_shape(&resample->wide, down.count, across.count,
			job->fine ? channels : from->channels, err))
		return false;
	resample_across_rows(&resample->across, &resample->turned, job->fine, &resample->wide);
	return orient_surface(&resample->wide, orient_transposed(job->orientation), to, err);
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
