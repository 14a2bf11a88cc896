#ifndef NIGHTMILL_TESTS_JPEG_STREAMS_H
#define NIGHTMILL_TESTS_JPEG_STREAMS_H

/* Progressive JPEGs that no encoder writes, but the format allows: their scans, tables, restart
 * intervals, runs and values are drawn by lot. */

#include <stdint.h>

#include "tests/fakes/jpegs.h"

/* The same bytes for the same seed. No more than 100 scans; from malloc. */
struct jpegs_file jpeg_stream(uint32_t seed);

/* Grey, no coefficient but the means zero; the last bits of them come as one run of blocks without
 * symbols, longer than what is read of a file at a time. */
struct jpegs_file jpeg_stream_of_corrections(void);

/* Grey; each block's last bits are 62 of correction behind a code of 16 bits. */
struct jpegs_file jpeg_stream_of_long_symbols(void);

/* Grey, of 25 blocks; runs of blocks go on beyond the end of the scan, or over a restart marker:
 * every `interval` blocks, 7 at most; 0: there are none. */
struct jpegs_file jpeg_stream_of_overlong_runs(uint32_t seed, unsigned interval);

#endif
