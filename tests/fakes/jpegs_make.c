#include "tests/fakes/jpegs.h"

#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

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

/* Scans of a script. */
enum { JPEGS_SCANS = 1000 };

struct jpegs_script {
	jpeg_scan_info scans[JPEGS_SCANS];
	int count;
};

/* Of one component, from position 1 on. */
static void jpegs_add_bands(
	struct jpegs_script *script, int component, int bands, const jpeg_scan_info *like)
{
	for (int i = 0; i < bands; i++) {
		jpeg_scan_info *scan = &script->scans[script->count++];
		*scan = *like;
		scan->comps_in_scan = 1;
		scan->component_index[0] = component;
		scan->Ss = 1 + i * 63 / bands;
		scan->Se = (i + 1) * 63 / bands;
	}
}

static void jpegs_add_means(
	struct jpegs_script *script, const struct jpegs_spec *spec, const jpeg_scan_info *like)
{
	for (int i = 0; i < (spec->apart ? spec->components : 1); i++) {
		jpeg_scan_info *scan = &script->scans[script->count++];
		*scan = *like;
		scan->comps_in_scan = spec->apart ? 1 : spec->components;
		for (int k = 0; k < scan->comps_in_scan; k++)
			scan->component_index[k] = i + k;
	}
}

/* Bits of all positions, from the highest to the lowest. */
static void jpegs_write_script(struct jpegs_script *script, const struct jpegs_spec *spec)
{
	for (int low = spec->open; low >= 0; low--) {
		const bool first = low == spec->open;
		const jpeg_scan_info like = { .Ah = first ? 0 : low + 1, .Al = low };
		const bool joined = !first && spec->bands % 2 == 0;
		jpegs_add_means(script, spec, &like);
		for (int i = 0; i < spec->components; i++)
			jpegs_add_bands(script, i, joined ? 1 : spec->bands, &like);
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
	if (spec->progressive && spec->bands == 0)
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
	struct jpegs_script script = { .count = 0 };
	if (spec->progressive && spec->bands != 0) {
		jpegs_write_script(&script, spec);
		info.scan_info = script.scans;
		info.num_scans = script.count;
	}
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
