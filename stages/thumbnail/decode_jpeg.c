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
	struct decode *decode;
	struct error *err;
	double excess;
	struct planes *planes;
	struct shrink shrinks[PLANES_MOST];
	uint32_t shrinking; /* how many of them are to be ended */
	bool ended;         /* the data ended before the picture did */
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

/* Rows of one component go there, or of whole pixels. */
static bool jpeg_shrink(struct jpeg_state *state, struct shrink_shape shape)
{
	const uint32_t number = state->shrinking++;
	const double wanted = state->info.image_width / state->excess;
	const double high = state->info.image_height / state->excess;
	const double across = shape.extent_x / wanted, down = shape.extent_y / high;
	shape.factor = shrink_factor(across < down ? across : down);
	return shrink_begin(
		&state->shrinks[number], &shape, &state->planes->of[number], state->err);
}

static void jpeg_end(struct jpeg_state *state)
{
	while (state->shrinking > 0)
		shrink_end(&state->shrinks[--state->shrinking]);
}

static uint8_t *jpeg_next(void *context, uint32_t component)
{
	return shrink_next((struct shrink *)context + component);
}

static void jpeg_put(void *context, uint32_t component)
{
	shrink_put((struct shrink *)context + component);
}

static bool jpeg_shrink_planes(struct jpeg_state *state, const struct scaled_shape *shape)
{
	state->planes->count = shape->count;
	state->planes->luma = state->info.jpeg_color_space == JCS_YCbCr;
	for (uint32_t i = 0; i < shape->count; i++) {
		const struct scaled_plane *plane = &shape->planes[i];
		if (!jpeg_shrink(state, (struct shrink_shape){
						.width = plane->width,
						.height = plane->height,
						.channels = 1,
						.extent_x = plane->extent_x,
						.extent_y = plane->extent_y,
						.blur_x = plane->blur_x,
						.blur_y = plane->blur_y,
					}))
			return false;
	}
	return true;
}

/* The worker's; NULL: there is none. */
static struct scaled *jpeg_scaled(struct jpeg_state *state)
{
	struct scaled **scaled = state->decode->scaled;
	if (scaled && !*scaled)
		*scaled = scaled_new(SCALED_AHEAD);
	return scaled ? *scaled : NULL;
}

/* Of Cb and Cr alone less may be wanted than of the rest. */
static double jpeg_excess_of_colours(const struct jpeg_state *state)
{
	const double colours = state->decode->colours;
	const bool luma = state->info.jpeg_color_space == JCS_YCbCr;
	return luma && colours > state->excess ? colours : state->excess;
}

/* By our own decoder. False: the picture is libjpeg-turbo's; nothing has been found out about it.
 */
static bool jpeg_low(struct jpeg_state *state)
{
	struct scaled *scaled = jpeg_scaled(state);
	struct scaled_shape shape;
	const struct scaled_excess excess = { state->excess, jpeg_excess_of_colours(state) };
	if (!scaled || !scaled_shape_of(&state->info, &excess, &shape))
		return false;
	const struct scaled_sink sink = { jpeg_next, jpeg_put, state->shrinks };
	return jpeg_shrink_planes(state, &shape) &&
	       scaled_decode(scaled, &state->info, &shape, &sink);
}

static void jpeg_scale(struct jpeg_state *state)
{
	state->info.scale_num = 1;
	state->info.scale_denom = decode_reduction(&state->decode->picture, state->excess);
	jpeg_calc_output_dimensions(&state->info);
}

/* Pixels by libjpeg-turbo, row by row, with a verdict on all that it finds. `scaled` reads the
 * coefficients; NULL: libjpeg-turbo too. False without an error: `scaled` does not take them. */
static bool jpeg_rows(struct jpeg_state *state, struct scaled *scaled)
{
	struct jpeg_decompress_struct *info = &state->info;
	jpeg_scale(state);
	planes_whole(state->planes);
	if (!jpeg_shrink(state, (struct shrink_shape){
					.width = info->output_width,
					.height = info->output_height,
					.channels = state->decode->picture.channels,
					.extent_x = (double)info->image_width / info->scale_denom,
					.extent_y = (double)info->image_height / info->scale_denom,
				}))
		return false;
	surface_averaged(&state->planes->of[0], info->scale_denom);
	jpeg_start_decompress(info);
	if (scaled && !scaled_serve(scaled, info))
		return false;
	const bool whole = !state->ended || !jpeg_has_multiple_scans(info) || jpeg_refined(info);
	if (!whole)
		jpeg_describe(state, "cut short");
	while (info->output_scanline < info->output_height) {
		JSAMPROW row = shrink_next(&state->shrinks[0]);
		if (jpeg_read_scanlines(info, &row, 1) == 0)
			return false;
		shrink_put(&state->shrinks[0]);
	}
	return true;
}

/* By both. */
static bool jpeg_served(struct jpeg_state *state)
{
	struct scaled *scaled = jpeg_scaled(state);
	return scaled && !jpeg_has_multiple_scans(&state->info) && jpeg_rows(state, scaled);
}

/* By libjpeg-turbo alone, from the beginning. */
static bool jpeg_alone(struct jpeg_state *state)
{
	jpeg_abort_decompress(&state->info);
	jpeg_mem_src(&state->info, state->decode->data, state->decode->length);
	jpeg_read_header(&state->info, TRUE);
	jpeg_colours(&state->info, &state->decode->picture);
	return jpeg_rows(state, NULL);
}

/* One way of decoding; false after a fatal error too. */
static bool jpeg_try(struct jpeg_state *state, bool (*way)(struct jpeg_state *state))
{
	volatile bool done = false;
	if (setjmp(state->caller) == 0)
		done = way(state);
	return done;
}

/* After a fatal error: rows that came before it are a picture cut short. */
static bool jpeg_salvage(struct jpeg_state *state)
{
	if (state->err->code != ERROR_DAMAGED || state->shrinking == 0 ||
		state->shrinks[0].rows == 0)
		return false;
	jpeg_describe(state, "corrupt data");
	return true;
}

static bool jpeg_read(
	struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	struct jpeg_state *state = decode->state;
	struct error fatal = { .code = ERROR_NONE };
	state->err = &fatal;
	state->excess = excess;
	state->planes = planes;
	bool (*const ways[])(struct jpeg_state *) = { jpeg_low, jpeg_served, jpeg_alone };
	bool done = false;
	for (size_t i = 0; !done && fatal.code == ERROR_NONE && i < sizeof(ways) / sizeof(*ways);
		i++) {
		jpeg_end(state);
		done = jpeg_try(state, ways[i]);
	}
	done = done || jpeg_salvage(state);
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
