#ifndef NIGHTMILL_TESTS_JPEG_STREAMS_PRIVATE_H
#define NIGHTMILL_TESTS_JPEG_STREAMS_PRIVATE_H

/* How the scans of such a file are written, for jpeg_streams.c. */

#include <stdbool.h>

#include "tests/fakes/jpeg_streams.h"

enum {
	STREAM_COMPONENTS = 3,
	STREAM_SCANS = 100,
	STREAM_POSITIONS = 64,
	STREAM_UNKNOWN = 255, /* bits of a position that are open: all */
	STREAM_SYMBOLS = 64,
	STREAM_LONGEST = 16, /* bits of a code */
	STREAM_MCU = 10,     /* blocks */
	STREAM_ZEROS = 0xF0  /* a symbol: 16 zeros */
};

struct stream_component {
	unsigned across, down;  /* blocks of an MCU */
	unsigned width, height; /* blocks, where it is alone */
	size_t stride;          /* blocks */
	uint64_t *maps;         /* positions of each block that are not zero */
	uint8_t open[STREAM_POSITIONS];
};

/* Symbols, and their codes. */
struct stream_table {
	unsigned count;
	uint8_t symbols[STREAM_SYMBOLS], lengths[STREAM_SYMBOLS];
	uint32_t codes[STREAM_SYMBOLS];
};

struct stream_scan {
	unsigned count, components[STREAM_COMPONENTS];
	unsigned from, to, high, low;
	struct stream_table tables[STREAM_COMPONENTS];
};

struct stream {
	uint32_t seed;
	unsigned char *bytes;
	size_t length, room;
	uint32_t bits, bit_count; /* that fill no byte yet */
	unsigned width, height, count;
	unsigned across, down; /* MCUs */
	struct stream_component components[STREAM_COMPONENTS];
	unsigned interval, left, restarts;
	uint32_t run;  /* blocks to come without symbols */
	bool overlong; /* runs go on where they have to end */
	size_t first;  /* where the data of the first scan begin */
};

/* 0 to `below` - 1. */
unsigned stream_draw(struct stream *stream, unsigned below);

void stream_byte(struct stream *stream, unsigned byte);

/* Two bytes. */
void stream_word(struct stream *stream, unsigned word);

/* Filled up at times. */
void stream_marker(struct stream *stream, unsigned marker);

/* A table of what a scan may need, and of what it never uses. */
void stream_choose(
	struct stream *stream, const struct stream_scan *scan, struct stream_table *table);

/* Tables, header and data. */
void stream_write_scan(struct stream *stream, const struct stream_scan *scan);

#endif
