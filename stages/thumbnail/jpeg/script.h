#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCRIPT_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCRIPT_H

/* Which scans a progressive JPEG has, before any of them is decoded: their headers, where their
 * data lie, and their Huffman tables. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <jpeglib.h>

/* Scans beyond any encoder's script. */
enum { SCRIPT_SCANS = 100, SCRIPT_COMPONENTS = 3 };

struct script_scan {
	uint8_t components[SCRIPT_COMPONENTS]; /* numbers of the frame, upwards */
	uint8_t count;
	uint8_t from, to;  /* positions of the zigzag: 0 alone, or others */
	uint8_t high, low; /* bits that were left open before (0: this is the first), and are now */
	const uint8_t *tables[SCRIPT_COMPONENTS]; /* as in the file: how many codes of each length,
						     then values; NULL: not there (borrowed) */
	uint32_t interval;         /* MCUs from one restart marker to the next; 0: none */
	const uint8_t *data, *end; /* stuffed, restart markers among them (borrowed) */
};

struct script {
	struct script_scan scans[SCRIPT_SCANS];
	uint32_t count;
	bool refines[SCRIPT_COMPONENTS]; /* a scan refines positions other than the mean */
};

/* `info` stands behind the header of the first scan, its source has the whole file in memory. True:
 * the scans make every position of every component known to its last bit, each after what it builds
 * on, and nothing else lies between them or in front of the end marker but tables, restart
 * intervals, comments and the like. */
bool script_read(struct script *script, const struct jpeg_decompress_struct *info);

/* A table of a scan, as libjpeg has it. False: it is not there. */
bool script_table(const struct script_scan *scan, uint32_t number, JHUFF_TBL *table);

#endif
