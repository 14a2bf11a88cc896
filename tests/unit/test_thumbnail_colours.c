/* A JPEG or WebP made of a JPEG shows what a PNG made of it shows, whatever has to be done to its
 * pixels on the way. Only what comes to half the sides of Cb and Cr has them decoded at half the
 * sides. */

#include "stages/thumbnail/encode.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <lcms2.h>

#include <cmocka.h>

#include "tests/fakes/pictures.h"

/* At a side of EIGHTH a px is 8 px of the picture. */
enum { WIDTH = 800, HEIGHT = 600, SIDE = 64, EIGHTH = WIDTH / 8, SLACK = 10 };

typedef void paint_fn(uint32_t x, uint32_t y, uint8_t pixel[3]);

/* Colours that change slowly, and an edge down the middle. */
static void paint_slow(uint32_t x, uint32_t y, uint8_t pixel[3])
{
	const uint32_t light = x < WIDTH / 2 ? 0 : 90;
	pixel[0] = (uint8_t)(light + 10 + x * 140 / WIDTH);
	pixel[1] = (uint8_t)(light + 10 + y * 140 / HEIGHT);
	pixel[2] = (uint8_t)(light + 70);
}

/* Two colours as bright as each other, 8 px each: at half the sides nothing may be left of them. */
static void paint_striped(uint32_t x, uint32_t y, uint8_t pixel[3])
{
	const bool red = x / 8 % 2 == 0;
	pixel[0] = red ? 170 : 80;
	pixel[1] = red ? 94 : 140;
	pixel[2] = (uint8_t)(110 + y % 8);
}

/* Grey waves across, 3 px each. */
static void paint_fine(uint32_t x, uint32_t y, uint8_t pixel[3])
{
	(void)y;
	memset(pixel, (int)(128 + 60 * sin(2 * 3.14159265358979 * x / 3)), 3);
}

/* 24 px each. */
static void paint_waves(uint32_t x, uint32_t y, uint8_t pixel[3])
{
	(void)y;
	memset(pixel, (int)(128 + 60 * sin(2 * 3.14159265358979 * x / 24)), 3);
}

static void write_rows(struct jpeg_compress_struct *info, paint_fn *paint)
{
	uint8_t line[3 * WIDTH];
	JSAMPROW row = line;
	while (info->next_scanline < HEIGHT) {
		for (uint32_t x = 0; x < WIDTH; x++)
			paint(x, info->next_scanline, line + (size_t)3 * x);
		jpeg_write_scanlines(info, &row, 1);
	}
}

static struct text jpeg_of(paint_fn *paint, J_COLOR_SPACE stored, const struct text *profile)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	unsigned char *data = NULL;
	unsigned long bytes = 0;
	struct text file = { .data = NULL };
	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_mem_dest(&info, &data, &bytes);
	info.image_width = WIDTH;
	info.image_height = HEIGHT;
	info.input_components = 3;
	info.in_color_space = JCS_RGB;
	jpeg_set_defaults(&info);
	jpeg_set_colorspace(&info, stored);
	jpeg_set_quality(&info, 97, TRUE);
	jpeg_start_compress(&info, TRUE);
	if (profile)
		jpeg_write_icc_profile(
			&info, (const JOCTET *)profile->data, (unsigned)profile->length);
	write_rows(&info, paint);
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	text_add(&file, data, bytes);
	free(data);
	return file;
}

static struct text png_of(paint_fn *paint)
{
	struct surface surface = { .pixels = NULL };
	struct text file = { .data = NULL };
	struct error err;
	const struct size size = { .format = FORMAT_PNG };
	const struct encode_job job = { .surface = &surface, .size = &size, .format = FORMAT_PNG };
	assert_true(surface_shape(&surface, WIDTH, HEIGHT, 3, &err));
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < WIDTH; x++)
			paint(x, y, surface_row(&surface, y) + (size_t)3 * x);
	assert_true(encode_surface(&job, &file, &err));
	surface_finish(&surface);
	return file;
}

/* The colours of sRGB, with numbers that are amounts of light. */
static struct text linear_profile(void)
{
	const cmsCIExyY white = { 0.3127, 0.3290, 1 };
	const cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1 }, { 0.30, 0.60, 1 },
		{ 0.15, 0.06, 1 } };
	cmsToneCurve *curve = cmsBuildGamma(NULL, 1);
	cmsToneCurve *const curves[3] = { curve, curve, curve };
	cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, curves);
	cmsUInt32Number bytes = 0;
	struct text text = { .data = NULL };
	cmsFreeToneCurve(curve);
	assert_true(cmsSaveProfileToMem(profile, NULL, &bytes));
	for (cmsUInt32Number i = 0; i < bytes; i++)
		text_add(&text, "", 1);
	assert_true(cmsSaveProfileToMem(profile, text.data, &bytes));
	cmsCloseProfile(profile);
	return text;
}

static void compare(struct text parts[2], int slack, const char *what)
{
	struct surface one = pictures_decoded(&parts[0]), two = pictures_decoded(&parts[1]);
	assert_int_equal(one.width, two.width);
	assert_int_equal(one.height, two.height);
	for (uint32_t y = 0; y < one.height; y++)
		for (uint32_t x = 0; x < 3 * one.width; x++)
			if (abs(surface_row(&one, y)[x] - surface_row(&two, y)[x]) > slack)
				fail_msg("%s: channel %u of %u, %u is %d instead of %d", what,
					x % 3, x / 3, y, surface_row(&one, y)[x],
					surface_row(&two, y)[x]);
	surface_finish(&one);
	surface_finish(&two);
	text_finish(&parts[0]);
	text_finish(&parts[1]);
}

/* One in its own format, and one as PNG. */
static void make_both(const struct text *file, const struct size *size, struct text parts[2])
{
	struct size sizes[2] = { *size, *size };
	sizes[0].name = "one";
	sizes[1].name = "two";
	sizes[1].format = FORMAT_PNG;
	pictures_make(file, sizes, 2, parts);
}

static void check(const struct text *file, const struct size *size, const char *what)
{
	struct text parts[2] = { { .data = NULL }, { .data = NULL } };
	make_both(file, size, parts);
	compare(parts, size->format == FORMAT_WEBP ? 2 * SLACK : SLACK, what);
}

static void check_what_is_done(enum size_format format)
{
	const struct size plain = {
		.width = SIDE, .height = SIDE, .quality = 97, .format = format, .chroma = CHROMA_444
	};
	struct size sharp = plain, high = plain, wide, keeping = plain, ignoring = plain;
	sharp.sharpen = 3;
	high.fit = FIT_CONTAIN;
	high.background = (struct colour){ 200, 40, 40, 255 };
	wide = high;
	wide.height = SIDE / 2;
	keeping.colour = COLOUR_KEEP;
	ignoring.colour = COLOUR_IGNORE;
	struct text profile = linear_profile();
	struct text file = jpeg_of(paint_slow, JCS_YCbCr, NULL),
		    red = jpeg_of(paint_slow, JCS_RGB, NULL),
		    light = jpeg_of(paint_slow, JCS_YCbCr, &profile);
	check(&file, &plain, "nothing");
	check(&file, &sharp, "sharpened");
	/* At half the sides bars and picture share samples. */
	if (format == FORMAT_JPEG) {
		check(&file, &high, "on a high canvas");
		check(&file, &wide, "on a wide canvas");
	}
	check(&red, &plain, "components that are no luma and chroma");
	check(&light, &plain, "a profile");
	check(&light, &keeping, "a profile that is kept");
	check(&light, &ignoring, "a profile that is ignored");
	text_finish(&profile);
	text_finish(&file);
	text_finish(&red);
	text_finish(&light);
}

/* How far px are from their mean, in all. */
static double contrast(const struct text *file)
{
	enum { MEAN = 128 };
	struct surface seen = pictures_decoded(file);
	double sum = 0;
	for (uint32_t y = 0; y < seen.height; y++)
		for (uint32_t x = 0; x < 3 * seen.width; x++)
			sum += abs(surface_row(&seen, y)[x] - MEAN);
	surface_finish(&seen);
	return sum;
}

/* Of the contrast that `size` has as PNG, how much it has in its own format. */
static double softness(const struct text *file, const struct size *size)
{
	struct text parts[2] = { { .data = NULL }, { .data = NULL } };
	make_both(file, size, parts);
	const double kept = contrast(&parts[0]) / contrast(&parts[1]);
	text_finish(&parts[0]);
	text_finish(&parts[1]);
	return kept;
}

/* What loses something in encoding anyway is a little softer: waves of 3 px keep 0.956. */
static void test_soft(void **state)
{
	(void)state;
	static const enum size_format formats[] = { FORMAT_JPEG, FORMAT_WEBP };
	struct text files[2] = { png_of(paint_waves), jpeg_of(paint_waves, JCS_YCbCr, NULL) };
	struct text fine = png_of(paint_fine);
	for (int i = 0; i < 4; i++) {
		const struct size plain = { .width = EIGHTH,
			.height = EIGHTH,
			.quality = 98,
			.format = formats[i / 2],
			.chroma = CHROMA_444 };
		struct size sharp = plain, same = plain, exact = plain;
		sharp.sharpen = 1;
		same.width = same.height = WIDTH;
		exact.lossless = true;
		assert_in_range(1000 * softness(&files[i % 2], &plain), 940, 970);
		assert_in_range(1000 * softness(&files[i % 2], &sharp), 985, 1015);
		assert_in_range(1000 * softness(&fine, &same), 985, 1015);
		if (formats[i / 2] == FORMAT_WEBP)
			assert_in_range(1000 * softness(&files[i % 2], &exact), 998, 1002);
	}
	text_finish(&files[0]);
	text_finish(&files[1]);
	text_finish(&fine);
}

static void test_what_is_done_to_pixels(void **state)
{
	(void)state;
	check_what_is_done(FORMAT_JPEG);
	check_what_is_done(FORMAT_WEBP);
}

static const struct size halving = { .name = "one", .width = EIGHTH, .height = EIGHTH };
static const struct size full = {
	.name = "two", .width = EIGHTH, .height = EIGHTH, .format = FORMAT_PNG
};

/* Whether `size` comes to the same bytes alone, beside a size that has colours in full, and in
 * front of and behind one that has not. */
static bool stays(const struct text *file, const struct size *size)
{
	const struct size pairs[][2] = { { *size, full }, { *size, halving }, { halving, *size } };
	struct text alone = { .data = NULL };
	bool same = true;
	pictures_make(file, size, 1, &alone);
	for (int i = 0; i < 3; i++) {
		struct text parts[2] = { { .data = NULL }, { .data = NULL } };
		pictures_make(file, pairs[i], 2, parts);
		const struct text *part = &parts[i / 2];
		same &= part->length == alone.length &&
			memcmp(part->data, alone.data, alone.length) == 0;
		text_finish(&parts[0]);
		text_finish(&parts[1]);
	}
	text_finish(&alone);
	return same;
}

static void test_png_has_all_colours(void **state)
{
	(void)state;
	struct text sources[2] = { jpeg_of(paint_striped, JCS_YCbCr, NULL), png_of(paint_striped) };
	struct text parts[2] = { { .data = NULL }, { .data = NULL } };
	for (int i = 0; i < 2; i++)
		pictures_make(&sources[i], &full, 1, &parts[i]);
	compare(parts, SLACK, "png");
	text_finish(&sources[0]);
	text_finish(&sources[1]);
}

static void test_what_has_all_colours(void **state)
{
	(void)state;
	const struct size same = { .name = "two", .width = EIGHTH, .height = EIGHTH };
	struct size sizes[7] = { same, same, same, same, same, same, full };
	sizes[0].chroma = CHROMA_444;
	sizes[1].format = FORMAT_WEBP;
	sizes[1].lossless = true;
	sizes[2].sharpen = 1;
	sizes[3].fit = FIT_CONTAIN;
	sizes[4].height = EIGHTH * HEIGHT / WIDTH;
	sizes[4].fit = FIT_COVER;
	sizes[4].crop = CROP_ENTROPY;
	sizes[5].linear = true;
	sizes[6].width = sizes[6].height = 2 * EIGHTH;
	struct text file = jpeg_of(paint_striped, JCS_YCbCr, NULL);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		if (!stays(&file, &sizes[i]))
			fail_msg("size %zu depends on its neighbours", i);
	text_finish(&file);
	file = jpeg_of(paint_striped, JCS_RGB, NULL);
	assert_true(stays(&file, &same));
	text_finish(&file);
}

static void test_profiles_need_all_colours(void **state)
{
	(void)state;
	struct text profile = linear_profile();
	struct text file = jpeg_of(paint_striped, JCS_YCbCr, &profile);
	struct size size = { .name = "two", .width = EIGHTH, .height = EIGHTH };
	assert_true(stays(&file, &size));
	size.colour = COLOUR_KEEP;
	assert_false(stays(&file, &size));
	size.colour = COLOUR_IGNORE;
	assert_false(stays(&file, &size));
	text_finish(&profile);
	text_finish(&file);
}

static void test_what_has_half(void **state)
{
	(void)state;
	static const enum size_format formats[] = { FORMAT_JPEG, FORMAT_SAME, FORMAT_AUTO,
		FORMAT_WEBP };
	struct text file = jpeg_of(paint_striped, JCS_YCbCr, NULL);
	for (int i = 0; i < 4; i++) {
		struct size size = { .name = "two", .width = EIGHTH, .height = EIGHTH };
		size.format = formats[i];
		if (stays(&file, &size))
			fail_msg("format %d has its colours decoded in full", formats[i]);
	}
	text_finish(&file);
}

/* Of its first pixel, as they are stored. */
static void read_jpeg(const struct text *file, uint8_t numbers[3])
{
	struct jpeg_decompress_struct info;
	struct jpeg_error_mgr errors;
	uint8_t line[3 * SIDE] = { 0 };
	JSAMPROW row = line;
	info.err = jpeg_std_error(&errors);
	jpeg_create_decompress(&info);
	jpeg_mem_src(&info, (const unsigned char *)file->data, file->length);
	jpeg_read_header(&info, TRUE);
	info.out_color_space = JCS_YCbCr;
	jpeg_start_decompress(&info);
	assert_int_equal(info.output_width, SIDE);
	assert_int_equal(jpeg_read_scanlines(&info, &row, 1), 1);
	memcpy(numbers, line, 3);
	jpeg_destroy_decompress(&info);
}

static void check_numbers(
	const struct text *source, const struct size *size, const uint8_t wanted[3])
{
	struct text part = { .data = NULL };
	uint8_t numbers[3];
	pictures_make(source, size, 1, &part);
	if (size->format == FORMAT_WEBP)
		pictures_webp_numbers(&part, numbers);
	else
		read_jpeg(&part, numbers);
	for (int i = 0; i < 3; i++)
		assert_in_range(numbers[i], wanted[i] - 1, wanted[i] + 1);
	text_finish(&part);
}

/* One area of Y, Cb and Cr. */
static struct text area_of(const uint8_t numbers[3])
{
	struct surface planes[3] = { { .pixels = NULL }, { .pixels = NULL }, { .pixels = NULL } };
	struct text file = { .data = NULL };
	struct error err;
	const struct size size = { .quality = 97, .chroma = CHROMA_444 };
	const struct encode_job job = { planes, &size, FORMAT_JPEG, .chroma = planes + 1 };
	for (int i = 0; i < 3; i++) {
		assert_true(surface_shape(&planes[i], WIDTH, HEIGHT, 1, &err));
		memset(planes[i].pixels, numbers[i], planes[i].stride * HEIGHT);
	}
	assert_true(encode_surface(&job, &file, &err));
	for (int i = 0; i < 3; i++)
		surface_finish(&planes[i]);
	return file;
}

/* A way by red, green and blue would cut it off. */
static void test_a_colour_beyond_rgb(void **state)
{
	(void)state;
	static const uint8_t wanted[3] = { 40, 220, 60 }, limited[3] = { 50, 209, 68 };
	struct size size = { .name = "one", .width = SIDE, .height = SIDE, .quality = 97 };
	struct text file = area_of(wanted);
	for (int chroma = CHROMA_420; chroma <= CHROMA_444; chroma++) {
		size.chroma = (enum size_chroma)chroma;
		size.format = FORMAT_JPEG;
		check_numbers(&file, &size, wanted);
		size.format = FORMAT_WEBP;
		check_numbers(&file, &size, limited);
	}
	text_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_soft),
		cmocka_unit_test(test_what_is_done_to_pixels),
		cmocka_unit_test(test_png_has_all_colours),
		cmocka_unit_test(test_what_has_all_colours),
		cmocka_unit_test(test_profiles_need_all_colours),
		cmocka_unit_test(test_what_has_half),
		cmocka_unit_test(test_a_colour_beyond_rgb),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
