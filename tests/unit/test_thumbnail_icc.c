/* Profiles out of files that say anything, and what is made of them. */

#include "stages/thumbnail/icc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <lcms2.h>
#include <zlib.h>

#include "stages/thumbnail/srgb.h"

#include <cmocka.h>

/* A JPEG's beginning with the parts of a profile in APP2 segments; `numbers` says which one each
 * claims to be. The byte inside is its number. */
static struct text jpeg_of(const char *numbers, char count, size_t bytes)
{
	struct text file = { .data = NULL };
	text_add(&file, "\xFF\xD8", 2);
	for (; *numbers; numbers++) {
		const char head[] = { '\xFF', '\xE2', (char)((bytes + 16) >> 8), (char)(bytes + 16),
			'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0,
			(char)(*numbers - '0'), count };
		text_add(&file, head, sizeof(head));
		for (size_t i = 0; i < bytes; i++)
			text_add(&file, numbers, 1);
	}
	text_add(&file, "\xFF\xDA\0\x02", 4);
	return file;
}

static size_t bytes_found(enum sniff_kind kind, const struct text *file)
{
	struct icc icc = { .gamma = 0 };
	unsigned char *exact = malloc(file->length);
	assert_non_null(exact);
	memcpy(exact, file->data, file->length);
	icc_read(kind, exact, file->length, &icc);
	const size_t bytes = icc.profile.length;
	for (size_t i = 1; kind == SNIFF_JPEG && i < bytes; i++)
		assert_true(icc.profile.data[i] >= icc.profile.data[i - 1]);
	icc_finish(&icc);
	free(exact);
	return bytes;
}

static void assert_jpeg(const char *numbers, char count, size_t bytes, size_t found)
{
	struct text file = jpeg_of(numbers, count, bytes);
	assert_int_equal(bytes_found(SNIFF_JPEG, &file), found);
	text_finish(&file);
}

static void test_parts_of_a_jpeg(void **state)
{
	(void)state;
	assert_jpeg("1", 1, 200, 200);
	assert_jpeg("123", 3, 200, 600);
	assert_jpeg("312", 3, 200, 600);
	assert_jpeg("12", 3, 200, 0);
	assert_jpeg("1223", 3, 200, 0);
	assert_jpeg("0", 0, 200, 0);
	assert_jpeg("01", 1, 200, 0);
	assert_jpeg("2", 1, 200, 0);
	assert_jpeg("1", 1, 100, 0);
	assert_jpeg("", 1, 200, 0);
}

static void test_every_cut_of_a_jpeg(void **state)
{
	(void)state;
	struct text file = jpeg_of("12", 2, 150);
	const size_t whole = file.length;
	for (file.length = 2; file.length < whole; file.length++)
		assert_int_equal(bytes_found(SNIFF_JPEG, &file), file.length < whole - 4 ? 0 : 300);
	text_finish(&file);
}

static void add_chunk(struct text *file, const char *name, const void *data, size_t bytes)
{
	const unsigned char length[4] = { (unsigned char)(bytes >> 24),
		(unsigned char)(bytes >> 16), (unsigned char)(bytes >> 8), (unsigned char)bytes };
	text_add(file, length, 4);
	text_add(file, name, 4);
	text_add(file, data, bytes);
	text_add(file, "csum", 4);
}

/* A PNG with this much of zeros, deflated, as its profile. */
static struct text png_of(size_t bytes, unsigned char method)
{
	struct text file = { .data = NULL };
	uLongf room = compressBound(bytes);
	unsigned char *zeros = calloc(1, bytes), *packed = calloc(1, room + 3);
	assert_true(zeros && packed);
	memcpy(packed, "n\0", 2);
	packed[2] = method;
	assert_int_equal(compress(packed + 3, &room, zeros, bytes), Z_OK);
	text_add(&file, "\x89PNG\r\n\x1A\n", 8);
	add_chunk(&file, "iCCP", packed, room + 3);
	free(zeros);
	free(packed);
	return file;
}

static void assert_png(size_t bytes, unsigned char method, size_t found)
{
	struct text file = png_of(bytes, method);
	assert_int_equal(bytes_found(SNIFF_PNG, &file), found);
	text_finish(&file);
}

static void test_profile_of_a_png(void **state)
{
	(void)state;
	assert_png(5000, 0, 5000);
	assert_png(5000, 1, 0);
	assert_png(100, 0, 0);
	assert_png(ICC_MOST_BYTES, 0, ICC_MOST_BYTES);
	assert_png((size_t)ICC_MOST_BYTES + 1, 0, 0);
	assert_png(200000000, 0, 0);
	struct text file = png_of(5000, 0);
	while (--file.length >= 8)
		assert_int_equal(bytes_found(SNIFF_PNG, &file), 0);
	text_finish(&file);
}

static struct icc icc_of_chunks(const char *names)
{
	static const unsigned char gamma[4] = { 0, 1, 0x86, 0xA0 }, primaries[32] = { 0, 0, 0, 9 };
	struct text file = { .data = NULL };
	text_add(&file, "\x89PNG\r\n\x1A\n", 8);
	for (; *names; names++)
		if (*names == 'g')
			add_chunk(&file, "gAMA", gamma, 4);
		else if (*names == 'c')
			add_chunk(&file, "cHRM", primaries, 32);
		else if (*names == 's')
			add_chunk(&file, "sRGB", "", 1);
		else
			add_chunk(&file, "IDAT", "", 0);
	struct icc icc = { .gamma = 0 };
	icc_read(SNIFF_PNG, (const unsigned char *)file.data, file.length, &icc);
	text_finish(&file);
	return icc;
}

static void test_gamma_of_a_png(void **state)
{
	(void)state;
	assert_int_equal(icc_of_chunks("g").gamma, 100000);
	assert_int_equal(icc_of_chunks("gc").primaries[0], 9);
	assert_int_equal(icc_of_chunks("gs").gamma, 0);
	assert_int_equal(icc_of_chunks("sg").gamma, 0);
	assert_int_equal(icc_of_chunks("c").primaries[0], 0);
	assert_int_equal(icc_of_chunks("ig").gamma, 0);
}

/* The bytes of a profile, which is taken. */
static struct icc profile_bytes(cmsHPROFILE profile)
{
	cmsUInt32Number bytes = 0;
	assert_true(cmsSaveProfileToMem(profile, NULL, &bytes));
	struct icc icc = { .profile = { .data = calloc(1, bytes), .length = bytes } };
	assert_true(cmsSaveProfileToMem(profile, icc.profile.data, &bytes));
	cmsCloseProfile(profile);
	return icc;
}

/* The bytes of a profile with the primaries of sRGB, or with wider ones, and this curve, which is
 * taken; without one sRGB itself. */
static struct icc profile_of(cmsToneCurve *curve, bool wide)
{
	const cmsCIExyY white = { 0.3127, 0.3290, 1 };
	const cmsCIExyYTRIPLE primaries = { { 0.64, 0.33, 1 },
		{ wide ? 0.21 : 0.30, wide ? 0.71 : 0.60, 1 }, { 0.15, 0.06, 1 } };
	cmsToneCurve *const curves[3] = { curve, curve, curve };
	cmsHPROFILE profile =
		curve ? cmsCreateRGBProfile(&white, &primaries, curves) : cmsCreate_sRGBProfile();
	cmsFreeToneCurve(curve);
	return profile_bytes(profile);
}

static struct icc made_profile(double gamma, bool wide)
{
	return profile_of(gamma > 0 ? cmsBuildGamma(NULL, gamma) : NULL, wide);
}

static void test_only_what_is_needed_is_converted(void **state)
{
	(void)state;
	struct srgb *srgb = srgb_open(MAP_RELATIVE, false);
	struct icc none = { .gamma = 0 }, standard = made_profile(0, false),
		   wide = made_profile(2.2, true);
	for (uint32_t channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1) {
		assert_null(srgb_find(srgb, &none, channels));
		assert_null(srgb_find(srgb, &standard, channels));
		const struct srgb_map *map = srgb_find(srgb, &wide, channels);
		assert_non_null(map);
		assert_ptr_equal(map, srgb_find(srgb, &wide, channels));
		assert_int_equal(srgb_can_keep(map, channels), channels >= 3);
	}
	wide.profile.length = 140;
	assert_null(srgb_find(srgb, &wide, 3));
	icc_finish(&standard);
	icc_finish(&wide);
	srgb_close(srgb);
}

/* More profiles than are remembered, twice: what was forgotten is learned again. */
static void test_many_profiles(void **state)
{
	(void)state;
	struct srgb *srgb = srgb_open(MAP_RELATIVE, false);
	for (int n = 0; n < 80; n++) {
		struct icc icc = made_profile(1 + (n % 40) * 0.02, false);
		const struct srgb_map *map = srgb_find(srgb, &icc, 3);
		assert_non_null(map);
		struct surface surface = { .pixels = NULL };
		struct error err;
		assert_true(surface_shape(&surface, 1, 1, 3, &err));
		memset(surface.pixels, 128, 3);
		srgb_convert(map, &surface);
		/* 0.502 to the gamma, then sRGB's own curve */
		const int wanted = n % 40 == 0 ? 188 : 0;
		if (wanted)
			assert_in_range(surface.pixels[1], wanted - 1, wanted + 1);
		assert_in_range(surface.pixels[1], 128, 189);
		surface_finish(&surface);
		icc_finish(&icc);
	}
	srgb_close(srgb);
}

/* Neither curves from no light on, nor meant relatively: Little CMS's to do, with alpha too. */
static void test_what_is_no_curves_and_matrix(void **state)
{
	(void)state;
	static const enum size_intent intents[] = { MAP_RELATIVE, MAP_ABSOLUTE };
	static const cmsUInt16Number raised[2] = { 6554, 65535 };
	for (size_t i = 0; i < 2; i++) {
		cmsToneCurve *curve = cmsBuildTabulatedToneCurve16(NULL, 2, raised);
		struct icc icc = profile_of(curve, true);
		struct srgb *srgb = srgb_open(intents[i], true);
		struct surface surface = { .pixels = NULL };
		struct error err;
		assert_true(surface_shape(&surface, 2, 1, 4, &err));
		memcpy(surface.pixels, "\x00\x00\x00\xFF\x80\x80\x80\xFF", 8);
		const struct srgb_map *map = srgb_find(srgb, &icc, 4);
		assert_non_null(map);
		srgb_convert(map, &surface);
		/* A tenth and 0.55 of the light, by sRGB's curve. */
		static const uint8_t wanted[2] = { 89, 195 };
		for (int k = 0; k < 8; k++)
			assert_in_range(surface.pixels[k], k % 4 == 3 ? 255 : wanted[k / 4] - 1,
				k % 4 == 3 ? 255 : wanted[k / 4] + 1);
		surface_finish(&surface);
		icc_finish(&icc);
		srgb_close(srgb);
	}
}

/* A profile that is a table, of numbers that are amounts of light: the eight corners are enough. */
static struct icc linear_table(void)
{
	/* What red, green and blue give to X, Y and Z, of 32,768. */
	static const cmsUInt16Number xyz[3][3] = { { 14290, 12619, 4689 }, { 7291, 23491, 1986 },
		{ 455, 3182, 23400 } };
	cmsUInt16Number corners[8 * 3] = { 0 };
	for (int i = 0; i < 8 * 3; i++)
		for (int k = 0; k < 3; k++)
			if (i / 3 >> (2 - k) & 1)
				corners[i] = (cmsUInt16Number)(corners[i] + xyz[i % 3][k]);
	cmsHPROFILE profile = cmsCreateProfilePlaceholder(NULL);
	cmsSetProfileVersion(profile, 2.1);
	cmsSetDeviceClass(profile, cmsSigInputClass);
	cmsSetColorSpace(profile, cmsSigRgbData);
	cmsSetPCS(profile, cmsSigXYZData);
	cmsPipeline *table = cmsPipelineAlloc(NULL, 3, 3);
	cmsPipelineInsertStage(table, cmsAT_END, cmsStageAllocCLut16bit(NULL, 2, 3, 3, corners));
	assert_true(cmsWriteTag(profile, cmsSigAToB0Tag, table));
	cmsPipelineFree(table);
	return profile_bytes(profile);
}

/* Numbers that are amounts of light change fastest at the dark end, where 5 of 255 become 38. */
static void test_dark_tones_of_linear_numbers(void **state)
{
	(void)state;
	static const enum size_intent intents[] = { MAP_RELATIVE, MAP_PERCEPTUAL };
	static const uint8_t numbers[] = { 0, 1, 2, 3, 4, 5, 7, 20, 128, 255 };
	static const uint8_t wanted[] = { 0, 13, 22, 28, 34, 38, 46, 79, 188, 255 };
	struct icc icc = linear_table();
	for (size_t i = 0; i < sizeof(intents) / sizeof(intents[0]); i++) {
		struct srgb *srgb = srgb_open(intents[i], false);
		struct surface surface = { .pixels = NULL };
		struct error err;
		assert_true(surface_shape(&surface, sizeof(numbers), 1, 3, &err));
		for (size_t k = 0; k < 3 * sizeof(numbers); k++)
			surface.pixels[k] = numbers[k / 3];
		const struct srgb_map *map = srgb_find(srgb, &icc, 3);
		assert_non_null(map);
		srgb_convert(map, &surface);
		for (size_t k = 0; k < 3 * sizeof(numbers); k++)
			assert_true(abs(surface.pixels[k] - wanted[k / 3]) <= 2);
		surface_finish(&surface);
		srgb_close(srgb);
	}
	icc_finish(&icc);
}

static void test_alpha_and_grey(void **state)
{
	(void)state;
	struct srgb *srgb = srgb_open(MAP_RELATIVE, false);
	const struct icc linear = { .gamma = 100000 };
	struct surface surface = { .pixels = NULL };
	struct error err;
	assert_true(surface_shape(&surface, 2, 1, 4, &err));
	static const uint8_t pixels[8] = { 64, 64, 64, 128, 0, 0, 0, 0 };
	static const uint8_t wanted[8] = { 94, 94, 94, 128, 0, 0, 0, 0 };
	memcpy(surface.pixels, pixels, 8);
	srgb_convert(srgb_find(srgb, &linear, 4), &surface);
	for (int i = 0; i < 8; i++)
		assert_in_range(surface.pixels[i], wanted[i] ? wanted[i] - 1 : 0,
			wanted[i] + (wanted[i] != 0));
	assert_true(surface_shape(&surface, 2, 1, 1, &err));
	memcpy(surface.pixels, "\x80\xFF", 2);
	srgb_convert(srgb_find(srgb, &linear, 1), &surface);
	assert_in_range(surface.pixels[0], 187, 189);
	assert_int_equal(surface.pixels[1], 255);
	surface_finish(&surface);
	srgb_close(srgb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_of_a_jpeg),
		cmocka_unit_test(test_every_cut_of_a_jpeg),
		cmocka_unit_test(test_profile_of_a_png),
		cmocka_unit_test(test_gamma_of_a_png),
		cmocka_unit_test(test_only_what_is_needed_is_converted),
		cmocka_unit_test(test_many_profiles),
		cmocka_unit_test(test_what_is_no_curves_and_matrix),
		cmocka_unit_test(test_dark_tones_of_linear_numbers),
		cmocka_unit_test(test_alpha_and_grey),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
