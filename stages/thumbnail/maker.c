#include "stages/thumbnail/maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/canvas.h"
#include "stages/thumbnail/carry.h"
#include "stages/thumbnail/decode.h"
#include "stages/thumbnail/encode.h"
#include "stages/thumbnail/focus.h"
#include "stages/thumbnail/geometry.h"
#include "stages/thumbnail/jpeg/scaled.h"
#include "stages/thumbnail/movie.h"
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
	struct text out, exif, xmp;
	struct movie *movies[ITEM_PARTS]; /* of sizes that move, while a picture is worked on */
	struct srgb *srgb;
	bool coloured;  /* a size asks what the numbers mean */
	bool described; /* a size keeps metadata */
	bool animated;  /* a size wants every frame */
	uint32_t side;  /* px: the longest side that any size has room for */
};

/* The picture at hand. */
struct maker_picture {
	struct decode decode;
	struct icc icc;
	struct metadata metadata;
	double excess;
	enum size_format same, automatic; /* what FORMAT_SAME and FORMAT_AUTO stand for */
};

struct maker *maker_open(const struct maker_setup *setup)
{
	struct maker *maker = memory_zeroed(1, sizeof(*maker));
	maker->setup = setup;
	maker->srgb = srgb_open();
	for (size_t i = 0; i < setup->count; i++) {
		const struct size *size = &setup->sizes[i];
		const uint32_t side = size->width > size->height ? size->width : size->height;
		if (size->colour != COLOUR_IGNORE || size->keep & KEEP_ICC)
			maker->coloured = true;
		if (size->keep & ~(unsigned)KEEP_ICC)
			maker->described = true;
		if (size->animated)
			maker->animated = true;
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

static bool maker_read(struct maker *maker, struct maker_picture *picture, struct error *err)
{
	struct decode *decode = &picture->decode;
	if (!decode_read(decode, picture->excess, &maker->decoded, err))
		return false;
	if (decode->damage.code == ERROR_NONE || maker->setup->reading.keep)
		return true;
	*err = decode->damage;
	return false;
}

/* The header, the limits, the pixels: false with an error of the item. */
static bool maker_decode(struct maker *maker, struct maker_picture *picture, struct error *err)
{
	struct decode *decode = &picture->decode;
	if (!decode_open(decode, err) || !maker_judge_pixels(maker, &decode->picture, err))
		return false;
	maker_measure(maker, picture);
	if (!maker_judge(maker, picture, err) || !maker_read(maker, picture, err))
		return false;
	picture->same = maker_same(decode);
	picture->automatic = maker->decoded.channels == 4 ? FORMAT_WEBP : FORMAT_JPEG;
	return true;
}

/* What the resampler starts from: the surface all sizes share, made smaller first where this size
 * leaves much. */
static const struct surface *maker_source(
	struct maker *maker, const struct geometry *stored, struct error *err)
{
	const double across = maker->decoded.extent_x / stored->scaled_width;
	const double down = maker->decoded.extent_y / stored->scaled_height;
	const uint32_t factor = shrink_factor(across < down ? across : down);
	if (factor == 1)
		return &maker->decoded;
	return shrink_surface(&maker->decoded, factor, &maker->shrunk, err) ? &maker->shrunk : NULL;
}

/* Makes what was resampled sRGB. True: its numbers stay, and their profile goes with them. */
static bool maker_colour(
	struct maker *maker, const struct maker_picture *picture, const struct size *size)
{
	const uint32_t channels = maker->made.channels;
	const struct srgb_map *map = size->colour == COLOUR_IGNORE
					     ? NULL
					     : srgb_find(maker->srgb, &picture->icc, channels);
	if (!map)
		return false;
	if (size->colour == COLOUR_KEEP && srgb_can_keep(map, channels))
		return true;
	srgb_convert(map, &maker->made);
	return false;
}

static enum size_format maker_format(const struct maker_picture *picture, const struct size *size)
{
	if (size->format == FORMAT_SAME)
		return picture->same;
	return size->format == FORMAT_AUTO ? picture->automatic : size->format;
}

/* A profile where the source has one: its own with numbers that were not touched, else sRGB. That
 * of colours does not go with greys. */
static const struct text *maker_profile(
	struct maker *maker, const struct maker_picture *picture, const struct size *size)
{
	if (maker_colour(maker, picture, size))
		return &picture->icc.profile;
	if (!(size->keep & KEEP_ICC) || picture->icc.profile.length == 0 ||
		maker->made.channels == 1)
		return NULL;
	return size->colour == COLOUR_IGNORE ? &picture->icc.profile : srgb_standard(maker->srgb);
}

static void maker_carry(struct maker *maker, const struct maker_picture *picture,
	const struct size *size, struct encode_job *encoding)
{
	const struct surface *made = encoding->surface;
	if (size->keep & KEEP_EXIF)
		carry_exif(&picture->metadata, made->width, made->height, &maker->exif);
	else if (size->keep & KEEP_COPYRIGHT)
		carry_copyright(&picture->metadata, &maker->exif);
	if (size->keep & (KEEP_EXIF | KEEP_COPYRIGHT))
		encoding->extra.exif = &maker->exif;
	if (size->keep & KEEP_XMP) {
		carry_xmp(&picture->metadata, &maker->xmp);
		encoding->extra.xmp = &maker->xmp;
	}
}

/* Everything but the encoding: of the frame that was read last. */
static bool maker_lay(struct maker *maker, const struct maker_picture *picture, size_t number,
	struct encode_job *encoding, struct error *err)
{
	const struct size *size = &maker->setup->sizes[number];
	const struct resample_job resampling = {
		.stored = &maker->stored[number],
		.orientation = picture->decode.picture.orientation,
	};
	if (!maker->movies[number])
		focus_move(&maker->stored[number], &maker->decoded, size->crop);
	const struct surface *source = maker_source(maker, &maker->stored[number], err);
	if (!source || !resample_run(&maker->resample, source, &resampling, &maker->made, err))
		return false;
	*encoding = (struct encode_job){ .size = size, .format = maker_format(picture, size) };
	encoding->extra.profile = maker_profile(maker, picture, size);
	const struct canvas_job job = {
		.background = size->background,
		.geometry = &maker->upright[number],
		.alpha = encoding->format != FORMAT_JPEG,
	};
	struct surface *made = &maker->made;
	if (size->sharpen > 0) {
		if (!sharpen_surface(made, size->sharpen, &maker->sharp, err))
			return false;
		made = &maker->sharp;
	}
	encoding->surface = canvas_lay(made, &job, &maker->canvas, err);
	if (encoding->surface && size->keep & ~(unsigned)KEEP_ICC)
		maker_carry(maker, picture, size, encoding);
	return encoding->surface != NULL;
}

/* Adds the frame, and ends the animation with the last one. */
static bool maker_move(struct maker *maker, const struct maker_picture *picture, size_t number,
	const struct encode_job *encoding, struct error *err)
{
	const struct decode *decode = &picture->decode;
	const struct movie_time time = { decode->millis, decode->picture.loops };
	struct movie **movie = &maker->movies[number];
	if (!movie_add(movie, encoding, &time, err))
		return false;
	return decode->at + 1 < decode->picture.frames ||
	       movie_finish(*movie, encoding, &maker->out, err);
}

/* Looks at the whole picture, in sRGB. */
static bool maker_describe(struct maker *maker, const struct maker_picture *picture,
	struct description *description, struct error *err)
{
	static const struct size look = { .width = THUMBHASH_SIDE, .height = THUMBHASH_SIDE };
	const struct picture *facts = &picture->decode.picture;
	const bool swaps = geometry_swaps(facts->orientation);
	description->kind = picture->decode.kind;
	description->frames = facts->frames;
	description->width = swaps ? facts->height : facts->width;
	description->height = swaps ? facts->width : facts->height;
	const struct geometry stored = geometry_stored(
		geometry_of(&look, description->width, description->height), facts->orientation);
	const struct resample_job resampling = { &stored, facts->orientation };
	const struct surface *source = maker_source(maker, &stored, err);
	if (!source || !resample_run(&maker->resample, source, &resampling, &maker->made, err))
		return false;
	const struct srgb_map *map = srgb_find(maker->srgb, &picture->icc, maker->made.channels);
	if (map)
		srgb_convert(map, &maker->made);
	if (maker->made.channels == 4)
		surface_divide(&maker->made);
	description_look(description, &maker->made);
	return true;
}

static bool maker_emit(struct maker *maker, const struct encode_job *encoding, size_t number,
	const struct maker_job *job, struct error *err)
{
	if (job->describe)
		job->describe->sizes[number] = (struct description_size){
			.width = encoding->surface->width,
			.height = encoding->surface->height,
			.format = encoding->format,
			.bytes = maker->out.length,
			.digest = digest_of(maker->out.data, maker->out.length),
		};
	return !(job->due >> number & 1) || job->emit(job->context, number, &maker->out, err);
}

/* What one size takes from the frame that was read last. */
static bool maker_size(struct maker *maker, const struct maker_picture *picture, size_t number,
	const struct maker_job *job, struct error *err)
{
	const struct decode *decode = &picture->decode;
	const uint32_t last = decode->picture.frames - 1;
	const uint32_t still = decode->frame < last ? decode->frame : last;
	const bool moves = maker->setup->sizes[number].animated && last > 0;
	struct encode_job encoding;
	if (!moves && decode->at != still)
		return true;
	if (!maker_lay(maker, picture, number, &encoding, err))
		return false;
	if (moves && !maker_move(maker, picture, number, &encoding, err))
		return false;
	if (!moves && !encode_surface(&encoding, &maker->out, err))
		return false;
	return (moves && decode->at < last) || maker_emit(maker, &encoding, number, job, err);
}

static bool maker_sizes(struct maker *maker, const struct maker_picture *picture,
	const struct maker_job *job, struct error *err)
{
	for (size_t i = 0; i < maker->setup->count; i++)
		if ((job->describe || job->due >> i & 1) &&
			!maker_size(maker, picture, i, job, err))
			return false;
	return true;
}

/* The first one is decoded already. */
static bool maker_frames(struct maker *maker, struct maker_picture *picture,
	const struct maker_job *job, struct error *err)
{
	struct decode *decode = &picture->decode;
	bool done = !job->describe || maker_describe(maker, picture, job->describe, err);
	done = done && maker_sizes(maker, picture, job, err);
	while (done && decode->at + 1 < decode->picture.frames) {
		decode->at++;
		done = maker_read(maker, picture, err) && maker_sizes(maker, picture, job, err);
	}
	for (size_t i = 0; i < maker->setup->count; i++) {
		movie_close(maker->movies[i]);
		maker->movies[i] = NULL;
	}
	return done;
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

/* Of the formats that only the picture decides a config has one at most; "" where it has none. */
static const char *maker_late(const struct maker *maker, const struct maker_picture *picture)
{
	for (size_t i = 0; i < maker->setup->count; i++)
		if (!encode_is_known(maker->setup->sizes[i].format))
			return encode_extension(maker_format(picture, &maker->setup->sizes[i]));
	return "";
}

static void maker_begin(
	struct maker *maker, const struct maker_job *job, struct maker_picture *picture)
{
	const struct reading *reading = &maker->setup->reading;
	*picture = (struct maker_picture){ .decode = {
						   .data = job->data,
						   .length = job->length,
						   .kind = sniff_bytes(job->data, job->length),
						   .limits = &maker->setup->limits,
						   .keep = reading->keep,
						   .frame = reading->frame,
						   .side = maker->side,
						   .animated = maker->animated,
						   .scaled = &maker->scaled,
					   } };
	if (maker->coloured)
		picture->decode.icc = &picture->icc;
	if (maker->described)
		picture->decode.metadata = &picture->metadata;
}

bool maker_run(struct maker *maker, const struct maker_job *job, struct maker_result *result,
	struct error *err)
{
	struct maker_picture picture;
	*result = (struct maker_result){ .ignored = false };
	maker_begin(maker, job, &picture);
	if (maker_ignores(maker, picture.decode.kind, result))
		return true;
	bool done = maker_decode(maker, &picture, err);
	const struct picture *facts = &picture.decode.picture;
	if (done) {
		result->pixels = (uint64_t)facts->width * facts->height * facts->frames;
		snprintf(result->late, sizeof(result->late), "%s", maker_late(maker, &picture));
		if (facts->frames == 1)
			decode_close(&picture.decode);
		done = maker_frames(maker, &picture, job, err);
	}
	decode_close(&picture.decode);
	icc_finish(&picture.icc);
	metadata_finish(&picture.metadata);
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
	text_finish(&maker->exif);
	text_finish(&maker->xmp);
	srgb_close(maker->srgb);
	scaled_free(maker->scaled);
	free(maker);
}
