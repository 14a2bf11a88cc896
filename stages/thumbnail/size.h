#ifndef NIGHTMILL_STAGES_THUMBNAIL_SIZE_H
#define NIGHTMILL_STAGES_THUMBNAIL_SIZE_H

/* One of the sizes that a config asks for, and the limits that hold for all of them, with every
 * default resolved. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/support/digest.h"
#include "stages/thumbnail/sniff.h"

enum size_fit { FIT_INSIDE, FIT_OUTSIDE, FIT_COVER, FIT_CONTAIN, FIT_FILL };
enum size_format { FORMAT_JPEG, FORMAT_WEBP, FORMAT_PNG, FORMAT_SAME, FORMAT_AVIF, FORMAT_AUTO };
enum size_crop {
	CROP_CENTRE,
	CROP_NORTH,
	CROP_NORTHEAST,
	CROP_EAST,
	CROP_SOUTHEAST,
	CROP_SOUTH,
	CROP_SOUTHWEST,
	CROP_WEST,
	CROP_NORTHWEST,
	CROP_ENTROPY,
	CROP_ATTENTION,
	CROP_FOCUS
};
enum size_chroma { CHROMA_420, CHROMA_444 };
/* What of a source's metadata goes along: bits of size.keep. */
enum size_keep { KEEP_ICC = 1, KEEP_EXIF = 2, KEEP_COPYRIGHT = 4, KEEP_XMP = 8 };
enum size_intent { MAP_RELATIVE, MAP_PERCEPTUAL, MAP_SATURATION, MAP_ABSOLUTE };
enum size_colour { COLOUR_SRGB, COLOUR_KEEP, COLOUR_IGNORE };

/* Not premultiplied. */
struct colour {
	uint8_t red, green, blue, alpha;
};

struct size {
	const char *name;
	uint32_t width, height; /* px; 0: auto */
	enum size_fit fit;
	bool enlarge;
	struct colour background;
	int quality; /* 0: the format's own default */
	enum size_format format;
	enum size_colour colour;
	enum size_crop crop;
	double sharpen; /* 0: not */
	unsigned keep;  /* bits of enum size_keep */
	bool animated;
	bool linear; /* resized in linear light */
	bool progressive, lossless;
	enum size_chroma chroma;
	bool effort_given; /* false: the format's own default */
	int effort;
	uint64_t budget; /* bytes that its file may have; 0: any number */
	struct digest recipe;
};

/* How sources are read: the same for all sizes. */
struct reading {
	uint32_t formats; /* a bit for each enum sniff_kind that is taken; others are ignored */
	uint32_t frame;   /* frame or page, from 0 */
	bool keep;        /* of damaged pictures what there is */
	bool previews;    /* embedded ones are used where they do */
	enum size_intent intent;
	bool clip_black; /* no black point compensation */
};

struct limits {
	uint64_t pixels; /* of a source, at full size */
	uint64_t memory; /* estimated bytes of work for one picture */
	uint64_t bytes;  /* of a source file */
};

#endif
