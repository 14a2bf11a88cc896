#include "stages/thumbnail/jpeg/scaled.h"

#include <stdlib.h>
#include <string.h>

#include <jpegint.h>

#include "stages/thumbnail/jpeg/coefficients.h"
#include "stages/thumbnail/jpeg/progressive.h"
#include "stages/thumbnail/jpeg/scan.h"

struct scaled {
	struct scan scan;
	struct huffman dc[NUM_HUFF_TBLS], ac[NUM_HUFF_TBLS];
	struct progressive progressive;
	uint8_t *samples; /* of a row of MCUs */
	size_t room;      /* bytes */
};

/* The picture at hand. */
struct scaled_picture {
	struct scaled *scaled;
	const struct jpeg_decompress_struct *info;
	const struct scaled_shape *shape;
	uint32_t put[SCALED_COMPONENTS]; /* rows so far */
};

struct scaled *scaled_new(size_t ahead)
{
	struct scaled *scaled = calloc(1, sizeof(*scaled));
	if (scaled)
		scaled->scan.ahead.least = ahead;
	return scaled;
}

void scaled_free(struct scaled *scaled)
{
	if (!scaled)
		return;
	free(scaled->samples);
	free(scaled);
}

/* Whether the first scan of a baseline picture is its only one. */
static bool scaled_is_only(const struct jpeg_decompress_struct *info)
{
	return info->comps_in_scan == info->num_components && info->Ss == 0 &&
	       info->Se == DCTSIZE2 - 1 && info->Ah == 0 && info->Al == 0;
}

static bool scaled_knows(const struct jpeg_decompress_struct *info)
{
	return info->data_precision == 8 && !info->arith_code && !info->CCIR601_sampling &&
	       (info->num_components == 1 || info->num_components == SCALED_COMPONENTS) &&
	       (info->progressive_mode || scaled_is_only(info));
}

/* Samples of a block that leave it at least twice too large. */
static uint32_t scaled_samples_for(double excess)
{
	uint32_t samples = 1;
	while (samples < DCTSIZE && excess * samples < 2 * DCTSIZE)
		samples *= 2;
	return samples;
}

/* Whether 4 x 4 samples, hardly more than needed, are to be better ones: README.md says from where
 * on nobody sees a difference. */
static bool scaled_fine(const struct scaled_plane *plane, double across, double down)
{
	const double hardly = 5;
	return plane->across == 4 && plane->down == 4 && (across < hardly || down < hardly);
}

/* What the usual decoder's interpolation blurs where a sample stands for `times` px: the second
 * moment, in samples squared. It puts pixels between samples by 3/4 and 1/4 for two, and repeats
 * them for more. */
static double scaled_interpolated(uint32_t times)
{
	if (times == 2)
		return 3.0 / 16;
	return (1 - 1 / ((double)times * times)) / 12;
}

static double scaled_blur(uint32_t samples, uint32_t times)
{
	const double part = (double)samples / DCTSIZE;
	return reduce_blur(samples) - scaled_interpolated(times) * part * part;
}

static uint32_t scaled_round_up(double extent)
{
	const uint32_t whole = (uint32_t)extent;
	return extent > whole ? whole + 1 : whole;
}

/* `times`: px of the picture that a sample at full size stands for. */
static void scaled_measure(struct scaled_plane *plane, const struct jpeg_decompress_struct *info,
	const uint32_t times[2], double excess)
{
	plane->across = scaled_samples_for(excess / times[0]);
	plane->down = scaled_samples_for(excess / times[1]);
	if (plane->across < plane->down / 2)
		plane->across = plane->down / 2;
	if (plane->down < plane->across / 2)
		plane->down = plane->across / 2;
	plane->fine = scaled_fine(plane, excess / times[0], excess / times[1]);
	plane->extent_x = (double)info->image_width * plane->across / (times[0] * DCTSIZE);
	plane->extent_y = (double)info->image_height * plane->down / (times[1] * DCTSIZE);
	plane->width = scaled_round_up(plane->extent_x);
	plane->height = scaled_round_up(plane->extent_y);
	plane->blur_x = scaled_blur(plane->across, times[0]);
	plane->blur_y = scaled_blur(plane->down, times[1]);
}

bool scaled_shape_of(const struct jpeg_decompress_struct *info, const struct scaled_excess *excess,
	struct scaled_shape *shape)
{
	if (!scaled_knows(info) || scaled_samples_for(excess->first) == DCTSIZE)
		return false;
	shape->count = (uint32_t)info->num_components;
	for (uint32_t i = 0; i < shape->count; i++) {
		const jpeg_component_info *component = &info->comp_info[i];
		const int across = component->h_samp_factor, down = component->v_samp_factor;
		if (info->max_h_samp_factor % across != 0 || info->max_v_samp_factor % down != 0)
			return false;
		const uint32_t times[2] = { (uint32_t)(info->max_h_samp_factor / across),
			(uint32_t)(info->max_v_samp_factor / down) };
		scaled_measure(
			&shape->planes[i], info, times, i > 0 ? excess->others : excess->first);
	}
	return true;
}

/* Small scans are not worth large tables. */
static uint32_t scaled_window(const struct jpeg_decompress_struct *info)
{
	const size_t bytes = info->src->bytes_in_buffer;
	if (bytes < 16384)
		return 8;
	return bytes < 131072 ? 11 : HUFFMAN_SKIP_BITS;
}

static bool scaled_tables(struct scaled *scaled, const struct jpeg_decompress_struct *info,
	const jpeg_component_info *component, struct scan_component *made)
{
	const int dc = component->dc_tbl_no;
	const int ac = component->ac_tbl_no;
	if (dc < 0 || dc >= NUM_HUFF_TBLS || ac < 0 || ac >= NUM_HUFF_TBLS)
		return false;
	made->dc = &scaled->dc[dc];
	made->ac = &scaled->ac[ac];
	return huffman_set(&scaled->dc[dc], info->dc_huff_tbl_ptrs[dc], true) &&
	       huffman_set(&scaled->ac[ac], info->ac_huff_tbl_ptrs[ac], false);
}

static bool scaled_component(
	struct scaled *scaled, const struct jpeg_decompress_struct *info, int number)
{
	const jpeg_component_info *component = &info->comp_info[number];
	const bool alone = info->num_components == 1;
	struct scan_component *made = &scaled->scan.components[number];
	made->across = alone ? 1 : (uint32_t)component->h_samp_factor;
	made->down = alone ? 1 : (uint32_t)component->v_samp_factor;
	return info->progressive_mode || scaled_tables(scaled, info, component, made);
}

/* What becomes of the blocks of a component. */
static bool scaled_reduce(struct scaled_picture *picture, int number)
{
	struct scaled *scaled = picture->scaled;
	const struct jpeg_decompress_struct *info = picture->info;
	const jpeg_component_info *component = &info->comp_info[number];
	const struct scaled_plane *plane = &picture->shape->planes[number];
	const int quant = component->quant_tbl_no;
	if (quant < 0 || quant >= NUM_QUANT_TBLS || !info->quant_tbl_ptrs[quant])
		return false;
	if (!info->progressive_mode)
		huffman_set_skips(&scaled->ac[component->ac_tbl_no], scaled_window(info));
	reduce_set(&scaled->scan.components[number].reduce, plane->across, plane->down, plane->fine,
		info->quant_tbl_ptrs[quant]->quantval);
	return true;
}

static uint32_t scaled_ceil(uint32_t side, uint32_t part)
{
	return (side + part - 1) / part;
}

static bool scaled_room(struct scaled *scaled, size_t bytes)
{
	if (bytes <= scaled->room)
		return true;
	free(scaled->samples);
	scaled->samples = malloc(bytes);
	scaled->room = scaled->samples ? bytes : 0;
	return scaled->samples != NULL;
}

static size_t scaled_bytes(const struct scan_component *component)
{
	return component->stride * component->down * component->reduce.down;
}

static bool scaled_share(struct scaled_picture *picture)
{
	struct scaled *scaled = picture->scaled;
	struct scan *scan = &scaled->scan;
	size_t bytes = 0;
	for (uint32_t i = 0; i < scan->count; i++) {
		struct scan_component *component = &scan->components[i];
		component->stride =
			(size_t)scan->mcus * component->across * component->reduce.across;
		bytes += scaled_bytes(component);
	}
	if (!scaled_room(scaled, bytes))
		return false;
	uint8_t *at = scaled->samples;
	for (uint32_t i = 0; i < scan->count; i++) {
		struct scan_component *component = &scan->components[i];
		component->samples = at;
		at += scaled_bytes(component);
	}
	return true;
}

static bool scaled_blocks_of(struct scan *scan, uint32_t number)
{
	struct scan_component *component = &scan->components[number];
	component->words = scan->mcu_words;
	for (uint32_t i = 0; i < component->across * component->down; i++) {
		if (scan->block_count == SCAN_BLOCKS)
			return false;
		scan->blocks[scan->block_count++] = (struct scan_block){
			.component = component,
			.number = number,
			.words = scan->mcu_words,
		};
		scan->mcu_words += component->reduce.words;
	}
	return true;
}

/* Each component of the frame comes once in the scan, in whatever order. */
static bool scaled_blocks(struct scan *scan, const struct jpeg_decompress_struct *info)
{
	uint32_t seen = 0;
	scan->block_count = 0;
	scan->mcu_words = 0;
	for (int i = 0; i < info->comps_in_scan; i++) {
		const uint32_t number = (uint32_t)info->cur_comp_info[i]->component_index;
		seen |= 1U << number;
		if (!scaled_blocks_of(scan, number))
			return false;
	}
	return seen == (1U << info->num_components) - 1;
}

static uint32_t scaled_mcus(const struct jpeg_decompress_struct *info)
{
	const int across = info->num_components == 1 ? 1 : info->max_h_samp_factor;
	return scaled_ceil(info->image_width, DCTSIZE * (uint32_t)across);
}

static uint32_t scaled_mcu_rows(const struct jpeg_decompress_struct *info)
{
	const int down = info->num_components == 1 ? 1 : info->max_v_samp_factor;
	return scaled_ceil(info->image_height, DCTSIZE * (uint32_t)down);
}

static bool scaled_prepare(struct scaled *scaled, const struct jpeg_decompress_struct *info)
{
	struct scan *scan = &scaled->scan;
	scan->count = (uint32_t)info->num_components;
	scan->mcus = scaled_mcus(info);
	scan->interval = info->restart_interval;
	for (int i = 0; i < info->num_components; i++)
		if (!scaled_component(scaled, info, i))
			return false;
	return true;
}

static void scaled_begin(struct scan *scan, const struct jpeg_decompress_struct *info)
{
	const JOCTET *data = info->src->next_input_byte;
	scan_begin(scan, data, data + info->src->bytes_in_buffer);
}

/* What a row of MCUs comes to, less what lies below the picture. */
static void scaled_emit(
	struct scaled_picture *picture, uint32_t number, const struct scaled_sink *sink)
{
	const struct scan_component *component = &picture->scaled->scan.components[number];
	const struct scaled_plane *plane = &picture->shape->planes[number];
	const uint32_t rows = component->down * component->reduce.down;
	uint32_t *put = &picture->put[number];
	for (uint32_t y = 0; y < rows && *put < plane->height; y++, ++*put) {
		memcpy(sink->next(sink->context, number),
			component->samples + y * component->stride, plane->width);
		sink->put(sink->context, number);
	}
}

/* Of a baseline picture. */
static bool scaled_scan(struct scaled_picture *picture, const struct scaled_sink *sink)
{
	struct scan *scan = &picture->scaled->scan;
	if (!scaled_blocks(scan, picture->info))
		return false;
	scaled_begin(scan, picture->info);
	for (uint32_t row = 0; row < scaled_mcu_rows(picture->info); row++) {
		if (!scan_row(scan))
			return false;
		for (uint32_t i = 0; i < scan->count; i++)
			scaled_emit(picture, i, sink);
	}
	return true;
}

/* Of a progressive one. */
static bool scaled_scans(struct scaled_picture *picture, const struct scaled_sink *sink)
{
	struct scan *scan = &picture->scaled->scan;
	struct progressive *progressive = &picture->scaled->progressive;
	const uint32_t rows = scaled_mcu_rows(picture->info);
	const bool done = progressive_read(progressive, scan, picture->info, rows);
	for (uint32_t row = 0; done && row < rows; row++) {
		progressive_row(progressive, scan, row);
		for (uint32_t i = 0; i < scan->count; i++)
			scaled_emit(picture, i, sink);
	}
	progressive_finish(progressive);
	return done;
}

bool scaled_decode(struct scaled *scaled, const struct jpeg_decompress_struct *info,
	const struct scaled_shape *shape, const struct scaled_sink *sink)
{
	struct scaled_picture picture = { .scaled = scaled, .info = info, .shape = shape };
	if (!scaled_prepare(scaled, info))
		return false;
	for (int i = 0; i < info->num_components; i++)
		if (!scaled_reduce(&picture, i))
			return false;
	if (!scaled_share(&picture))
		return false;
	return (info->progressive_mode ? scaled_scans : scaled_scan)(&picture, sink);
}

/* In the place of libjpeg-turbo's own. */
static boolean scaled_mcu(j_decompress_ptr info, JBLOCKROW *blocks)
{
	struct scaled *scaled = info->client_data;
	return coefficients_mcu(&scaled->scan, blocks);
}

bool scaled_serve(struct scaled *scaled, struct jpeg_decompress_struct *info)
{
	struct scan *scan = &scaled->scan;
	if (jpeg_has_multiple_scans(info) || !scaled_knows(info) || !scaled_prepare(scaled, info) ||
		!scaled_blocks(scan, info))
		return false;
	for (uint32_t i = 0; i < scan->count; i++)
		huffman_set_pairs(&scaled->ac[info->comp_info[i].ac_tbl_no]);
	scaled_begin(scan, info);
	info->client_data = scaled;
	info->entropy->decode_mcu = scaled_mcu;
	return true;
}
