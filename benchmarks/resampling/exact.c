#include "benchmarks/resampling/ways.h"

#include <math.h>
#include <stdlib.h>

static double lanczos(double x)
{
	const double pi = 3.14159265358979323846;
	if (fabs(x) >= 3)
		return 0;
	return x == 0 ? 1 : 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x);
}

/* Of rows of `from` numbers `step` apart, and as many of `to`. */
struct line {
	uint32_t from, to;
	size_t step;
};

static void line_reduce(const struct line *line, const double *in, double *out)
{
	const double scale = (double)line->from / line->to;
	for (uint32_t i = 0; i < line->to; i++) {
		const double centre = (i + 0.5) * scale;
		const long first = lrint(floor(centre - 3 * scale)),
			   last = first + (long)(6 * scale) + 2;
		double sum = 0, weights = 0;
		for (long k = first > 0 ? first : 0; k < line->from && k <= last; k++) {
			const double weight = lanczos(((double)k + 0.5 - centre) / scale);
			sum += weight * in[(size_t)k * line->step];
			weights += weight;
		}
		out[i * line->step] = sum / weights;
	}
}

double *exact_pixels(const struct work *work)
{
	const size_t wide = (size_t)work->width * CHANNELS,
		     narrow = (size_t)work->to.width * CHANNELS;
	double *from = memory(wide * work->height * sizeof(double));
	double *half = memory(wide * work->to.height * sizeof(double));
	double *to = memory(narrow * work->to.height * sizeof(double));
	const struct line down = { work->height, work->to.height, wide };
	const struct line across = { work->width, work->to.width, CHANNELS };
	for (size_t i = 0; i < wide * work->height; i++)
		from[i] = work->packed[i];
	for (size_t x = 0; x < wide; x++)
		line_reduce(&down, from + x, half + x);
	for (size_t i = 0; i < (size_t)work->to.height * CHANNELS; i++)
		line_reduce(&across, half + i / CHANNELS * wide + i % CHANNELS,
			to + i / CHANNELS * narrow + i % CHANNELS);
	for (size_t i = 0; i < narrow * work->to.height; i++)
		to[i] = fmin(fmax(to[i], 0), 255);
	free(from);
	free(half);
	return to;
}

double exact_decibels(const struct work *work, const struct made *made, const double *wanted)
{
	double squares = 0;
	for (uint32_t y = 0; y < work->to.height; y++)
		for (uint32_t x = 0; x < work->to.width; x++)
			for (int c = 0; c < CHANNELS; c++) {
				const uint8_t *row = made->channels[c] + y * made->stride;
				const double away = row[x * made->step] - *wanted++;
				squares += away * away;
			}
	const double samples = (double)work->to.width * work->to.height * CHANNELS;
	return 10 * log10(255 * 255 * samples / squares);
}
