/* Everything that has no reader of its own, by libvips: from memory, never by name, and only
 * through the loader for what the first bytes say. Its error text is shared by all threads and
 * often another picture's, so it is not shown. */

#include "stages/thumbnail/decode.h"

#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/gif.h"
#include "stages/thumbnail/plain.h"
#include "stages/thumbnail/shrink.h"
#include "stages/thumbnail/vips_library.h"
#include "stages/thumbnail/vips_load.h"

enum { VIPS_STRIP_ROWS = 64, VIPS_FROM_BELOW = 4 /* as EXIF has it */ };

struct vips_state {
	const struct vips_library *vips;
	VipsImage *image;
	unsigned char *padded; /* what was cut short, up to its full length; NULL: as it is */
};

static bool vips_fail(const struct decode *decode, struct error *err)
{
	const struct vips_state *state = decode->state;
	state->vips->error_clear();
	return fail(err, ERROR_DAMAGED, "libvips cannot read this %s", sniff_name(decode->kind));
}

/* Real numbers, which libvips takes for bytes, in rows from below, which it does not turn. */
static bool vips_is_pfm(const struct decode *decode)
{
	return decode->kind == SNIFF_PNM && plain_is_pfm(decode->data);
}

/* The frames that are there are whole to libvips. */
static bool vips_judge_gif(struct decode *decode, struct error *err)
{
	uint32_t width, height;
	if (!gif_extent(decode->data, decode->length, &width, &height))
		return fail(err, ERROR_DAMAGED, "gif: cut short in its header");
	if (decode->animated && gif_is_cut(decode->data, decode->length))
		fail(&decode->damage, ERROR_DAMAGED, "gif: cut short");
	return decode_judge_pixels(decode->limits, width, height, err);
}

/* Kinds that come in strips or rows; the others are decoded whole, and then copied. */
static bool vips_streams(enum sniff_kind kind)
{
	return kind == SNIFF_TIFF || kind == SNIFF_PNM || kind == SNIFF_RADIANCE;
}

/* Of a picture that is cut short as much as there is, and zeros. */
static bool vips_pad(struct decode *decode, struct vips_load_job *job, struct error *err)
{
	if (decode->kind == SNIFF_PNM && !plain_has_sides(decode->data, decode->length))
		return fail(err, ERROR_DAMAGED, "pnm: its header gives no width and height");
	const uint64_t wanted = plain_bytes(decode->kind, decode->data, decode->length);
	if (wanted <= decode->length)
		return true;
	fail(&decode->damage, ERROR_DAMAGED, "%s: cut short: %zu of %llu bytes are there",
		sniff_name(decode->kind), decode->length, (unsigned long long)wanted);
	if (!decode->keep || wanted > decode->limits->memory) {
		*err = decode->damage;
		return false;
	}
	struct vips_state *state = decode->state;
	state->padded = calloc(1, wanted);
	if (!state->padded)
		return fail(err, ERROR_MEMORY, "%s: no memory", sniff_name(decode->kind));
	memcpy(state->padded, decode->data, decode->length);
	job->data = state->padded;
	job->length = wanted;
	return true;
}

static bool vips_load_again(struct vips_state *state, const struct vips_load_job *job)
{
	state->vips->object_unref(state->image);
	state->image = NULL;
	return vips_load(job, &state->image);
}

/* The frame or page that is wanted, or the last one. */
static bool vips_turn(const struct decode *decode, struct vips_load_job *job)
{
	struct vips_state *state = decode->state;
	const int pages = state->vips->image_get_n_pages(state->image);
	if (decode->frame == 0 || pages < 2 || decode->kind == SNIFF_JP2)
		return true;
	job->page = decode->frame < (uint32_t)pages ? (int)decode->frame : pages - 1;
	return vips_load_again(state, job);
}

/* The frames of an animation, one below the other. */
static bool vips_animate(struct decode *decode, struct vips_load_job *job)
{
	struct vips_state *state = decode->state;
	const int frames = state->vips->image_get_n_pages(state->image);
	if (!decode->animated || frames < 2 ||
		(decode->kind != SNIFF_GIF && decode->kind != SNIFF_WEBP))
		return true;
	job->page = 0;
	job->pages = -1;
	if (!vips_load_again(state, job))
		return false;
	int loops = 0;
	if (state->vips->image_get_typeof(state->image, "loop") != 0)
		state->vips->image_get_int(state->image, "loop", &loops);
	decode->picture.frames = (uint32_t)frames;
	decode->picture.loops = loops > 0 ? (uint32_t)loops : 0;
	return true;
}

/* What has no size of its own is drawn twice as large as the results. */
static bool vips_draw(const struct decode *decode, struct vips_load_job *job)
{
	struct vips_state *state = decode->state;
	if (decode->kind != SNIFF_SVG && decode->kind != SNIFF_PDF)
		return true;
	const int width = state->vips->image_get_width(state->image);
	const int height = state->vips->image_get_height(state->image);
	job->scale = 2.0 * decode->side / (width > height ? width : height);
	return vips_load_again(state, job);
}

static void vips_metadata(const struct vips_state *state, struct metadata *metadata)
{
	const struct vips_library *vips = state->vips;
	const void *data;
	size_t bytes;
	if (vips->image_get_typeof(state->image, VIPS_META_EXIF_NAME) != 0 &&
		vips->image_get_blob(state->image, VIPS_META_EXIF_NAME, &data, &bytes) == 0)
		metadata_take_exif(metadata, data, bytes);
	if (vips->image_get_typeof(state->image, VIPS_META_XMP_NAME) != 0 &&
		vips->image_get_blob(state->image, VIPS_META_XMP_NAME, &data, &bytes) == 0)
		metadata_take_xmp(metadata, data, bytes);
}

static bool vips_header(struct decode *decode, struct error *err)
{
	struct vips_state *state = decode->state;
	const struct vips_library *vips = state->vips;
	struct vips_load_job job = {
		.vips = vips,
		.kind = decode->kind,
		.data = decode->data,
		.length = decode->length,
		.keep = decode->keep,
		.preview = decode->preview,
		.pages = 1,
		.scale = 1,
	};
	if (!vips_pad(decode, &job, err))
		return false;
	if (!vips_load(&job, &state->image) || !vips_turn(decode, &job) ||
		!vips_draw(decode, &job) || !vips_animate(decode, &job))
		return vips_fail(decode, err);
	if (decode->metadata)
		vips_metadata(state, decode->metadata);
	struct picture *picture = &decode->picture;
	picture->width = (uint32_t)vips->image_get_width(state->image);
	picture->height = (uint32_t)vips->image_get_height(state->image) / picture->frames;
	picture->orientation =
		vips_is_pfm(decode) ? VIPS_FROM_BELOW : vips->image_get_orientation(state->image);
	picture->channels = vips->image_hasalpha(state->image) ? 4 : 3;
	picture->profiled = vips->image_get_typeof(state->image, VIPS_META_ICC_NAME) != 0;
	const uint64_t pixel = vips->format_sizeof(vips->image_get_format(state->image)) *
			       (uint64_t)vips->image_get_bands(state->image);
	const uint64_t whole = (uint64_t)picture->width * picture->height * pixel;
	picture->fixed = vips_streams(decode->kind) ? whole / 4 : whole * 2;
	if (state->padded)
		picture->fixed += job.length;
	return true;
}

static bool vips_open(struct decode *decode, struct error *err)
{
	if (decode->kind == SNIFF_OPENEXR)
		return fail(err, ERROR_UNSUPPORTED, "openexr pictures cannot be read");
	if (decode->kind == SNIFF_GIF && !vips_judge_gif(decode, err))
		return false;
	const struct vips_library *vips = vips_library_load(err);
	if (!vips)
		return false;
	struct vips_state *state = calloc(1, sizeof(*state));
	if (!state)
		return fail(err, ERROR_MEMORY, "%s: no memory", sniff_name(decode->kind));
	decode->state = state;
	state->vips = vips;
	return vips_header(decode, err);
}

/* Replaces the image by what an operation made of it. */
static bool vips_replace(struct vips_state *state, int failed, VipsImage **made)
{
	if (failed != 0)
		return false;
	state->vips->object_unref(state->image);
	state->image = *made;
	return true;
}

/* Grey or RGB in bytes: the profile waits until the picture is small. */
static bool vips_profile_can_wait(const struct vips_state *state)
{
	const struct vips_library *vips = state->vips;
	const VipsInterpretation kind = vips->image_get_interpretation(state->image);
	return vips->image_get_format(state->image) == VIPS_FORMAT_UCHAR &&
	       (kind == VIPS_INTERPRETATION_sRGB || kind == VIPS_INTERPRETATION_RGB ||
		       kind == VIPS_INTERPRETATION_B_W);
}

static void vips_hand_over_profile(const struct decode *decode)
{
	const struct vips_state *state = decode->state;
	const void *profile;
	size_t bytes;
	if (decode->icc && decode->icc->profile.length == 0 &&
		state->vips->image_get_blob(state->image, VIPS_META_ICC_NAME, &profile, &bytes) ==
			0 &&
		bytes <= ICC_MOST_BYTES)
		text_add(&decode->icc->profile, profile, bytes);
}

static VipsIntent vips_intent(const struct decode *decode)
{
	static const VipsIntent intents[] = { VIPS_INTENT_RELATIVE, VIPS_INTENT_PERCEPTUAL,
		VIPS_INTENT_SATURATION, VIPS_INTENT_ABSOLUTE };
	return intents[decode->intent];
}

/* By the profile that came with it; inks without one, or with one that is of no use, by libvips'
 * own.
 */
static bool vips_by_profile(const struct decode *decode, bool inks)
{
	struct vips_state *state = decode->state;
	VipsImage *made = NULL;
	const int failed = state->vips->icc_transform(state->image, &made, "srgb", "embedded", TRUE,
		"black_point_compensation", !decode->clip_black, "intent", vips_intent(decode),
		inks ? "input_profile" : NULL, "cmyk", (void *)NULL);
	if (vips_replace(state, failed, &made))
		return true;
	state->vips->error_clear();
	return false;
}

/* Makes real numbers light, from 0 to 1. */
static bool vips_as_light(struct vips_state *state)
{
	VipsImage *made = NULL;
	return vips_replace(state,
		state->vips->copy(state->image, &made, "interpretation", VIPS_INTERPRETATION_scRGB,
			(void *)NULL),
		&made);
}

/* Greys in real numbers mean what red, green and blue do: light. */
static bool vips_light(const struct decode *decode)
{
	struct vips_state *state = decode->state;
	const struct vips_library *vips = state->vips;
	const VipsBandFormat format = vips->image_get_format(state->image);
	if ((format != VIPS_FORMAT_FLOAT && format != VIPS_FORMAT_DOUBLE) ||
		vips->image_get_interpretation(state->image) != VIPS_INTERPRETATION_B_W ||
		vips->image_get_bands(state->image) != 1)
		return !vips_is_pfm(decode) || vips_as_light(state);
	VipsImage *bands[3] = { state->image, state->image, state->image }, *made = NULL;
	if (!vips_replace(state, vips->bandjoin(bands, &made, 3, (void *)NULL), &made))
		return false;
	return vips_as_light(state);
}

/* To sRGB, or as far as a profile that waits allows. */
static bool vips_to_srgb(const struct decode *decode)
{
	struct vips_state *state = decode->state;
	const struct vips_library *vips = state->vips;
	const bool inks = vips->image_get_interpretation(state->image) == VIPS_INTERPRETATION_CMYK;
	const bool profile = vips->image_get_typeof(state->image, VIPS_META_ICC_NAME) != 0;
	if (profile && vips_profile_can_wait(state))
		vips_hand_over_profile(decode);
	else if ((profile || inks) && vips_by_profile(decode, inks))
		return true;
	if (!vips->colourspace_issupported(state->image))
		return true;
	VipsImage *made = NULL;
	return vips_replace(state,
		vips->colourspace(state->image, &made, VIPS_INTERPRETATION_sRGB, (void *)NULL),
		&made);
}

/* 1, 3 or 4 bands of bytes. */
static bool vips_to_surface(const struct decode *decode)
{
	struct vips_state *state = decode->state;
	const struct vips_library *vips = state->vips;
	VipsImage *made = NULL;
	if (!vips_light(decode) || !vips_to_srgb(decode) ||
		!vips_replace(state, vips->cast_uchar(state->image, &made, (void *)NULL), &made))
		return false;
	const int bands = vips->image_get_bands(state->image);
	const int wanted = bands > 4 ? 3 : bands == 2 ? 1 : bands;
	if (wanted == bands)
		return true;
	return vips_replace(state,
		vips->extract_band(state->image, &made, 0, "n", wanted, (void *)NULL), &made);
}

/* VIPS_REGION_ADDR, whose sum for the sample size would have to be linked, for x 0 and bytes. */
static const uint8_t *vips_row(const VipsRegion *region, int y)
{
	return region->data + (ptrdiff_t)(y - region->valid.top) * region->bpl;
}

static void vips_push(VipsRegion *region, const VipsRect *strip, struct shrink *shrink)
{
	const size_t bytes = (size_t)shrink->shape.width * shrink->shape.channels;
	for (int y = strip->top; y < strip->top + strip->height; y++) {
		memcpy(shrink_next(shrink), vips_row(region, y), bytes);
		shrink_put(shrink);
	}
}

/* How long a frame is shown. None at all means what browsers make of it. */
static uint32_t vips_millis(const struct vips_state *state, uint32_t frame)
{
	enum { USUAL = 100 };
	int *delays = NULL, count = 0;
	if (state->vips->image_get_typeof(state->image, "delay") == 0 ||
		state->vips->image_get_array_int(state->image, "delay", &delays, &count) != 0 ||
		frame >= (uint32_t)count || delays[frame] <= 0)
		return USUAL;
	return (uint32_t)delays[frame];
}

/* Those of the frame whose turn it is. False where a strip cannot be had. */
static bool vips_strips(const struct decode *decode, struct shrink *shrink)
{
	const struct vips_state *state = decode->state;
	VipsRegion *region = state->vips->region_new(state->image);
	const int first = (int)(decode->at * decode->picture.height);
	bool well = region != NULL;
	const int height = (int)shrink->shape.height;
	for (int top = 0; well && top < height; top += VIPS_STRIP_ROWS) {
		const int rows = height - top < VIPS_STRIP_ROWS ? height - top : VIPS_STRIP_ROWS;
		const VipsRect strip = { 0, first + top, (int)shrink->shape.width, rows };
		well = state->vips->region_prepare(region, &strip) == 0;
		if (well)
			vips_push(region, &strip, shrink);
	}
	if (region)
		state->vips->object_unref(region);
	return well;
}

static bool vips_read(
	struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	struct surface *surface = planes_whole(planes);
	struct vips_state *state = decode->state;
	const struct picture *picture = &decode->picture;
	if (decode->at == 0 && !vips_to_surface(decode))
		return vips_fail(decode, err);
	if (picture->frames > 1)
		decode->millis = vips_millis(state, decode->at);
	const uint32_t bands = (uint32_t)state->vips->image_get_bands(state->image);
	const struct shrink_shape shape =
		shrink_pixels(picture->width, picture->height, bands, excess);
	struct shrink shrink;
	bool done = shrink_begin(&shrink, &shape, surface, err);
	if (done && !vips_strips(decode, &shrink)) {
		vips_fail(decode, &decode->damage);
		if (shrink.rows == 0)
			done = vips_fail(decode, err);
	}
	shrink_end(&shrink);
	return done;
}

static void vips_close(struct decode *decode)
{
	struct vips_state *state = decode->state;
	if (!state)
		return;
	if (state->image)
		state->vips->object_unref(state->image);
	free(state->padded);
	free(state);
	decode->state = NULL;
}

const struct decoder decode_vips = { vips_open, vips_read, vips_close };
