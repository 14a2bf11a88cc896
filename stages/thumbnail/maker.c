#include "stages/thumbnail/maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/canvas.h"
#include "stages/thumbnail/decode.h"
#include "stages/thumbnail/encode.h"
#include "stages/thumbnail/focus.h"
#include "stages/thumbnail/geometry.h"
#include "stages/thumbnail/jpeg/scaled.h"
#include "stages/thumbnail/orient.h"
#include "stages/thumbnail/resample.h"
#include "stages/thumbnail/sharpen.h"
#include "stages/thumbnail/shrink.h"
#include "stages/thumbnail/sniff.h"
#include "stages/thumbnail/srgb.h"

static const size_t maker_kept = 8U << 20; /* bytes of encoded output that a maker may hold on to */

struct maker {
	const struct maker_setup *setup;
	struct geometry upright[ITEM_PARTS], stored[ITEM_PARTS];
	struct resample resample;
	struct surface decoded, shrunk, made, sharp, canvas;
	struct scaled *scaled; /* NULL until a JPEG needs it */
	struct text out;
	struct srgb *srgb;
	bool coloured; /* a size asks what the numbers mean */
	uint32_t side; /* px: the longest side that any size has room for */
};

/* The picture at hand. */
struct maker_picture {
	struct decode decode;
	struct icc icc;
	double excess;
	enum size_format same; /* what FORMAT_SAME stands for */
};

struct maker *maker_open(const struct maker_setup *setup)
{
	struct maker *maker = memory_zeroed(1, sizeof(*maker));
	maker->setup = setup;
	maker->srgb = srgb_open();
	for (size_t i = 0; i < setup->count; i++) {
		const struct size *size = &setup->sizes[i];
		const uint32_t side = size->width > size->height ? size->width : size->height;
		if (size->colour != COLOUR_IGNORE)
			maker->coloured = true;
		if (side > maker->side)
			maker->side = side;
	}
	return maker;
}

static void maker_measure(struct maker *maker, struct maker_picture *picture)
{
	const struct picture *facts = &picture->decode.picture;
	const size_t count = maker->setup->count;
	const bool swaps = geometry_swaps(facts->orientation);
	const uint32_t width = swaps ? facts->height : facts->width;
	const uint32_t height = swaps ? facts->width : facts->height;
	for (size_t i = 0; i < count; i++) {
		maker->upright[i] = geometry_of(&maker->setup->sizes[i], width, height);
		maker->stored[i] = geometry_stored(maker->upright[i], facts->orientation);
	}
	picture->excess = geometry_excess(maker->stored, count, facts->width, facts->height);
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

/* The header, the limits, the pixels: false with an error of the item. */
static bool maker_decode(struct maker *maker, struct maker_picture *picture, struct error *err)
{
	struct decode *decode = &picture->decode;
	if (!decode_open(decode, err) ||
		!decode_judge_pixels(
			&maker->setup->limits, decode->picture.width, decode->picture.height, err))
		return false;
	maker_measure(maker, picture);
	if (!maker_judge(maker, picture, err) ||
		!decode_read(decode, picture->excess, &maker->decoded, err))
		return false;
	if (decode->damage.code != ERROR_NONE && !maker->setup->reading.keep) {
		*err = decode->damage;
		return false;
	}
	picture->same = maker_same(decode);
	return true;
}

/* What the resampler starts from: the surface all sizes share, made smaller first where this size
 * leaves much. */
static const struct surface *maker_source(struct maker *maker, size_t number, struct error *err)
{
	const struct geometry *stored = &maker->stored[number];
	const double across = maker->decoded.extent_x / stored->scaled_width;
	const double down = maker->decoded.extent_y / stored->scaled_height;
	const uint32_t factor = shrink_factor(across < down ? across : down);
	if (factor == 1)
		return &maker->decoded;
	return shrink_surface(&maker->decoded, factor, &maker->shrunk, err) ? &maker->shrunk : NULL;
}

/* Makes what was resampled sRGB, or gives the profile that goes with it. */
static const struct text *maker_colour(
	struct maker *maker, const struct maker_picture *picture, const struct size *size)
{
	const uint32_t channels = maker->made.channels;
	const struct srgb_map *map = size->colour == COLOUR_IGNORE
					     ? NULL
					     : srgb_find(maker->srgb, &picture->icc, channels);
	if (!map)
		return NULL;
	if (size->colour == COLOUR_KEEP && srgb_can_keep(map, channels))
		return &picture->icc.profile;
	srgb_convert(map, &maker->made);
	return NULL;
}

static bool maker_size(
	struct maker *maker, const struct maker_picture *picture, size_t number, struct error *err)
{
	const struct size *size = &maker->setup->sizes[number];
	const enum size_format format = size->format == FORMAT_SAME ? picture->same : size->format;
	focus_move(&maker->stored[number], &maker->decoded, size->crop);
	const struct surface *source = maker_source(maker, number, err);
	const struct resample_job resampling = {
		.stored = &maker->stored[number],
		.orientation = picture->decode.picture.orientation,
	};
	if (!source || !resample_run(&maker->resample, source, &resampling, &maker->made, err))
		return false;
	const struct text *profile = maker_colour(maker, picture, size);
	const struct canvas_job job = {
		.background = size->background,
		.geometry = &maker->upright[number],
		.alpha = format != FORMAT_JPEG,
	};
	struct surface *made = &maker->made;
	if (size->sharpen > 0) {
		if (!sharpen_surface(made, size->sharpen, &maker->sharp, err))
			return false;
		made = &maker->sharp;
	}
	const struct surface *laid = canvas_lay(made, &job, &maker->canvas, err);
	const struct encode_job encoding = { laid, size, format, profile };
	return laid && encode_surface(&encoding, &maker->out, err);
}

static bool maker_sizes(struct maker *maker, const struct maker_picture *picture,
	const struct maker_job *job, struct error *err)
{
	for (size_t i = 0; i < maker->setup->count; i++) {
		if (!(job->due >> i & 1))
			continue;
		if (!maker_size(maker, picture, i, err) ||
			!job->emit(job->context, i, &maker->out, err))
			return false;
	}
	return true;
}

static bool maker_ignores(
	const struct maker *maker, enum sniff_kind kind, struct maker_result *result)
{
	if (kind == SNIFF_NOTHING)
		snprintf(result->why, sizeof(result->why), "no picture");
	else if (!(maker->setup->reading.formats >> kind & 1))
		snprintf(result->why, sizeof(result->why), "%s is not asked for", sniff_name(kind));
	result->ignored = result->why[0] != '\0';
	return result->ignored;
}

static void maker_trim(struct maker *maker)
{
	resample_trim(&maker->resample);
	surface_trim(&maker->decoded);
	surface_trim(&maker->shrunk);
	surface_trim(&maker->made);
	surface_trim(&maker->sharp);
	surface_trim(&maker->canvas);
	if (maker->out.room > maker_kept)
		text_finish(&maker->out);
}

bool maker_run(struct maker *maker, const struct maker_job *job, struct maker_result *result,
	struct error *err)
{
	*result = (struct maker_result){ .ignored = false };
	struct maker_picture picture = { .decode = {
						 .data = job->data,
						 .length = job->length,
						 .kind = sniff_bytes(job->data, job->length),
						 .limits = &maker->setup->limits,
						 .keep = maker->setup->reading.keep,
						 .frame = maker->setup->reading.frame,
						 .side = maker->side,
						 .scaled = &maker->scaled,
					 } };
	if (maker->coloured)
		picture.decode.icc = &picture.icc;
	if (maker_ignores(maker, picture.decode.kind, result))
		return true;
	bool done = maker_decode(maker, &picture, err);
	const struct picture *facts = &picture.decode.picture;
	if (done) {
		result->pixels = (uint64_t)facts->width * facts->height;
		snprintf(result->late, sizeof(result->late), "%s", encode_extension(picture.same));
	}
	decode_close(&picture.decode);
	if (done)
		done = maker_sizes(maker, &picture, job, err);
	icc_finish(&picture.icc);
	maker_trim(maker);
	return done;
}

void maker_close(struct maker *maker)
{
	if (!maker)
		return;
	resample_finish(&maker->resample);
	surface_finish(&maker->decoded);
	surface_finish(&maker->shrunk);
	surface_finish(&maker->made);
	surface_finish(&maker->sharp);
	surface_finish(&maker->canvas);
	text_finish(&maker->out);
	srgb_close(maker->srgb);
	scaled_free(maker->scaled);
	free(maker);
}
