#include "stages/thumbnail/maker_private.h"

#include "stages/thumbnail/canvas.h"
#include "stages/thumbnail/carry.h"
#include "stages/thumbnail/focus.h"
#include "stages/thumbnail/sharpen.h"

/* How a size comes from its numbers to its colours. */
struct maker_colours {
	const struct srgb_map *map; /* to sRGB; NULL: the numbers stay */
	bool kept;                  /* with a profile that is not sRGB's */
};

static struct maker_colours maker_colour(const struct maker *maker,
	const struct maker_picture *picture, const struct size *size, uint32_t channels)
{
	const struct srgb_map *map = size->colour == COLOUR_IGNORE
					     ? NULL
					     : srgb_find(maker->srgb, &picture->icc, channels);
	const bool kept = map && size->colour == COLOUR_KEEP && srgb_can_keep(map, channels);
	return (struct maker_colours){ kept ? NULL : map, kept };
}

enum size_format maker_format(const struct maker_picture *picture, const struct size *size)
{
	if (size->format == FORMAT_SAME)
		return picture->same;
	return size->format == FORMAT_AUTO ? picture->automatic : size->format;
}

/* A profile where the source has one: its own with numbers that were not touched, else sRGB. That
 * of colours does not go with greys. */
static const struct text *maker_profile(const struct maker *maker,
	const struct maker_picture *picture, const struct size *size,
	const struct maker_colours *colours)
{
	if (colours->kept)
		return &picture->icc.profile;
	if (!(size->keep & KEEP_ICC) || picture->icc.profile.length == 0 ||
		planes_channels(&maker->decoded) == 1)
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

/* Without a point to be cut around it is looked for. */
static enum size_crop maker_crop(const struct maker_picture *picture, const struct size *size)
{
	if (size->crop != CROP_FOCUS)
		return size->crop;
	return picture->focused ? CROP_CENTRE : CROP_ATTENTION;
}

/* Pixels are resampled, as the numbers that they are, and turned; nothing else is done to them. */
static bool maker_leaves(
	const struct maker *maker, size_t number, const struct maker_colours *colours)
{
	const struct geometry *upright = &maker->upright[number];
	const struct size *size = &maker->setup->sizes[number];
	return !colours->map && !size->linear && size->sharpen == 0 &&
	       upright->canvas_width == upright->width && upright->canvas_height == upright->height;
}

/* Whether the result has every frame. */
static bool maker_moves(const struct maker_picture *picture, const struct size *size)
{
	return size->animated && picture->decode.picture.frames > 1;
}

/* Y, Cb and Cr of the picture are those of the result; so is grey, which needs it only where Y has
 * a range of its own. */
static bool maker_stays_apart(const struct maker *maker, size_t number,
	const struct encode_job *encoding, const struct maker_colours *colours)
{
	const struct planes *planes = &maker->decoded;
	const struct planes_form form = encode_form(encoding->size, encoding->format);
	const bool fits = planes->count == PLANES_MOST
				  ? planes->luma
				  : form.limited && planes_channels(planes) == 1;
	return fits && form.apart && maker_leaves(maker, number, colours);
}

bool maker_halves(const struct maker *maker, const struct maker_picture *picture, size_t number)
{
	const struct size *size = &maker->setup->sizes[number];
	const enum size_format format = encode_is_known(size->format) ? size->format : FORMAT_JPEG;
	const struct planes_form form = encode_form(size, format);
	if (maker->whole || !form.apart || !form.halved)
		return false;
	const struct maker_colours colours = maker_colour(maker, picture, size, PLANES_MOST);
	return maker_leaves(maker, number, &colours);
}

static bool maker_lay_planes(struct maker *maker, const struct resample_job *job,
	struct encode_job *encoding, struct error *err)
{
	const struct surface *planes = planes_resample_apart(&maker->scaler, &maker->decoded, job,
		encode_form(encoding->size, encoding->format), err);
	if (!planes)
		return false;
	encoding->surface = &planes[0];
	encoding->chroma = &planes[1];
	return true;
}

static bool maker_resample(
	struct maker *maker, const struct resample_job *job, bool linear, struct error *err)
{
	if (linear)
		return linear_run(&maker->linear, &maker->decoded.of[0], job, &maker->made, err);
	return planes_resample(&maker->scaler, &maker->decoded, job, &maker->made, err);
}

/* By `map`, sharpened, on the canvas that `upright` says. */
static bool maker_lay_pixels(struct maker *maker, const struct srgb_map *map,
	const struct geometry *upright, struct encode_job *encoding, struct error *err)
{
	const struct size *size = encoding->size;
	const struct canvas_job job = {
		.background = size->background,
		.geometry = upright,
		.alpha = encoding->format != FORMAT_JPEG,
	};
	struct surface *made = &maker->made;
	if (map)
		srgb_convert(map, made);
	if (size->sharpen > 0) {
		if (!sharpen_surface(made, size->sharpen, &maker->sharp, err))
			return false;
		made = &maker->sharp;
	}
	encoding->surface = canvas_lay(made, &job, &maker->canvas, err);
	return encoding->surface != NULL;
}

bool maker_lay(struct maker *maker, const struct maker_picture *picture, size_t number,
	struct encode_job *encoding, struct error *err)
{
	const struct size *size = &maker->setup->sizes[number];
	const struct maker_colours colours =
		maker_colour(maker, picture, size, planes_channels(&maker->decoded));
	struct resample_job job = {
		.stored = &maker->stored[number],
		.orientation = picture->decode.picture.orientation,
	};
	if (!maker->movies[number])
		focus_move(
			&maker->stored[number], &maker->decoded.of[0], maker_crop(picture, size));
	*encoding = (struct encode_job){
		.size = size, .format = maker_format(picture, size), .jpeg = &maker->jpeg
	};
	job.soft = encode_quality(encoding) > 0 && size->sharpen == 0;
	encoding->extra.tags = picture->tags;
	encoding->extra.profile = maker_profile(maker, picture, size, &colours);
	const bool laid =
		!maker_moves(picture, size) && maker_stays_apart(maker, number, encoding, &colours)
			? maker_lay_planes(maker, &job, encoding, err)
			: maker_resample(maker, &job, size->linear, err) &&
				  maker_lay_pixels(maker, colours.map, &maker->upright[number],
					  encoding, err);
	if (laid && size->keep & ~(unsigned)KEEP_ICC)
		maker_carry(maker, picture, size, encoding);
	return laid;
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

bool maker_describe(struct maker *maker, const struct maker_picture *picture,
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
	const struct resample_job resampling = { &stored, facts->orientation, RESAMPLE_PLAIN,
		RANGE_FULL, false };
	if (!planes_resample(&maker->scaler, &maker->decoded, &resampling, &maker->made, err))
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

bool maker_size(struct maker *maker, const struct maker_picture *picture, size_t number,
	const struct maker_job *job, struct error *err)
{
	const struct decode *decode = &picture->decode;
	const uint32_t last = decode->picture.frames - 1;
	const uint32_t still = decode->frame < last ? decode->frame : last;
	const bool moves = maker_moves(picture, &maker->setup->sizes[number]);
	struct encode_job encoding;
	if (!moves && decode->at != still)
		return true;
	maker_begins(job, MAKER_RESAMPLES);
	if (!maker_lay(maker, picture, number, &encoding, err))
		return false;
	maker_begins(job, MAKER_ENCODES);
	if (moves && !maker_move(maker, picture, number, &encoding, err))
		return false;
	if (!moves && !maker_encode(maker, picture, number, &encoding, err))
		return false;
	return (moves && decode->at < last) || maker_emit(maker, &encoding, number, job, err);
}
