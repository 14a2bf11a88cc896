#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_COLOUR_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_COLOUR_H

/* Rows of samples to rows of pixels, in the arithmetic of libjpeg-turbo's jdcolor.c and jdsample.c.
 */

#include <stddef.h>
#include <stdint.h>

/* `from` has a sample for every `times` pixels. */
void colour_widen(const uint8_t *from, uint32_t times, uint8_t *to, size_t width);

/* From `count` samples, at least two, for two pixels each; a pixel is three quarters of its sample
 * and a quarter of the nearest other. */
void colour_smooth(const uint8_t *from, uint8_t *to, size_t count);

/* Y, Cb, Cr to RGB. */
void colour_convert(const uint8_t *const samples[3], uint8_t *pixels, size_t width);

/* R, G, B to RGB. */
void colour_interleave(const uint8_t *const samples[3], uint8_t *pixels, size_t width);

#endif
