#include "stages/thumbnail/maker_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/encode.h"

static const size_t maker_kept = 8U << 20; /* bytes of encoded output that a maker may hold on to */

struct maker *maker_open(const struct maker_setup *setup)
{
	struct maker *maker = memory_zeroed(1, sizeof(*maker));
	maker->setup = setup;
	maker->srgb = srgb_open(setup->reading.intent, setup->reading.clip_black);
	for (size_t i = 0; i < setup->count; i++) {
		const struct size *size = &setup->sizes[i];
		const uint32_t side = size->width > size->height ? size->width : size->height;
		if (size->colour != COLOUR_IGNORE || size->keep & KEEP_ICC)
			maker->coloured = true;
		if (size->keep & ~(unsigned)KEEP_ICC)
			maker->described = true;
		if (size->crop == CROP_FOCUS)
			maker->focuses = maker->described = true;
		if (size->animated)
			maker->animated = true;
		if (size->linear)
			maker->full = true;
		if (size->crop == CROP_ENTROPY || size->crop == CROP_ATTENTION ||
			size->crop == CROP_FOCUS || size->linear)
			maker->whole = true;
		if (side > maker->side)
			maker->side = side;
	}
	return maker;
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
		maker_begins(job, MAKER_DECODES);
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
	planes_trim(&maker->decoded);
	planes_scaler_trim(&maker->scaler);
	if (maker->full)
		linear_finish(&maker->linear);
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

static void maker_tag(const struct maker_job *job, struct maker_picture *picture)
{
	const struct picture *facts = &picture->decode.picture;
	const bool swaps = geometry_swaps(facts->orientation);
	if (!job->tags)
		return;
	job->tags->kind = picture->decode.kind;
	job->tags->width = swaps ? facts->height : facts->width;
	job->tags->height = swaps ? facts->width : facts->height;
	picture->tags = job->tags;
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
						   .intent = reading->intent,
						   .clip_black = reading->clip_black,
						   .animated = maker->animated,
						   .scaled = &maker->scaled,
					   } };
	picture->focused = job->focus != NULL;
	if (job->focus)
		picture->focus = *job->focus;
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
	maker_begins(job, MAKER_DECODES);
	bool done = maker_decode(maker, &picture, err);
	const struct picture *facts = &picture.decode.picture;
	if (done) {
		result->pixels = (uint64_t)facts->width * facts->height * facts->frames;
		snprintf(result->late, sizeof(result->late), "%s", maker_late(maker, &picture));
		maker_tag(job, &picture);
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
	planes_finish(&maker->decoded);
	planes_scaler_finish(&maker->scaler);
	linear_finish(&maker->linear);
	surface_finish(&maker->made);
	surface_finish(&maker->sharp);
	surface_finish(&maker->canvas);
	text_finish(&maker->out);
	text_finish(&maker->exif);
	text_finish(&maker->xmp);
	srgb_close(maker->srgb);
	scaled_free(maker->scaled);
	jpeg_writer_free(maker->jpeg);
	free(maker);
}
