#ifndef NIGHTMILL_STAGES_THUMBNAIL_ICC_H
#define NIGHTMILL_STAGES_THUMBNAIL_ICC_H

/* What a file says that its numbers mean as colours, out of files that may say anything. Nothing in
 * here fails: what makes no sense is as if it were not there. */

#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/text.h"
#include "stages/thumbnail/sniff.h"

enum { ICC_MOST_BYTES = 4 << 20 }; /* those of printers have 0.5 to 2.5 MiB */

/* All zero: it says nothing, which means sRGB. */
struct icc {
	struct text profile; /* an ICC profile as it stands in the file, unchecked; may be empty */
	/* Without a profile, of a PNG alone. In 1/100000 as there. */
	uint32_t gamma;        /* the exponent from light to numbers; 0: none is given */
	uint32_t primaries[8]; /* x and y of white, red, green, blue; all zero: those of sRGB */
};

/* Reads the APP2 segments of a JPEG, iCCP, sRGB, gAMA and cHRM of a PNG, the ICCP of a WebP;
 * nothing of other kinds. `icc` is all zero. */
void icc_read(enum sniff_kind kind, const unsigned char *data, size_t length, struct icc *icc);

void icc_finish(struct icc *icc);

#endif
