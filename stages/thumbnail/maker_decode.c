#include "stages/thumbnail/maker_private.h"

#include <string.h>
#include "pipeline/input.h"
#include "stages/thumbnail/preview.h"

/* Where the picture matters, once its metadata are known. */
static void maker_find_focus(const struct maker *maker, struct maker_picture *picture)
{
	const struct picture *facts = &picture->decode.picture;
	if (!picture->focused && maker->focuses)
		picture->focused = regions_find(&picture->metadata, facts->width, facts->height,
			facts->orientation, &picture->focus);
}

void maker_place(struct maker *maker, const struct maker_picture *picture, size_t number,
	const struct size *size)
{
	const struct picture *facts = &picture->decode.picture;
	const bool swaps = geometry_swaps(facts->orientation);
	struct geometry *upright = &maker->upright[number];
	*upright = geometry_of(
		size, swaps ? facts->height : facts->width, swaps ? facts->width : facts->height);
	if (picture->focused && size->crop == CROP_FOCUS)
		geometry_focus(upright, picture->focus.x, picture->focus.y);
	maker->stored[number] = geometry_stored(*upright, facts->orientation);
}

/* How many times too large Cb and Cr are for what is made of them, where `decode`, the picture or
 * its preview, is a JPEG. */
static double maker_colour_excess(
	const struct maker *maker, const struct maker_picture *picture, const struct decode *decode)
{
	const struct picture *facts = &decode->picture;
	double least = 0;
	if (decode->kind != SNIFF_JPEG || facts->channels != PLANES_MOST || maker->full)
		return 0;
	for (size_t i = 0; i < maker->setup->count; i++) {
		const double sides = maker_halves(maker, picture, i) ? 2 : 1;
		const double excess =
			sides * geometry_excess(&maker->stored[i], 1, facts->width, facts->height);
		if (i == 0 || excess < least)
			least = excess;
	}
	return least;
}

static void maker_measure(struct maker *maker, struct maker_picture *picture)
{
	const struct picture *facts = &picture->decode.picture;
	const size_t count = maker->setup->count;
	for (size_t i = 0; i < count; i++)
		maker_place(maker, picture, i, &maker->setup->sizes[i]);
	picture->excess =
		maker->full ? 1
			    : geometry_excess(maker->stored, count, facts->width, facts->height);
	picture->decode.colours = maker_colour_excess(maker, picture, &picture->decode);
}

/* Bytes for the largest of the results: resampled, turned, and on its canvas. */
static uint64_t maker_results(const struct maker *maker, uint32_t channels)
{
	uint64_t most = 0;
	for (size_t i = 0; i < maker->setup->count; i++) {
		const struct geometry *one = &maker->upright[i];
		const uint64_t bytes = 3 * surface_bytes(one->width, one->height, channels) +
				       surface_bytes(one->canvas_width, one->canvas_height, 4);
		if (bytes > most)
			most = bytes;
	}
	return most;
}

static bool maker_judge(struct maker *maker, const struct maker_picture *picture, struct error *err)
{
	const struct limits *limits = &maker->setup->limits;
	const struct picture *facts = &picture->decode.picture;
	const uint64_t bytes = decode_memory(&picture->decode, picture->excess) +
			       maker_results(maker, facts->channels);
	if (bytes <= limits->memory)
		return true;
	struct text text = { .data = NULL };
	text_addf(&text, "%u x %u px of %s would need about ", facts->width, facts->height,
		sniff_name(picture->decode.kind));
	text_add_bytes(&text, (double)bytes);
	text_add_string(&text, ", over max_memory (");
	text_add_bytes(&text, (double)limits->memory);
	fail(err, ERROR_LIMIT, "%s)", text.data);
	text_finish(&text);
	return false;
}

/* JPEG, PNG and WebP stay what they are; of the others those with alpha become PNG, the rest JPEG.
 */
static enum size_format maker_same(const struct decode *decode)
{
	switch (decode->kind) {
	case SNIFF_JPEG:
		return FORMAT_JPEG;
	case SNIFF_PNG:
		return FORMAT_PNG;
	case SNIFF_WEBP:
		return FORMAT_WEBP;
	default:
		return decode->picture.channels == 4 ? FORMAT_PNG : FORMAT_JPEG;
	}
}

/* All frames together count. */
static bool maker_judge_pixels(
	const struct maker *maker, const struct picture *facts, struct error *err)
{
	const struct limits *limits = &maker->setup->limits;
	if (!decode_judge_pixels(limits, facts->width, facts->height, err))
		return false;
	const uint64_t pixels = (uint64_t)facts->width * facts->height;
	if (facts->frames <= limits->pixels / pixels)
		return true;
	return fail(err, ERROR_LIMIT, "%u frames of %u x %u px are over max_pixels (%llu)",
		facts->frames, facts->width, facts->height,
		(unsigned long long)(limits->pixels / 1000000));
}

bool maker_read(struct maker *maker, struct maker_picture *picture, struct error *err)
{
	struct decode *decode = &picture->decode;
	if (!decode_read(decode, picture->excess, &maker->decoded, err))
		return false;
	if (decode->damage.code == ERROR_NONE || maker->setup->reading.keep)
		return true;
	*err = decode->damage;
	return false;
}

/* A preview that leaves no size to be enlarged, and has the shape of the picture, to the pixel. It
 * is stored the way the picture is, unless it says otherwise, and has alpha or a profile where the
 * picture has one. */
static bool maker_fits(
	const struct maker *maker, const struct maker_picture *picture, const struct decode *small)
{
	const struct picture *whole = &picture->decode.picture, *facts = &small->picture;
	const double height = (double)facts->width * whole->height / whole->width;
	return facts->channels != 0 && facts->profiled == whole->profiled &&
	       (facts->channels == 4) == (whole->channels == 4) && height - facts->height < 1 &&
	       facts->height - height < 1 && facts->width < whole->width &&
	       (facts->orientation == 1 || facts->orientation == whole->orientation) &&
	       geometry_excess(maker->stored, maker->setup->count, facts->width, facts->height) >=
		       1;
}

/* Closes `small`. */
static bool maker_read_preview(
	struct maker *maker, const struct maker_picture *picture, struct decode *small)
{
	struct error err;
	small->limits = &maker->setup->limits;
	bool done = decode_open(small, &err) && maker_fits(maker, picture, small);
	const double excess = done ? geometry_excess(maker->stored, maker->setup->count,
					     small->picture.width, small->picture.height)
				   : 1;
	small->colours = done ? maker_colour_excess(maker, picture, small) : 0;
	done = done && decode_read(small, excess, &maker->decoded, &err) &&
	       small->damage.code == ERROR_NONE;
	decode_close(small);
	return done;
}

static bool maker_try_preview(
	struct maker *maker, const struct maker_picture *picture, const struct preview *preview)
{
	struct text copy = { .data = NULL }; /* with room behind it */
	text_add(&copy, preview->data, preview->length);
	for (int i = 0; i < INPUT_PADDING; i++)
		text_add(&copy, "", 1);
	struct decode small = {
		.data = (const unsigned char *)copy.data,
		.length = preview->length,
		.kind = SNIFF_JPEG,
		.scaled = &maker->scaled,
	};
	const bool done = maker_read_preview(maker, picture, &small);
	text_finish(&copy);
	return done;
}

static bool maker_try_jpeg(struct maker *maker, const struct maker_picture *picture)
{
	const struct decode *decode = &picture->decode;
	struct preview previews[PREVIEW_MOST];
	const size_t count = preview_find(decode->data, decode->length, previews);
	for (size_t i = 0; i < count; i++)
		if (maker_try_preview(maker, picture, &previews[i]))
			return true;
	return false;
}

/* It has a profile of its own, or none as the picture has none. */
static bool maker_try_heif(struct maker *maker, const struct maker_picture *picture)
{
	const struct decode *decode = &picture->decode;
	if (decode->frame != 0 || preview_turns(decode->data, decode->length))
		return false;
	struct decode small = *decode;
	small.decoder = NULL;
	small.state = NULL;
	small.metadata = NULL;
	small.keep = false;
	small.preview = true;
	if (maker_read_preview(maker, picture, &small))
		return true;
	if (decode->icc)
		decode->icc->profile.length = 0;
	return false;
}

/* The picture is then not decoded at all. */
static bool maker_use_preview(struct maker *maker, const struct maker_picture *picture)
{
	if (!maker->setup->reading.previews || maker->full)
		return false;
	switch (picture->decode.kind) {
	case SNIFF_JPEG:
		return maker_try_jpeg(maker, picture);
	case SNIFF_HEIF:
		return maker_try_heif(maker, picture);
	default:
		return false;
	}
}

bool maker_decode(struct maker *maker, struct maker_picture *picture, struct error *err)
{
	struct decode *decode = &picture->decode;
	if (!decode_open(decode, err) || !maker_judge_pixels(maker, &decode->picture, err))
		return false;
	maker_find_focus(maker, picture);
	maker_measure(maker, picture);
	if (!maker_judge(maker, picture, err))
		return false;
	if (!maker_use_preview(maker, picture) && !maker_read(maker, picture, err))
		return false;
	const bool clear = maker->decoded.count == 1 && maker->decoded.of[0].channels == 4;
	picture->same = maker_same(decode);
	picture->automatic = clear ? FORMAT_WEBP : FORMAT_JPEG;
	return !maker->whole || planes_join(&maker->scaler, &maker->decoded, err);
}
