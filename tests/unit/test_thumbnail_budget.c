/* What has to fit into so many bytes: the best quality that fits, down to the half; then the best
 * at smaller sides. */

#include "stages/thumbnail/maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/pictures.h"

enum { SIDE = 96 };

static struct text source(void)
{
	uint32_t seed = 7;
	const struct size size = { .quality = 90 };
	const struct encode_job job = { .size = &size, .format = FORMAT_JPEG };
	return pictures_noise(&seed, 480, 480, 3, &job);
}

static struct text made(const struct text *file, const struct size *size)
{
	struct text part = { .data = NULL };
	pictures_make(file, size, 1, &part);
	return part;
}

/* Of this quality, without a budget. */
static struct text made_at(const struct text *file, const struct size *size, int quality)
{
	struct size plain = *size;
	plain.quality = quality;
	plain.budget = 0;
	return made(file, &plain);
}

/* By this budget it becomes the one of that quality. */
static void check_becomes(
	const struct text *file, const struct size *size, uint64_t budget, int quality)
{
	struct size tight = *size;
	tight.budget = budget;
	struct text wanted = made_at(file, size, quality), fitted = made(file, &tight);
	assert_int_equal(fitted.length, wanted.length);
	assert_memory_equal(fitted.data, wanted.data, wanted.length);
	text_finish(&wanted);
	text_finish(&fitted);
}

static size_t bytes_at(const struct text *file, const struct size *size, int quality)
{
	struct text part = made_at(file, size, quality);
	const size_t bytes = part.length;
	text_finish(&part);
	return bytes;
}

static void check_side(
	const struct text *file, const struct size *size, uint64_t budget, uint32_t side)
{
	struct size tight = *size;
	tight.budget = budget;
	struct text fitted = made(file, &tight);
	struct surface seen = pictures_decoded(&fitted);
	assert_int_equal(seen.width, side);
	assert_int_equal(seen.height, side);
	assert_in_range(fitted.length, 1, budget);
	surface_finish(&seen);
	text_finish(&fitted);
}

/* The half of it is as low as it goes; a byte less, and sides are three quarters. */
static void check(const struct text *file, const struct size *size)
{
	const int half = size->quality > 1 ? size->quality / 2 : 1;
	const size_t least = bytes_at(file, size, half), most = bytes_at(file, size, size->quality);
	check_becomes(file, size, most, size->quality);
	check_becomes(file, size, least, half);
	check_side(file, size, least - 1, SIDE * 3 / 4);
	if (half == size->quality)
		return;
	const size_t next = bytes_at(file, size, half + 1);
	assert_true(next > least && next < most);
	check_becomes(file, size, next - 1, half);
	check_becomes(file, size, next, half + 1);
}

static void test_quality(void **state)
{
	static const int qualities[] = { 1, 60, 81, 90 };
	(void)state;
	struct text file = source();
	for (size_t i = 0; i < 3 * sizeof(qualities) / sizeof(*qualities); i++) {
		const struct size size = {
			.name = "one",
			.width = SIDE,
			.height = SIDE,
			.quality = qualities[i / 3],
			.format = i % 3 == 2 ? FORMAT_WEBP : FORMAT_JPEG,
			.progressive = i % 3 == 1,
		};
		check(&file, &size);
	}
	text_finish(&file);
}

/* What has no quality, and what no sides are small enough for. */
static void test_sides(void **state)
{
	(void)state;
	struct text file = source(), part = { .data = NULL };
	struct size size = { .name = "one", .width = SIDE, .height = SIDE, .format = FORMAT_PNG };
	check_side(&file, &size, bytes_at(&file, &size, 0), SIDE);
	check_side(&file, &size, bytes_at(&file, &size, 0) - 1, SIDE * 3 / 4);
	size.budget = 60;
	const struct maker_setup setup = { .sizes = &size,
		.count = 1,
		.limits = { 100000000, 512U << 20, 512U << 20 },
		.reading = { .formats = UINT32_MAX } };
	struct error err;
	struct maker *maker = maker_open(&setup);
	assert_false(pictures_run(maker, &file, 1, &part, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	assert_non_null(strstr(err.text, "its size 'one' has "));
	assert_non_null(strstr(err.text, "even at 16 x 16 px, 60 are allowed (budget)"));
	maker_close(maker);
	text_finish(&file);
	text_finish(&part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_sides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
