/* Files hold the very coefficients that libjpeg-turbo's own coder writes, in no more bytes than it
 * takes with two passes. */

#include "stages/thumbnail/jpeg_scan_out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/huffman_best.h"

enum coder { CODER_USUAL, CODER_TWO_PASSES, CODER_OURS };

/* Codes as short may have more bytes of ones, each of which takes another. */
enum { STUFFING = 8 };

enum content {
	CONTENT_FLAT,
	CONTENT_SLOPE,
	CONTENT_NOISE,
	CONTENT_SWING,
	CONTENT_HALF,
	CONTENT_LATE,
	CONTENTS
};

/* Rows of CONTENT_LATE: flat, then those of the finest detail alone, then noise. */
enum { LATE_FLAT = 4104, LATE_FINE = LATE_FLAT + 8, LATE_ALL = LATE_FINE + 8 };

struct picture {
	uint32_t width, height;
	int channels;
	int quality;
	bool in_full; /* 4:4:4 */
	enum content content;
};

struct file {
	unsigned char *bytes;
	unsigned long length;
};

static uint32_t seed = 1;

static uint32_t chance(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static uint8_t late_sample(uint32_t x, uint32_t y)
{
	if (y < LATE_FLAT)
		return 128;
	return (uint8_t)(y < LATE_FINE ? 108 + (x + y) % 2 * 40 : chance());
}

static uint8_t sample_of(const struct picture *picture, uint32_t x, uint32_t y)
{
	switch (picture->content) {
	case CONTENT_FLAT:
		return 77;
	case CONTENT_SLOPE:
		return (uint8_t)(x / 3 + y / 2);
	case CONTENT_NOISE:
		return (uint8_t)chance();
	case CONTENT_SWING:
		return x / 8 % 2 == y / 8 % 2 ? (uint8_t)(chance() % 2 * 255) : 0;
	case CONTENT_LATE:
		return late_sample(x, y);
	default:
		return (uint8_t)(y < picture->height / 2 ? 128 + chance() % 6 : chance());
	}
}

static void paint(const struct picture *picture, uint8_t *row, uint32_t y)
{
	for (uint32_t i = 0; i < picture->width * (uint32_t)picture->channels; i++)
		row[i] = sample_of(picture, i / (uint32_t)picture->channels, y);
}

static void set_up(struct jpeg_compress_struct *info, const struct picture *picture)
{
	info->image_width = picture->width;
	info->image_height = picture->height;
	info->input_components = picture->channels;
	info->in_color_space = picture->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(info);
	jpeg_set_quality(info, picture->quality, TRUE);
	if (picture->in_full)
		info->comp_info[0].h_samp_factor = info->comp_info[0].v_samp_factor = 1;
}

static struct file encoded(const struct picture *picture, enum coder coder, struct scan_out *out)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	struct file file = { NULL, 0 };
	uint8_t *row = malloc((size_t)picture->width * 3);
	info.err = jpeg_std_error(&errors);
	jpeg_create_compress(&info);
	jpeg_mem_dest(&info, &file.bytes, &file.length);
	set_up(&info, picture);
	info.optimize_coding = coder == CODER_TWO_PASSES;
	jpeg_start_compress(&info, TRUE);
	if (coder == CODER_OURS)
		scan_out_take_over(out, &info);
	seed = 1;
	for (uint32_t y = 0; y < picture->height; y++) {
		paint(picture, row, y);
		jpeg_write_scanlines(&info, &row, 1);
	}
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	free(row);
	return file;
}

static jvirt_barray_ptr *open_file(
	struct jpeg_decompress_struct *info, struct jpeg_error_mgr *errors, const struct file *file)
{
	info->err = jpeg_std_error(errors);
	jpeg_create_decompress(info);
	jpeg_mem_src(info, file->bytes, file->length);
	jpeg_read_header(info, TRUE);
	return jpeg_read_coefficients(info);
}

static const JCOEF *blocks(
	struct jpeg_decompress_struct *info, jvirt_barray_ptr array, JDIMENSION y)
{
	return info->mem->access_virt_barray((j_common_ptr)info, array, y, 1, FALSE)[0][0];
}

static void check_same(const struct file *a, const struct file *b)
{
	struct jpeg_decompress_struct left, right;
	struct jpeg_error_mgr left_errors, right_errors;
	jvirt_barray_ptr *ours = open_file(&left, &left_errors, a);
	jvirt_barray_ptr *usual = open_file(&right, &right_errors, b);
	assert_int_equal(left.num_components, right.num_components);
	for (int c = 0; c < left.num_components; c++)
		for (JDIMENSION y = 0; y < left.comp_info[c].height_in_blocks; y++)
			assert_memory_equal(blocks(&left, ours[c], y), blocks(&right, usual[c], y),
				left.comp_info[c].width_in_blocks * sizeof(JBLOCK));
	assert_int_equal(left_errors.num_warnings, 0);
	jpeg_destroy_decompress(&left);
	jpeg_destroy_decompress(&right);
}

static void check_picture(const struct picture *picture, struct scan_out *out)
{
	struct file ours = encoded(picture, CODER_OURS, out);
	struct file usual = encoded(picture, CODER_USUAL, out);
	struct file least = encoded(picture, CODER_TWO_PASSES, out);
	check_same(&ours, &usual);
	assert_true(ours.length <= least.length + least.length / 1000 + STUFFING);
	free(ours.bytes);
	free(usual.bytes);
	free(least.bytes);
}

static void test_as_usual(void **state)
{
	(void)state;
	static const uint32_t sides[] = { 1, 7, 8, 17, 64, 131 };
	static const int qualities[] = { 1, 50, 80, 97, 100 };
	struct scan_out *out = scan_out_new();
	for (int i = 0; i < 6 * 6 * 5 * CONTENTS; i++) {
		const int rest = i / 36 / 5;
		const struct picture picture = { .width = sides[i % 6],
			.height = sides[i / 6 % 6],
			.quality = qualities[i / 36 % 5],
			.channels = i % 7 == 0 ? 1 : 3,
			.in_full = i % 2,
			.content = (enum content)rest };
		check_picture(&picture, out);
	}
	scan_out_free(out);
}

/* More symbols than are kept before the code is chosen: it has room for what comes later, even
 * where the first half of the picture says nothing of it. */
static void test_many_symbols(void **state)
{
	(void)state;
	struct scan_out *out = scan_out_new();
	for (int i = 0; i < 2; i++) {
		const struct picture picture = { .width = 1600,
			.height = i ? 4000 : 1400,
			.channels = 1,
			.quality = 95,
			.content = i ? CONTENT_HALF : CONTENT_NOISE };
		struct file ours = encoded(&picture, CODER_OURS, out);
		struct file usual = encoded(&picture, CODER_USUAL, out);
		check_same(&ours, &usual);
		assert_true(ours.length < usual.length + (i ? usual.length / 8 : 0));
		free(ours.bytes);
		free(usual.bytes);
	}
	scan_out_free(out);
}

/* The same where what came first has two symbols, and then there are runs of zeros and all else. */
static void test_symbols_that_come_late(void **state)
{
	(void)state;
	struct scan_out *out = scan_out_new();
	const struct picture picture = { 8192, LATE_ALL, 1, 50, false, CONTENT_LATE };
	struct file ours = encoded(&picture, CODER_OURS, out);
	struct file usual = encoded(&picture, CODER_USUAL, out);
	check_same(&ours, &usual);
	free(ours.bytes);
	free(usual.bytes);
	scan_out_free(out);
}

/* DC and AC of the one block have a bit each, the value -25 or -26 has five. */
static void test_ends_in_ones(void **state)
{
	(void)state;
	struct scan_out *out = scan_out_new();
	const struct picture picture = { 8, 8, 1, 50, false, CONTENT_FLAT };
	struct file file = encoded(&picture, CODER_OURS, out);
	assert_int_equal(file.bytes[file.length - 3] & 1, 1);
	free(file.bytes);
	scan_out_free(out);
}

/* Bits of all that is counted, by the length of each symbol's code. */
static uint64_t bits_of(const uint32_t counts[HUFFMAN_SYMBOLS], const JHUFF_TBL *table)
{
	uint64_t bits = 0;
	const UINT8 *symbol = table->huffval;
	for (unsigned length = 1; length <= HUFFMAN_LONGEST; length++)
		for (int i = 0; i < table->bits[length]; i++)
			bits += (uint64_t)length * counts[*symbol++];
	return bits;
}

/* Of 2^16 codes of 16 bits, how many the table has not used up. */
static int codes_left(const JHUFF_TBL *table)
{
	int left = 1 << HUFFMAN_LONGEST;
	for (int length = 1; length <= HUFFMAN_LONGEST; length++)
		left -= table->bits[length] << (HUFFMAN_LONGEST - length);
	return left;
}

static int symbols_of(const JHUFF_TBL *table)
{
	int symbols = 0;
	for (int length = 1; length <= HUFFMAN_LONGEST; length++)
		symbols += table->bits[length];
	return symbols;
}

static uint64_t take_least(uint64_t *counts, int number)
{
	int least = 0;
	for (int i = 1; i < number; i++)
		if (counts[i] < counts[least])
			least = i;
	const uint64_t count = counts[least];
	counts[least] = counts[number - 1];
	return count;
}

/* The sum of all joins of the two that count least. One more that counts nothing stands for the
 * code that is left out. */
static uint64_t least_bits(const uint32_t counts[HUFFMAN_SYMBOLS])
{
	uint64_t left[HUFFMAN_SYMBOLS + 1] = { 0 }, bits = 0;
	int number = 1;
	for (int i = 0; i < HUFFMAN_SYMBOLS; i++)
		if (counts[i])
			left[number++] = counts[i];
	for (; number > 1; number--) {
		const uint64_t a = take_least(left, number);
		const uint64_t b = take_least(left, number - 1);
		left[number - 2] = a + b;
		bits += a + b;
	}
	return bits;
}

static void test_shortest(void **state)
{
	(void)state;
	JHUFF_TBL table;
	for (int i = 0; i < 2000; i++) {
		uint32_t counts[HUFFMAN_SYMBOLS] = { 0 };
		const int symbols = i % (HUFFMAN_SYMBOLS + 1);
		for (int k = 0; k < symbols; k++)
			counts[k] = 1 + chance() % (i % 3 ? 20 : 3);
		huffman_best(counts, &table);
		assert_int_equal(symbols_of(&table), symbols);
		assert_true(codes_left(&table) > 0);
		assert_int_equal(bits_of(counts, &table), least_bits(counts));
	}
}

/* Each counts as much as the two below it, so that the tree is as deep as it can be. */
static void test_not_too_long(void **state)
{
	(void)state;
	JHUFF_TBL table;
	for (int symbols = 17; symbols <= 33; symbols++) {
		uint32_t counts[HUFFMAN_SYMBOLS] = { [7] = 1, [8] = 1 };
		for (int i = 9; i < 7 + symbols; i++)
			counts[i] = counts[i - 1] + counts[i - 2];
		huffman_best(counts, &table);
		assert_int_equal(symbols_of(&table), symbols);
		assert_true(codes_left(&table) > 0);
		assert_int_equal(table.huffval[0], 7 + symbols - 1);
		assert_true(bits_of(counts, &table) <= least_bits(counts) * 101 / 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_usual),
		cmocka_unit_test(test_many_symbols),
		cmocka_unit_test(test_symbols_that_come_late),
		cmocka_unit_test(test_ends_in_ones),
		cmocka_unit_test(test_shortest),
		cmocka_unit_test(test_not_too_long),
	};
	return cmocka_run_group_tests_name("jpeg_scan_out", tests, NULL, NULL);
}
