#include "tests/fakes/jpegs.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "stages/thumbnail/jpeg/scaled.h"

static int jpegs_or_one(int factor)
{
	return factor == 0 ? 1 : factor;
}

static void jpegs_sample(struct jpeg_compress_struct *info, const struct jpegs_spec *spec)
{
	const int across[3] = { spec->across, spec->across_cb, spec->across_cr };
	const int down[3] = { spec->down, spec->down_cb, spec->down_cr };
	for (int i = 0; i < spec->components && i < 3; i++) {
		info->comp_info[i].h_samp_factor = jpegs_or_one(across[i]);
		info->comp_info[i].v_samp_factor = jpegs_or_one(down[i]);
	}
}

/* Slopes of different steepness, with noise on top. */
static void jpegs_row(const struct jpegs_spec *spec, unsigned y, uint32_t *seed, uint8_t *row)
{
	for (unsigned x = 0; x < spec->width; x++)
		for (int c = 0; c < spec->components; c++) {
			*seed = *seed * 1664525 + 1013904223;
			const unsigned noise = (*seed >> 24) * spec->noise / 255;
			const unsigned slope = x * (3 + (unsigned)c) + y * (7 - (unsigned)c) +
					       (x / 11 + y / 5) % 2 * 90;
			*row++ = (uint8_t)(slope + noise);
		}
}

static void jpegs_describe(struct jpeg_compress_struct *info, const struct jpegs_spec *spec)
{
	info->image_width = spec->width;
	info->image_height = spec->height;
	info->input_components = spec->components;
	info->in_color_space = spec->components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(info);
	if (spec->rgb)
		jpeg_set_colorspace(info, JCS_RGB);
	jpeg_set_quality(info, spec->quality, FALSE);
	jpegs_sample(info, spec);
	info->restart_interval = spec->restart;
	info->optimize_coding = spec->optimised;
	info->arith_code = spec->arithmetic;
	if (spec->progressive)
		jpeg_simple_progression(info);
}

/* Behind the first SOS segment. */
static size_t jpegs_find_scan(const struct jpegs_file *file)
{
	size_t at = 2;
	while (at + 4 < file->length) {
		const size_t segment = file->bytes[at + 2] * 256U + file->bytes[at + 3];
		const bool found = file->bytes[at + 1] == 0xDA;
		at += 2 + segment;
		if (found)
			return at;
	}
	abort();
}

static void jpegs_stay_silent(j_common_ptr common, int level)
{
	(void)common;
	(void)level;
}

struct jpegs_file jpegs_make(const struct jpegs_spec *spec)
{
	struct jpeg_compress_struct info;
	struct jpeg_error_mgr errors;
	info.err = jpeg_std_error(&errors);
	errors.emit_message = jpegs_stay_silent;
	jpeg_create_compress(&info);
	unsigned char *bytes = NULL;
	unsigned long length = 0;
	jpeg_mem_dest(&info, &bytes, &length);
	jpegs_describe(&info, spec);
	uint8_t *row = malloc((size_t)spec->width * (size_t)spec->components);
	if (!row)
		abort();
	uint32_t seed = spec->width * 31 + spec->height;
	jpeg_start_compress(&info, TRUE);
	for (unsigned y = 0; y < spec->height; y++) {
		jpegs_row(spec, y, &seed, row);
		jpeg_write_scanlines(&info, &row, 1);
	}
	jpeg_finish_compress(&info);
	jpeg_destroy_compress(&info);
	free(row);
	struct jpegs_file file = { bytes, length, 0 };
	file.scan = jpegs_find_scan(&file);
	return file;
}

/* A decoder of either kind. */
struct jpegs_decode {
	struct jpeg_decompress_struct info; /* first: callbacks get its address */
	struct jpeg_error_mgr errors;
	jmp_buf gone;
	bool damaged;
	uint8_t *rows; /* from malloc */
	size_t stride, count;
};

enum { JPEGS_MOST = 4000000 }; /* px */

static void jpegs_give_up(j_common_ptr common)
{
	longjmp(((struct jpegs_decode *)(void *)common)->gone, 1);
}

static void jpegs_warn(j_common_ptr common, int level)
{
	struct jpegs_decode *decode = (struct jpegs_decode *)(void *)common;
	const int code = common->err->msg_code;
	if (level < 0 &&
		(code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_MUST_RESYNC))
		decode->damaged = true;
}

static uint8_t *jpegs_next(void *context)
{
	const struct jpegs_decode *decode = context;
	if (decode->count >= decode->info.output_height)
		abort();
	return decode->rows + decode->count * decode->stride;
}

static void jpegs_put(void *context)
{
	struct jpegs_decode *decode = context;
	decode->count++;
}

static void jpegs_read(struct jpegs_decode *decode)
{
	jpeg_start_decompress(&decode->info);
	while (decode->info.output_scanline < decode->info.output_height) {
		JSAMPROW row = jpegs_next(decode);
		jpeg_read_scanlines(&decode->info, &row, 1);
		jpegs_put(decode);
	}
}

static bool jpegs_begin(struct jpegs_decode *decode, unsigned denominator)
{
	struct jpeg_decompress_struct *info = &decode->info;
	jpeg_read_header(info, TRUE);
	info->out_color_space = info->num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	info->scale_denom = denominator;
	jpeg_calc_output_dimensions(info);
	decode->stride = (size_t)info->output_width * (info->num_components == 1 ? 1 : 3);
	if ((uint64_t)info->output_width * info->output_height > JPEGS_MOST)
		return false;
	decode->rows = calloc(info->output_height, decode->stride);
	return decode->rows != NULL;
}

/* By libjpeg-turbo where `scaled` is NULL. False: not to the end. */
static bool jpegs_decode(struct jpegs_decode *decode, struct scaled *scaled,
	const struct jpegs_file *file, unsigned denominator)
{
	memset(decode, 0, sizeof(*decode));
	decode->info.err = jpeg_std_error(&decode->errors);
	decode->errors.error_exit = jpegs_give_up;
	decode->errors.emit_message = jpegs_warn;
	volatile bool done = false;
	if (setjmp(decode->gone) == 0) {
		jpeg_create_decompress(&decode->info);
		jpeg_mem_src(&decode->info, file->bytes, file->length);
		const struct scaled_sink sink = { jpegs_next, jpegs_put, decode };
		if (jpegs_begin(decode, denominator) && scaled) {
			done = scaled_decode(scaled, &decode->info, &sink);
		} else if (decode->rows) {
			jpegs_read(decode);
			done = true;
		}
	}
	jpeg_destroy_decompress(&decode->info);
	return done;
}

enum jpegs_verdict jpegs_compare(
	struct scaled *scaled, const unsigned char *bytes, size_t length, unsigned denominator)
{
	const struct jpegs_file file = { (unsigned char *)(uintptr_t)bytes, length, 0 };
	struct jpegs_decode ours;
	struct jpegs_decode theirs = { .rows = NULL };
	enum jpegs_verdict verdict = JPEGS_LEFT;
	if (jpegs_decode(&ours, scaled, &file, denominator)) {
		const bool whole = jpegs_decode(&theirs, NULL, &file, denominator);
		const bool same = whole && !theirs.damaged && ours.count == theirs.count &&
				  memcmp(ours.rows, theirs.rows, ours.count * ours.stride) == 0;
		verdict = same ? JPEGS_SAME : JPEGS_DIFFERENT;
	}
	free(ours.rows);
	free(theirs.rows);
	return verdict;
}
