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

#include <vips/vips.h>

#if __has_include(<libswscale/swscale.h>)
#include <libavutil/pixfmt.h>
#include <libswscale/swscale.h>
#define HAS_SWSCALE 1
#else
#define HAS_SWSCALE 0
#endif

#if __has_include(<stb/stb_image_resize.h>)
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb/stb_image_resize.h>
#define HAS_STB 1
#else
#define HAS_STB 0
#endif

#include "pipeline/input.h"
#include "stages/thumbnail/decode.h"

enum { MOST_ROUNDS = 101, CHANNELS = 3 };

/* Where the samples of each channel are. */
struct made {
	const uint8_t *channels[CHANNELS];
	size_t stride, step; /* from row to row, from px to px */
};

/* What is to be made, and all that is needed for it. */
struct work {
	uint8_t *packed; /* RGB without gaps between the rows */
	uint32_t width, height;
	struct geometry to;
	struct planes pixels, apart; /* the same twice, R, G and B as three planes too */
	struct planes_scaler scaler;
	struct surface whole;
	uint8_t *room; /* for a result, RGB or three planes */
	void *held;    /* by libvips */
};

struct way {
	const char *name;
	bool (*run)(struct work *work, struct made *made); /* NULL: not installed */
};

static void *memory(size_t bytes)
{
	void *there = calloc(bytes + 1, 1);
	if (!there)
		abort();
	return there;
}

static struct made made_of_pixels(const uint8_t *pixels, size_t stride)
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

static VipsImage *vips_begin(struct work *work)
{
	g_free(work->held);
	work->held = NULL;
	const size_t bytes = (size_t)work->width * work->height * CHANNELS;
	VipsImage *from = vips_image_new_from_memory(work->packed, bytes, (int)work->width,
		(int)work->height, CHANNELS, VIPS_FORMAT_UCHAR);
	if (!from)
		abort();
	from->Type = VIPS_INTERPRETATION_sRGB;
	return from;
}

/* Closes both. */
static bool vips_end(struct work *work, VipsImage *from, VipsImage *to, struct made *made)
{
	size_t bytes = 0;
	work->held = to ? vips_image_write_to_memory(to, &bytes) : NULL;
	if (to)
		g_object_unref(to);
	g_object_unref(from);
	*made = made_of_pixels(work->held, (size_t)work->to.width * CHANNELS);
	return bytes == (size_t)work->to.width * work->to.height * CHANNELS;
}

static bool vips_by_resize(struct work *work, struct made *made)
{
	VipsImage *from = vips_begin(work), *to = NULL;
	vips_resize(from, &to, (double)work->to.width / work->width, "vscale",
		(double)work->to.height / work->height, "kernel", VIPS_KERNEL_LANCZOS3, NULL);
	return vips_end(work, from, to, made);
}

static bool vips_by_thumbnail(struct work *work, struct made *made)
{
	VipsImage *from = vips_begin(work), *to = NULL;
	vips_thumbnail_image(from, &to, (int)work->to.width, "height", (int)work->to.height, "size",
		VIPS_SIZE_FORCE, NULL);
	return vips_end(work, from, to, made);
}

#if HAS_SWSCALE
struct frame {
	uint8_t *planes[4];
	int strides[4];
};

static bool swscale_run(const struct work *work, enum AVPixelFormat format,
	const struct frame *from, const struct frame *to)
{
	enum { FLAGS = SWS_LANCZOS | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT };
	const int width = (int)work->width, height = (int)work->height;
	struct SwsContext *context = sws_getContext(width, height, format, (int)work->to.width,
		(int)work->to.height, format, FLAGS, NULL, NULL, NULL);
	const bool done =
		context && sws_scale(context, (const uint8_t *const *)from->planes, from->strides,
				   0, height, to->planes, to->strides) == (int)work->to.height;
	sws_freeContext(context);
	return done;
}

static bool swscale_pixels(struct work *work, struct made *made)
{
	const int wide = (int)work->width * CHANNELS, narrow = (int)work->to.width * CHANNELS;
	const struct frame from = { { work->packed }, { wide } };
	const struct frame to = { { work->room }, { narrow } };
	*made = made_of_pixels(work->room, (size_t)narrow);
	return swscale_run(work, AV_PIX_FMT_RGB24, &from, &to);
}

/* As Y, Cb and Cr: numbers are only scaled where both sides have the same range. */
static bool swscale_planes(struct work *work, struct made *made)
{
	const struct surface *of = work->apart.of;
	const int wide = (int)of->stride, narrow = (int)work->to.width;
	const size_t bytes = (size_t)work->to.width * work->to.height;
	uint8_t *room = work->room;
	const struct frame from = { { of[0].pixels, of[1].pixels, of[2].pixels },
		{ wide, wide, wide } };
	const struct frame to = { { room, room + bytes, room + 2 * bytes },
		{ narrow, narrow, narrow } };
	*made = (struct made){ { room, room + bytes, room + 2 * bytes }, work->to.width, 1 };
	return swscale_run(work, AV_PIX_FMT_YUV444P, &from, &to);
}
#else
#define swscale_pixels NULL
#define swscale_planes NULL
#endif

#if HAS_STB
static bool stb_run(struct work *work, struct made *made)
{
	*made = made_of_pixels(work->room, (size_t)work->to.width * CHANNELS);
	return stbir_resize_uint8(work->packed, (int)work->width, (int)work->height, 0, work->room,
		       (int)work->to.width, (int)work->to.height, 0, CHANNELS) == 1;
}
#else
#define stb_run NULL
#endif

static const struct way ways[] = {
	{ "ours", ours_pixels },
	{ "ours, without halving first", ours_in_one_step },
	{ "ours, three planes", ours_planes },
	{ "vips_resize", vips_by_resize },
	{ "vips_thumbnail_image", vips_by_thumbnail },
	{ "swscale, RGB", swscale_pixels },
	{ "swscale, three planes", swscale_planes },
	{ "stb_image_resize (Mitchell)", stb_run },
};

enum { WAYS = sizeof(ways) / sizeof(*ways) };

static double lanczos(double x)
{
	const double pi = 3.14159265358979323846;
	if (fabs(x) >= 3)
		return 0;
	return x == 0 ? 1 : 3 * sin(pi * x) * sin(pi * x / 3) / (pi * pi * x * x);
}

/* Of rows of `from` numbers `step` apart, and as many of `to`. */
struct line {
	uint32_t from, to;
	size_t step;
};

static void line_reduce(const struct line *line, const double *in, double *out)
{
	const double scale = (double)line->from / line->to;
	for (uint32_t i = 0; i < line->to; i++) {
		const double centre = (i + 0.5) * scale;
		const long first = lrint(floor(centre - 3 * scale)),
			   last = first + (long)(6 * scale) + 2;
		double sum = 0, weights = 0;
		for (long k = first > 0 ? first : 0; k < line->from && k <= last; k++) {
			const double weight = lanczos(((double)k + 0.5 - centre) / scale);
			sum += weight * in[(size_t)k * line->step];
			weights += weight;
		}
		out[i * line->step] = sum / weights;
	}
}

/* RGB, cut off at the ends of the scale only. */
static double *work_wanted(const struct work *work)
{
	const size_t wide = (size_t)work->width * CHANNELS,
		     narrow = (size_t)work->to.width * CHANNELS;
	double *from = memory(wide * work->height * sizeof(double));
	double *half = memory(wide * work->to.height * sizeof(double));
	double *to = memory(narrow * work->to.height * sizeof(double));
	const struct line down = { work->height, work->to.height, wide };
	const struct line across = { work->width, work->to.width, CHANNELS };
	for (size_t i = 0; i < wide * work->height; i++)
		from[i] = work->packed[i];
	for (size_t x = 0; x < wide; x++)
		line_reduce(&down, from + x, half + x);
	for (size_t i = 0; i < (size_t)work->to.height * CHANNELS; i++)
		line_reduce(&across, half + i / CHANNELS * wide + i % CHANNELS,
			to + i / CHANNELS * narrow + i % CHANNELS);
	for (size_t i = 0; i < narrow * work->to.height; i++)
		to[i] = fmin(fmax(to[i], 0), 255);
	free(from);
	free(half);
	return to;
}

static double decibels(const struct work *work, const struct made *made, const double *wanted)
{
	double squares = 0;
	for (uint32_t y = 0; y < work->to.height; y++)
		for (uint32_t x = 0; x < work->to.width; x++)
			for (int c = 0; c < CHANNELS; c++) {
				const uint8_t *row = made->channels[c] + y * made->stride;
				const double away = row[x * made->step] - *wanted++;
				squares += away * away;
			}
	const double samples = (double)work->to.width * work->to.height * CHANNELS;
	return 10 * log10(255 * 255 * samples / squares);
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
			if (ways[n].run)
				ways[n].run(work, &made);
			times[n][i] = milliseconds() - started;
		}
	for (size_t n = 0; n < WAYS; n++)
		qsort(times[n], (size_t)rounds, sizeof(times[n][0]), compare_numbers);
}

static void work_print(struct work *work, int rounds)
{
	static double times[WAYS][MOST_ROUNDS];
	double *wanted = work_wanted(work);
	printf("\n%u x %u px%22s      ms  x ours      dB\n", work->to.width, work->to.height, "");
	work_time(work, rounds, times);
	for (size_t n = 0; n < WAYS; n++) {
		struct made made;
		const double median = times[n][rounds / 2];
		printf("%-32s", ways[n].name);
		if (!ways[n].run)
			puts("  is not installed");
		else if (!ways[n].run(work, &made))
			puts("  has failed");
		else
			printf("%8.2f %7.2f %7.1f\n", median, median / times[0][rounds / 2],
				decibels(work, &made, wanted));
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
	if (VIPS_INIT(argv[0]) != 0)
		return 2;
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	work_decode(&work, argv[2]);
	work_spread(&work);
	printf("%s, %u x %u px, median of %d rounds\n", argv[2], work.width, work.height, rounds);
	for (int i = 3; i < argc; i++)
		work_resize(&work, (uint32_t)strtoul(argv[i], NULL, 10), rounds);
	g_free(work.held);
	free(work.packed);
	surface_finish(&work.whole);
	planes_finish(&work.pixels);
	planes_finish(&work.apart);
	planes_scaler_finish(&work.scaler);
	vips_shutdown();
	return 0;
}
