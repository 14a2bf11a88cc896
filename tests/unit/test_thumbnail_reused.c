/* A maker that has made other pictures makes the same of one as a maker that has not. */

#include "stages/thumbnail/maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/input.h"
#include "stages/thumbnail/encode.h"

enum { SIZES = 3, FILES = 6 };

/* Noise, so that nothing that is taken from another picture looks like its own. */
static struct text written(
	uint32_t width, uint32_t height, uint32_t channels, enum size_format format)
{
	static uint32_t number = 7;
	struct surface surface = { .pixels = NULL };
	struct text file = { .data = NULL };
	struct error err;
	const struct size size = { .quality = 60 };
	const struct encode_job job = { .surface = &surface, .size = &size, .format = format };
	assert_true(surface_shape(&surface, width, height, channels, &err));
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < channels * width; x++) {
			number = number * 1664525 + 1013904223;
			surface_row(&surface, y)[x] = (uint8_t)(number >> 24);
		}
	assert_true(encode_surface(&job, &file, &err));
	surface_finish(&surface);
	return file;
}

static bool emit(void *context, size_t size, const struct text *bytes, struct error *err)
{
	struct text *parts = context;
	(void)err;
	text_clear(&parts[size]);
	text_add(&parts[size], bytes->data, bytes->length);
	return true;
}

/* Whether it could be made. */
static bool make(struct maker *maker, const struct text *file, struct text parts[SIZES])
{
	unsigned char *padded = calloc(1, file->length + INPUT_PADDING);
	assert_non_null(padded);
	memcpy(padded, file->data, file->length);
	const struct maker_job job = { .data = padded,
		.length = file->length,
		.due = (1U << SIZES) - 1,
		.emit = emit,
		.context = parts };
	struct maker_result result;
	struct error err;
	const bool done = maker_run(maker, &job, &result, &err);
	free(padded);
	return done;
}

static void compare(struct maker *kept, const struct maker_setup *setup, const struct text *file)
{
	struct text parts[SIZES] = { { .data = NULL } }, wanted[SIZES] = { { .data = NULL } };
	struct maker *fresh = maker_open(setup);
	const bool done = make(fresh, file, wanted);
	assert_int_equal(make(kept, file, parts), done);
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
