/* Weighted sums of rows, against the same sums done one by one. */

#include "stages/thumbnail/convolve.h"
#include "stages/thumbnail/kernel.h"
#include "stages/thumbnail/surface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST_ROWS = 9, SAMPLES = 3 * SURFACE_BLOCK };

struct field {
	uint8_t bytes[MOST_ROWS][SAMPLES];
	int16_t wides[MOST_ROWS][SAMPLES];
	int16_t weights[MOST_ROWS];
	uint32_t count;
	int32_t offset;
};

static uint32_t noise(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Weights up to the most that is allowed, samples up to the ends of what they can be. */
static struct field field_of(uint32_t count, uint32_t seed)
{
	struct field field = { .count = count };
	field.offset = seed % 3 == 0 ? 0 : (int32_t)(noise(&seed) << 1) - (1 << 24);
	for (uint32_t k = 0; k < count; k++) {
		field.weights[k] = (int16_t)((int32_t)(noise(&seed) % (4 * KERNEL_ONE / count)) -
					     2 * KERNEL_ONE / (int32_t)count);
		for (uint32_t i = 0; i < SAMPLES; i++) {
			field.bytes[k][i] = (uint8_t)(noise(&seed) % 3 == 0 ? 255 : noise(&seed));
			field.wides[k][i] = (int16_t)((int32_t)(noise(&seed) % 65536) - 32768);
		}
	}
	return field;
}

static int32_t clamp(int32_t value, int32_t least, int32_t most)
{
	return value < least ? least : value > most ? most : value;
}

static int32_t rounded(int64_t sum, int bits)
{
	return (int32_t)((sum + (1 << (bits - 1))) >> bits);
}

static void check_column(
	const struct field *field, uint32_t i, int16_t from_bytes, int16_t fine, uint8_t from_wides)
{
	int64_t bytes = field->offset, wides = bytes;
	for (uint32_t k = 0; k < field->count; k++) {
		bytes += (int64_t)field->weights[k] * field->bytes[k][i];
		wides += (int64_t)field->weights[k] * field->wides[k][i];
	}
	const int first = KERNEL_BITS - CONVOLVE_FRACTION, last = KERNEL_BITS + CONVOLVE_FRACTION;
	assert_int_equal(from_bytes, clamp(rounded(bytes, first), INT16_MIN, INT16_MAX));
	assert_int_equal(fine, clamp(rounded(wides, KERNEL_BITS), INT16_MIN, INT16_MAX));
	assert_int_equal(from_wides, clamp(rounded(wides, last), 0, 255));
}

static void check_sums(const struct convolve_calls *convolve)
{
	for (uint32_t round = 0; round < 40 * MOST_ROWS; round++) {
		const struct field field = field_of(1 + round % MOST_ROWS, round);
		int16_t from_bytes[SAMPLES], fine[SAMPLES];
		uint8_t from_wides[SAMPLES];
		struct convolve rows = {
			.first = field.bytes[0],
			.stride = sizeof(field.bytes[0]),
			.weights = field.weights,
			.count = field.count,
			.offset = field.offset,
		};
		convolve->bytes(&rows, SAMPLES, from_bytes);
		rows.first = (const uint8_t *)field.wides[0];
		rows.stride = sizeof(field.wides[0]);
		convolve->fine(&rows, SAMPLES, fine);
		convolve->wides(&rows, SAMPLES, from_wides);
		for (uint32_t i = 0; i < SAMPLES; i++)
			check_column(&field, i, from_bytes[i], fine[i], from_wides[i]);
	}
}

static void test_plain(void **state)
{
	(void)state;
	check_sums(&convolve_plain);
}

static void test_best(void **state)
{
	(void)state;
	check_sums(convolve_best());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_best),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
