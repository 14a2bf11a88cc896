#include "stages/thumbnail/resample.h"

#include "stages/thumbnail/orient.h"

/* The rows that make one output row, from the first column that is wanted. */
struct resample_rows {
	const uint8_t *first;
	size_t stride; /* bytes */
	const int16_t *weights;
	uint32_t count;
};

static inline uint8_t resample_byte(int32_t sum)
{
	const int32_t value = (sum + KERNEL_ONE / 2) >> KERNEL_BITS;
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* One block of an output row. Its constant length is what lets a compiler use vectors without being
 * asked. */
static void resample_block(const struct resample_rows *rows, size_t at, uint8_t *restrict out)
{
	int32_t sums[SURFACE_BLOCK] = { 0 };
	const uint8_t *restrict row = rows->first + at;
	uint32_t k = 0;
	for (; k + 1 < rows->count; k += 2, row += 2 * rows->stride) {
		const int16_t upper = rows->weights[k], lower = rows->weights[k + 1];
		const uint8_t *restrict next = row + rows->stride;
		for (int i = 0; i < SURFACE_BLOCK; i++)
			sums[i] += upper * (int16_t)row[i] + lower * (int16_t)next[i];
	}
	if (k < rows->count) {
		const int16_t weight = rows->weights[k];
		for (int i = 0; i < SURFACE_BLOCK; i++)
			sums[i] += weight * (int16_t)row[i];
	}
	for (int i = 0; i < SURFACE_BLOCK; i++)
		out[i] = resample_byte(sums[i]);
}

/* Every output row from the rows of `from` that its kernel names, columns [first, first + count).
 */
static void resample_rows(
	const struct kernel *kernel, const struct surface *from, uint32_t first, struct surface *to)
{
	const size_t skipped = (size_t)first * from->channels;
	const size_t bytes = (size_t)to->width * to->channels;
	for (uint32_t y = 0; y < to->height; y++) {
		const struct kernel_span *span = &kernel->spans[y];
		const struct resample_rows rows = {
			.first = surface_row(from, span->first) + skipped,
			.stride = from->stride,
			.weights = kernel->weights + (size_t)y * kernel->taps,
			.count = span->count,
		};
		uint8_t *out = surface_row(to, y);
		for (size_t at = 0; at < bytes; at += SURFACE_BLOCK)
			resample_block(&rows, at, out + at);
	}
}

/* Columns to the left of all that are wanted are left out; returns how many. */
static uint32_t resample_begin(struct kernel *kernel, uint32_t count)
{
	uint32_t first = kernel->spans[0].first;
	for (uint32_t i = 0; i < count; i++)
		if (kernel->spans[i].first < first)
			first = kernel->spans[i].first;
	for (uint32_t i = 0; i < count; i++)
		kernel->spans[i].first -= first;
	return first;
}

static uint32_t resample_end(const struct kernel *kernel, uint32_t count)
{
	uint32_t end = 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct kernel_span *span = &kernel->spans[i];
		if (span->first + span->count > end)
			end = span->first + span->count;
	}
	return end;
}

struct kernel_job resample_across(const struct surface *from, const struct geometry *stored)
{
	const double scale = from->extent_x / stored->scaled_width;
	return (struct kernel_job){ from->width, from->extent_x, stored->left * scale,
		stored->width * scale, stored->width, from->averaged };
}

struct kernel_job resample_down(const struct surface *from, const struct geometry *stored)
{
	const double scale = from->extent_y / stored->scaled_height;
	return (struct kernel_job){ from->height, from->extent_y, stored->top * scale,
		stored->height * scale, stored->height, from->averaged };
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
	const uint32_t first = resample_begin(&resample->across, across.count);
	const uint32_t columns = resample_end(&resample->across, across.count);
	if (!surface_shape(&resample->tall, columns, down.count, from->channels, err))
		return false;
	resample_rows(&resample->down, from, first, &resample->tall);
	if (!orient_surface(&resample->tall, 5, &resample->turned, err) ||
		!surface_shape(&resample->wide, down.count, across.count, from->channels, err))
		return false;
	resample_rows(&resample->across, &resample->turned, 0, &resample->wide);
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
