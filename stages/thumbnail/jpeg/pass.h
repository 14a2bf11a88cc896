#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_PASS_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_PASS_H

/* One scan of a progressive JPEG, into what is kept of its components' blocks: the coefficients of
 * the low frequencies, and where the others are not zero, as later scans need to know that. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/jpeg/band.h"
#include "stages/thumbnail/jpeg/scan.h"
#include "stages/thumbnail/jpeg/script.h"

/* Of a component. */
struct kept {
	int16_t *coefficients; /* `count` of each block, from the mean on; rows of `stride` blocks,
				  room for those that fill up the MCUs */
	uint64_t *maps;        /* a 1 for each position of a block that is not zero; NULL: no scan
				  needs to know */
	uint32_t count;
	size_t stride;          /* blocks */
	uint32_t width, height; /* blocks that a scan of this component alone has */
};

/* A scan of means. `scan` has counts, components and their `dc` tables; its flat data, and the rest
 * of it, are set here. `kept` are those of the frame. False where anything is damaged or odd; then
 * nothing more can be decoded. */
bool pass_means(struct scan *scan, const struct script_scan *header, const struct kept *kept,
	uint32_t rows);

/* A scan of other positions, of one component. */
bool pass_band(struct scan *scan, const struct script_scan *header, const struct band *band,
	const struct kept *kept);

#endif
