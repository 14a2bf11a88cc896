#include "stages/thumbnail/jpeg/scaled.h"

#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/jpeg/colour.h"
#include "stages/thumbnail/jpeg/scan.h"

struct scaled {
	struct scan scan;
	struct huffman dc[NUM_HUFF_TBLS], ac[NUM_HUFF_TBLS];
	uint8_t *samples; /* of a row of MCUs, and rows for widening */
	size_t room;      /* bytes */
};

/* The picture at hand. */
struct scaled_picture {
	struct scaled *scaled;
	const struct jpeg_decompress_struct *info;
	uint32_t rows;                   /* of pixels that a row of MCUs comes to */
	uint32_t wider[SCAN_COMPONENTS]; /* pixels of a sample */
	bool smooth[SCAN_COMPONENTS];    /* and they differ */
	uint8_t *widened[SCAN_COMPONENTS];
};

struct scaled *scaled_new(void)
{
	return calloc(1, sizeof(struct scaled));
}

void scaled_free(struct scaled *scaled)
{
	if (!scaled)
		return;
	free(scaled->samples);
	free(scaled);
}

static bool scaled_knows_colours(const struct jpeg_decompress_struct *info)
{
	if (info->num_components == 1)
		return info->jpeg_color_space == JCS_GRAYSCALE &&
		       info->out_color_space == JCS_GRAYSCALE;
	return info->num_components == SCAN_COMPONENTS && info->out_color_space == JCS_RGB &&
	       (info->jpeg_color_space == JCS_YCbCr || info->jpeg_color_space == JCS_RGB);
}

static bool scaled_knows(const struct jpeg_decompress_struct *info)
{
	return info->min_DCT_scaled_size <= 2 && info->data_precision == 8 &&
	       !info->progressive_mode && !info->arith_code && !info->CCIR601_sampling &&
	       info->comps_in_scan == info->num_components && info->Ss == 0 &&
	       info->Se == DCTSIZE2 - 1 && info->Ah == 0 && info->Al == 0 &&
	       scaled_knows_colours(info);
}

/* Small scans are not worth large tables. */
static uint32_t scaled_window(const struct jpeg_decompress_struct *info)
{
	const size_t bytes = info->src->bytes_in_buffer;
	if (bytes < 16384)
		return 8;
	return bytes < 131072 ? 11 : HUFFMAN_MOST_SKIP;
}

static bool scaled_tables(const struct scaled_picture *picture,
	const jpeg_component_info *component, struct scan_component *made)
{
	struct scaled *scaled = picture->scaled;
	const struct jpeg_decompress_struct *info = picture->info;
	const int dc = component->dc_tbl_no;
	const int ac = component->ac_tbl_no;
	const int quant = component->quant_tbl_no;
	if (dc < 0 || dc >= NUM_HUFF_TBLS || ac < 0 || ac >= NUM_HUFF_TBLS || quant < 0 ||
		quant >= NUM_QUANT_TBLS || !info->quant_tbl_ptrs[quant])
		return false;
	made->dc = &scaled->dc[dc];
	made->ac = &scaled->ac[ac];
	if (!huffman_set(&scaled->dc[dc], info->dc_huff_tbl_ptrs[dc], true) ||
		!huffman_set(&scaled->ac[ac], info->ac_huff_tbl_ptrs[ac], false) ||
		!reduce_set(&made->reduce, info->quant_tbl_ptrs[quant]->quantval))
		return false;
	if (made->size == 1)
		huffman_set_skips(&scaled->ac[ac], scaled_window(info));
	return true;
}

/* As libjpeg-turbo's jdsample.c chooses; false where only it can. */
static bool scaled_widening(struct scaled_picture *picture, int number)
{
	const struct jpeg_decompress_struct *info = picture->info;
	const jpeg_component_info *component = &info->comp_info[number];
	const int times = component->DCT_scaled_size / info->min_DCT_scaled_size;
	const int across = component->h_samp_factor * times;
	const int down = component->v_samp_factor * times;
	const bool fancy = info->do_fancy_upsampling && info->min_DCT_scaled_size > 1;
	if (info->max_h_samp_factor % across != 0 || info->max_v_samp_factor % down != 0 ||
		component->DCT_scaled_size > 4)
		return false;
	const int wider = info->max_h_samp_factor / across;
	const int lower = info->max_v_samp_factor / down;
	picture->wider[number] = (uint32_t)wider;
	picture->smooth[number] =
		fancy && wider == 2 && lower == 1 && component->downsampled_width > 2;
	return !fancy || lower != 2 || wider > 2;
}

static bool scaled_component(struct scaled_picture *picture, int number)
{
	const struct jpeg_decompress_struct *info = picture->info;
	const jpeg_component_info *component = &info->comp_info[number];
	const bool alone = info->num_components == 1;
	struct scan_component *made = &picture->scaled->scan.components[number];
	*made = (struct scan_component){
		.across = alone ? 1 : (uint32_t)component->h_samp_factor,
		.down = alone ? 1 : (uint32_t)component->v_samp_factor,
		.size = (uint32_t)component->DCT_scaled_size,
	};
	return scaled_widening(picture, number) && scaled_tables(picture, component, made);
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

/* Samples of the components first, then a widened row for each. */
static bool scaled_share(struct scaled_picture *picture)
{
	struct scaled *scaled = picture->scaled;
	struct scan *scan = &scaled->scan;
	const size_t width = (size_t)picture->info->output_width + 1;
	size_t bytes = width * scan->count;
	for (uint32_t i = 0; i < scan->count; i++) {
		struct scan_component *component = &scan->components[i];
		component->stride = (size_t)scan->mcus * component->across * component->size;
		bytes += component->stride * component->down * component->size;
	}
	if (!scaled_room(scaled, bytes))
		return false;
	uint8_t *at = scaled->samples;
	for (uint32_t i = 0; i < scan->count; i++) {
		struct scan_component *component = &scan->components[i];
		component->samples = at;
		at += component->stride * component->down * component->size;
	}
	for (uint32_t i = 0; i < scan->count; i++, at += width)
		picture->widened[i] = at;
	return true;
}

static bool scaled_blocks_of(struct scan *scan, struct scan_component *component)
{
	const uint32_t blocks = component->across * component->down;
	if (scan->block_count + blocks > SCAN_BLOCKS)
		return false;
	for (uint32_t i = 0; i < blocks; i++) {
		const size_t x = (size_t)(i % component->across) * component->size;
		const size_t y = (size_t)(i / component->across) * component->size;
		scan->blocks[scan->block_count++] = (struct scan_block){
			.component = component,
			.samples = component->samples + y * component->stride + x,
			.step = (size_t)component->across * component->size,
		};
	}
	return true;
}

/* Each component of the frame comes once in the scan, in whatever order. */
static bool scaled_blocks(struct scaled_picture *picture)
{
	struct scan *scan = &picture->scaled->scan;
	const struct jpeg_decompress_struct *info = picture->info;
	uint32_t seen = 0;
	for (int i = 0; i < info->comps_in_scan; i++) {
		const int number = info->cur_comp_info[i]->component_index;
		seen |= 1U << number;
		if (!scaled_blocks_of(scan, &scan->components[number]))
			return false;
	}
	return seen == (1U << info->num_components) - 1;
}

static bool scaled_prepare(struct scaled_picture *picture)
{
	const struct jpeg_decompress_struct *info = picture->info;
	struct scan *scan = &picture->scaled->scan;
	const bool alone = info->num_components == 1;
	picture->rows =
		(uint32_t)(info->min_DCT_scaled_size * (alone ? 1 : info->max_v_samp_factor));
	scan->count = (uint32_t)info->num_components;
	scan->block_count = 0;
	scan->mcus = scaled_ceil(
		info->image_width, DCTSIZE * (alone ? 1 : (uint32_t)info->max_h_samp_factor));
	scan->interval = info->restart_interval;
	scan->left = scan->interval;
	scan->restarts = 0;
	for (int i = 0; i < info->num_components; i++)
		if (!scaled_component(picture, i))
			return false;
	return scaled_share(picture) && scaled_blocks(picture);
}

/* Row `y` of those that the row of MCUs comes to. */
static const uint8_t *scaled_samples(
	const struct scaled_picture *picture, uint32_t number, uint32_t y)
{
	const struct scan_component *component = &picture->scaled->scan.components[number];
	const uint32_t row = y * component->down * component->size / picture->rows;
	const uint8_t *samples = component->samples + row * component->stride;
	uint8_t *widened = picture->widened[number];
	if (picture->wider[number] == 1)
		return samples;
	if (picture->smooth[number])
		colour_smooth(samples, widened, picture->info->comp_info[number].downsampled_width);
	else
		colour_widen(samples, picture->wider[number], widened, picture->info->output_width);
	return widened;
}

static void scaled_emit(const struct scaled_picture *picture, uint32_t y, uint8_t *pixels)
{
	const struct jpeg_decompress_struct *info = picture->info;
	const uint8_t *samples[SCAN_COMPONENTS];
	samples[0] = scaled_samples(picture, 0, y);
	for (uint32_t i = 1; i < picture->scaled->scan.count; i++)
		samples[i] = scaled_samples(picture, i, y);
	if (info->num_components == 1)
		memcpy(pixels, samples[0], info->output_width);
	else if (info->jpeg_color_space == JCS_RGB)
		colour_interleave(samples, pixels, info->output_width);
	else
		colour_convert(samples, pixels, info->output_width);
}

bool scaled_decode(struct scaled *scaled, const struct jpeg_decompress_struct *info,
	const struct scaled_sink *sink)
{
	struct scaled_picture picture = { .scaled = scaled, .info = info };
	if (!scaled_knows(info) || !scaled_prepare(&picture))
		return false;
	struct scan *scan = &scaled->scan;
	const JOCTET *data = info->src->next_input_byte;
	flat_begin(&scan->flat, &scan->reader, data, data + info->src->bytes_in_buffer);
	for (uint32_t y = 0; y < info->output_height; y++) {
		if (y % picture.rows == 0 && !scan_row(scan))
			return false;
		scaled_emit(&picture, y % picture.rows, sink->next(sink->context));
		sink->put(sink->context);
	}
	return true;
}
