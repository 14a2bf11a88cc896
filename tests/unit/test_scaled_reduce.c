/* Samples of words, eight blocks at a time where the processor can, against those of the same
 * values, four at a time. */

#include "stages/thumbnail/jpeg/reduce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_BLOCKS = 40, BELOW = 1024, STRIDE = 8 * MOST_BLOCKS + 16, SIDE = 8, MEAN = 517 };

/* Blocks of a row of MCUs, in both forms. */
struct row {
	uint32_t words[BELOW + 3 * MOST_BLOCKS * REDUCE_WORDS];
	int16_t values[MOST_BLOCKS * REDUCE_POSITIONS];
};

struct picture {
	uint8_t samples[SIDE][STRIDE];
};

static uint32_t noise(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* A value of `size` bits: as a number, and as the scan has it. */
static int16_t value_of(uint32_t size, uint32_t bits)
{
	const uint32_t mask = (1U << size) - 1;
	return (int16_t)(bits > mask >> 1 ? bits : bits - mask);
}

static uint32_t word_of(uint32_t size, uint32_t bits, uint32_t others)
{
	const uint32_t mask = (1U << size) - 1;
	return mask << 16 | ((others & ~mask) & 0xFFFF) | bits;
}

static void fill_block(const struct reduce *reduce, uint32_t *end, int16_t *values, uint32_t *seed)
{
	const uint32_t mean = noise(seed) % 2048 - 1024;
	end[-1] = mean - MEAN;
	values[0] = (int16_t)mean;
	for (uint32_t i = 1; i <= reduce->last; i++) {
		const uint32_t size = noise(seed) % 3 == 0 ? noise(seed) % 11 : noise(seed) % 3;
		const uint32_t bits = noise(seed) & ((1U << size) - 1);
		end[-1 - (ptrdiff_t)i] = word_of(size, bits, noise(seed));
		values[i] = value_of(size, bits);
	}
}

/* MCUs of `across` blocks, with words of others behind each. */
static struct reduce_words fill(
	const struct reduce *reduce, struct row *row, uint32_t across, uint32_t *seed)
{
	const uint32_t size = reduce->words;
	const size_t mcu = (size_t)(across + 1) * size;
	uint32_t *first = row->words + sizeof(row->words) / sizeof(*row->words);
	for (uint32_t i = 0; i < sizeof(row->words) / sizeof(*row->words); i++)
		row->words[i] = noise(seed);
	for (uint32_t i = 0; i < MOST_BLOCKS; i++)
		fill_block(reduce, first - i / across * mcu - (size_t)(i % across) * size,
			row->values + (size_t)i * (reduce->last + 1), seed);
	return (struct reduce_words){ first, across, mcu, MEAN };
}

/* Samples of a block. */
struct shape {
	uint32_t across, down;
	bool fine;
};

static void check(const struct shape *shape, uint32_t across, uint32_t count)
{
	static struct row row;
	static struct reduce reduce;
	struct picture ours, expected;
	uint16_t quant[64];
	uint32_t seed = shape->across * 1000 + shape->down * 100 + across * 10 + count;
	for (uint32_t i = 0; i < 64; i++)
		quant[i] = (uint16_t)(1 + noise(&seed) % 40);
	memset(&ours, 99, sizeof(ours));
	memset(&expected, 99, sizeof(expected));
	reduce_set(&reduce, shape->across, shape->down, shape->fine, quant);
	const struct reduce_words words = fill(&reduce, &row, across, &seed);
	reduce_words(&reduce, &words, count, ours.samples[0], STRIDE);
	reduce_values(&reduce, row.values, count, expected.samples[0], STRIDE);
	assert_memory_equal(&ours, &expected, sizeof(ours));
}

static void check_counts(const struct shape *shape)
{
	for (uint32_t across = 1; across <= 4; across++)
		for (uint32_t count = 1; count <= MOST_BLOCKS; count++)
			check(shape, across, count);
}

static void test_shapes(void **state)
{
	static const struct shape shapes[] = { { 1, 1, false }, { 1, 2, false }, { 2, 1, false },
		{ 2, 2, false }, { 2, 4, false }, { 4, 2, false }, { 4, 4, false }, { 4, 4, true },
		{ 4, 8, false }, { 8, 4, false }, { 8, 8, false } };
	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
		check_counts(&shapes[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
