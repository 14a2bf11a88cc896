#ifndef NIGHTMILL_STAGES_THUMBNAIL_METADATA_H
#define NIGHTMILL_STAGES_THUMBNAIL_METADATA_H

/* What a file says about its picture, and what of it a thumbnail may carry on. Nothing in here
 * fails: what makes no sense is as if it were not there. */

#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/text.h"
#include "stages/thumbnail/sniff.h"

/* As it stands in the file, unchecked; empty: none. */
struct metadata {
	struct text exif; /* from "II" or "MM" on */
	struct text xmp;
};

enum { METADATA_MOST_BYTES = 4 << 20 };

/* Reads that of a JPEG, PNG or WebP; nothing of other kinds. `metadata` is all zero. */
void metadata_read(
	enum sniff_kind kind, const unsigned char *data, size_t length, struct metadata *metadata);

/* Takes a block of EXIF, with or without "Exif\0\0" in front. */
void metadata_take_exif(struct metadata *metadata, const void *data, size_t length);
void metadata_take_xmp(struct metadata *metadata, const void *data, size_t length);

void metadata_finish(struct metadata *metadata);

#endif
