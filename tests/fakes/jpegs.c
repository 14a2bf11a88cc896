#include "tests/fakes/jpegs.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

/* A decode of either kind: `samples` by ours, `coefficients` by libjpeg-turbo. */
struct jpegs_decode {
	struct jpeg_decompress_struct info; /* first: callbacks get its address */
	struct jpeg_error_mgr errors;
	jmp_buf gone;
	bool damaged;
	struct scaled_shape shape;
	uint8_t *samples[SCALED_COMPONENTS]; /* from malloc */
	uint32_t rows[SCALED_COMPONENTS];
	size_t bytes; /* of all pixels, where `samples[0]` holds them */
	jvirt_barray_ptr *coefficients;
};

enum { JPEGS_MOST = 4000000 }; /* px */

static const double jpegs_pi = 3.14159265358979323846;

static void jpegs_give_up(j_common_ptr common)
{
	longjmp(((struct jpegs_decode *)(void *)common)->gone, 1);
}

static void jpegs_warn(j_common_ptr common, int level)
{
	struct jpegs_decode *decode = (struct jpegs_decode *)(void *)common;
	const int code = common->err->msg_code;
	if (level < 0 && (code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
				 code == JWRN_MUST_RESYNC || code == JWRN_BOGUS_PROGRESSION))
		decode->damaged = true;
}

static uint8_t *jpegs_next(void *context, uint32_t component)
{
	const struct jpegs_decode *decode = context;
	const struct scaled_plane *plane = &decode->shape.planes[component];
	if (decode->rows[component] >= plane->height)
		abort();
	return decode->samples[component] + (size_t)decode->rows[component] * plane->width;
}

static void jpegs_put(void *context, uint32_t component)
{
	struct jpegs_decode *decode = context;
	decode->rows[component]++;
}

static bool jpegs_room(struct jpegs_decode *decode)
{
	for (uint32_t i = 0; i < decode->shape.count; i++) {
		const struct scaled_plane *plane = &decode->shape.planes[i];
		if ((uint64_t)plane->width * plane->height > JPEGS_MOST)
			return false;
		decode->samples[i] = malloc((size_t)plane->width * plane->height);
		if (!decode->samples[i])
			return false;
	}
	return true;
}

static void jpegs_open(struct jpegs_decode *decode, const struct jpegs_file *file)
{
	decode->info.err = jpeg_std_error(&decode->errors);
	decode->errors.error_exit = jpegs_give_up;
	decode->errors.emit_message = jpegs_warn;
	jpeg_create_decompress(&decode->info);
	jpeg_mem_src(&decode->info, file->bytes, file->length);
}

static void jpegs_close(struct jpegs_decode *decode)
{
	jpeg_destroy_decompress(&decode->info);
	for (int i = 0; i < SCALED_COMPONENTS; i++)
		free(decode->samples[i]);
}

/* False: left, or not to the end. */
static bool jpegs_ours(struct jpegs_decode *decode, struct scaled *scaled,
	const struct jpegs_file *file, const struct scaled_excess *excess)
{
	volatile bool done = false;
	if (setjmp(decode->gone) == 0) {
		jpegs_open(decode, file);
		jpeg_read_header(&decode->info, TRUE);
		const struct scaled_sink sink = { jpegs_next, jpegs_put, decode };
		done = scaled_shape_of(&decode->info, excess, &decode->shape) &&
		       jpegs_room(decode) &&
		       scaled_decode(scaled, &decode->info, &decode->shape, &sink);
	}
	return done;
}

/* Whether libjpeg-turbo decodes all rows and has nothing to complain of. */
static bool jpegs_sound(const struct jpegs_file *file)
{
	struct jpegs_decode decode = { .damaged = false };
	uint8_t *volatile row = NULL;
	volatile bool done = false;
	if (setjmp(decode.gone) == 0) {
		jpegs_open(&decode, file);
		jpeg_read_header(&decode.info, TRUE);
		decode.info.scale_denom = 8;
		jpeg_start_decompress(&decode.info);
		row = malloc((size_t)decode.info.output_width * 4);
		JSAMPROW to = row;
		while (to && decode.info.output_scanline < decode.info.output_height)
			jpeg_read_scanlines(&decode.info, &to, 1);
		done = true;
	}
	free(row);
	jpegs_close(&decode);
	return done && !decode.damaged;
}

/* False: something behind the picture is broken. */
static bool jpegs_theirs(struct jpegs_decode *decode, const struct jpegs_file *file)
{
	if (setjmp(decode->gone))
		return false;
	jpegs_open(decode, file);
	jpeg_read_header(&decode->info, TRUE);
	decode->coefficients = jpeg_read_coefficients(&decode->info);
	return true;
}

static double jpegs_cosine(uint32_t u, uint32_t twice)
{
	return cos(twice * u * jpegs_pi / 16);
}

static double jpegs_wave_of(uint32_t samples, uint32_t u, uint32_t at)
{
	const double root = u == 0 ? sqrt(0.125) : 0.5;
	if (samples == 8)
		return root * jpegs_cosine(u, 2 * at + 1);
	if (samples == 4)
		return root * jpegs_cosine(u, 4 * at + 2);
	double sum = 0;
	for (uint32_t x = 0; x < 8 / samples; x++)
		sum += jpegs_cosine(u, 2 * (at * 8 / samples + x) + 1);
	return root * sum * samples / 8;
}

/* Along one side of a block that comes to `samples`: what frequency `u` is at sample `at`. */
static double jpegs_wave(uint32_t samples, uint32_t u, uint32_t at)
{
	static double waves[DCTSIZE + 1][DCTSIZE][DCTSIZE];
	static bool made[DCTSIZE + 1];
	if (!made[samples])
		for (uint32_t i = 0; i < DCTSIZE * samples; i++)
			waves[samples][i / samples][i % samples] =
				jpegs_wave_of(samples, i / samples, i % samples);
	made[samples] = true;
	return waves[samples][u][at];
}

/* The rule of reduce.h, said in another way: the frequencies of each side, and of both together. */
struct jpegs_rule {
	uint32_t across, down, most;
};

static struct jpegs_rule jpegs_rule_of(const struct scaled_plane *plane)
{
	static const uint32_t highest[] = { [1] = 0, [2] = 1, [4] = 3, [8] = 5 };
	const uint32_t across = highest[plane->across], down = highest[plane->down];
	const uint32_t larger = across > down ? across : down;
	const bool more = plane->fine || (across == 1 && down == 1);
	return (struct jpegs_rule){ across, down, more ? larger + 1 : larger };
}

static double jpegs_wanted(const struct jpegs_decode *theirs, const struct scaled_plane *plane,
	int number, uint32_t x, uint32_t y)
{
	struct jpeg_decompress_struct *info = (struct jpeg_decompress_struct *)&theirs->info;
	const jpeg_component_info *component = &info->comp_info[number];
	const JCOEF *block = info->mem->access_virt_barray((j_common_ptr)info,
		theirs->coefficients[number], y / plane->down, 1, FALSE)[0][x / plane->across];
	const struct jpegs_rule rule = jpegs_rule_of(plane);
	double sum = 128;
	for (uint32_t v = 0; v <= rule.down; v++)
		for (uint32_t u = 0; u <= rule.across && u + v <= rule.most; u++)
			sum += block[v * DCTSIZE + u] *
			       component->quant_table->quantval[v * DCTSIZE + u] *
			       jpegs_wave(plane->across, u, x % plane->across) *
			       jpegs_wave(plane->down, v, y % plane->down);
	return sum < 0 ? 0 : sum > 255 ? 255 : sum;
}

/* Half a step of rounding, and what single precision may lose of the largest coefficients. */
static bool jpegs_agree(const struct jpegs_decode *ours, const struct jpegs_decode *theirs)
{
	for (uint32_t i = 0; i < ours->shape.count; i++) {
		const struct scaled_plane *plane = &ours->shape.planes[i];
		if (ours->rows[i] != plane->height)
			return false;
		for (uint32_t at = 0; at < plane->width * plane->height; at++) {
			const double wanted = jpegs_wanted(
				theirs, plane, (int)i, at % plane->width, at / plane->width);
			if (fabs(ours->samples[i][at] - wanted) > 0.51)
				return false;
		}
	}
	return true;
}

enum jpegs_verdict jpegs_compare(struct scaled *scaled, const unsigned char *bytes, size_t length,
	const struct scaled_excess *excess)
{
	const struct jpegs_file file = { (unsigned char *)(uintptr_t)bytes, length, 0 };
	struct jpegs_decode ours = { .damaged = false };
	struct jpegs_decode theirs = { .damaged = false };
	enum jpegs_verdict verdict = JPEGS_LEFT;
	if (jpegs_ours(&ours, scaled, &file, excess)) {
		const bool same = jpegs_sound(&file) &&
				  (!jpegs_theirs(&theirs, &file) || jpegs_agree(&ours, &theirs));
		verdict = same ? JPEGS_SAME : JPEGS_DIFFERENT;
		jpegs_close(&theirs);
	}
	jpegs_close(&ours);
	return verdict;
}

/* All pixels, at full size, into `samples[0]`. False: `scaled` (or NULL) does not take it, or
 * nobody does. */
static bool jpegs_pixels(
	struct jpegs_decode *decode, struct scaled *scaled, const struct jpegs_file *file)
{
	if (setjmp(decode->gone))
		return false;
	jpegs_open(decode, file);
	struct jpeg_decompress_struct *info = &decode->info;
	jpeg_read_header(info, TRUE);
	if ((uint64_t)info->image_width * info->image_height > JPEGS_MOST)
		return false;
	jpeg_start_decompress(info);
	if (scaled && !scaled_serve(scaled, info))
		return false;
	const size_t row = (size_t)info->output_width * (size_t)info->output_components;
	decode->samples[0] = calloc(info->output_height, row);
	while (decode->samples[0] && info->output_scanline < info->output_height) {
		JSAMPROW to = decode->samples[0] + info->output_scanline * row;
		if (jpeg_read_scanlines(info, &to, 1) == 0)
			return false;
	}
	decode->bytes = row * info->output_height;
	return decode->samples[0] != NULL;
}

enum jpegs_verdict jpegs_serve(struct scaled *scaled, const unsigned char *bytes, size_t length)
{
	const struct jpegs_file file = { (unsigned char *)(uintptr_t)bytes, length, 0 };
	struct jpegs_decode ours = { .damaged = false };
	struct jpegs_decode theirs = { .damaged = false };
	enum jpegs_verdict verdict = JPEGS_LEFT;
	if (jpegs_pixels(&ours, scaled, &file)) {
		const bool same = jpegs_pixels(&theirs, NULL, &file) && !theirs.damaged &&
				  ours.bytes == theirs.bytes &&
				  memcmp(ours.samples[0], theirs.samples[0], ours.bytes) == 0;
		verdict = same ? JPEGS_SAME : JPEGS_DIFFERENT;
		jpegs_close(&theirs);
	}
	jpegs_close(&ours);
	return verdict;
}
