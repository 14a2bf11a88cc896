/* What a worker keeps of its encoder of JPEGs does not show in the next file. */

#include "stages/thumbnail/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SURFACES = 5, TOO_LONG = 65501 };

/* Grey, RGB, and Y, Cb and Cr. */
static void surfaces_paint(struct surface surfaces[SURFACES])
{
	static const uint32_t shapes[SURFACES][3] = { { 50, 30, 1 }, { 33, 70, 3 }, { 48, 32, 1 },
		{ 24, 16, 1 }, { 24, 16, 1 } };
	struct error err;
	for (uint32_t i = 0; i < SURFACES; i++) {
		surfaces[i] = (struct surface){ .pixels = NULL };
		assert_true(surface_shape(
			&surfaces[i], shapes[i][0], shapes[i][1], shapes[i][2], &err));
		for (uint32_t y = 0; y < surfaces[i].height; y++)
			for (size_t x = 0; x < surfaces[i].stride; x++)
				surface_row(&surfaces[i], y)[x] =
					(uint8_t)(x * 5 + y * (7 + i) + x * y / 8);
	}
}

static void surfaces_finish(struct surface surfaces[SURFACES])
{
	for (uint32_t i = 0; i < SURFACES; i++)
		surface_finish(&surfaces[i]);
}

static const struct size sizes[] = {
	{ .quality = 0 },
	{ .quality = 80, .chroma = CHROMA_444 },
	{ .quality = 35 },
	{ .quality = 35, .progressive = true },
	{ .quality = 95, .progressive = true },
	{ .quality = 100 },
};

enum { SIZES = sizeof(sizes) / sizeof(*sizes), KINDS = 3, CASES = SIZES * KINDS };

/* False where there is no such case: colours at half the sides that are wanted in full. */
static bool job_of(const struct surface surfaces[SURFACES], uint32_t number, struct encode_job *job)
{
	*job = (struct encode_job){
		.surface = &surfaces[number % KINDS],
		.chroma = number % KINDS == 2 ? &surfaces[3] : NULL,
		.size = &sizes[number / KINDS],
		.format = FORMAT_JPEG,
	};
	return !job->chroma || job->size->chroma == CHROMA_420;
}

static void check(const struct encode_job *job, struct jpeg_writer **kept)
{
	struct text alone = { .data = NULL }, file = { .data = NULL };
	struct error err;
	struct encode_job again = *job;
	assert_true(encode_surface(job, &alone, &err));
	again.jpeg = kept;
	assert_true(encode_surface(&again, &file, &err));
	assert_non_null(*kept);
	assert_int_equal(file.length, alone.length);
	assert_memory_equal(file.data, alone.data, file.length);
	text_finish(&alone);
	text_finish(&file);
}

/* Each after each. */
static void test_kept(void **state)
{
	(void)state;
	struct surface surfaces[SURFACES];
	struct jpeg_writer *kept = NULL;
	struct encode_job first, second;
	surfaces_paint(surfaces);
	for (uint32_t i = 0; i < CASES * CASES; i++)
		if (job_of(surfaces, i / CASES, &first) && job_of(surfaces, i % CASES, &second)) {
			check(&first, &kept);
			check(&second, &kept);
		}
	jpeg_writer_free(kept);
	surfaces_finish(surfaces);
}

/* Without metadata behind one that has some. */
static void test_extra(void **state)
{
	(void)state;
	struct surface surfaces[SURFACES];
	struct jpeg_writer *kept = NULL;
	struct encode_job job;
	char words[] = "II*\0and more";
	const struct text bytes = { words, sizeof(words), 0 };
	surfaces_paint(surfaces);
	assert_true(job_of(surfaces, 1, &job));
	job.extra = (struct encode_extra){ .profile = &bytes, .exif = &bytes, .xmp = &bytes };
	check(&job, &kept);
	job.extra = (struct encode_extra){ .profile = NULL };
	check(&job, &kept);
	jpeg_writer_free(kept);
	surfaces_finish(surfaces);
}

/* What is a byte too long for its segment is left out. */
static void test_longest_segment(void **state)
{
	enum { EXIF_MOST = 65533 - 6 };
	(void)state;
	struct surface surfaces[SURFACES];
	struct encode_job job;
	struct error err;
	struct text plain = { .data = NULL }, with = { .data = NULL };
	surfaces_paint(surfaces);
	assert_true(job_of(surfaces, 1, &job));
	assert_true(encode_surface(&job, &plain, &err));
	char *bytes = calloc(1, EXIF_MOST + 1);
	assert_non_null(bytes);
	for (size_t more = 0; more < 2; more++) {
		const struct text exif = { bytes, EXIF_MOST + more, 0 };
		job.extra.exif = &exif;
		assert_true(encode_surface(&job, &with, &err));
		assert_int_equal(with.length, plain.length + (more ? 0 : 65537));
	}
	free(bytes);
	text_finish(&plain);
	text_finish(&with);
	surfaces_finish(surfaces);
}

/* An error takes nothing along. */
static void test_after_an_error(void **state)
{
	(void)state;
	struct surface surfaces[SURFACES], wide = { .pixels = NULL };
	struct jpeg_writer *kept = NULL;
	struct encode_job job;
	struct text file = { .data = NULL };
	struct error err;
	surfaces_paint(surfaces);
	assert_true(surface_shape(&wide, TOO_LONG, 1, 1, &err));
	for (int times = 0; times < 2; times++) {
		assert_true(job_of(surfaces, 1, &job));
		check(&job, &kept);
		const struct encode_job bad = {
			.surface = &wide, .size = &sizes[0], .format = FORMAT_JPEG, .jpeg = &kept
		};
		assert_false(encode_jpeg(&bad, &file, &err));
		assert_int_equal(err.code, ERROR_MEMORY);
		assert_non_null(strstr(err.text, "encoding jpeg: "));
		assert_null(kept);
	}
	check(&job, &kept);
	jpeg_writer_free(kept);
	text_finish(&file);
	surface_finish(&wide);
	surfaces_finish(surfaces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_extra),
		cmocka_unit_test(test_longest_segment),
		cmocka_unit_test(test_after_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
