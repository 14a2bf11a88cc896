#ifndef NIGHTMILL_STAGES_THUMBNAIL_DESCRIPTION_H
#define NIGHTMILL_STAGES_THUMBNAIL_DESCRIPTION_H

/* What a manifest says of a picture and of what was made of it. */

#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/digest.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/sniff.h"
#include "stages/thumbnail/surface.h"
#include "stages/thumbnail/thumbhash.h"

struct description_size {
	uint32_t width, height; /* px */
	enum size_format format;
	uint64_t bytes;
	struct digest digest; /* of the file */
};

struct description {
	enum sniff_kind kind;
	uint32_t width, height; /* px, upright */
	uint32_t frames;
	uint8_t dominant[3]; /* red, green, blue */
	uint8_t hash[THUMBHASH_MOST_BYTES];
	size_t hash_bytes;
	struct description_size sizes[ITEM_PARTS];
};

/* Fills in dominant colour and hash from a surface of at most THUMBHASH_SIDE a side, in sRGB, no
 * longer premultiplied. */
void description_look(struct description *description, const struct surface *surface);

/* What goes with it into the manifest. Paths are relative to the output folder. */
struct description_names {
	const struct text *source;
	const struct text *paths; /* one for each size */
	const struct size *sizes;
	size_t count;
	uint64_t bytes;       /* of the source */
	struct digest digest; /* of the source */
};

/* Replaces what `out` holds by the manifest, in JSON. */
void description_write(const struct description *description, const struct description_names *names,
	struct text *out);

#endif
