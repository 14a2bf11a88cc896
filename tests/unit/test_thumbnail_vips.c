/* Pictures that libvips reads, from memory, in two formats that need no library of their own. */

#include "stages/thumbnail/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <cmocka.h>

static const char ppm[] = "P6 2 1 255\n\x0A\xC8\0\x0A\xC8\0";
static const char gif[] = "GIF89a\x01\0\x01\0\x80\0\0\x0A\xC8\0\0\0\0"
			  ",\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;";
static const char exr[] = "\x76\x2F\x31\x01 and more of it";

static const struct limits limits = { 1000, 1000000, 1000000 };

static struct decode decode_of(const char *data, size_t length)
{
	return (struct decode){
		.data = (const unsigned char *)data,
		.length = length,
		.kind = sniff_bytes((const unsigned char *)data, length),
		.limits = &limits,
	};
}

static void test_reads(void **state)
{
	(void)state;
	struct decode decodes[] = { decode_of(ppm, sizeof(ppm) - 1),
		decode_of(gif, sizeof(gif) - 1) };
	struct error err = { .text = "" };
	for (uint32_t i = 0; i < 2; i++) {
		struct decode *decode = &decodes[i];
		struct planes planes = { .count = 0 };
		if (!decode_open(decode, &err) || !decode_read(decode, 1, &planes, &err))
			fail_msg("%s", err.text);
		assert_int_equal(decode->damage.code, ERROR_NONE);
		assert_int_equal(planes.of[0].width, 2 - i);
		assert_int_equal(planes.of[0].height, 1);
		assert_int_equal(planes.of[0].channels, 3);
		assert_memory_equal(planes.of[0].pixels, "\x0A\xC8\0", 3);
		decode_close(decode);
		planes_finish(&planes);
	}
}

/* Light from 0 to 1, with the lowest row first. */
static void test_real_numbers(void **state)
{
	(void)state;
	static const char colours[] = "PF\n1 2\n-1.0\n"
				      "\0\0\x80\x3F\0\0\0\0\0\0\0\0"
				      "\0\0\0\0\0\0\0\0\xF2\x92\x5D\x3E";
	static const char greys[] = "Pf\n1 2\n1.0\n\x3F\x80\0\0\x3E\x5D\x92\xF2";
	struct decode decodes[] = { decode_of(colours, sizeof(colours) - 1),
		decode_of(greys, sizeof(greys) - 1), decode_of(greys, sizeof(greys) - 2) };
	static const uint8_t rows[][6] = { { 255, 0, 0, 0, 0, 128 },
		{ 255, 255, 255, 128, 128, 128 } };
	struct error err = { .text = "" };
	for (int i = 0; i < 2; i++) {
		struct planes planes = { .count = 0 };
		if (!decode_open(&decodes[i], &err) || !decode_read(&decodes[i], 1, &planes, &err))
			fail_msg("%s", err.text);
		assert_int_equal(decodes[i].picture.orientation, 4);
		for (uint32_t y = 0; y < 2; y++)
			assert_memory_equal(surface_row(&planes.of[0], y), rows[i] + 3 * y, 3);
		decode_close(&decodes[i]);
		planes_finish(&planes);
	}
	assert_false(decode_open(&decodes[2], &err));
	assert_string_equal(err.text, "pnm: cut short: 18 of 19 bytes are there");
	decode_close(&decodes[2]);
}

/* In our words: those of libvips may be about another thread's picture. */
static void test_refuses(void **state)
{
	(void)state;
	struct decode decodes[] = { decode_of(ppm, sizeof(ppm) - 4), decode_of(gif, 16),
		decode_of(exr, 16), decode_of("P6 0 1 255\n", 11),
		decode_of("P2 1 -4 255\n0 0 0 0", 19), decode_of("PF 99999999999 1 1\n", 19) };
	static const char sides[] = "pnm: its header gives no width and height";
	static const char *const says[] = { "pnm: cut short: 14 of 17 bytes are there",
		"libvips cannot read this gif", "openexr pictures cannot be read", sides, sides,
		sides };
	for (size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
		struct error err = { .text = "" };
		struct planes planes = { .count = 0 };
		const bool done = decode_open(&decodes[i], &err) &&
				  decode_read(&decodes[i], 1, &planes, &err);
		assert_string_equal(done ? decodes[i].damage.text : err.text, says[i]);
		decode_close(&decodes[i]);
		planes_finish(&planes);
	}
}

static void test_huge_gifs_never_get_there(void **state)
{
	(void)state;
	char huge[sizeof(gif)];
	memcpy(huge, gif, sizeof(gif));
	memset(huge + 6, 0xFF, 4);
	struct decode decode = decode_of(huge, sizeof(huge) - 1);
	struct error err = { .text = "" };
	assert_false(decode_open(&decode, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	decode_close(&decode);
}

/* A picture of one ink, stored as it is or as YCCK; inverted, as everyone does who writes the Adobe
 * marker. */
static unsigned char *inks_of(J_COLOR_SPACE stored, const uint8_t inks[4], size_t *length)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	unsigned char *data = NULL;
	unsigned long bytes = 0;
	uint8_t line[4 * 16];
	JSAMPROW row = line;
	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_mem_dest(&info, &data, &bytes);
	info.image_width = info.image_height = 16;
	info.input_components = 4;
	info.in_color_space = JCS_CMYK;
	jpeg_set_defaults(&info);
	jpeg_set_colorspace(&info, stored);
	jpeg_set_quality(&info, 100, TRUE);
	jpeg_start_compress(&info, TRUE);
	for (size_t i = 0; i < sizeof(line); i++)
		line[i] = (uint8_t)(255 - inks[i % 4]);
	while (info.next_scanline < 16)
		jpeg_write_scanlines(&info, &row, 1);
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	*length = bytes;
	return data;
}

static void read_inks(J_COLOR_SPACE stored, const uint8_t inks[4], uint8_t colour[3])
{
	size_t length;
	unsigned char *file = inks_of(stored, inks, &length);
	struct decode decode = decode_of((const char *)file, length);
	struct planes planes = { .count = 0 };
	struct error err = { .text = "" };
	if (!decode_open(&decode, &err) || !decode_read(&decode, 1, &planes, &err))
		fail_msg("%s", err.text);
	assert_int_equal(planes.of[0].channels, 3);
	assert_non_null(planes.of[0].pixels);
	for (int c = 0; planes.of[0].pixels && c < 3; c++)
		colour[c] = planes.of[0].pixels[c];
	decode_close(&decode);
	planes_finish(&planes);
	free(file);
}

/* Paper is white, black is black, each ink takes its own part of the light away. */
static void test_inks(void **state)
{
	(void)state;
	static const J_COLOR_SPACE stored[] = { JCS_CMYK, JCS_YCCK };
	for (int i = 0; i < 2; i++) {
		uint8_t colour[3] = { 0 };
		read_inks(stored[i], (const uint8_t[4]){ 0, 0, 0, 0 }, colour);
		assert_true(colour[0] > 250 && colour[1] > 250 && colour[2] > 250);
		read_inks(stored[i], (const uint8_t[4]){ 255, 255, 255, 255 }, colour);
		assert_true(colour[0] < 32 && colour[1] < 32 && colour[2] < 32);
		read_inks(stored[i], (const uint8_t[4]){ 255, 0, 0, 0 }, colour);
		assert_true(colour[0] < 60 && colour[1] > 120 && colour[2] > 180);
		read_inks(stored[i], (const uint8_t[4]){ 0, 255, 0, 0 }, colour);
		assert_true(colour[0] > 180 && colour[1] < 60 && colour[2] > 80);
		read_inks(stored[i], (const uint8_t[4]){ 0, 0, 255, 0 }, colour);
		assert_true(colour[0] > 220 && colour[1] > 200 && colour[2] < 60);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_real_numbers),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_huge_gifs_never_get_there),
		cmocka_unit_test(test_inks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
