#include "stages/thumbnail/linear.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/orient.h"

/* One run: the light of a row, the row at its new width, and the result. */
struct linear_run {
	const struct surface *from;
	const struct linear *linear;
	uint32_t columns, rows, channels; /* of the result */
	float light[256];                 /* of a byte, 0 to 1 */
	float *source, *narrow, *result;
};

static double linear_light(double value)
{
	return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double linear_value(double light)
{
	return light <= 0.0031308 ? light * 12.92 : 1.055 * pow(light, 1 / 2.4) - 0.055;
}

/* Colours of translucent pixels are divided by their alpha, made light, and multiplied again. */
static void linear_read_translucent(const struct linear_run *run, const uint8_t *row)
{
	float *to = run->source;
	for (uint32_t x = 0; x < run->from->width; x++, row += 4, to += 4) {
		const unsigned alpha = row[3];
		for (int c = 0; c < 3; c++) {
			const unsigned value = alpha > 0 ? (row[c] * 255U + alpha / 2) / alpha : 0;
			to[c] = run->light[value < 255 ? value : 255] * (float)alpha / 255;
		}
		to[3] = (float)alpha / 255;
	}
}

static void linear_read(const struct linear_run *run, uint32_t y)
{
	const uint8_t *row = surface_row(run->from, y);
	const size_t samples = (size_t)run->from->width * run->channels;
	if (run->channels == 4) {
		linear_read_translucent(run, row);
		return;
	}
	for (size_t i = 0; i < samples; i++)
		run->source[i] = run->light[row[i]];
}

static void linear_narrow(const struct linear_run *run)
{
	const struct kernel *kernel = &run->linear->across;
	float *to = run->narrow;
	for (uint32_t x = 0; x < run->columns; x++, to += run->channels) {
		const struct kernel_span *span = &kernel->spans[x];
		const int16_t *weights = kernel->weights + (size_t)x * kernel->taps;
		const float *pixel = run->source + (size_t)span->first * run->channels;
		float sums[4] = { 0 };
		for (uint32_t k = 0; k < span->count; k++, pixel += run->channels)
			for (uint32_t c = 0; c < run->channels; c++)
				sums[c] += (float)weights[k] * pixel[c];
		for (uint32_t c = 0; c < run->channels; c++)
			to[c] = sums[c] / KERNEL_ONE;
	}
}

/* Adds row `y` of the source to every row of the result that it is part of. */
static void linear_add(const struct linear_run *run, uint32_t y)
{
	const struct kernel *kernel = &run->linear->down;
	const size_t samples = (size_t)run->columns * run->channels;
	for (uint32_t row = 0; row < run->rows; row++) {
		const struct kernel_span *span = &kernel->spans[row];
		if (y < span->first || y >= span->first + span->count)
			continue;
		const int16_t weight =
			kernel->weights[(size_t)row * kernel->taps + y - span->first];
		const float share = (float)weight / KERNEL_ONE;
		float *to = run->result + row * samples;
		for (size_t i = 0; i < samples; i++)
			to[i] += share * run->narrow[i];
	}
}

static uint8_t linear_byte(double value)
{
	return (uint8_t)(value <= 0 ? 0 : value >= 1 ? 255 : value * 255 + 0.5);
}

static void linear_write(const struct linear_run *run, struct surface *to)
{
	const float *pixel = run->result;
	for (uint32_t y = 0; y < run->rows; y++) {
		uint8_t *row = surface_row(to, y);
		for (uint32_t x = 0; x < run->columns; x++, pixel += run->channels) {
			const bool glass = run->channels == 4;
			const double alpha = glass ? pixel[3] : 1;
			const uint32_t colours = glass ? 3 : run->channels;
			for (uint32_t c = 0; c < colours; c++)
				*row++ =
					linear_byte(alpha > 0 ? linear_value(pixel[c] / alpha) : 0);
			if (glass)
				*row++ = linear_byte(alpha);
		}
		if (run->channels == 4)
			surface_premultiply(surface_row(to, y), run->columns);
	}
}

static bool linear_reserve(struct linear *linear, struct linear_run *run, struct error *err)
{
	const size_t source = (size_t)run->from->width * run->channels;
	const size_t narrow = (size_t)run->columns * run->channels;
	const size_t count = source + narrow + narrow * run->rows;
	if (count > linear->room) {
		free(linear->memory);
		linear->memory = malloc(count * sizeof(*linear->memory));
		linear->room = linear->memory ? count : 0;
	}
	if (!linear->memory)
		return fail(err, ERROR_MEMORY, "no memory for %u x %u px in linear light",
			run->columns, run->rows);
	run->source = linear->memory;
	run->narrow = run->source + source;
	run->result = run->narrow + narrow;
	memset(run->result, 0, narrow * run->rows * sizeof(*run->result));
	return true;
}

bool linear_run(struct linear *linear, const struct surface *from, const struct resample_job *job,
	struct surface *to, struct error *err)
{
	const struct kernel_job across = resample_across(from, job->stored);
	const struct kernel_job down = resample_down(from, job->stored);
	struct linear_run run = {
		.from = from,
		.linear = linear,
		.columns = across.count,
		.rows = down.count,
		.channels = from->channels,
	};
	if (!kernel_make(&linear->across, &across, err) ||
		!kernel_make(&linear->down, &down, err) || !linear_reserve(linear, &run, err) ||
		!surface_shape(&linear->straight, run.columns, run.rows, run.channels, err))
		return false;
	for (int i = 0; i < 256; i++)
		run.light[i] = (float)linear_light(i / 255.0);
	for (uint32_t y = 0; y < from->height; y++) {
		linear_read(&run, y);
		linear_narrow(&run);
		linear_add(&run, y);
	}
	linear_write(&run, &linear->straight);
	return orient_surface(&linear->straight, job->orientation, to, err);
}

void linear_finish(struct linear *linear)
{
	kernel_finish(&linear->across);
	kernel_finish(&linear->down);
	surface_finish(&linear->straight);
	free(linear->memory);
	*linear = (struct linear){ .memory = NULL };
}
