/* JPEG straight from memory: headers by libjpeg-turbo, pixels by the decoder in jpeg/ where it can,
 * else by libjpeg-turbo, whose fast entropy decoder needs the whole file in sight. */

#include "stages/thumbnail/decode.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>
#include <jerror.h>

#include "stages/thumbnail/exif.h"
#include "stages/thumbnail/jpeg/scaled.h"
#include "stages/thumbnail/shrink.h"

/* Scans beyond any encoder's script only cost time: 1000 of them take a minute for 38 KB. */
enum { JPEG_MOST_SCANS = 100 };

struct jpeg_state {
	struct jpeg_decompress_struct info; /* first: libjpeg's callbacks get its address */
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf caller;
	struct shrink shrink;
	bool shrinking;
	struct decode *decode;
	struct error *err;
	bool ended; /* the data ended before the picture did */
};

static struct jpeg_state *jpeg_state_of(j_common_ptr info)
{
	return (struct jpeg_state *)(void *)info;
}

/* The row of the full picture that decoding has reached. */
static unsigned jpeg_row(const struct jpeg_state *state)
{
	const struct jpeg_decompress_struct *info = &state->info;
	if (info->output_height == 0)
		return 0;
	return (unsigned)((uint64_t)info->output_scanline * info->image_height /
			  info->output_height);
}

static void jpeg_describe(struct jpeg_state *state, const char *what)
{
	const struct jpeg_decompress_struct *info = &state->info;
	struct error *damage = &state->decode->damage;
	if (damage->code != ERROR_NONE)
		return;
	if (info->progressive_mode && info->output_scanline == 0)
		fail(damage, ERROR_DAMAGED, "jpeg: %s in scan %d", what, info->input_scan_number);
	else
		fail(damage, ERROR_DAMAGED, "jpeg: %s after %u of %u rows", what, jpeg_row(state),
			info->image_height);
}

/* Most warnings are about what decoders cope with: bytes between segments, the SOS parameters of
 * some phones, markers of unknown versions. These are not: pixels are missing or wrong. */
static void jpeg_warn(j_common_ptr common, int level)
{
	struct jpeg_state *state = jpeg_state_of(common);
	if (level >= 0)
		return;
	switch (common->err->msg_code) {
	case JWRN_JPEG_EOF:
		state->ended = true;
		break;
	case JWRN_HIT_MARKER:
		jpeg_describe(state, state->ended ? "cut short" : "data missing");
		break;
	case JWRN_HUFF_BAD_CODE:
	case JWRN_ARITH_BAD_CODE:
	case JWRN_MUST_RESYNC:
	case JWRN_BOGUS_PROGRESSION:
		jpeg_describe(state, "corrupt data");
		break;
	default:
		break;
	}
}

static enum error_code jpeg_code(int message)
{
	switch (message) {
	case JERR_OUT_OF_MEMORY:
	case JERR_NO_BACKING_STORE:
		return ERROR_MEMORY;
	case JERR_ARITH_NOTIMPL:
	case JERR_BAD_PRECISION:
	case JERR_CCIR601_NOTIMPL:
	case JERR_CONVERSION_NOTIMPL:
	case JERR_FRACT_SAMPLE_NOTIMPL:
	case JERR_NOTIMPL:
	case JERR_SOF_UNSUPPORTED:
		return ERROR_UNSUPPORTED;
	default:
		return ERROR_DAMAGED;
	}
}

static void jpeg_fail(j_common_ptr common)
{
	struct jpeg_state *state = jpeg_state_of(common);
	char text[JMSG_LENGTH_MAX];
	common->err->format_message(common, text);
	fail(state->err, jpeg_code(common->err->msg_code), "jpeg: %s", text);
	longjmp(state->caller, 1);
}

static void jpeg_silent(j_common_ptr common)
{
	(void)common;
}

static void jpeg_count_scans(j_common_ptr common)
{
	struct jpeg_state *state = jpeg_state_of(common);
	if (state->info.input_scan_number <= JPEG_MOST_SCANS)
		return;
	fail(state->err, ERROR_UNSUPPORTED, "jpeg: more than %d scans", JPEG_MOST_SCANS);
	longjmp(state->caller, 1);
}

static void jpeg_prepare(struct jpeg_state *state)
{
	state->info.err = jpeg_std_error(&state->errors);
	state->errors.error_exit = jpeg_fail;
	state->errors.emit_message = jpeg_warn;
	state->errors.output_message = jpeg_silent;
	jpeg_create_decompress(&state->info);
	state->progress.progress_monitor = jpeg_count_scans;
	state->info.progress = &state->progress;
	jpeg_mem_src(&state->info, state->decode->data, state->decode->length);
}

/* Bytes of the coefficients of the whole picture, which are all kept where it comes in several
 * scans. */
static uint64_t jpeg_coefficients(struct jpeg_decompress_struct *info)
{
	if (!jpeg_has_multiple_scans(info))
		return 0;
	uint64_t bytes = 0;
	for (int c = 0; c < info->num_components; c++) {
		const jpeg_component_info *component = &info->comp_info[c];
		bytes += (uint64_t)component->width_in_blocks * component->height_in_blocks *
			 sizeof(JBLOCK);
	}
	return bytes;
}

static void jpeg_colours(struct jpeg_decompress_struct *info, struct picture *picture)
{
	switch (info->jpeg_color_space) {
	case JCS_GRAYSCALE:
		picture->channels = 1;
		info->out_color_space = JCS_GRAYSCALE;
		break;
	case JCS_YCbCr:
	case JCS_RGB:
		picture->channels = 3;
		info->out_color_space = JCS_RGB;
		break;
	default:
		picture->channels = 0;
		break;
	}
}

static bool jpeg_open(struct decode *decode, struct error *err)
{
	struct jpeg_state *state = calloc(1, sizeof(*state));
	if (!state)
		return fail(err, ERROR_MEMORY, "jpeg: no memory");
	decode->state = state;
	state->decode = decode;
	state->err = err;
	if (setjmp(state->caller))
		return false;
	jpeg_prepare(state);
	jpeg_read_header(&state->info, TRUE);
	decode->picture.width = state->info.image_width;
	decode->picture.height = state->info.image_height;
	decode->picture.orientation = exif_of_jpeg(decode->data, decode->length);
	decode->picture.reducible = 8;
	decode->picture.fixed = jpeg_coefficients(&state->info);
	jpeg_colours(&state->info, &decode->picture);
	return true;
}

/* The data of a progressive picture may end between two scans: then what was refined so far tells.
 */
static bool jpeg_refined(const struct jpeg_decompress_struct *info)
{
	for (int c = 0; info->coef_bits && c < info->num_components; c++)
		for (int k = 0; k < DCTSIZE2; k++)
			if (info->coef_bits[c][k] != 0)
				return false;
	return info->coef_bits != NULL;
}

static void jpeg_rows(struct jpeg_state *state)
{
	struct jpeg_decompress_struct *info = &state->info;
	jpeg_start_decompress(info);
	const bool whole = !state->ended || !jpeg_has_multiple_scans(info) || jpeg_refined(info);
	if (!whole)
		jpeg_describe(state, "cut short");
	while (info->output_scanline < info->output_height) {
		JSAMPROW row = shrink_next(&state->shrink);
		jpeg_read_scanlines(info, &row, 1);
		shrink_put(&state->shrink);
	}
}

static bool jpeg_begin(struct jpeg_state *state, double excess, struct surface *surface)
{
	struct jpeg_decompress_struct *info = &state->info;
	const uint32_t reduction = decode_reduction(&state->decode->picture, excess);
	info->scale_num = 1;
	info->scale_denom = reduction;
	jpeg_calc_output_dimensions(info);
	const struct shrink_shape shape = {
		.width = info->output_width,
		.height = info->output_height,
		.channels = state->decode->picture.channels,
		.factor = shrink_factor(excess / reduction),
		.extent_x = (double)info->image_width / reduction,
		.extent_y = (double)info->image_height / reduction,
	};
	state->shrinking = true;
	if (!shrink_begin(&state->shrink, &shape, surface, state->err))
		return false;
	surface->averaged *= reduction;
	return true;
}

static uint8_t *jpeg_next(void *context)
{
	return shrink_next(context);
}

static void jpeg_put(void *context)
{
	shrink_put(context);
}

/* False: the picture is libjpeg-turbo's; nothing has been found out about it. */
static bool jpeg_scaled(struct jpeg_state *state)
{
	struct scaled **scaled = state->decode->scaled;
	if (!scaled)
		return false;
	if (!*scaled)
		*scaled = scaled_new();
	const struct scaled_sink sink = { jpeg_next, jpeg_put, &state->shrink };
	return *scaled && scaled_decode(*scaled, &state->info, &sink);
}

/* After a fatal error: rows that came before it are a picture cut short. */
static bool jpeg_salvage(struct jpeg_state *state)
{
	if (state->err->code != ERROR_DAMAGED || state->shrink.rows == 0)
		return false;
	jpeg_describe(state, "corrupt data");
	return true;
}

static void jpeg_end(struct jpeg_state *state)
{
	if (state->shrinking)
		shrink_end(&state->shrink);
	state->shrinking = false;
}

static bool jpeg_pixels(struct jpeg_state *state, double excess, struct surface *surface)
{
	if (!jpeg_begin(state, excess, surface))
		return false;
	if (jpeg_scaled(state))
		return true;
	if (state->shrink.rows > 0) {
		jpeg_end(state);
		if (!jpeg_begin(state, excess, surface))
			return false;
	}
	jpeg_rows(state);
	return true;
}

static bool jpeg_read(
	struct decode *decode, double excess, struct surface *surface, struct error *err)
{
	struct jpeg_state *state = decode->state;
	struct error fatal = { .code = ERROR_NONE };
	state->err = &fatal;
	volatile bool done = false;
	if (setjmp(state->caller)) {
		done = jpeg_salvage(state);
	} else {
		done = jpeg_pixels(state, excess, surface);
	}
	jpeg_end(state);
	if (!done)
		*err = fatal;
	return done;
}

static void jpeg_close(struct decode *decode)
{
	struct jpeg_state *state = decode->state;
	if (!state)
		return;
	jpeg_destroy_decompress(&state->info);
	free(state);
	decode->state = NULL;
}

const struct decoder decode_jpeg = { jpeg_open, jpeg_read, jpeg_close };
