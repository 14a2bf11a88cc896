#include "stages/thumbnail/jpeg/reduce.h"

/* Fixed point of libjpeg: 13 bits behind the point, two of them kept between the passes. Between
 * them values stay below MOST_BETWEEN, and in front of the last clamp below MOST_SAMPLE. */
enum { MOST_BETWEEN = 16384, MOST_SAMPLE = 512 };

static const uint8_t zigzag[REDUCE_POSITIONS] = { 0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11,
	4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28, 35, 42, 49, 56, 57, 50,
	43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
	55, 62, 63 };

bool reduce_set(struct reduce *reduce, const uint16_t quant[REDUCE_POSITIONS])
{
	reduce->wild = 0;
	for (uint32_t i = 0; i < REDUCE_POSITIONS; i++) {
		const uint32_t place = zigzag[i];
		if (quant[place] == 0 || quant[place] > INT16_MAX)
			return false;
		reduce->weights[i] = (struct reduce_weight){ quant[place], place };
	}
	return true;
}

/* The odd part of 8 to 2; the even part is the mean alone. */
static inline int32_t reduce_odd(int16_t a1, int16_t a3, int16_t a5, int16_t a7)
{
	return a1 * 29692 - a3 * 10426 + a5 * 6967 - a7 * 5906;
}

static uint32_t reduce_two_row(const int16_t between[8], uint8_t *samples)
{
	const int32_t even = between[0] * (1 << 15) + (1 << 19);
	const int32_t odd = reduce_odd(between[1], between[3], between[5], between[7]);
	const int32_t left = (even + odd) >> 20;
	const int32_t right = (even - odd) >> 20;
	samples[0] = reduce_clamp(left);
	samples[1] = reduce_clamp(right);
	return ((uint32_t)left + MOST_SAMPLE) | ((uint32_t)right + MOST_SAMPLE);
}

void reduce_two(
	struct reduce *reduce, const union reduce_block *block, uint8_t *samples, size_t stride)
{
	const int16_t(*rows)[8] = block->rows;
	int16_t high[8];
	int16_t low[8];
	uint32_t between = 0;
	for (int i = 0; i < 8; i++) {
		const int32_t even = rows[0][i] * (1 << 15) + (1 << 12);
		const int32_t odd = reduce_odd(rows[1][i], rows[3][i], rows[5][i], rows[7][i]);
		const int32_t sum = (even + odd) >> 13;
		const int32_t difference = (even - odd) >> 13;
		high[i] = (int16_t)sum;
		low[i] = (int16_t)difference;
		between |= ((uint32_t)sum + MOST_BETWEEN) | ((uint32_t)difference + MOST_BETWEEN);
	}
	const uint32_t last = reduce_two_row(high, samples) | reduce_two_row(low, samples + stride);
	if (between >= 2 * MOST_BETWEEN || last >= 2 * MOST_SAMPLE)
		reduce->wild = UINT32_MAX;
}

/* One column or row of 8 to 4, in front of rounding. Number 4 cancels out. */
struct reduce_parts {
	int32_t even[2], odd[2];
};

static inline struct reduce_parts reduce_split(const int16_t *from, int step)
{
	const int32_t mean = from[0] * (1 << 14);
	const int32_t even = from[2 * step] * 15137 - from[6 * step] * 6270;
	const int16_t a1 = from[step];
	const int16_t a3 = from[3 * step];
	const int16_t a5 = from[5 * step];
	const int16_t a7 = from[7 * step];
	return (struct reduce_parts){
		.even = { mean + even, mean - even },
		.odd = { a1 * 20995 + a3 * 7373 - a5 * 4926 - a7 * 4176,
			a1 * 8697 - a3 * 17799 + a5 * 11893 - a7 * 1730 },
	};
}

static inline uint32_t reduce_four_row(const int16_t between[8], uint8_t *samples)
{
	const struct reduce_parts parts = reduce_split(between, 1);
	const int32_t sums[4] = { parts.even[0] + parts.odd[0], parts.even[1] + parts.odd[1],
		parts.even[1] - parts.odd[1], parts.even[0] - parts.odd[0] };
	uint32_t wild = 0;
	for (int i = 0; i < 4; i++) {
		const int32_t sample = (sums[i] + (1 << 18)) >> 19;
		samples[i] = reduce_clamp(sample);
		wild |= (uint32_t)sample + MOST_SAMPLE;
	}
	return wild;
}

static inline int16_t reduce_between(int32_t sum, uint32_t *wild)
{
	const int32_t value = (sum + (1 << 11)) >> 12;
	*wild |= (uint32_t)value + MOST_BETWEEN;
	return (int16_t)value;
}

void reduce_four(
	struct reduce *reduce, const union reduce_block *block, uint8_t *samples, size_t stride)
{
	int16_t between[4][8];
	uint32_t wild = 0;
	for (int i = 0; i < 8; i++) {
		const struct reduce_parts parts = reduce_split(&block->rows[0][i], 8);
		between[0][i] = reduce_between(parts.even[0] + parts.odd[0], &wild);
		between[1][i] = reduce_between(parts.even[1] + parts.odd[1], &wild);
		between[2][i] = reduce_between(parts.even[1] - parts.odd[1], &wild);
		between[3][i] = reduce_between(parts.even[0] - parts.odd[0], &wild);
	}
	uint32_t last = 0;
	for (int k = 0; k < 4; k++)
		last |= reduce_four_row(between[k], samples + (size_t)k * stride);
	if (wild >= 2 * MOST_BETWEEN || last >= 2 * MOST_SAMPLE)
		reduce->wild = UINT32_MAX;
}
