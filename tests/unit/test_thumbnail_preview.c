/* Of a picture with a smaller one inside, what is made is what would be made of the smaller one. */

#include "stages/thumbnail/maker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stages/thumbnail/encode.h"
#include "tests/fakes/pictures.h"

enum { SIZES = 2 };

/* Noise, of which every sample of Cb and Cr that is decoded otherwise shows. */
static struct text written(uint32_t width, uint32_t height, enum size_chroma chroma)
{
	uint32_t seed = 7;
	const struct size size = { .quality = 60, .chroma = chroma };
	const struct encode_job job = { .size = &size, .format = FORMAT_JPEG };
	return pictures_noise(&seed, width, height, 3, &job);
}

static void add_number(struct text *text, uint32_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		text_add(text, &(char){ (char)(number >> 8 * i) }, 1);
}

/* The same with `preview` as the thumbnail of an EXIF: a first folder without entries, and a second
 * that says where it is and how long. */
static struct text with_preview(const struct text *file, const struct text *preview)
{
	enum { HEAD = 6, FOLDERS = 8 + 6 + 30 };
	const size_t length = 2 + HEAD + FOLDERS + preview->length;
	const unsigned char marker[] = { 0xFF, 0xE1, (unsigned char)(length >> 8),
		(unsigned char)length };
	struct text both = { .data = NULL };
	assert_true(length < 65536);
	text_add(&both, file->data, 2);
	text_add(&both, marker, sizeof(marker));
	text_add(&both, "Exif\0\0II*\0", 10);
	add_number(&both, 8, 4);
	add_number(&both, 0, 2);
	add_number(&both, 14, 4);
	add_number(&both, 2, 2);
	const uint32_t entries[][2] = { { 0x0201, FOLDERS },
		{ 0x0202, (uint32_t)preview->length } };
	for (int i = 0; i < 2; i++) {
		add_number(&both, entries[i][0], 2);
		add_number(&both, 4, 2);
		add_number(&both, 1, 4);
		add_number(&both, entries[i][1], 4);
	}
	add_number(&both, 0, 4);
	text_add(&both, preview->data, preview->length);
	text_add(&both, file->data + 2, file->length - 2);
	return both;
}

static void make(
	const struct size *sizes, size_t count, const struct text *file, struct text parts[SIZES])
{
	const struct maker_setup setup = {
		.sizes = sizes,
		.count = count,
		.limits = { 100000000, 512U << 20, 512U << 20 },
		.reading = { .formats = UINT32_MAX, .previews = true },
	};
	struct maker *maker = maker_open(&setup);
	struct error err;
	memset(parts, 0, SIZES * sizeof(*parts));
	assert_true(pictures_run(maker, file, count, parts, &err));
	maker_close(maker);
}

/* 240 x 180 px inside of 1600 x 1200, by sizes for which Y is decoded at half the sides, and Cb and
 * Cr at as many, or at half of that where no size wants more. */
static void check(const struct size *sizes, size_t count, enum size_chroma chroma)
{
	struct text large = written(1600, 1200, CHROMA_420), preview = written(240, 180, chroma);
	struct text both = with_preview(&large, &preview);
	struct text alone[SIZES], inside[SIZES];
	make(sizes, count, &preview, alone);
	make(sizes, count, &both, inside);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(inside[i].length, alone[i].length);
		assert_memory_equal(inside[i].data, alone[i].data, alone[i].length);
		text_finish(&alone[i]);
		text_finish(&inside[i]);
	}
	text_finish(&large);
	text_finish(&preview);
	text_finish(&both);
}

static void test_colours(void **state)
{
	(void)state;
	const struct size sizes[] = {
		{ .name = "halved", .width = 40, .height = 40 },
		{ .name = "full", .width = 40, .height = 40, .chroma = CHROMA_444 },
	};
	for (int chroma = CHROMA_420; chroma <= CHROMA_444; chroma++) {
		check(&sizes[0], 1, (enum size_chroma)chroma);
		check(&sizes[1], 1, (enum size_chroma)chroma);
		check(sizes, 2, (enum size_chroma)chroma);
	}
}

/* A preview that is left: the picture is made into what it would be without. */
static void check_left(const struct text *large, const struct text *preview, uint32_t side)
{
	const struct size size = { .name = "one", .width = side, .height = side };
	struct text both = with_preview(large, preview);
	struct text alone[SIZES], without[SIZES];
	make(&size, 1, large, alone);
	make(&size, 1, &both, without);
	assert_int_equal(without[0].length, alone[0].length);
	assert_memory_equal(without[0].data, alone[0].data, alone[0].length);
	text_finish(&alone[0]);
	text_finish(&without[0]);
	text_finish(&both);
}

/* One that is sound. */
static void check_unfit(uint32_t width, uint32_t height, uint32_t side)
{
	struct text large = written(width, height, CHROMA_420);
	struct text preview = written(240, 180, CHROMA_444);
	check_left(&large, &preview, side);
	text_finish(&large);
	text_finish(&preview);
}

static void test_left(void **state)
{
	(void)state;
	check_unfit(1600, 1200, 241); /* it would have to be made larger */
	check_unfit(240, 180, 40);    /* it is no smaller */
	check_unfit(1600, 1190, 40);  /* of another shape */
	check_unfit(1600, 1210, 40);
}

/* Cut anywhere, or with a byte changed so that it shows: by our decoder's measure and, where a size
 * wants it in full, by libjpeg-turbo's. */
static void test_damaged(void **state)
{
	(void)state;
	struct text large = written(1600, 1200, CHROMA_420),
		    preview = written(240, 180, CHROMA_420);
	const size_t whole = preview.length;
	for (size_t part = 1; part < 16; part++) {
		preview.length = whole * part / 16;
		check_left(&large, &preview, part % 2 ? 40 : 200);
	}
	preview.length = whole;
	memcpy(preview.data + whole / 2, "\xFF\xD0\xFF\xD0", 4);
	check_left(&large, &preview, 40);
	check_left(&large, &preview, 200);
	text_finish(&large);
	text_finish(&preview);
}

/* One that says that it is upside down, where the picture does not. */
static void test_turned(void **state)
{
	static const unsigned char upside_down[] = { 0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0,
		'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0,
		0 };
	(void)state;
	struct text large = written(1600, 1200, CHROMA_420),
		    preview = written(240, 180, CHROMA_420);
	struct text turned = { .data = NULL };
	text_add(&turned, preview.data, 2);
	text_add(&turned, upside_down, sizeof(upside_down));
	text_add(&turned, preview.data + 2, preview.length - 2);
	check_left(&large, &turned, 40);
	text_finish(&large);
	text_finish(&preview);
	text_finish(&turned);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_colours),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_turned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
