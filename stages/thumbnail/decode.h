#ifndef NIGHTMILL_STAGES_THUMBNAIL_DECODE_H
#define NIGHTMILL_STAGES_THUMBNAIL_DECODE_H

/* From the bytes of a file to pixels, in two steps, so that limits are judged in between, before
 * anything large is allocated.
 *
 *     struct decode decode = { .data = ..., .length = ..., .kind = sniff_bytes(...), .keep = ... };
 *     if (decode_open(&decode, err) && judge(&decode.picture))
 *             done = decode_read(&decode, excess, &planes, err);
 *     decode_close(&decode);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "stages/thumbnail/icc.h"
#include "stages/thumbnail/metadata.h"
#include "stages/thumbnail/planes.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/sniff.h"

struct scaled;

/* What a header tells. */
struct picture {
	uint32_t width, height; /* px as stored, at least 1 */
	int orientation;        /* EXIF, 1 to 8 */
	uint32_t channels;      /* of the surface: 1, 3 or 4; 0: a case for libvips */
	uint64_t fixed;  /* bytes that decoding takes whatever is left of the picture afterwards */
	uint32_t frames; /* that can be read, one after the other */
	uint32_t loops;  /* of an animation; 0: for ever */
	uint32_t reducible; /* the decoder makes it smaller itself, up to this many times (a power
			       of 2) */
	bool profiled;      /* libvips has found a profile in it */
};

struct decode {
	const unsigned char *data; /* borrowed until close; INPUT_PADDING zero bytes follow */
	size_t length;
	enum sniff_kind kind;
	const struct limits
		*limits; /* borrowed; for what has to be refused before a library sees it */
	bool keep;       /* damaged pictures: make what there is */
	uint32_t frame;  /* frame or page that is wanted, from 0; the last one where there are fewer
			  */
	uint32_t side; /* px: what has no size of its own (svg, pdf) is drawn for results this long
			*/
	enum size_intent intent; /* with which what libvips converts is converted */
	bool clip_black;         /* no black point compensation there */
	bool preview;    /* heif: the smaller picture in the file is wanted, if there is one */
	bool animated;   /* every frame of an animation is wanted: picture.frames may be more than 1
			  */
	double colours;  /* like the excess of decode_read, for what is made of Cb and Cr of a JPEG;
			    0: the same */
	uint32_t at;     /* the frame to be read next, upwards from 0, where every one is wanted */
	uint32_t millis; /* that the frame just read is shown */
	/* Borrowed, all zero before: metadata, known after opening; NULL: nobody wants any. */
	struct metadata *metadata;
	/* Borrowed, all zero before: what the numbers of the surface mean, known after reading;
	 * NULL: nobody wants to know. */
	struct icc *icc;
	struct picture picture;
	struct error damage;    /* code ERROR_NONE: none was found */
	struct scaled **scaled; /* borrowed: the worker's decoder for JPEGs at reduced size, made
				   when first needed; NULL: do without */
	const struct decoder *decoder; /* set by open */
	void *state;                   /* the decoder's */
};

struct decoder {
	/* Fills in `picture`. */
	bool (*open)(struct decode *decode, struct error *err);
	/* Decodes (one frame) into `planes`, which may be made smaller on the way as long as they
	 * stay large enough for `excess` (see geometry_excess). Damage goes into decode->damage as
	 * far as something can be kept. */
	bool (*read)(
		struct decode *decode, double excess, struct planes *planes, struct error *err);
	/* After open, whether it went well or not. */
	void (*close)(struct decode *decode);
};

/* Fails where the picture has more pixels than `limits` allow. */
bool decode_judge_pixels(
	const struct limits *limits, uint64_t width, uint64_t height, struct error *err);

/* decode.kind has to be a picture. A JPEG in the colours of a printer goes to libvips. */
bool decode_open(struct decode *decode, struct error *err);
bool decode_read(struct decode *decode, double excess, struct planes *planes, struct error *err);
void decode_close(struct decode *decode);

/* Estimated bytes for reading the opened picture with this excess. */
uint64_t decode_memory(const struct decode *decode, double excess);

/* How much smaller the decoder itself makes the picture: the largest of 8, 4, 2 and 1 that leaves
 * it at least twice too large (below that it shows). */
uint32_t decode_reduction(const struct picture *picture, double excess);

extern const struct decoder decode_jpeg, decode_png, decode_webp, decode_vips, decode_tiff;

#endif
