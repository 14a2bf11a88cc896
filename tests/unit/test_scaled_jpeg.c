/* Our own decoder for baseline JPEGs at a reduced size: samples of libjpeg-turbo's coefficients, or
 * none. */

#include "stages/thumbnail/jpeg/scaled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/jpegs_checks.h"

static void test_samplings(void **state)
{
	for (size_t i = 0; i < JPEGS_SAMPLINGS; i++) {
		const struct jpegs_spec spec = jpegs_sampling(i);
		jpegs_check(*state, &spec, JPEGS_SAME);
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
		jpegs_check(*state, &spec, JPEGS_SAME);
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
		jpegs_check(*state, &spec, JPEGS_SAME);
	}
}

static void test_rgb(void **state)
{
	const struct jpegs_spec spec = {
		.width = 99, .height = 55, .components = 3, .rgb = true, .quality = 80
	};
	jpegs_check(*state, &spec, JPEGS_SAME);
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
	jpegs_check(*state, &spec, JPEGS_SAME);
	spec.width = 18;
	spec.height = 65500;
	jpegs_check(*state, &spec, JPEGS_SAME);
}

/* Nothing but noise at full quality: blocks that end without an end of block, codes of 16 bits. */
static void test_dense(void **state)
{
	struct jpegs_spec spec = {
		.width = 512, .height = 512, .components = 3, .quality = 100, .noise = 255
	};
	jpegs_check(*state, &spec, JPEGS_SAME);
	spec.optimised = true;
	jpegs_check(*state, &spec, JPEGS_SAME);
}

static const struct jpegs_spec plain = { .width = 120,
	.height = 70,
	.components = 3,
	.across = 2,
	.down = 2,
	.quality = 90,
	.noise = 80,
	.restart = 5 };

/* Of 4:2:0, where each of its components is `excess` times too large. */
static struct scaled_shape shape_at(double first, double others)
{
	const struct jpegs_file file = jpegs_make(&plain);
	const struct scaled_excess excess = { first, others };
	struct jpeg_decompress_struct info;
	struct jpeg_error_mgr errors;
	struct scaled_shape shape;
	info.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&info);
	jpeg_mem_src(&info, file.bytes, file.length);
	jpeg_read_header(&info, TRUE);
	assert_true(scaled_shape_of(&info, &excess, &shape));
	jpeg_destroy_decompress(&info);
	free(file.bytes);
	return shape;
}

static void test_fine(void **state)
{
	(void)state;
	const struct scaled_shape hardly = shape_at(4, 9.9), more = shape_at(5, 10),
				  other = shape_at(9, 8);
	assert_true(hardly.planes[0].fine && hardly.planes[1].fine && hardly.planes[2].fine);
	assert_false(more.planes[0].fine || more.planes[1].fine || more.planes[2].fine);
	assert_true(!other.planes[0].fine && other.planes[1].fine);
}

static void test_left(void **state)
{
	struct jpegs_spec spec = { .width = 50, .height = 50, .components = 3, .quality = 80 };
	const struct jpegs_file half = jpegs_make(&plain);
	const struct scaled_excess little = { 3.9, 7.8 };
	assert_int_equal(jpegs_compare(*state, half.bytes, half.length, &little), JPEGS_LEFT);
	free(half.bytes);
	spec.arithmetic = true;
	jpegs_check(*state, &spec, JPEGS_LEFT);
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
	for (int i = 0; i < JPEGS_EXCESSES; i++)
		assert_int_equal(jpegs_compare(*state, longer, file.length + sizeof(extra),
					 &jpegs_excesses[i]),
			JPEGS_LEFT);
	free(longer);
	free(file.bytes);
}

/* A smaller one without restart markers. */
static const struct jpegs_spec flowing = { .width = 70,
	.height = 40,
	.components = 3,
	.across = 2,
	.down = 2,
	.quality = 90,
	.noise = 80 };

static void test_cut(void **state)
{
	jpegs_check_cut(*state, &plain);
	jpegs_check_cut(*state, &flowing);
}

static void test_changed(void **state)
{
	jpegs_check_changed(*state, &plain);
	jpegs_check_changed(*state, &flowing);
}

/* A brightness whose mean grows by 32,767 from each block to the next, in so many rows of 256 MCUs
 * of 4:4:4. */
static struct jpegs_file growing(unsigned rows)
{
	static const unsigned char head[] = { 0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0 };
	static const unsigned char frame[] = { 0xFF, 0xC0, 0, 17, 8, 0, 0, 8, 0, 3, 1, 0x11, 0, 2,
		0x11, 0, 3, 0x11, 0 };
	/* Each has but one code, a zero: 15 bits of a mean, no difference, the end of a block. */
	static const unsigned char tables[][3] = { { 0, 15 }, { 1, 0 }, { 0x10, 0 } };
	static const unsigned char scan[] = { 0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0x10, 3, 0x10, 0, 63,
		0 };
	enum { BITS = 21, QUANTS = 64, TABLE = 22 };
	const size_t bits = (size_t)rows * 256 * BITS;
	const size_t from = sizeof(head) + QUANTS + sizeof(frame) + 3 * TABLE + sizeof(scan);
	unsigned char *bytes = calloc(1, from + bits / 8 * 2 + 4);
	assert_non_null(bytes);
	unsigned char *at = mempcpy(bytes, head, sizeof(head));
	at = (unsigned char *)memset(at, 1, QUANTS) + QUANTS;
	at = mempcpy(at, frame, sizeof(frame));
	at[-14] = (unsigned char)(rows / 32);
	at[-13] = (unsigned char)(rows % 32 * 8);
	for (size_t i = 0; i < 3; i++, at += TABLE) {
		memcpy(at, "\xFF\xC4\0\x14", 4);
		at[4] = tables[i][0];
		at[5] = 1;
		at[21] = tables[i][1];
	}
	at = mempcpy(at, scan, sizeof(scan));
	for (size_t bit = 0; bit < bits; bit++) {
		const size_t in_mcu = bit % BITS;
		*at = (unsigned char)(*at << 1 | (in_mcu >= 1 && in_mcu <= 15));
		if (bit % 8 == 7)
			at += *at == 0xFF ? 2 : 1;
	}
	at = mempcpy(at, "\xFF\xD9", 2);
	return (struct jpegs_file){ bytes, (size_t)(at - bytes), from };
}

/* A mean of 32 bits is taken, one beyond is not: also where it was read ahead. */
static void test_large_means(void **state)
{
	const struct jpegs_file most = growing(256), more = growing(288);
	jpegs_check_bytes(*state, most.bytes, most.length, JPEGS_SAME);
	jpegs_check_bytes(*state, more.bytes, more.length, JPEGS_LEFT);
	free(most.bytes);
	free(more.bytes);
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
	for (int i = 0; i < JPEGS_EXCESSES; i++)
		assert_int_equal(jpegs_compare(*state, longer, file.length + 1, &jpegs_excesses[i]),
			JPEGS_LEFT);
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
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_several_scans),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_large_means),
	};
	return cmocka_run_group_tests(tests, jpegs_setup, jpegs_teardown) +
	       cmocka_run_group_tests(tests, jpegs_setup_ahead, jpegs_teardown);
}
