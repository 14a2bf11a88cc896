/* Our own decoder for JPEGs at a reduced size: samples of libjpeg-turbo's coefficients, or none. */

#include "stages/thumbnail/jpeg/scaled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/jpegs.h"

/* Times too large: 1, 2 and 4 samples for a block of the largest component, and means alone. */
static const double excesses[] = { 16, 8, 4, 100 };

enum { EXCESSES = sizeof(excesses) / sizeof(*excesses) };

static int decoder_setup(void **state)
{
	*state = scaled_new();
	return *state ? 0 : -1;
}

static int decoder_teardown(void **state)
{
	scaled_free(*state);
	return 0;
}

static void check_all(struct scaled *scaled, const struct jpegs_spec *spec, enum jpegs_verdict is)
{
	const struct jpegs_file file = jpegs_make(spec);
	for (int i = 0; i < EXCESSES; i++) {
		const enum jpegs_verdict verdict =
			jpegs_compare(scaled, file.bytes, file.length, excesses[i]);
		if (verdict != is)
			print_message("%u x %u, quality %d, sampling %dx%d %dx%d %dx%d, by %g\n",
				spec->width, spec->height, spec->quality, spec->across, spec->down,
				spec->across_cb, spec->down_cb, spec->across_cr, spec->down_cr,
				excesses[i]);
		assert_int_equal(verdict, is);
	}
	assert_int_equal(jpegs_serve(scaled, file.bytes, file.length), is);
	free(file.bytes);
}

static void test_samplings(void **state)
{
	static const int samplings[][6] = { { 1, 1, 1, 1, 1, 1 }, { 2, 1, 1, 1, 1, 1 },
		{ 2, 2, 1, 1, 1, 1 }, { 4, 1, 1, 1, 1, 1 }, { 4, 2, 1, 1, 1, 1 },
		{ 1, 4, 1, 1, 1, 1 }, { 2, 2, 1, 2, 1, 2 }, { 2, 1, 1, 1, 2, 1 },
		{ 3, 1, 1, 1, 1, 1 }, { 1, 3, 1, 1, 1, 1 }, { 1, 1, 2, 2, 1, 1 } };
	static const unsigned sides[] = { 1, 2, 7, 8, 9, 15, 16, 17, 33, 100, 257 };
	enum { SIDES = sizeof(sides) / sizeof(*sides) };
	for (size_t i = 0; i < sizeof(samplings) / sizeof(*samplings) * SIDES * SIDES; i++) {
		const int *sampling = samplings[i / (SIDES * SIDES)];
		const struct jpegs_spec spec = {
			.width = sides[i % SIDES],
			.height = sides[i / SIDES % SIDES],
			.components = 3,
			.across = sampling[0],
			.down = sampling[1],
			.across_cb = sampling[2],
			.down_cb = sampling[3],
			.across_cr = sampling[4],
			.down_cr = sampling[5],
			.quality = 85,
			.noise = 40,
		};
		check_all(*state, &spec, JPEGS_SAME);
	}
}

static void test_qualities(void **state)
{
	for (int i = 0; i < 300; i++) {
		const struct jpegs_spec spec = {
			.width = 150,
			.height = 90,
			.components = i / 100 == 2 ? 1 : 3,
			.across = 2,
			.down = i / 100 == 1 ? 1 : 2, /* 4:2:2 and 4:2:0 */
			.quality = i % 100 + 1,
			.noise = (unsigned)(i * 7 % 256),
			.optimised = i % 2 == 1,
		};
		check_all(*state, &spec, JPEGS_SAME);
	}
}

static void test_restarts(void **state)
{
	static const unsigned intervals[] = { 1, 2, 3, 7, 8, 9, 64, 65535 };
	for (size_t i = 0; i < 3 * sizeof(intervals) / sizeof(*intervals); i++) {
		const struct jpegs_spec spec = {
			.width = 130,
			.height = 140,
			.components = i % 3 == 0 ? 1 : 3,
			.across = 2,
			.down = (int)(i % 3),
			.quality = 92,
			.noise = 60,
			.restart = intervals[i / 3],
		};
		check_all(*state, &spec, JPEGS_SAME);
	}
}

static void test_rgb(void **state)
{
	const struct jpegs_spec spec = {
		.width = 99, .height = 55, .components = 3, .rgb = true, .quality = 80
	};
	check_all(*state, &spec, JPEGS_SAME);
}

static void test_wide(void **state)
{
	struct jpegs_spec spec = { .width = 65500,
		.height = 18,
		.components = 3,
		.across = 2,
		.down = 2,
		.quality = 90,
		.noise = 99 };
	check_all(*state, &spec, JPEGS_SAME);
	spec.width = 18;
	spec.height = 65500;
	check_all(*state, &spec, JPEGS_SAME);
}

/* Nothing but noise at full quality: blocks that end without an end of block, codes of 16 bits. */
static void test_dense(void **state)
{
	struct jpegs_spec spec = {
		.width = 512, .height = 512, .components = 3, .quality = 100, .noise = 255
	};
	check_all(*state, &spec, JPEGS_SAME);
	spec.optimised = true;
	check_all(*state, &spec, JPEGS_SAME);
}

static const struct jpegs_spec plain = { .width = 120,
	.height = 70,
	.components = 3,
	.across = 2,
	.down = 2,
	.quality = 90,
	.noise = 80,
	.restart = 5 };

static void test_left(void **state)
{
	struct jpegs_spec spec = { .width = 50, .height = 50, .components = 3, .quality = 80 };
	spec.progressive = true;
	check_all(*state, &spec, JPEGS_LEFT);
	const struct jpegs_file half = jpegs_make(&plain);
	assert_int_equal(jpegs_compare(*state, half.bytes, half.length, 3.9), JPEGS_LEFT);
	free(half.bytes);
	spec.progressive = false;
	spec.arithmetic = true;
	check_all(*state, &spec, JPEGS_LEFT);
}

/* A scan of the first component alone, in front of one of all three. */
static void test_several_scans(void **state)
{
	static const unsigned char extra[] = { 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x55, 0x55 };
	const struct jpegs_file file = jpegs_make(&plain);
	unsigned char *longer = malloc(file.length + sizeof(extra));
	assert_non_null(longer);
	const size_t at = file.scan - 14; /* where the header of the scan begins */
	assert_memory_equal(file.bytes + at, "\xFF\xDA", 2);
	memcpy(longer, file.bytes, at);
	memcpy(longer + at, extra, sizeof(extra));
	memcpy(longer + at + sizeof(extra), file.bytes + at, file.length - at);
	assert_int_equal(jpegs_serve(*state, longer, file.length + sizeof(extra)), JPEGS_LEFT);
	for (int i = 0; i < EXCESSES; i++)
		assert_int_equal(
			jpegs_compare(*state, longer, file.length + sizeof(extra), excesses[i]),
			JPEGS_LEFT);
	free(longer);
	free(file.bytes);
}

static void test_cut(void **state)
{
	const struct jpegs_file file = jpegs_make(&plain);
	for (size_t length = file.scan; length + 12 < file.length; length++) {
		for (int i = 0; i < EXCESSES; i++)
			assert_int_equal(
				jpegs_compare(*state, file.bytes, length, excesses[i]), JPEGS_LEFT);
		assert_int_equal(jpegs_serve(*state, file.bytes, length), JPEGS_LEFT);
	}
	free(file.bytes);
}

/* One byte changed: it shows, or libjpeg-turbo sees the same picture and nothing wrong with it. */
static void test_changed(void **state)
{
	const struct jpegs_file file = jpegs_make(&plain);
	int left = 0;
	for (size_t at = 2; at < file.length; at++) {
		const unsigned char was = file.bytes[at];
		file.bytes[at] = (unsigned char)(at % 3 == 0 ? 0xFF : was ^ 1U << at % 8);
		const enum jpegs_verdict verdict =
			jpegs_compare(*state, file.bytes, file.length, excesses[at % EXCESSES]);
		assert_int_not_equal(verdict, JPEGS_DIFFERENT);
		left += verdict == JPEGS_LEFT;
		assert_int_not_equal(jpegs_serve(*state, file.bytes, file.length), JPEGS_DIFFERENT);
		file.bytes[at] = was;
	}
	assert_true(left > 100);
	free(file.bytes);
}

static void test_extra(void **state)
{
	const struct jpegs_file file = jpegs_make(&plain);
	unsigned char *longer = malloc(file.length + 1);
	assert_non_null(longer);
	const unsigned char *marker =
		memmem(file.bytes + file.scan, file.length - file.scan, "\xFF\xD3", 2);
	assert_non_null(marker);
	const size_t at = (size_t)(marker - file.bytes);
	memcpy(longer, file.bytes, at);
	longer[at] = 0x55;
	memcpy(longer + at + 1, marker, file.length - at);
	for (int i = 0; i < EXCESSES; i++)
		assert_int_equal(
			jpegs_compare(*state, longer, file.length + 1, excesses[i]), JPEGS_LEFT);
	assert_int_equal(jpegs_serve(*state, longer, file.length + 1), JPEGS_LEFT);
	free(longer);
	free(file.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samplings),
		cmocka_unit_test(test_qualities),
		cmocka_unit_test(test_restarts),
		cmocka_unit_test(test_rgb),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_dense),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_several_scans),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_extra),
	};
	return cmocka_run_group_tests(tests, decoder_setup, decoder_teardown);
}
