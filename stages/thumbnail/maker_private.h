#ifndef NIGHTMILL_STAGES_THUMBNAIL_MAKER_PRIVATE_H
#define NIGHTMILL_STAGES_THUMBNAIL_MAKER_PRIVATE_H

/* What the files of the maker share: maker.c leads, maker_decode.c comes to the pixels that all
 * sizes start from, maker_size.c goes from there to the bytes of one size. */

#include "stages/thumbnail/decode.h"
#include "stages/thumbnail/encode.h"
#include "stages/thumbnail/jpeg/scaled.h"
#include "stages/thumbnail/linear.h"
#include "stages/thumbnail/maker.h"
#include "stages/thumbnail/movie.h"
#include "stages/thumbnail/planes.h"
#include "stages/thumbnail/srgb.h"

struct maker {
	const struct maker_setup *setup;
	struct geometry upright[ITEM_PARTS], stored[ITEM_PARTS];
	struct planes decoded;
	struct planes_scaler scaler;
	struct linear linear;
	struct surface made, sharp, canvas;
	struct scaled *scaled;    /* NULL until a JPEG needs it */
	struct jpeg_writer *jpeg; /* the same */
	struct text out, exif, xmp;
	struct movie *movies[ITEM_PARTS]; /* of sizes that move, while a picture is worked on */
	struct srgb *srgb;
	bool coloured;  /* a size asks what the numbers mean */
	bool described; /* a size keeps metadata */
	bool animated;  /* a size wants every frame */
	bool full;      /* a size wants every pixel, to average light */
	bool whole;     /* a size looks at whole pixels, not at components */
	bool focuses;   /* a size is cut around a point */
	uint32_t side;  /* px: the longest side that any size has room for */
};

/* The picture at hand. */
struct maker_picture {
	struct decode decode;
	struct icc icc;
	struct metadata metadata;
	const struct freedesktop_tags *tags;
	double excess;
	struct regions_point focus;
	bool focused;                     /* `focus` is known */
	enum size_format same, automatic; /* what FORMAT_SAME and FORMAT_AUTO stand for */
};

/* Tells whoever wants to know. */
static inline void maker_begins(const struct maker_job *job, enum maker_doing doing)
{
	if (job->begins)
		job->begins(job->context, doing);
}

/* The header, the limits, the pixels (of the first frame where every one is wanted): false with an
 * error of the item. */
bool maker_decode(struct maker *maker, struct maker_picture *picture, struct error *err);

/* The frame whose turn it is, into maker->decoded. */
bool maker_read(struct maker *maker, struct maker_picture *picture, struct error *err);

/* The format that this size has for this picture. */
enum size_format maker_format(const struct maker_picture *picture, const struct size *size);

/* Whether this size takes Cb and Cr of a JPEG that has them at half the sides only. Known once the
 * picture is open and placed. */
bool maker_halves(const struct maker *maker, const struct maker_picture *picture, size_t number);

/* Everything but the encoding: of the frame that was read last, by its geometry in `maker`. */
bool maker_lay(struct maker *maker, const struct maker_picture *picture, size_t number,
	struct encode_job *encoding, struct error *err);

/* How the picture meets the box of this size, into maker->upright and maker->stored. */
void maker_place(struct maker *maker, const struct maker_picture *picture, size_t number,
	const struct size *size);

/* Encodes what was laid, within the size's budget: `encoding` becomes that of what came out. */
bool maker_encode(struct maker *maker, const struct maker_picture *picture, size_t number,
	struct encode_job *encoding, struct error *err);

/* Makes of the frame that was read last what one size takes from it, and emits what is finished. */
bool maker_size(struct maker *maker, const struct maker_picture *picture, size_t number,
	const struct maker_job *job, struct error *err);

/* Looks at the whole picture, in sRGB. */
bool maker_describe(struct maker *maker, const struct maker_picture *picture,
	struct description *description, struct error *err);

#endif
