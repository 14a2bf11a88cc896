/* What a maker tells of a picture and of what it made: of all sizes, whichever are due. */

#include "stages/thumbnail/maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/input.h"
#include "tests/fakes/pictures.h"

enum { SIZES = 3 };

static const struct size sizes[SIZES] = {
	{ .name = "a", .width = 60, .height = 60 },
	{ .name = "b", .width = 30, .height = 20, .fit = FIT_FILL, .format = FORMAT_WEBP },
	{ .name = "c", .width = 24, .height = 40, .fit = FIT_CONTAIN, .format = FORMAT_PNG },
};
static const uint32_t sides[SIZES][2] = { { 60, 45 }, { 30, 20 }, { 24, 40 } };

static bool keep(void *context, size_t size, const struct text *bytes, struct error *err)
{
	struct text *part = (struct text *)context + size;
	(void)err;
	text_add(part, bytes->data, bytes->length);
	return true;
}

static void run(const struct text *file, uint64_t due, struct description *description,
	struct text parts[SIZES])
{
	const struct maker_setup setup = { .sizes = sizes,
		.count = SIZES,
		.limits = { 100000000, 512U << 20, 512U << 20 },
		.reading = { .formats = UINT32_MAX } };
	unsigned char *padded = calloc(1, file->length + INPUT_PADDING);
	assert_non_null(padded);
	memcpy(padded, file->data, file->length);
	const struct maker_job job = { .data = padded,
		.length = file->length,
		.due = due,
		.describe = description,
		.emit = keep,
		.context = parts };
	struct maker_result result;
	struct error err;
	struct maker *maker = maker_open(&setup);
	assert_true(maker_run(maker, &job, &result, &err));
	maker_close(maker);
	free(padded);
}

static void check_size(
	const struct description_size *described, size_t number, const struct text *part)
{
	const struct digest digest = digest_of(part->data, part->length);
	assert_int_equal(described->width, sides[number][0]);
	assert_int_equal(described->height, sides[number][1]);
	assert_int_equal(described->format, sizes[number].format);
	assert_int_equal(described->bytes, part->length);
	assert_memory_equal(&described->digest, &digest, sizeof(digest));
}

static void check_due(const struct text *file, uint64_t due, const struct text all[SIZES])
{
	struct description description = { .frames = 0 };
	struct text parts[SIZES] = { { .data = NULL } };
	run(file, due, &description, parts);
	assert_int_equal(description.width, 480);
	assert_int_equal(description.height, 360);
	assert_int_equal(description.frames, 1);
	assert_int_equal(description.kind, SNIFF_JPEG);
	for (size_t i = 0; i < SIZES; i++) {
		check_size(&description.sizes[i], i, &all[i]);
		assert_int_equal(parts[i].length, due >> i & 1 ? all[i].length : 0);
		text_finish(&parts[i]);
	}
}

static void test_any_due(void **state)
{
	uint32_t seed = 3;
	const struct size size = { .quality = 80 };
	const struct encode_job job = { .size = &size, .format = FORMAT_JPEG };
	struct text file = pictures_noise(&seed, 480, 360, 3, &job);
	struct text all[SIZES] = { { .data = NULL } };
	(void)state;
	run(&file, (1U << SIZES) - 1, NULL, all);
	for (uint64_t due = 0; due < 1U << SIZES; due++)
		check_due(&file, due, all);
	for (size_t i = 0; i < SIZES; i++)
		text_finish(&all[i]);
	text_finish(&file);
}

/* Red, most of it seen through: the colour is what it is behind its alpha. */
static void test_colour(void **state)
{
	(void)state;
	struct surface surface = { .pixels = NULL };
	struct text file = { .data = NULL }, parts[SIZES] = { { .data = NULL } };
	struct description description = { .frames = 0 };
	struct error err;
	const struct size size = { .name = "source" };
	const struct encode_job job = { .surface = &surface, .size = &size, .format = FORMAT_PNG };
	assert_true(surface_shape(&surface, 80, 40, 4, &err));
	for (uint32_t i = 0; i < 80 * 40; i++)
		memcpy(surface.pixels + i / 80 * surface.stride + i % 80 * 4,
			i % 80 < 60 ? "\xF0\x10\x10\x80" : "\xF0\x10\x10\xFF", 4);
	assert_true(encode_surface(&job, &file, &err));
	run(&file, 0, &description, parts);
	assert_in_range(description.dominant[0], 0xEE, 0xF2);
	assert_in_range(description.dominant[1], 0x0E, 0x12);
	assert_in_range(description.dominant[2], 0x0E, 0x12);
	assert_int_equal(description.kind, SNIFF_PNG);
	assert_true(description.hash_bytes > 0);
	surface_finish(&surface);
	text_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_due),
		cmocka_unit_test(test_colour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
