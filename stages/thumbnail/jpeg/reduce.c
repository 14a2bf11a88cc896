#include "stages/thumbnail/jpeg/reduce.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { REDUCE_SIDE = 8 };

static const uint8_t zigzag[REDUCE_POSITIONS] = { 0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11,
	4, 5, 12, 19, 26, 33, 40 };

static const double reduce_pi = 3.14159265358979323846;

static uint32_t reduce_highest(uint32_t samples)
{
	return samples == 8 ? 5 : samples - 1;
}

static uint32_t reduce_most(uint32_t across, uint32_t down)
{
	if (across == 2 && down == 2)
		return 2;
	return reduce_highest(across > down ? across : down);
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

/* What each frequency is at each sample of a side. */
struct reduce_waves {
	double at[REDUCE_SIDE][REDUCE_SIDE];
};

static struct reduce_waves reduce_waves_of(uint32_t samples)
{
	struct reduce_waves waves = { { { 0 } } };
	for (uint32_t u = 0; u <= reduce_highest(samples); u++)
		for (uint32_t number = 0; number < samples; number++)
			waves.at[u][number] = reduce_axis(samples, u, number);
	return waves;
}

static bool reduce_needs(const struct reduce *reduce, uint32_t u, uint32_t v)
{
	return u <= reduce_highest(reduce->across) && v <= reduce_highest(reduce->down) &&
	       u + v <= reduce_most(reduce->across, reduce->down);
}

static uint32_t reduce_last(const struct reduce *reduce)
{
	uint32_t position = REDUCE_POSITIONS - 1;
	while (!reduce_needs(
		reduce, zigzag[position] % REDUCE_SIDE, zigzag[position] / REDUCE_SIDE))
		position--;
	return position;
}

/* A position that is not needed adds nothing. */
static void reduce_position(struct reduce *reduce, uint32_t position, uint16_t quant,
	const struct reduce_waves *across, const struct reduce_waves *down)
{
	const uint32_t u = zigzag[position] % REDUCE_SIDE;
	const uint32_t v = zigzag[position] / REDUCE_SIDE;
	reduce_vector *adds = reduce->basis + (size_t)(reduce->last - position) * reduce->vectors;
	if (!reduce_needs(reduce, u, v))
		return;
	for (uint32_t i = 0; i < reduce->across * reduce->down; i++) {
		const double weight =
			across->at[u][i % reduce->across] * down->at[v][i / reduce->across];
		adds[i / REDUCE_LANES][i % REDUCE_LANES] = (float)(weight * quant);
	}
}

void reduce_set(struct reduce *reduce, uint32_t across, uint32_t down, const uint16_t *quant)
{
	const uint32_t samples = across * down;
	reduce->across = across;
	reduce->down = down;
	reduce->vectors = samples == 1 ? 0 : (samples + REDUCE_LANES - 1) / REDUCE_LANES;
	reduce->last = reduce_last(reduce);
	reduce->quant = quant[0];
	if (samples == 1)
		return;
	const struct reduce_waves x = reduce_waves_of(across), y = reduce_waves_of(down);
	memset(reduce->basis, 0, sizeof(reduce->basis));
	for (uint32_t i = 0; i <= reduce->last; i++)
		reduce_position(reduce, i, quant[zigzag[i]], &x, &y);
}

double reduce_blur(uint32_t samples)
{
	if (samples > 2)
		return 0;
	const double averaged = REDUCE_SIDE / (double)samples;
	return (1 - 1 / (averaged * averaged)) / 12;
}
