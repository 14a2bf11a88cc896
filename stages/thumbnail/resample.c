#include "stages/thumbnail/resample.h"

#include <string.h>

#include "stages/thumbnail/convolve.h"
#include "stages/thumbnail/orient.h"

/* Samples of a row that are taken at once: whole pixels, of any number of channels. Not a power of
 * two, else rows of a band would crowd each other out of the level-1 cache. */
enum { RESAMPLE_STRIP = 960 };

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

/* Pixels [at, at + count) of a row, behind those from `begin` on that are kept of the strip before.
 */
struct resample_strip {
	uint32_t begin, at, count;
};

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

/* Source pixels [at, at + count) of a band of rows, transposed, behind what `turned` has kept: from
 * pixel `begin` on. */
static void resample_strip(struct resample *resample, const struct surface *from, uint32_t top,
	const struct resample_strip *strip)
{
	const uint32_t channels = from->channels;
	struct surface to = resample->turned;
	to.pixels = surface_row(&to, (strip->at - strip->begin) * channels);
	resample->tall.width = strip->count * channels;
	resample_down_rows(resample->down, from, top, strip->at * channels, &resample->tall);
	orient_transpose(&resample->tall, &to);
}

/* Where the source pixels of a column end. */
static uint32_t resample_end(const struct kernel *kernel, uint32_t number)
{
	return kernel->spans[number].first + kernel->spans[number].count;
}

/* One channel of a column, whose rows are there. */
static void resample_column(
	const struct resample *resample, const struct convolve *rows, uint32_t number)
{
	const struct surface *wide = &resample->wide;
	const struct convolve_calls *convolve = convolve_best();
	uint8_t *out = surface_row(wide, number);
	if (wide->channels == sizeof(int16_t))
		convolve->fine(rows, wide->width, (int16_t *)(void *)out);
	else
		convolve->wides(rows, wide->width, out);
}

/* Columns from number `done` on, as far as the strip has all that they are made of; the number of
 * the first that has to wait. `turned` is transposed, its channels are rows of their own. */
static uint32_t resample_columns(const struct resample *resample, uint32_t channels,
	const struct resample_strip *strip, uint32_t done)
{
	const struct kernel *across = resample->across;
	const uint32_t end = strip->at + strip->count;
	for (; done < across->job.count && resample_end(across, done) <= end; done++) {
		struct convolve rows =
			resample_rows_of(across, &resample->turned, done, strip->begin, channels);
		rows.offset = resample->offset;
		for (uint32_t c = 0; c < channels; c++, rows.first += resample->turned.stride)
			resample_column(resample, &rows, done * channels + c);
	}
	return done;
}

/* Moves what the next columns may need to the beginning; the first pixel of it. */
static uint32_t resample_keep(
	struct resample *resample, uint32_t channels, const struct resample_strip *strip)
{
	const uint32_t end = strip->at + strip->count, taps = resample->across->taps;
	const uint32_t begin = end - strip->begin > taps ? end - taps : strip->begin;
	const struct surface *turned = &resample->turned;
	memmove(turned->pixels, surface_row(turned, (begin - strip->begin) * channels),
		(size_t)(end - begin) * channels * turned->stride);
	return begin;
}

/* A band of rows, both ways, transposed. What lies in between stays in the cache: strip by strip,
 * of which the columns are made as soon as there is enough of them. */
static void resample_band(struct resample *resample, const struct surface *from, uint32_t top)
{
	const struct kernel *across = resample->across;
	const uint32_t most = RESAMPLE_STRIP / from->channels;
	struct resample_strip strip = { .begin = across->low };
	uint32_t done = 0;
	for (strip.at = across->low; strip.at < across->high; strip.at += most) {
		const uint32_t left = across->high - strip.at;
		strip.count = left < most ? left : most;
		resample_strip(resample, from, top, &strip);
		done = resample_columns(resample, from->channels, &strip, done);
		strip.begin = resample_keep(resample, from->channels, &strip);
	}
}

struct kernel_job resample_across(const struct surface *from, const struct geometry *stored)
{
	const double scale = from->extent_x / stored->scaled_width;
	return (struct kernel_job){ from->width, from->extent_x, stored->left * scale,
		stored->width * scale, stored->width, from->blur_x, KERNEL_ONE };
}

struct kernel_job resample_down(const struct surface *from, const struct geometry *stored)
{
	const double scale = from->extent_y / stored->scaled_height;
	return (struct kernel_job){ from->height, from->extent_y, stored->top * scale,
		stored->height * scale, stored->height, from->blur_y, KERNEL_ONE };
}

/* Of the finest detail much goes in encoding whatever it costs: README.md says what that brings. A
 * second moment, in squares of a sample's side. */
static const double resample_softer = 0.02;

static void resample_soften(struct kernel_job *job)
{
	const double side = job->length / job->count;
	if (side > 1)
		job->blur -= resample_softer * side * side;
}

/* Two px are one. Of an odd number the last one as it is seen is alone; whoever shows it mixes it
 * with its neighbour. One without a neighbour is shown as it is, and stands for nothing beyond. */
static void resample_halve(struct kernel_job *job, bool mirrored)
{
	if (job->count == 1)
		return;
	const double pixel = job->length / job->count;
	const uint32_t halved = (job->count + 1) / 2;
	if (mirrored)
		job->start -= pixel * (2 * halved - job->count);
	job->count = halved;
	job->length = 2 * pixel * halved;
}

/* The last sums do it, so that nothing is rounded once more. */
static void resample_limit(
	struct resample *resample, struct kernel_job *job, enum resample_range range)
{
	enum {
		LUMA = (219 * KERNEL_ONE + 127) / 255,
		CHROMA = (224 * KERNEL_ONE + 127) / 255,
		BITS = KERNEL_BITS + CONVOLVE_FRACTION
	};
	static const struct {
		int32_t sum, offset;
	} ranges[] = {
		[RANGE_FULL] = { KERNEL_ONE, 0 },
		[RANGE_LUMA] = { LUMA, 16 << BITS },
		[RANGE_CHROMA] = { CHROMA, (128 << BITS) - (128 * CHROMA << CONVOLVE_FRACTION) },
	};
	job->sum = ranges[range].sum;
	resample->offset = ranges[range].offset;
}

static bool resample_weigh(struct resample *resample, const struct surface *from,
	const struct resample_job *job, struct error *err)
{
	struct kernel_job across = resample_across(from, job->stored);
	struct kernel_job down = resample_down(from, job->stored);
	if (job->kind == RESAMPLE_HALVED) {
		resample_halve(&across, geometry_mirrors_x(job->orientation));
		resample_halve(&down, geometry_mirrors_y(job->orientation));
	}
	if (job->soft) {
		resample_soften(&across);
		resample_soften(&down);
	}
	resample_limit(resample, &across, job->range);
	resample->across = kernels_find(&resample->kernels, &across, err);
	resample->down = resample->across ? kernels_find(&resample->kernels, &down, err) : NULL;
	return resample->down != NULL;
}

static uint32_t resample_bytes(const struct resample_job *job)
{
	return job->kind == RESAMPLE_FINE ? sizeof(int16_t) : 1;
}

/* Room for a band of `rows` rows on their way. */
static bool resample_room(struct resample *resample, const struct surface *from,
	const struct resample_job *job, uint32_t rows, struct error *err)
{
	const struct kernel *across = resample->across;
	const uint32_t samples = RESAMPLE_STRIP + across->taps * from->channels;
	return surface_shape(&resample->tall, RESAMPLE_STRIP, rows, sizeof(int16_t), err) &&
	       surface_shape(&resample->turned, rows, samples, sizeof(int16_t), err) &&
	       surface_shape(&resample->wide, rows, across->job.count * from->channels,
		       resample_bytes(job), err);
}

static bool resample_shape(const struct resample *resample, uint32_t channels,
	const struct resample_job *job, struct surface *to, struct error *err)
{
	const bool swaps = geometry_swaps(job->orientation);
	const uint32_t width = resample->across->job.count, height = resample->down->job.count;
	return surface_shape(to, swaps ? height : width, swaps ? width : height,
		channels * resample_bytes(job), err);
}

/* Both directions are the same walk over rows, which vectors do well; the picture is transposed in
 * between, sample by sample, and turned back, or to wherever it belongs, at the end. A band of rows
 * at a time, so that all of this stays in the cache. */
bool resample_run(struct resample *resample, const struct surface *from,
	const struct resample_job *job, struct surface *to, struct error *err)
{
	if (!resample_weigh(resample, from, job, err) ||
		!resample_shape(resample, from->channels, job, to, err))
		return false;
	const uint32_t count = resample->down->job.count;
	uint32_t rows = 0;
	for (uint32_t top = 0; top < count; top += rows) {
		const uint32_t left = count - top < SURFACE_BLOCK ? count - top : SURFACE_BLOCK;
		if (left != rows && !resample_room(resample, from, job, left, err))
			return false;
		rows = left;
		resample_band(resample, from, top);
		orient_columns(&resample->wide, top, job->orientation, to);
	}
	return true;
}

void resample_trim(struct resample *resample)
{
	kernels_trim(&resample->kernels);
	surface_trim(&resample->tall);
	surface_trim(&resample->turned);
	surface_trim(&resample->wide);
}

void resample_finish(struct resample *resample)
{
	kernels_finish(&resample->kernels);
	surface_finish(&resample->tall);
	surface_finish(&resample->turned);
	surface_finish(&resample->wide);
}
