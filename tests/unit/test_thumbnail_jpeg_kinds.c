/* Every kind of JPEG that libjpeg writes, at full size and scaled down: samplings, colours, scans,
 * coders. */

#include "stages/thumbnail/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <cmocka.h>

#include "pipeline/input.h"
#include "stages/thumbnail/jpeg/scaled.h"

enum { SIDE = 410 };

struct kind {
	const char *name;
	J_COLOR_SPACE stored;
	int across, down; /* sampling of the first component */
	bool progressive, arithmetic;
	unsigned restart; /* MCUs */
};

static const struct kind kinds[] = {
	{ "4:4:4", JCS_YCbCr, 1, 1, false, false, 0 },
	{ "4:2:2", JCS_YCbCr, 2, 1, false, false, 0 },
	{ "4:4:0", JCS_YCbCr, 1, 2, false, false, 0 },
	{ "4:2:0", JCS_YCbCr, 2, 2, false, false, 0 },
	{ "4:1:1", JCS_YCbCr, 4, 1, false, false, 0 },
	{ "4:1:0", JCS_YCbCr, 4, 2, false, false, 0 },
	{ "restarts", JCS_YCbCr, 2, 2, false, false, 5 },
	{ "progressive", JCS_YCbCr, 2, 2, true, false, 0 },
	{ "progressive 4:4:0", JCS_YCbCr, 1, 2, true, false, 0 },
	{ "arithmetic", JCS_YCbCr, 2, 2, false, true, 0 },
	{ "arithmetic progressive", JCS_YCbCr, 2, 1, true, true, 0 },
	{ "rgb", JCS_RGB, 1, 1, false, false, 0 },
	{ "rgb progressive", JCS_RGB, 1, 1, true, false, 0 },
	{ "grey", JCS_GRAYSCALE, 1, 1, false, false, 0 },
	{ "grey sampled 2x2", JCS_GRAYSCALE, 2, 2, false, false, 0 },
	{ "grey progressive", JCS_GRAYSCALE, 1, 1, true, false, 0 },
};

/* Smooth, so that every sampling shows the same. */
static void paint(uint32_t x, uint32_t y, uint8_t pixel[3])
{
	pixel[0] = (uint8_t)(x * 255 / SIDE);
	pixel[1] = (uint8_t)(y * 255 / SIDE);
	pixel[2] = (uint8_t)(128 + (x + y) * 60 / SIDE);
}

static void write_rows(struct jpeg_compress_struct *info)
{
	uint8_t line[3 * SIDE];
	JSAMPROW row = line;
	while (info->next_scanline < SIDE) {
		for (uint32_t x = 0; x < SIDE; x++)
			paint(x, info->next_scanline, line + (size_t)3 * x);
		jpeg_write_scanlines(info, &row, 1);
	}
}

/* With the zeros behind it that decoders may read. */
static unsigned char *jpeg_of(const struct kind *kind, size_t *length)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	unsigned char *data = NULL;
	unsigned long bytes = 0;
	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_mem_dest(&info, &data, &bytes);
	info.image_width = info.image_height = SIDE;
	info.input_components = 3;
	info.in_color_space = JCS_RGB;
	jpeg_set_defaults(&info);
	jpeg_set_colorspace(&info, kind->stored);
	jpeg_set_quality(&info, 98, TRUE);
	info.comp_info[0].h_samp_factor = kind->across;
	info.comp_info[0].v_samp_factor = kind->down;
	info.arith_code = kind->arithmetic;
	info.restart_interval = kind->restart;
	if (kind->progressive)
		jpeg_simple_progression(&info);
	jpeg_start_compress(&info, TRUE);
	write_rows(&info);
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	unsigned char *padded = calloc(1, bytes + INPUT_PADDING);
	assert_non_null(padded);
	memcpy(padded, data, bytes);
	free(data);
	*length = bytes;
	return padded;
}

/* The mean over the surface of how far it is from what was painted, of 255. */
static double distance(const struct surface *surface)
{
	const double scale = SIDE / surface->extent_x;
	double sum = 0;
	for (uint32_t y = 0; y + 1 < surface->height; y++)
		for (uint32_t x = 0; x + 1 < surface->width; x++) {
			const uint8_t *made =
				surface_row(surface, y) + (size_t)x * surface->channels;
			uint8_t wanted[4] = { 0 };
			paint((uint32_t)((x + 0.5) * scale), (uint32_t)((y + 0.5) * scale), wanted);
			const double grey =
				0.299 * wanted[0] + 0.587 * wanted[1] + 0.114 * wanted[2];
			for (uint32_t c = 0; c < surface->channels; c++) {
				const double away =
					made[c] - (surface->channels == 1 ? grey : wanted[c]);
				sum += away < 0 ? -away : away;
			}
		}
	return sum / surface->channels / surface->width / surface->height;
}

/* Components come at scales of their own, Cb and Cr at `half` that of Y if so asked: joined, they
 * show what was painted. */
static void check(const struct kind *kind, double excess, bool half)
{
	static const struct limits limits = { 100000000, 512U << 20, 512U << 20 };
	size_t length;
	unsigned char *file = jpeg_of(kind, &length);
	struct planes planes = { .count = 0 };
	struct planes_scaler scaler = { .made[0].pixels = NULL };
	struct scaled *scaled = NULL;
	struct error err = { .text = "" };
	struct decode decode = { .data = file,
		.length = length,
		.kind = SNIFF_JPEG,
		.limits = &limits,
		.colours = half ? 2 * excess : 0,
		.scaled = &scaled };
	if (!decode_open(&decode, &err) || !decode_read(&decode, excess, &planes, &err))
		fail_msg("%s: %s", kind->name, err.text);
	if (decode.damage.code != ERROR_NONE)
		fail_msg("%s: %s", kind->name, decode.damage.text);
	assert_true(SIDE / planes.of[0].extent_x >= excess / 8);
	assert_true(planes.of[0].extent_x >= 2 * SIDE / excess || excess < 2);
	if (planes.count == PLANES_MOST && kind->across * kind->down == 1)
		assert_true(planes.of[0].extent_x ==
			    planes.of[2].extent_x * (half && planes.luma ? 2 : 1));
	assert_true(planes_join(&scaler, &planes, &err));
	assert_int_equal(planes.of[0].channels, kind->stored == JCS_GRAYSCALE ? 1 : 3);
	const double away = distance(&planes.of[0]);
	if (away > 2)
		fail_msg("%s, %g times too large: %g of 255 away", kind->name, excess, away);
	decode_close(&decode);
	planes_finish(&planes);
	planes_scaler_finish(&scaler);
	scaled_free(scaled);
	free(file);
}

static void test_full_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		check(&kinds[i], 1, false);
}

static void test_scaled(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int reduction = 2; reduction <= 8; reduction *= 2)
			check(&kinds[i], 2.0 * reduction, false);
}

static void test_colours_at_half(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		for (int reduction = 2; reduction <= 4; reduction *= 2)
			check(&kinds[i], 2.0 * reduction, true);
}

static void decode_grey(
	unsigned char *file, size_t length, struct scaled **scaled, struct planes *planes)
{
	static const struct limits limits = { 100000000, 512U << 20, 512U << 20 };
	struct error err;
	struct decode decode = { .data = file,
		.length = length,
		.kind = SNIFF_JPEG,
		.limits = &limits,
		.scaled = scaled };
	assert_true(decode_open(&decode, &err) && decode_read(&decode, 16, planes, &err));
	assert_int_equal(planes->count, 1);
	assert_int_equal(planes->of[0].width, (SIDE + 7) / 8);
	decode_close(&decode);
}

/* One sample a block is libjpeg-turbo's, to the last bit. */
static void test_means(void **state)
{
	(void)state;
	static const struct kind grey = { "grey", JCS_GRAYSCALE, 1, 1, false, false, 0 };
	size_t length;
	unsigned char *file = jpeg_of(&grey, &length);
	struct scaled *scaled = NULL;
	struct planes ours = { .count = 0 }, usual = { .count = 0 };
	decode_grey(file, length, &scaled, &ours);
	decode_grey(file, length, NULL, &usual);
	assert_non_null(scaled);
	for (uint32_t y = 0; y < ours.of[0].height; y++)
		assert_memory_equal(surface_row(&ours.of[0], y), surface_row(&usual.of[0], y),
			ours.of[0].width);
	planes_finish(&ours);
	planes_finish(&usual);
	scaled_free(scaled);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_size),
		cmocka_unit_test(test_scaled),
		cmocka_unit_test(test_colours_at_half),
		cmocka_unit_test(test_means),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
