/* The orientation out of honest and hostile EXIF; what a file is; how large a GIF claims to be. */

#include "stages/thumbnail/exif.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/gif.h"
#include "stages/thumbnail/sniff.h"

/* Exactly `length` bytes from the heap, so that a reader beyond them is caught. */
static int orientation_of(
	int (*reader)(const unsigned char *, size_t), const void *data, size_t length)
{
	unsigned char *copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, data, length);
	const int orientation = reader(copy, length);
	free(copy);
	return orientation;
}

static const char little[] = "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
static const char big[] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";

static void test_both_byte_orders(void **state)
{
	(void)state;
	assert_int_equal(orientation_of(exif_orientation, little, 22), 6);
	assert_int_equal(orientation_of(exif_orientation, big, 22), 8);
	char headed[28] = "Exif\0\0";
	memcpy(headed + 6, big, 22);
	assert_int_equal(orientation_of(exif_orientation, headed, 28), 8);
}

static void test_nonsense_is_upright(void **state)
{
	(void)state;
	for (size_t length = 0; length < 22; length++)
		assert_int_equal(orientation_of(exif_orientation, little, length), 1);
	char bytes[22];
	static const struct {
		size_t at;
		char value;
	} changes[] = { { 18, 9 }, { 18, 0 }, { 12, 4 }, { 14, 2 }, { 4, 21 }, { 7, 0x7F },
		{ 2, '+' } };
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		memcpy(bytes, little, sizeof(bytes));
		bytes[changes[i].at] = changes[i].value;
		assert_int_equal(orientation_of(exif_orientation, bytes, sizeof(bytes)), 1);
	}
	memcpy(bytes, little, sizeof(bytes));
	memset(bytes + 4, 0xFF, 6);
	assert_int_equal(orientation_of(exif_orientation, bytes, sizeof(bytes)), 1);
	/* more entries announced than there are: the one that is there counts */
	memcpy(bytes, little, sizeof(bytes));
	bytes[9] = 0x7F;
	assert_int_equal(orientation_of(exif_orientation, bytes, sizeof(bytes)), 6);
}

static void test_in_a_jpeg(void **state)
{
	(void)state;
	unsigned char file[64] = "\xFF\xD8\xFF\xE0\0\x04hi\xFF\xFF\xE1\0\x1E"
				 "Exif\0\0";
	memcpy(file + 19, little, 22);
	memcpy(file + 41, "\xFF\xDA\0\x02", 4);
	assert_int_equal(orientation_of(exif_of_jpeg, file, 45), 6);
	for (size_t length = 0; length < 41; length++)
		assert_int_equal(orientation_of(exif_of_jpeg, file, length), 1);
	file[4] = 0xFF;
	assert_int_equal(orientation_of(exif_of_jpeg, file, 45), 1);
	file[4] = 0;
	file[5] = 0;
	assert_int_equal(orientation_of(exif_of_jpeg, file, 45), 1);
}

static void test_in_png_and_webp(void **state)
{
	(void)state;
	unsigned char png[64] = "\x89PNG\r\n\x1A\n\0\0\0\0tEXt1234\0\0\0\x16"
				"eXIf";
	memcpy(png + 28, little, 22);
	assert_int_equal(orientation_of(exif_of_png, png, 54), 6);
	for (size_t length = 0; length < 54; length++)
		assert_int_equal(orientation_of(exif_of_png, png, length), 1);
	memset(png + 8, 0xFF, 4);
	assert_int_equal(orientation_of(exif_of_png, png, 54), 1);
	unsigned char webp[64] = "RIFF....WEBPabcd\x01\0\0\0x_EXIF\x16\0\0";
	memcpy(webp + 30, big, 22);
	assert_int_equal(orientation_of(exif_of_webp, webp, 52), 8);
	for (size_t length = 0; length < 52; length++)
		assert_int_equal(orientation_of(exif_of_webp, webp, length), 1);
	memset(webp + 16, 0xFF, 4);
	assert_int_equal(orientation_of(exif_of_webp, webp, 52), 1);
}

static void test_kinds(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		enum sniff_kind kind;
	} cases[] = {
		{ "\xFF\xD8\xFF\xE0............", SNIFF_JPEG },
		{ "\xFF\xD8............", SNIFF_NOTHING },
		{ "RIFF....WEBPVP8 ", SNIFF_WEBP },
		{ "RIFF....WAVEfmt ", SNIFF_NOTHING },
		{ "GIF89a..........", SNIFF_GIF },
		{ "....ftypheic....", SNIFF_HEIF },
		{ "....ftypisom....", SNIFF_NOTHING },
		{ "BM is no bitmap but a text about one", SNIFF_NOTHING },
		{ "P6 640 480 255 .", SNIFF_PNM },
		{ "PF 640 480 -1.0 ", SNIFF_PNM },
		{ "Pf\n640 480\n1.0\n", SNIFF_PNM },
		{ "Pf stands for a horse", SNIFF_NOTHING },
		{ "P7 WIDTH 640 ...", SNIFF_NOTHING },
		{ "%PDF-1.7 .......", SNIFF_PDF },
		{ "<?xml version='1.0'?> <svg width='1'/>", SNIFF_SVG },
		{ "<!DOCTYPE html><html></html>", SNIFF_NOTHING },
		{ "plain text", SNIFF_NOTHING },
		{ "", SNIFF_NOTHING },
		{ "<", SNIFF_NOTHING },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			sniff_bytes((const unsigned char *)cases[i].bytes, strlen(cases[i].bytes)),
			cases[i].kind);
}

static void test_gif_extent(void **state)
{
	(void)state;
	static const unsigned char file[] = "GIF89a\x02\0\x03\0\x80\0\0RGBRGB"
					    "!\xF9\x04\0\0\0\0\0"
					    ",\x05\0\x01\0\xFF\xFF\x07\0\0\x02\x01z\0;";
	uint32_t width, height;
	assert_true(gif_extent(file, sizeof(file) - 1, &width, &height));
	assert_int_equal(width, 65540);
	assert_int_equal(height, 8);
	assert_false(gif_extent(file, 12, &width, &height));
	for (size_t length = 13; length < sizeof(file); length++) {
		unsigned char *copy = malloc(length);
		assert_non_null(copy);
		memcpy(copy, file, length);
		assert_true(gif_extent(copy, length, &width, &height));
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_byte_orders),
		cmocka_unit_test(test_nonsense_is_upright),
		cmocka_unit_test(test_in_a_jpeg),
		cmocka_unit_test(test_in_png_and_webp),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_gif_extent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
