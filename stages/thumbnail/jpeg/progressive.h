#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_PROGRESSIVE_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_PROGRESSIVE_H

/* A progressive JPEG at a reduced size: all its scans are read, and what the samples are made of is
 * kept of every block. Filled in by scaled.c like struct scan:
 *
 *     if (progressive_read(&progressive, scan, info, rows))
 *             for (every row of MCUs)
 *                     progressive_row(&progressive, scan, row);
 *     progressive_finish(&progressive);
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

#include "stages/thumbnail/jpeg/band.h"
#include "stages/thumbnail/jpeg/huffman.h"
#include "stages/thumbnail/jpeg/pass.h"
#include "stages/thumbnail/jpeg/scan.h"
#include "stages/thumbnail/jpeg/script.h"

struct progressive {
	struct script script;
	struct huffman dc[SCRIPT_COMPONENTS];
	struct band band;
	struct kept kept[SCAN_COMPONENTS]; /* all zero between pictures */
};

/* All scans. `scan` has everything but tables, blocks and data; `rows` are those of MCUs. False: no
 * memory, damaged, or not for us. */
bool progressive_read(struct progressive *progressive, struct scan *scan,
	const struct jpeg_decompress_struct *info, uint32_t rows);

/* A row of MCUs into the components' samples. */
void progressive_row(const struct progressive *progressive, struct scan *scan, uint32_t row);

/* Gives back what was kept, also after a failure. */
void progressive_finish(struct progressive *progressive);

#endif
