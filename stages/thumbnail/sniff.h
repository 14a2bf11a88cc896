#ifndef NIGHTMILL_STAGES_THUMBNAIL_SNIFF_H
#define NIGHTMILL_STAGES_THUMBNAIL_SNIFF_H

/* What a file is by its first bytes; its name has no say. */

#include <stddef.h>

enum sniff_kind {
	SNIFF_NOTHING, /* no picture that we know */
	SNIFF_JPEG,
	SNIFF_PNG,
	SNIFF_WEBP,
	SNIFF_GIF,
	SNIFF_TIFF,
	SNIFF_HEIF,
	SNIFF_JXL,
	SNIFF_JP2,
	SNIFF_BMP,
	SNIFF_PNM,
	SNIFF_RADIANCE,
	SNIFF_OPENEXR,
	SNIFF_SVG,
	SNIFF_PDF,
	SNIFF_KINDS
};

enum sniff_kind sniff_bytes(const unsigned char *data, size_t length);

/* What is a document rather than a picture, and is read only where it is asked for. */
enum { SNIFF_DOCUMENTS = 1 << SNIFF_SVG | 1 << SNIFF_PDF };

/* The word for a kind in a config: "jpeg", "jxl". SNIFF_NOTHING has none. */
extern const char *const sniff_words[SNIFF_KINDS + 1];

/* "jpeg"; for SNIFF_NOTHING "no picture". */
const char *sniff_name(enum sniff_kind kind);

#endif
