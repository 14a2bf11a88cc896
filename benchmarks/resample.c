/* Resampling alone, from memory to memory, on one thread: ours, libvips, swscale and
 * stb_image_resize make the same px smaller in turn, ROUNDS times each. Prints for each width the
 * median of CPU milliseconds, and how far what came out is from Lanczos with three lobes in real
 * numbers. What is not installed where this is compiled says so.
 *
 *     resample ROUNDS PICTURE WIDTH... */

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "benchmarks/resampling/ways.h"
#include "pipeline/input.h"
#include "stages/thumbnail/decode.h"

void *memory(size_t bytes)
{
	void *there = calloc(bytes + 1, 1);
	if (!there)
		abort();
	return there;
}

struct made made_of_pixels(const uint8_t *pixels, size_t stride)
{
	return (struct made){ { pixels, pixels + 1, pixels + 2 }, stride, CHANNELS };
}

static bool ours_pixels(struct work *work, struct made *made)
{
	struct error err;
	const struct resample_job job = { .stored = &work->to, .orientation = 1 };
	planes_begin(&work->pixels);
	if (!planes_resample(&work->scaler, &work->pixels, &job, &work->whole, &err))
		return false;
	*made = made_of_pixels(work->whole.pixels, work->whole.stride);
	return true;
}

static bool ours_in_one_step(struct work *work, struct made *made)
{
	struct error err;
	const struct resample_job job = { .stored = &work->to, .orientation = 1 };
	const struct surface *from = &work->pixels.of[0];
	if (!resample_run(&work->scaler.first, from, &job, &work->whole, &err))
		return false;
	*made = made_of_pixels(work->whole.pixels, work->whole.stride);
	return true;
}

static bool ours_planes(struct work *work, struct made *made)
{
	struct error err;
	const struct resample_job job = { .stored = &work->to, .orientation = 1 };
	planes_begin(&work->apart);
	const struct surface *planes = planes_resample_apart(
		&work->scaler, &work->apart, &job, (struct planes_form){ .apart = true }, &err);
	if (!planes)
		return false;
	*made = (struct made){ .stride = planes->stride, .step = 1 };
	for (int c = 0; c < CHANNELS; c++)
		made->channels[c] = planes[c].pixels;
	return true;
}

static const struct way ours[] = {
	{ "ours", ours_pixels },
	{ "ours, without halving first", ours_in_one_step },
	{ "ours, three planes", ours_planes },
};

enum { MOST_ROUNDS = 101, OURS = sizeof(ours) / sizeof(*ours), WAYS = OURS + PEERS };

static const struct way *way_of(size_t number)
{
	return number < OURS ? &ours[number] : &peers[number - OURS];
}

static double milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare_numbers(const void *left, const void *right)
{
	const double a = *(const double *)left;
	const double b = *(const double *)right;
	return (a > b) - (a < b);
}

static void work_time(struct work *work, int rounds, double times[WAYS][MOST_ROUNDS])
{
	struct made made;
	for (int i = 0; i < rounds; i++)
		for (size_t n = 0; n < WAYS; n++) {
			const double started = milliseconds();
			if (way_of(n)->run)
				way_of(n)->run(work, &made);
			times[n][i] = milliseconds() - started;
		}
	for (size_t n = 0; n < WAYS; n++)
		qsort(times[n], (size_t)rounds, sizeof(times[n][0]), compare_numbers);
}

static void work_print(struct work *work, int rounds)
{
	static double times[WAYS][MOST_ROUNDS];
	double *wanted = exact_pixels(work);
	printf("\n%u x %u px%22s      ms  x ours      dB\n", work->to.width, work->to.height, "");
	work_time(work, rounds, times);
	for (size_t n = 0; n < WAYS; n++) {
		struct made made;
		const double median = times[n][rounds / 2];
		printf("%-32s", way_of(n)->name);
		if (!way_of(n)->run)
			puts("  is not installed");
		else if (!way_of(n)->run(work, &made))
			puts("  has failed");
		else
			printf("%8.2f %7.2f %7.1f\n", median, median / times[0][rounds / 2],
				exact_decibels(work, &made, wanted));
	}
	free(wanted);
}

static void work_resize(struct work *work, uint32_t width, int rounds)
{
	const uint32_t height = (uint32_t)lrint((double)width * work->height / work->width);
	work->to = (struct geometry){
		.scaled_width = width, .scaled_height = height, .width = width, .height = height
	};
	work->room = memory((size_t)width * height * CHANNELS);
	work_print(work, rounds);
	free(work->room);
}

static struct text file_read(const char *path)
{
	struct text text = { .data = NULL };
	char block[65536];
	size_t got;
	FILE *file = fopen(path, "rb");
	while (file && (got = fread(block, 1, sizeof(block), file)) > 0)
		text_add(&text, block, got);
	if (!file || ferror(file)) {
		perror(path);
		exit(2);
	}
	fclose(file);
	memset(block, 0, INPUT_PADDING);
	text_add(&text, block, INPUT_PADDING);
	return text;
}

static void work_decode(struct work *work, const char *path)
{
	static const struct limits limits = { 1U << 28, 1U << 30, 1U << 30 };
	struct text file = file_read(path);
	const unsigned char *data = (const unsigned char *)file.data;
	const size_t length = file.length - INPUT_PADDING;
	struct decode decode = {
		.data = data, .length = length, .kind = sniff_bytes(data, length), .limits = &limits
	};
	struct error err = { .text = "no picture" };
	if (decode.kind == SNIFF_NOTHING || !decode_open(&decode, &err) ||
		!decode_read(&decode, 1, &work->pixels, &err) ||
		planes_channels(&work->pixels) != CHANNELS) {
		fprintf(stderr,
			"resample: %s: %s; a picture in colours without alpha was expected\n", path,
			err.text);
		exit(2);
	}
	decode_close(&decode);
	text_finish(&file);
}

/* The same px without gaps, and as three planes. */
static void work_spread(struct work *work)
{
	struct error err;
	const struct surface *from = &work->pixels.of[0];
	work->width = from->width;
	work->height = from->height;
	work->packed = memory((size_t)work->width * work->height * CHANNELS);
	work->apart = (struct planes){ .count = PLANES_MOST, .luma = true };
	for (uint32_t c = 0; c < CHANNELS; c++)
		if (!surface_shape(&work->apart.of[c], work->width, work->height, 1, &err))
			abort();
	uint8_t *packed = work->packed;
	for (uint32_t y = 0; y < work->height; y++)
		for (uint32_t x = 0; x < work->width * CHANNELS; x++) {
			*packed = surface_row(from, y)[x];
			surface_row(&work->apart.of[x % CHANNELS], y)[x / CHANNELS] = *packed++;
		}
}

int main(int argc, char **argv)
{
	const int rounds = argc < 4 ? 0 : (int)strtol(argv[1], NULL, 10);
	if (rounds < 1 || rounds > MOST_ROUNDS) {
		fprintf(stderr, "usage: resample ROUNDS PICTURE WIDTH...\n");
		return 2;
	}
	struct work work = { .packed = NULL };
	if (!peers_open(argv[0]))
		return 2;
	work_decode(&work, argv[2]);
	work_spread(&work);
	printf("%s, %u x %u px, median of %d rounds\n", argv[2], work.width, work.height, rounds);
	for (int i = 3; i < argc; i++)
		work_resize(&work, (uint32_t)strtoul(argv[i], NULL, 10), rounds);
	peers_close(&work);
	free(work.packed);
	surface_finish(&work.whole);
	planes_finish(&work.pixels);
	planes_finish(&work.apart);
	planes_scaler_finish(&work.scaler);
	return 0;
}
