/* A maker that has made other pictures makes the same of one as a maker that has not. */

#include "stages/thumbnail/maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/encode.h"
#include "tests/fakes/pictures.h"

enum { SIZES = 3, FILES = 6 };

/* Noise, so that nothing that is taken from another picture looks like its own. */
static struct text written(
	uint32_t width, uint32_t height, uint32_t channels, enum size_format format)
{
	static uint32_t seed = 7;
	const struct size size = { .quality = 60 };
	const struct encode_job job = { .size = &size, .format = format };
	return pictures_noise(&seed, width, height, channels, &job);
}

static void compare(struct maker *kept, const struct maker_setup *setup, const struct text *file)
{
	struct text parts[SIZES] = { { .data = NULL } }, wanted[SIZES] = { { .data = NULL } };
	struct maker *fresh = maker_open(setup);
	struct error err;
	const bool done = pictures_run(fresh, file, SIZES, wanted, &err);
	assert_int_equal(pictures_run(kept, file, SIZES, parts, &err), done);
	for (int i = 0; i < SIZES; i++) {
		if (done) {
			assert_int_equal(parts[i].length, wanted[i].length);
			assert_memory_equal(parts[i].data, wanted[i].data, wanted[i].length);
		}
		text_finish(&parts[i]);
		text_finish(&wanted[i]);
	}
	maker_close(fresh);
}

/* Each after each: pictures of which halves are made, whole and apart, and one that is damaged. */
static void check(const struct size sizes[SIZES])
{
	const struct maker_setup setup = {
		.sizes = sizes,
		.count = SIZES,
		.limits = { 100000000, 512U << 20, 512U << 20 },
		.reading = { .formats = UINT32_MAX },
	};
	struct text files[FILES] = {
		written(500, 400, 3, FORMAT_JPEG),
		written(500, 400, 3, FORMAT_JPEG),
		written(500, 400, 1, FORMAT_JPEG),
		written(500, 400, 3, FORMAT_PNG),
		written(400, 500, 4, FORMAT_PNG),
		written(300, 200, 3, FORMAT_JPEG),
	};
	files[FILES - 1].length /= 2;
	struct maker *kept = maker_open(&setup);
	for (int i = 0; i < FILES * FILES; i++) {
		compare(kept, &setup, &files[i / FILES]);
		compare(kept, &setup, &files[i % FILES]);
	}
	maker_close(kept);
	for (int i = 0; i < FILES; i++)
		text_finish(&files[i]);
}

static void test_plain(void **state)
{
	(void)state;
	const struct size sizes[SIZES] = {
		{ .name = "a", .width = 100, .height = 100 },
		{ .name = "b", .width = 20, .height = 20 },
		{ .name = "c", .width = 10, .height = 10, .format = FORMAT_PNG },
	};
	check(sizes);
}

/* Components are joined before. */
static void test_joined(void **state)
{
	(void)state;
	const struct size sizes[SIZES] = {
		{ .name = "a", .width = 100, .height = 100 },
		{ .name = "b",
			.width = 20,
			.height = 30,
			.fit = FIT_COVER,
			.crop = CROP_ATTENTION },
		{ .name = "c", .width = 10, .height = 10, .progressive = true },
	};
	check(sizes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_joined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
