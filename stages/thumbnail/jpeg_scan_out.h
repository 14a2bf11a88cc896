#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_OUT_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_SCAN_OUT_H

/* The scan of a baseline JPEG in the Huffman code that is shortest for it, in one pass:
 * libjpeg-turbo transforms and rounds, and hands each MCU over to be noted as symbols; once the
 * last one is there, the code follows, and all is written. */

#include <stdio.h>

#include <jpeglib.h>

/* For several pictures, one after the other. */
struct scan_out;

/* NULL: no memory. */
struct scan_out *scan_out_new(void);

/* NULL is allowed. */
void scan_out_free(struct scan_out *out);

/* Between jpeg_start_compress and the first samples, for pictures that are not progressive and have
 * no restart intervals; `client_data` is ours then. What follows is written the usual way, up to
 * jpeg_finish_compress. `out` is in use until that or jpeg_abort_compress. */
void scan_out_take_over(struct scan_out *out, j_compress_ptr info);

#endif
