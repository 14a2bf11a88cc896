#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_COEFFICIENTS_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_COEFFICIENTS_H

/* All coefficients of a scan, for libjpeg-turbo to transform. */

#include <stdbool.h>
#include <stdio.h>

#include <jpeglib.h>

#include "stages/thumbnail/jpeg/scan.h"

/* The next MCU of `scan`, whose tables have pairs, into blocks of zeros, in the order of the scan.
 * False where anything is damaged or odd; then nothing more can be decoded. */
bool coefficients_mcu(struct scan *scan, JBLOCKROW *blocks);

#endif
