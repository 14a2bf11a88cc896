/* Bare decoding at 1/DENOMINATOR, from memory to rows: libjpeg-turbo to RGB and our own decoder to
 * components in turn, ROUNDS times each. Prints the CPU seconds of each over the files that ours
 * takes, the median of the rounds' ratios, and which files ours leaves to libjpeg-turbo.
 *
 *     scan ROUNDS DENOMINATOR FILE... */

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <jpeglib.h>

#include "stages/thumbnail/jpeg/scaled.h"

enum { MOST_ROUNDS = 100, MOST_WIDTH = 65536 };

struct picture {
	const char *path;
	unsigned char *data;
	size_t length;
	bool ours;
};

struct rows {
	unsigned char row[MOST_WIDTH * 3];
	unsigned denominator;
};

static struct picture picture_read(const char *path)
{
	struct picture picture = { .path = path };
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		exit(2);
	}
	fseek(file, 0, SEEK_END);
	picture.length = (size_t)ftell(file);
	rewind(file);
	picture.data = malloc(picture.length + 1);
	if (!picture.data || fread(picture.data, 1, picture.length, file) != picture.length) {
		perror(path);
		exit(2);
	}
	fclose(file);
	return picture;
}

static void picture_give_up(j_common_ptr jpeg)
{
	longjmp(*(jmp_buf *)jpeg->client_data, 1);
}

static void picture_stay_silent(j_common_ptr jpeg, int level)
{
	(void)jpeg;
	(void)level;
}

static uint8_t *rows_next(void *context, uint32_t component)
{
	struct rows *rows = context;
	return rows->row + (size_t)component * MOST_WIDTH;
}

static void rows_put(void *context, uint32_t component)
{
	(void)context;
	(void)component;
}

static bool picture_rows(
	struct jpeg_decompress_struct *jpeg, struct scaled *scaled, struct rows *rows)
{
	struct scaled_shape shape;
	const struct scaled_excess excess = { 2.0 * rows->denominator, 2.0 * rows->denominator };
	const struct scaled_sink sink = { rows_next, rows_put, rows };
	if (scaled)
		return scaled_shape_of(jpeg, &excess, &shape) &&
		       scaled_decode(scaled, jpeg, &shape, &sink);
	jpeg_start_decompress(jpeg);
	JSAMPROW row = rows->row;
	while (jpeg->output_scanline < jpeg->output_height)
		jpeg_read_scanlines(jpeg, &row, 1);
	return true;
}

/* By libjpeg-turbo where `scaled` is NULL. */
static bool picture_decode(const struct picture *picture, struct scaled *scaled, struct rows *rows)
{
	struct jpeg_decompress_struct jpeg;
	struct jpeg_error_mgr errors;
	jmp_buf gone;
	volatile bool done = false;
	jpeg.err = jpeg_std_error(&errors);
	errors.error_exit = picture_give_up;
	errors.emit_message = picture_stay_silent;
	jpeg.client_data = &gone;
	jpeg_create_decompress(&jpeg);
	if (setjmp(gone) == 0) {
		jpeg_mem_src(&jpeg, picture->data, picture->length);
		jpeg_read_header(&jpeg, TRUE);
		jpeg.scale_denom = rows->denominator;
		jpeg_calc_output_dimensions(&jpeg);
		done = picture_rows(&jpeg, scaled, rows);
	}
	jpeg_destroy_decompress(&jpeg);
	return done;
}

static void picture_try(struct picture *picture, struct scaled *scaled, struct rows *rows)
{
	picture->ours = picture_decode(picture, scaled, rows);
	if (!picture->ours)
		printf("left to libjpeg-turbo: %s\n", picture->path);
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double pictures_decode(
	const struct picture *pictures, int count, struct scaled *scaled, struct rows *rows)
{
	const double started = seconds();
	for (int i = 0; i < count; i++)
		if (pictures[i].ours)
			picture_decode(&pictures[i], scaled, rows);
	return seconds() - started;
}

static int compare_numbers(const void *left, const void *right)
{
	const double a = *(const double *)left;
	const double b = *(const double *)right;
	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	const int rounds = argc < 4 ? 0 : (int)strtol(argv[1], NULL, 10);
	if (rounds < 1 || rounds > MOST_ROUNDS) {
		fprintf(stderr, "usage: scan ROUNDS DENOMINATOR FILE...\n");
		return 2;
	}
	const int count = argc - 3;
	struct picture *pictures = calloc((size_t)count, sizeof(*pictures));
	struct rows *rows = calloc(1, sizeof(*rows));
	struct scaled *scaled = scaled_new(SCALED_AHEAD);
	if (!pictures || !rows || !scaled)
		abort();
	rows->denominator = (unsigned)strtoul(argv[2], NULL, 10);
	for (int i = 0; i < count; i++) {
		pictures[i] = picture_read(argv[i + 3]);
		picture_try(&pictures[i], scaled, rows);
	}
	double ratios[MOST_ROUNDS];
	for (int i = 0; i < rounds; i++) {
		const double theirs = pictures_decode(pictures, count, NULL, rows);
		const double ours = pictures_decode(pictures, count, scaled, rows);
		ratios[i] = ours / theirs;
		printf("libjpeg-turbo %.4f s, ours %.4f s\n", theirs, ours);
	}
	qsort(ratios, (size_t)rounds, sizeof(*ratios), compare_numbers);
	printf("median of the ratios %.3f\n", ratios[rounds / 2]);
	for (int i = 0; i < count; i++)
		free(pictures[i].data);
	free(pictures);
	free(rows);
	scaled_free(scaled);
	return 0;
}
