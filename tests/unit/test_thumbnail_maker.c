/* Whole pictures through the maker: formats there and back, limits, damage, orientation,
 * independence of what is due. */

#include "stages/thumbnail/maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <spng.h>

#include <cmocka.h>

#include "pipeline/input.h"
#include "stages/thumbnail/decode.h"
#include "stages/thumbnail/encode.h"
#include "tests/fakes/pictures.h"

enum { MOST_SIZES = 4 };

/* What came out. */
struct harvest {
	struct text parts[MOST_SIZES];
	struct maker_result result;
	struct error err;
};

static const struct limits plenty = { 100000000, 512U << 20, 512U << 20 };
static const struct reading reading = { .formats = UINT32_MAX & ~(uint32_t)SNIFF_DOCUMENTS };
static const struct size small_size = {
	.name = "small", .width = 40, .height = 40, .background = { 255, 255, 255, 255 }
};

static bool harvest_emit(void *context, size_t size, const struct text *bytes, struct error *err)
{
	(void)err;
	struct harvest *harvest = context;
	text_clear(&harvest->parts[size]);
	text_add(&harvest->parts[size], bytes->data, bytes->length);
	return true;
}

static bool harvest_make(struct harvest *harvest, const struct maker_setup *setup,
	const struct text *file, uint64_t due)
{
	*harvest = (struct harvest){ .err = { .code = ERROR_NONE } };
	unsigned char *padded = calloc(1, file->length + INPUT_PADDING);
	assert_non_null(padded);
	memcpy(padded, file->data, file->length);
	struct maker *maker = maker_open(setup);
	const struct maker_job job = { .data = padded,
		.length = file->length,
		.due = due,
		.emit = harvest_emit,
		.context = harvest };
	const bool done = maker_run(maker, &job, &harvest->result, &harvest->err);
	maker_close(maker);
	free(padded);
	return done;
}

static void harvest_finish(struct harvest *harvest)
{
	for (int i = 0; i < MOST_SIZES; i++)
		text_finish(&harvest->parts[i]);
}

/* A smooth picture: red grows to the right, green downwards; alpha, where there is one, is full on
 * the left half alone. */
static struct surface painted(uint32_t width, uint32_t height, uint32_t channels)
{
	struct surface surface = { .pixels = NULL };
	struct error err;
	assert_true(surface_shape(&surface, width, height, channels, &err));
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++) {
			const uint8_t pixel[4] = { (uint8_t)(x * 255 / width),
				(uint8_t)(y * 255 / height), 60, x < width / 2 ? 255 : 0 };
			memcpy(surface_row(&surface, y) + (size_t)x * channels, pixel, channels);
		}
	return surface;
}

static struct text encoded(
	uint32_t width, uint32_t height, uint32_t channels, enum size_format format)
{
	struct surface surface = painted(width, height, channels);
	struct text file = { .data = NULL };
	struct error err;
	const struct size size = { .quality = 95 };
	const struct encode_job job = { .surface = &surface, .size = &size, .format = format };
	assert_true(encode_surface(&job, &file, &err));
	surface_finish(&surface);
	return file;
}

static void assert_near(const uint8_t *pixel, int red, int green, int slack)
{
	if (abs(pixel[0] - red) > slack || abs(pixel[1] - green) > slack)
		fail_msg("%d %d, wanted %d %d", pixel[0], pixel[1], red, green);
}

static void test_formats_there_and_back(void **state)
{
	(void)state;
	for (int n = 0; n < 9; n++) {
		struct size size = small_size;
		size.format = (enum size_format)(n % 3);
		size.quality = 95;
		const struct maker_setup setup = { &size, 1, plenty, reading };
		struct text file = encoded(1203, 805, 3, (enum size_format)(n / 3));
		struct harvest harvest;
		assert_true(harvest_make(&harvest, &setup, &file, 1));
		assert_int_equal(harvest.result.pixels, 1203 * 805);
		struct surface small = pictures_decoded(&harvest.parts[0]);
		assert_int_equal(small.width, 40);
		assert_int_equal(small.height, 27);
		for (uint32_t y = 1; y < 26; y++)
			for (uint32_t x = 1; x < 39; x++)
				assert_near(surface_row(&small, y) + (size_t)3 * x,
					(int)((x + 0.5) * 255 / 40), (int)((y + 0.5) * 255 / 27),
					9);
		surface_finish(&small);
		harvest_finish(&harvest);
		text_finish(&file);
	}
}

static void test_alpha(void **state)
{
	(void)state;
	struct size sizes[2] = { small_size, small_size };
	sizes[0].background = (struct colour){ 0, 0, 255, 255 };
	sizes[1].format = FORMAT_SAME;
	const struct maker_setup setup = { sizes, 2, plenty, reading };
	for (int format = FORMAT_WEBP; format <= FORMAT_PNG; format++) {
		struct text file = encoded(400, 400, 4, (enum size_format)format);
		struct harvest harvest;
		assert_true(harvest_make(&harvest, &setup, &file, 3));
		assert_string_equal(
			harvest.result.late, encode_extension((enum size_format)format));
		struct surface flat = pictures_decoded(&harvest.parts[0]);
		assert_near(surface_row(&flat, 20) + 3 * 35, 0, 0, 6);
		assert_near(surface_row(&flat, 20) + 3 * 5, 5 * 255 / 40, 20 * 255 / 40, 12);
		struct surface clear = pictures_decoded(&harvest.parts[1]);
		assert_int_equal(clear.channels, 4);
		assert_int_equal(surface_row(&clear, 20)[4 * 35 + 3], 0);
		surface_finish(&flat);
		surface_finish(&clear);
		harvest_finish(&harvest);
		text_finish(&file);
	}
}

static void test_parts_do_not_depend_on_what_is_due(void **state)
{
	(void)state;
	struct size sizes[3] = { small_size, small_size, small_size };
	sizes[1].width = sizes[1].height = 300;
	sizes[2].fit = FIT_COVER;
	const struct maker_setup setup = { sizes, 3, plenty, reading };
	struct text file = encoded(1600, 1200, 3, FORMAT_JPEG);
	struct harvest all, one;
	assert_true(harvest_make(&all, &setup, &file, 7));
	for (int i = 0; i < 3; i++) {
		assert_true(harvest_make(&one, &setup, &file, UINT64_C(1) << i));
		assert_int_equal(one.parts[i].length, all.parts[i].length);
		assert_memory_equal(one.parts[i].data, all.parts[i].data, all.parts[i].length);
		assert_int_equal(one.parts[(i + 1) % 3].length, 0);
		harvest_finish(&one);
	}
	harvest_finish(&all);
	text_finish(&file);
}

/* Puts an APP1 with this orientation behind the SOI. */
static struct text oriented(const struct text *jpeg, char orientation)
{
	char segment[] = "\xFF\xE1\0\x1E"
			 "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
	segment[28] = orientation;
	struct text file = { .data = NULL };
	text_add(&file, jpeg->data, 2);
	text_add(&file, segment, 32);
	text_add(&file, jpeg->data + 2, jpeg->length - 2);
	return file;
}

/* The stored top left corner, dark in red and green, is seen in this one. */
static void test_orientation(void **state)
{
	(void)state;
	static const int corner[9][2] = { { 0, 0 }, { 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 },
		{ 0, 0 }, { 1, 0 }, { 1, 1 }, { 0, 1 } };
	struct size size = small_size;
	size.format = FORMAT_PNG;
	const struct maker_setup setup = { &size, 1, plenty, reading };
	struct text plain = encoded(800, 400, 3, FORMAT_JPEG);
	for (int orientation = 1; orientation <= 8; orientation++) {
		struct text file = oriented(&plain, (char)orientation);
		struct harvest harvest;
		assert_true(harvest_make(&harvest, &setup, &file, 1));
		struct surface seen = pictures_decoded(&harvest.parts[0]);
		assert_int_equal(seen.width, orientation < 5 ? 40 : 20);
		assert_int_equal(seen.height, orientation < 5 ? 20 : 40);
		const uint32_t x = corner[orientation][0] ? seen.width - 1 : 0;
		const uint32_t y = corner[orientation][1] ? seen.height - 1 : 0;
		assert_near(surface_row(&seen, y) + (size_t)3 * x, 0, 0, 10);
		surface_finish(&seen);
		harvest_finish(&harvest);
		text_finish(&file);
	}
	text_finish(&plain);
}

static void assert_refused(const struct maker_setup *setup, const struct text *file,
	enum error_code code, const char *text)
{
	struct harvest harvest;
	assert_false(harvest_make(&harvest, setup, file, 1));
	assert_int_equal(harvest.err.code, code);
	assert_int_equal(harvest.err.blame, BLAME_ITEM);
	if (!strstr(harvest.err.text, text))
		fail_msg("'%s' does not say '%s'", harvest.err.text, text);
	harvest_finish(&harvest);
}

static void test_limits(void **state)
{
	(void)state;
	struct text file = encoded(1200, 1000, 3, FORMAT_PNG);
	struct maker_setup setup = { &small_size, 1, plenty, reading };
	setup.limits.pixels = 1000000;
	assert_refused(
		&setup, &file, ERROR_LIMIT, "1.2 megapixels (1200 x 1000) are over max_pixels (1)");
	setup.limits.pixels = 2000000;
	setup.limits.memory = 10000;
	assert_refused(&setup, &file, ERROR_LIMIT, "over max_memory (9.8 KiB)");
	text_finish(&file);
}

/* 100,000 pixels a side in 57 bytes: refused before anything is allocated. */
static void test_claims_are_not_believed(void **state)
{
	(void)state;
	const struct maker_setup setup = { &small_size, 1, plenty, reading };
	static const char gif[] = "GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\xFF\xFF\xFF\xFF\0\x02\0;";
	struct text file = { .data = NULL };
	text_add(&file, gif, sizeof(gif) - 1);
	assert_refused(&setup, &file, ERROR_LIMIT, "max_pixels");
	text_clear(&file);
	text_add_string(&file, "\xFF\xD8\xFF\xFF\xFF nothing that follows makes sense");
	assert_refused(&setup, &file, ERROR_DAMAGED, "jpeg: ");
	text_finish(&file);
}

static void test_what_is_no_picture_is_ignored(void **state)
{
	(void)state;
	static const char *const files[][2] = { { "", "no picture" }, { "some text", "no picture" },
		{ "%PDF-1.4 ", "pdf" }, { "<svg xmlns='http://www.w3.org/2000/svg'/>", "svg" } };
	const struct maker_setup setup = { &small_size, 1, plenty, reading };
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct text file = { .data = NULL };
		struct harvest harvest;
		text_add_string(&file, files[i][0]);
		assert_true(harvest_make(&harvest, &setup, &file, 1));
		assert_true(harvest.result.ignored);
		assert_non_null(strstr(harvest.result.why, files[i][1]));
		text_finish(&file);
	}
}

static void test_cut_short(void **state)
{
	(void)state;
	static const char *const says[] = { "jpeg: cut short after", "webp: cut short",
		"png: cut short after" };
	for (int format = FORMAT_JPEG; format <= FORMAT_PNG; format++) {
		struct text file = encoded(3000, 2500, 3, (enum size_format)format);
		file.length = file.length * 2 / 3;
		struct maker_setup setup = { &small_size, 1, plenty, reading };
		assert_refused(&setup, &file, ERROR_DAMAGED, says[format]);
		setup.reading.keep = true;
		struct harvest harvest;
		assert_true(harvest_make(&harvest, &setup, &file, 1));
		struct surface small = pictures_decoded(&harvest.parts[0]);
		assert_near(surface_row(&small, 3) + 3 * 20, 20 * 255 / 40, 3 * 255 / 33, 16);
		surface_finish(&small);
		harvest_finish(&harvest);
		text_finish(&file);
	}
}

/* Harmless: all rows are there. */
static void test_a_missing_end_is_no_damage(void **state)
{
	(void)state;
	struct text file = encoded(500, 400, 3, FORMAT_JPEG);
	assert_memory_equal(file.data + file.length - 2, "\xFF\xD9", 2);
	file.length -= 2;
	const struct maker_setup setup = { &small_size, 1, plenty, reading };
	struct harvest harvest;
	assert_true(harvest_make(&harvest, &setup, &file, 1));
	harvest_finish(&harvest);
	text_finish(&file);
}

/* A progressive JPEG of one colour, made with libjpeg itself. */
static struct text progressive(uint32_t side)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	unsigned char *data = NULL;
	unsigned long length = 0;
	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_mem_dest(&info, &data, &length);
	info.image_width = info.image_height = side;
	info.input_components = 3;
	info.in_color_space = JCS_RGB;
	jpeg_set_defaults(&info);
	jpeg_simple_progression(&info);
	jpeg_start_compress(&info, TRUE);
	struct surface picture = painted(side, 1, 3);
	for (JSAMPROW row = picture.pixels; info.next_scanline < side;)
		jpeg_write_scanlines(&info, &row, 1);
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	struct text file = { .data = NULL };
	text_add(&file, data, length);
	surface_finish(&picture);
	free(data);
	return file;
}

static void test_progressive(void **state)
{
	(void)state;
	struct text file = progressive(2000);
	struct maker_setup setup = { &small_size, 1, plenty, reading };
	struct harvest harvest;
	assert_true(harvest_make(&harvest, &setup, &file, 1));
	harvest_finish(&harvest);
	setup.limits.memory = 8U << 20;
	assert_refused(&setup, &file, ERROR_LIMIT, "over max_memory (8.0 MiB)");
	setup.limits.memory = plenty.memory;
	for (size_t eighth = 1; eighth < 8; eighth++) {
		const struct text part = { file.data, file.length * eighth / 8, 0 };
		assert_refused(&setup, &part, ERROR_DAMAGED, "jpeg: ");
	}
	file.length -= 2;
	assert_true(harvest_make(&harvest, &setup, &file, 1));
	harvest_finish(&harvest);
	text_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats_there_and_back),
		cmocka_unit_test(test_alpha),
		cmocka_unit_test(test_parts_do_not_depend_on_what_is_due),
		cmocka_unit_test(test_orientation),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_claims_are_not_believed),
		cmocka_unit_test(test_what_is_no_picture_is_ignored),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_a_missing_end_is_no_damage),
		cmocka_unit_test(test_progressive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
