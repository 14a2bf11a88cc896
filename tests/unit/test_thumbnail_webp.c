/* WebP that is made much smaller: from whole pixels where memory allows. WebP that is made of grey.
 */

#include "stages/thumbnail/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

#include "pipeline/input.h"
#include "stages/thumbnail/encode.h"
#include "stages/thumbnail/shrink.h"
#include "tests/fakes/pictures.h"

#include <cmocka.h>

enum { SIDE = 240, FACTOR = 4, EXCESS = 3 * FACTOR };

/* Slanted edges in two colours, by a lossy encoder: blocks have edges of their own. */
static unsigned char *encoded(size_t *length)
{
	uint8_t *pixels = malloc((size_t)SIDE * SIDE * 3), *webp;
	assert_non_null(pixels);
	for (int y = 0; y < SIDE; y++)
		for (int x = 0; x < SIDE; x++)
			memcpy(pixels + 3 * (y * SIDE + x),
				(3 * x + y) / 37 % 2 ? "\xD0\x30\x40" : "\x20\x60\xC0", 3);
	const size_t bytes = WebPEncodeRGB(pixels, SIDE, SIDE, 3 * SIDE, 30, &webp);
	assert_true(bytes > 0);
	unsigned char *data = calloc(1, bytes + INPUT_PADDING);
	assert_non_null(data);
	memcpy(data, webp, bytes);
	WebPFree(webp);
	free(pixels);
	*length = bytes;
	return data;
}

static void read_as(const unsigned char *data, size_t length, const struct limits *limits,
	double excess, struct planes *planes)
{
	struct decode decode = {
		.data = data, .length = length, .kind = SNIFF_WEBP, .limits = limits
	};
	struct error err = { .text = "" };
	if (!decode_open(&decode, &err) || !decode_read(&decode, excess, planes, &err))
		fail_msg("%s", err.text);
	decode_close(&decode);
}

static bool same(const struct surface *a, const struct surface *b)
{
	assert_int_equal(a->width, b->width);
	assert_int_equal(a->height, b->height);
	for (uint32_t y = 0; y < a->height; y++)
		if (memcmp(surface_row(a, y), surface_row(b, y), (size_t)a->width * 3) != 0)
			return false;
	return true;
}

static void test_smaller(void **state)
{
	(void)state;
	const struct limits wide = { 1 << 20, 1 << 30, 1 << 30 };
	struct limits tight = wide;
	tight.memory = 128 << 10;
	size_t length;
	unsigned char *data = encoded(&length);
	struct planes whole = { .count = 0 }, small = { .count = 0 }, frugal = { .count = 0 };
	struct surface means = { .pixels = NULL };
	struct error err;
	read_as(data, length, &wide, 1, &whole);
	read_as(data, length, &wide, EXCESS, &small);
	read_as(data, length, &tight, EXCESS, &frugal);
	assert_true(shrink_surface(&whole.of[0], FACTOR, &means, &err));
	assert_true(same(&small.of[0], &means));
	assert_false(same(&frugal.of[0], &means));
	surface_finish(&means);
	planes_finish(&whole);
	planes_finish(&small);
	planes_finish(&frugal);
	free(data);
}

/* Three columns of 89 and one of 90: 89.25, of which Y is 92.65, and 92.44 by way of 89. */
static struct text striped(enum size_format format)
{
	struct surface surface = { .pixels = NULL };
	struct text file = { .data = NULL };
	struct error err;
	const struct size size = { .quality = 100 };
	const struct encode_job job = { .surface = &surface, .size = &size, .format = format };
	assert_true(surface_shape(&surface, SIDE, SIDE, 1, &err));
	for (uint32_t y = 0; y < SIDE; y++)
		for (uint32_t x = 0; x < SIDE; x++)
			surface_row(&surface, y)[x] = x % 4 ? 89 : 90;
	assert_true(encode_surface(&job, &file, &err));
	surface_finish(&surface);
	return file;
}

static void check_grey(const struct text *file, const struct size *size, uint8_t luma)
{
	struct text made = { .data = NULL };
	uint8_t numbers[3];
	pictures_make(file, size, 1, &made);
	pictures_webp_numbers(&made, numbers);
	assert_int_equal(numbers[0], luma);
	assert_int_equal(numbers[1], 128);
	assert_int_equal(numbers[2], 128);
	text_finish(&made);
}

static void test_grey(void **state)
{
	(void)state;
	const struct size plain = { .name = "plain",
		.width = SIDE / FACTOR,
		.height = SIDE / FACTOR,
		.quality = 100,
		.format = FORMAT_WEBP };
	struct size sharp = plain, framed = plain;
	sharp.sharpen = 1;
	framed.fit = FIT_CONTAIN;
	framed.height *= 2;
	framed.background = (struct colour){ 30, 30, 30, 255 };
	struct text file = striped(FORMAT_PNG);
	check_grey(&file, &plain, 93);
	check_grey(&file, &sharp, 92);
	check_grey(&file, &framed, 42);
	text_finish(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smaller),
		cmocka_unit_test(test_grey),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
