#include "stages/thumbnail/resample.h"

#include "stages/thumbnail/orient.h"

/* The rows that make one output row, from the first column that is wanted. */
struct resample_rows {
	const uint8_t *first;
	size_t stride; /* bytes */
	const int16_t *weights;
	uint32_t count;
};

/* Between the passes and where components still have to meet, samples are of 16 bits,
 * RESAMPLE_FRACTION of them behind the point: rounding to bytes twice shows in even areas. */
typedef int32_t resample_sums[SURFACE_BLOCK];

static inline uint8_t resample_byte(int32_t sum, int bits)
{
	const int32_t value = (sum + (1 << (bits - 1))) >> bits;
	return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

static inline int16_t resample_wide(int32_t sum, int bits)
{
	const int32_t value = (sum + (1 << (bits - 1))) >> bits;
	return (int16_t)(value < INT16_MIN ? INT16_MIN : value > INT16_MAX ? INT16_MAX : value);
}

/* One block of an output row, from bytes. Its constant length is what lets a compiler use vectors
 * without being asked. */
static inline void resample_bytes(
	const struct resample_rows *rows, size_t at, int32_t *restrict sums)
{
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
}

/* The same from samples of 16 bits. */
static inline void resample_wides(
	const struct resample_rows *rows, size_t at, int32_t *restrict sums)
{
	const int16_t *restrict row = (const int16_t *)(const void *)rows->first + at;
	const size_t stride = rows->stride / sizeof(*row);
	uint32_t k = 0;
	for (; k + 1 < rows->count; k += 2, row += 2 * stride) {
		const int16_t upper = rows->weights[k], lower = rows->weights[k + 1];
		const int16_t *restrict next = row + stride;
		for (int i = 0; i < SURFACE_BLOCK; i++)
			sums[i] += upper * row[i] + lower * next[i];
	}
	if (k < rows->count) {
		const int16_t weight = rows->weights[k];
		for (int i = 0; i < SURFACE_BLOCK; i++)
			sums[i] += weight * row[i];
	}
}

static void resample_first(const struct resample_rows *rows, size_t at, int16_t *restrict out)
{
	resample_sums sums = { 0 };
	resample_bytes(rows, at, sums);
	for (int i = 0; i < SURFACE_BLOCK; i++)
		out[i] = resample_wide(sums[i], KERNEL_BITS - RESAMPLE_FRACTION);
}

static void resample_second(const struct resample_rows *rows, size_t at, uint8_t *restrict out)
{
	resample_sums sums = { 0 };
	resample_wides(rows, at, sums);
	for (int i = 0; i < SURFACE_BLOCK; i++)
		out[i] = resample_byte(sums[i], KERNEL_BITS + RESAMPLE_FRACTION);
}

static void resample_second_fine(const struct resample_rows *rows, size_t at, int16_t *restrict out)
{
	resample_sums sums = { 0 };
	resample_wides(rows, at, sums);
	for (int i = 0; i < SURFACE_BLOCK; i++)
		out[i] = resample_wide(sums[i], KERNEL_BITS);
}

static struct resample_rows resample_rows_of(
	const struct kernel *kernel, const struct surface *from, uint32_t y, uint32_t top)
{
	const struct kernel_span *span = &kernel->spans[y];
	return (struct resample_rows){
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
	const size_t samples = (size_t)to->width * from->channels;
	for (uint32_t y = 0; y < to->height; y++) {
		struct resample_rows rows = resample_rows_of(kernel, from, y, 0);
		rows.first += (size_t)left * from->channels;
		int16_t *out = (int16_t *)(void *)surface_row(to, y);
		for (size_t at = 0; at < samples; at += SURFACE_BLOCK)
			resample_first(&rows, at, out + at);
	}
}

/* `from` begins where the kernel's first span does. */
static void resample_across_rows(
	const struct kernel *kernel, const struct surface *from, bool fine, struct surface *to)
{
	const size_t samples = (size_t)to->width * from->channels / sizeof(int16_t);
	for (uint32_t y = 0; y < to->height; y++) {
		const struct resample_rows rows = resample_rows_of(kernel, from, y, kernel->low);
		uint8_t *out = surface_row(to, y);
		for (size_t at = 0; at < samples; at += SURFACE_BLOCK)
			if (fine)
				resample_second_fine(&rows, at, (int16_t *)(void *)out + at);
			else
				resample_second(&rows, at, out + at);
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
