/* Pictures that libvips reads, from memory, in two formats that need no library of their own. */

#include "stages/thumbnail/decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
		struct surface surface = { .pixels = NULL };
		if (!decode_open(decode, &err) || !decode_read(decode, 1, &surface, &err))
			fail_msg("%s", err.text);
		assert_int_equal(decode->damage.code, ERROR_NONE);
		assert_int_equal(surface.width, 2 - i);
		assert_int_equal(surface.height, 1);
		assert_int_equal(surface.channels, 3);
		assert_memory_equal(surface.pixels, "\x0A\xC8\0", 3);
		decode_close(decode);
		surface_finish(&surface);
	}
}

/* In our words: those of libvips may be about another thread's picture. */
static void test_refuses(void **state)
{
	(void)state;
	struct decode decodes[] = { decode_of(ppm, sizeof(ppm) - 4), decode_of(gif, 16),
		decode_of(exr, 16) };
	static const char *const says[] = { "libvips cannot read this pnm",
		"libvips cannot read this gif", "openexr pictures cannot be read" };
	for (int i = 0; i < 3; i++) {
		struct error err = { .text = "" };
		struct surface surface = { .pixels = NULL };
		const bool done = decode_open(&decodes[i], &err) &&
				  decode_read(&decodes[i], 1, &surface, &err);
		assert_string_equal(done ? decodes[i].damage.text : err.text, says[i]);
		decode_close(&decodes[i]);
		surface_finish(&surface);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_huge_gifs_never_get_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
