/* PNGs on the shorter way: rows unfiltered as the specification says, the same pixels as libspng's,
 * and nothing taken that is not whole and sound. */

#include "stages/thumbnail/png_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <spng.h>
#include <zlib.h>

enum { WIDTH = 37, HEIGHT = 23, FILE_MOST = 16384, PIXELS_MOST = (WIDTH * 4 + 1) * HEIGHT };

struct made {
	unsigned char pixels[PIXELS_MOST];
	unsigned char file[FILE_MOST];
	size_t length, data; /* where the first chunk of data begins */
	uint32_t pixel;      /* bytes */
};

static uint32_t made_dice(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 16;
}

static void made_number(unsigned char *at, uint32_t number)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(number >> (24 - 8 * i));
}

static void made_chunk(struct made *made, const char *name, const void *data, size_t length)
{
	unsigned char *at = made->file + made->length;
	assert_true(made->length + length + 12 <= FILE_MOST);
	made_number(at, (uint32_t)length);
	memcpy(at + 4, name, 4);
	if (length > 0)
		memcpy(at + 8, data, length);
	made_number(at + 8 + length, (uint32_t)crc32(0, at + 4, (uInt)length + 4));
	made->length += length + 12;
}

static void made_begin(struct made *made, uint32_t pixel)
{
	static const unsigned char types[] = { 0, 0, 0, 2, 6 };
	unsigned char header[13] = { [8] = 8, [9] = types[pixel] };
	made_number(header, WIDTH);
	made_number(header + 4, HEIGHT);
	memcpy(made->file, "\x89PNG\r\n\x1a\n", 8);
	made->length = 8;
	made->pixel = pixel;
	made_chunk(made, "IHDR", header, sizeof(header));
	made->data = made->length;
}

/* Any bytes are a picture once filters are named; every row has another one. */
static size_t made_pack(
	const struct made *made, uint32_t seed, unsigned char *packed, unsigned char most)
{
	unsigned char filtered[PIXELS_MOST];
	const size_t row = (size_t)WIDTH * made->pixel + 1;
	for (size_t i = 0; i < row * HEIGHT; i++)
		filtered[i] = (unsigned char)made_dice(&seed);
	for (size_t y = 0; y < HEIGHT; y++)
		filtered[y * row] = (unsigned char)(y % (most + 1U));
	uLongf length = FILE_MOST;
	assert_int_equal(compress2(packed, &length, filtered, row * HEIGHT, 6), Z_OK);
	return length;
}

static void made_png(struct made *made, uint32_t pixel, uint32_t seed)
{
	unsigned char packed[FILE_MOST];
	made_begin(made, pixel);
	const size_t length = made_pack(made, seed, packed, UNFILTER_MOST);
	made_chunk(made, "IDAT", packed, 100);
	made_chunk(made, "IDAT", packed + 100, length - 100);
	made_chunk(made, "IEND", NULL, 0);
}

static bool rows_take(struct png_rows *rows, const struct made *made)
{
	*rows = (struct png_rows){ .width = WIDTH, .height = HEIGHT, .pixel = made->pixel };
	return png_rows_open(rows, made->file, made->length);
}

static bool taken(const struct made *made)
{
	struct png_rows rows;
	const bool took = rows_take(&rows, made);
	png_rows_close(&rows);
	return took;
}

static int spng_pixels(const struct made *made, unsigned char *pixels)
{
	spng_ctx *context = spng_ctx_new(0);
	spng_set_png_buffer(context, made->file, made->length);
	const int code = spng_decode_image(
		context, pixels, (size_t)WIDTH * HEIGHT * made->pixel, SPNG_FMT_PNG, 0);
	spng_ctx_free(context);
	return code;
}

static void assert_same_pixels(struct made *made)
{
	struct png_rows rows;
	assert_true(rows_take(&rows, made));
	assert_int_equal(spng_pixels(made, made->pixels), 0);
	const size_t bytes = (size_t)WIDTH * made->pixel;
	for (size_t y = 0; y < HEIGHT; y++)
		assert_memory_equal(png_rows_next(&rows), made->pixels + y * bytes, bytes);
	png_rows_close(&rows);
}

static void test_pixels(void **state)
{
	(void)state;
	static const uint32_t kinds[] = { 1, 3, 4 };
	for (uint32_t seed = 0; seed < 50; seed++)
		for (size_t i = 0; i < 3; i++) {
			struct made made;
			made_png(&made, kinds[i], seed);
			assert_same_pixels(&made);
		}
}

/* An empty chunk of data, and one with something else, for which libspng would give up. */
static void test_chunks_between(void **state)
{
	(void)state;
	struct made plain, made;
	unsigned char packed[FILE_MOST];
	made_png(&plain, 3, 1);
	made_begin(&made, 3);
	const size_t length = made_pack(&made, 1, packed, UNFILTER_MOST);
	made_chunk(&made, "IDAT", packed, 100);
	made_chunk(&made, "IDAT", packed, 0);
	made_chunk(&made, "tEXt", "words", 5);
	made_chunk(&made, "IDAT", packed + 100, length - 100);
	struct png_rows wanted, rows;
	assert_true(rows_take(&wanted, &plain));
	assert_true(rows_take(&rows, &made));
	for (size_t y = 0; y < HEIGHT; y++)
		assert_memory_equal(png_rows_next(&rows), png_rows_next(&wanted), WIDTH * 3);
	png_rows_close(&rows);
	png_rows_close(&wanted);
}

static void test_cut_short(void **state)
{
	(void)state;
	struct made made;
	made_png(&made, 3, 1);
	const size_t whole = made.length - 12; /* without IEND */
	for (made.length = made.data; made.length < whole; made.length++)
		assert_false(taken(&made));
	assert_true(taken(&made));
}

static void test_checksums(void **state)
{
	(void)state;
	struct made made;
	made_png(&made, 3, 1);
	made.file[made.data + 8 + 100] ^= 1; /* the first chunk of data */
	assert_false(taken(&made));
	made_png(&made, 3, 1);
	made.file[made.length - 12 - 5] ^= 1; /* the picture's, the chunk's made to fit */
	unsigned char *chunk = made.file + made.data + 112 + 12 + 25;
	const size_t length = made.length - 12 - (size_t)(chunk - made.file) - 12;
	made_number(chunk + 8 + length, (uint32_t)crc32(0, chunk + 4, (uInt)length + 4));
	assert_false(taken(&made));
}

static void test_unknown_filter(void **state)
{
	(void)state;
	struct made made;
	unsigned char packed[FILE_MOST];
	made_begin(&made, 3);
	const size_t length = made_pack(&made, 1, packed, UNFILTER_MOST + 1);
	made_chunk(&made, "IDAT", packed, length);
	assert_false(taken(&made));
}

/* libspng would not see what comes behind such a chunk. */
static void test_behind_the_end(void **state)
{
	(void)state;
	static const char names[][5] = { "IEND", "PLTE", "tRNS", "IHDR" };
	for (size_t i = 0; i < 4; i++) {
		struct made made;
		unsigned char packed[FILE_MOST];
		made_begin(&made, 1);
		const size_t length = made_pack(&made, 1, packed, UNFILTER_MOST);
		made_chunk(&made, "IDAT", packed, 100);
		made_chunk(&made, names[i], "abc", 3);
		made_chunk(&made, "IDAT", packed + 100, length - 100);
		assert_false(taken(&made));
	}
}

/* Whatever becomes of the packed data: what is taken, libspng takes too, with the same pixels. */
static void test_changed_data(void **state)
{
	(void)state;
	uint32_t seed = 5;
	for (int i = 0; i < 5000; i++) {
		struct made made;
		unsigned char packed[FILE_MOST];
		made_begin(&made, 1);
		const size_t length = made_pack(&made, 1, packed, UNFILTER_MOST);
		packed[made_dice(&seed) % length] ^= (unsigned char)(1U << made_dice(&seed) % 8);
		made_chunk(&made, "IDAT", packed, length);
		made_chunk(&made, "IEND", NULL, 0);
		if (taken(&made))
			assert_same_pixels(&made);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pixels),
		cmocka_unit_test(test_chunks_between),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_checksums),
		cmocka_unit_test(test_unknown_filter),
		cmocka_unit_test(test_behind_the_end),
		cmocka_unit_test(test_changed_data),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
