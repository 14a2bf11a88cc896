/* WebP that is made much smaller: from whole pixels where memory allows. */

#include "stages/thumbnail/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>

#include "pipeline/input.h"
#include "stages/thumbnail/shrink.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_smaller),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
