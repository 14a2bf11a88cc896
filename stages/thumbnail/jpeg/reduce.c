#include "stages/thumbnail/jpeg/reduce.h"

#include <math.h>

#include "stages/thumbnail/jpeg/reduce_private.h"

static const uint8_t zigzag[REDUCE_POSITIONS] = { 0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11,
	4, 5, 12, 19, 26, 33, 40 };

static const double reduce_pi = 3.14159265358979323846;

#define REDUCE_LAST(across, down, last, fine) \
	case REDUCE_KEY(across, down, fine):  \
		return last;

static uint32_t reduce_last(const struct reduce *reduce)
{
	switch (REDUCE_KEY(reduce->across, reduce->down, reduce->fine)) {
		REDUCE_SHAPES(REDUCE_LAST)
	default:
		return 0;
	}
}

/* Few sizes, so that few layouts of an MCU differ (scan_mcus.c). Words are turned in fours. */
static uint32_t reduce_words_for(uint32_t last)
{
	if (last < 4)
		return last == 0 ? 1 : 4;
	return (last + 8) / 8 * 8;
}

static double reduce_cosine(uint32_t frequency, double x)
{
	return cos((2 * x + 1) * frequency * reduce_pi / 16);
}

/* What frequency `u` of the inverse transform is at sample `number`. */
static double reduce_axis(uint32_t samples, uint32_t u, uint32_t number)
{
	const uint32_t width = REDUCE_SIDE / samples;
	if (u == 0)
		return sqrt(1.0 / REDUCE_SIDE);
	if (samples > 2)
		return 0.5 * reduce_cosine(u, (number + 0.5) * width - 0.5);
	double sum = 0;
	for (uint32_t x = number * width; x < (number + 1) * width; x++)
		sum += reduce_cosine(u, x);
	return 0.5 * sum / width;
}

static void reduce_position(struct reduce *reduce, uint32_t position, uint16_t quant)
{
	const uint32_t v = zigzag[position] / REDUCE_SIDE;
	for (uint32_t i = 0; i < reduce_half(reduce->down); i++)
		reduce->columns[position][i] = (float)(quant * reduce_axis(reduce->down, v, i));
}

void reduce_set(
	struct reduce *reduce, uint32_t across, uint32_t down, bool fine, const uint16_t *quant)
{
	reduce->across = across;
	reduce->down = down;
	reduce->fine = fine;
	reduce->last = reduce_last(reduce);
	reduce->words = reduce_words_for(reduce->last);
	reduce->quant = quant[0];
	for (uint32_t i = 0; i <= reduce->last; i++)
		reduce_position(reduce, i, quant[zigzag[i]]);
	for (uint32_t u = 0; u <= reduce_highest(across); u++)
		for (uint32_t i = 0; i < reduce_half(across); i++)
			reduce->rows[u][i] = (float)reduce_axis(across, u, i);
}

double reduce_blur(uint32_t samples)
{
	if (samples > 2)
		return 0;
	const double averaged = REDUCE_SIDE / (double)samples;
	return (1 - 1 / (averaged * averaged)) / 12;
}
