/* Everything that has no reader of its own, by libvips: from memory, never by name, and only
 * through the loader for what the first bytes say. Its error text is shared by all threads and
 * often another picture's, so it is not shown. */

#include "stages/thumbnail/decode.h"

#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/gif.h"
#include "stages/thumbnail/shrink.h"
#include "stages/thumbnail/vips_library.h"

enum { VIPS_STRIP_ROWS = 64 };

struct vips_state {
	const struct vips_library *vips;
	VipsImage *image;
};

static bool vips_fail(const struct decode *decode, struct error *err)
{
	const struct vips_state *state = decode->state;
	state->vips->error_clear();
	return fail(err, ERROR_DAMAGED, "libvips cannot read this %s", sniff_name(decode->kind));
}

static int vips_load_source(
	const struct decode *decode, const struct vips_library *vips, VipsImage **image)
{
	VipsSource *source = vips->source_new_from_memory(decode->data, decode->length);
	if (!source)
		return -1;
	const int failed =
		vips->ppmload_source(source, image, "access", VIPS_ACCESS_SEQUENTIAL, (void *)NULL);
	vips->object_unref(source);
	return failed;
}

#define VIPS_LOAD(loader)                                                                      \
	vips->loader(data, decode->length, image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", \
		fail_on, (void *)NULL)

static int vips_load(
	const struct decode *decode, const struct vips_library *vips, VipsImage **image)
{
	void *data = (void *)(uintptr_t)decode->data;
	const VipsFailOn fail_on = decode->keep ? VIPS_FAIL_ON_NONE : VIPS_FAIL_ON_ERROR;
	switch (decode->kind) {
	case SNIFF_JPEG:
		return VIPS_LOAD(jpegload_buffer);
	case SNIFF_WEBP:
		return VIPS_LOAD(webpload_buffer);
	case SNIFF_GIF:
		return VIPS_LOAD(gifload_buffer);
	case SNIFF_TIFF:
		return VIPS_LOAD(tiffload_buffer);
	case SNIFF_HEIF:
		return VIPS_LOAD(heifload_buffer);
	case SNIFF_JXL:
		return VIPS_LOAD(jxlload_buffer);
	case SNIFF_JP2:
		return VIPS_LOAD(jp2kload_buffer);
	case SNIFF_RADIANCE:
		return VIPS_LOAD(radload_buffer);
	case SNIFF_BMP:
		return VIPS_LOAD(magickload_buffer);
	case SNIFF_PNM:
		return vips_load_source(decode, vips, image);
	default:
		return -1;
	}
}

#undef VIPS_LOAD

static bool vips_judge_gif(const struct decode *decode, struct error *err)
{
	uint32_t width, height;
	if (!gif_extent(decode->data, decode->length, &width, &height))
		return fail(err, ERROR_DAMAGED, "gif: cut short in its header");
	return decode_judge_pixels(decode->limits, width, height, err);
}

/* Kinds that come in strips or rows; the others are decoded whole, and then copied. */
static bool vips_streams(enum sniff_kind kind)
{
	return kind == SNIFF_TIFF || kind == SNIFF_PNM || kind == SNIFF_RADIANCE;
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
	if (vips_load(decode, vips, &state->image) != 0)
		return vips_fail(decode, err);
	struct picture *picture = &decode->picture;
	picture->width = (uint32_t)vips->image_get_width(state->image);
	picture->height = (uint32_t)vips->image_get_height(state->image);
	picture->orientation = vips->image_get_orientation(state->image);
	picture->channels = vips->image_hasalpha(state->image) ? 4 : 3;
	const uint64_t pixel = vips->format_sizeof(vips->image_get_format(state->image)) *
			       (uint64_t)vips->image_get_bands(state->image);
	const uint64_t whole = (uint64_t)picture->width * picture->height * pixel;
	picture->fixed = vips_streams(decode->kind) ? whole / 4 : whole * 2;
	return true;
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
	if (decode->icc &&
		state->vips->image_get_blob(state->image, VIPS_META_ICC_NAME, &profile, &bytes) ==
			0 &&
		bytes <= ICC_MOST_BYTES)
		text_add(&decode->icc->profile, profile, bytes);
}

/* By the profile that came with it; inks without one, or with one that is of no use, by libvips'
 * own.
 */
static bool vips_by_profile(struct vips_state *state, bool inks)
{
	VipsImage *made = NULL;
	const int failed = state->vips->icc_transform(state->image, &made, "srgb", "embedded", TRUE,
		"black_point_compensation", TRUE, inks ? "input_profile" : NULL, "cmyk",
		(void *)NULL);
	if (vips_replace(state, failed, &made))
		return true;
	state->vips->error_clear();
	return false;
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
	else if ((profile || inks) && vips_by_profile(state, inks))
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
	if (!vips_to_srgb(decode) ||
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

/* False where a strip cannot be had. */
static bool vips_strips(const struct vips_state *state, struct shrink *shrink)
{
	VipsRegion *region = state->vips->region_new(state->image);
	bool well = region != NULL;
	const int height = (int)shrink->shape.height;
	for (int top = 0; well && top < height; top += VIPS_STRIP_ROWS) {
		const int rows = height - top < VIPS_STRIP_ROWS ? height - top : VIPS_STRIP_ROWS;
		const VipsRect strip = { 0, top, (int)shrink->shape.width, rows };
		well = state->vips->region_prepare(region, &strip) == 0;
		if (well)
			vips_push(region, &strip, shrink);
	}
	if (region)
		state->vips->object_unref(region);
	return well;
}

static bool vips_read(
	struct decode *decode, double excess, struct surface *surface, struct error *err)
{
	struct vips_state *state = decode->state;
	const struct picture *picture = &decode->picture;
	if (!vips_to_surface(decode))
		return vips_fail(decode, err);
	const uint32_t bands = (uint32_t)state->vips->image_get_bands(state->image);
	const struct shrink_shape shape = { picture->width, picture->height, bands,
		shrink_factor(excess), bands == 4, picture->width, picture->height };
	struct shrink shrink;
	bool done = shrink_begin(&shrink, &shape, surface, err);
	if (done && !vips_strips(state, &shrink)) {
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
	free(state);
	decode->state = NULL;
}

const struct decoder decode_vips = { vips_open, vips_read, vips_close };
