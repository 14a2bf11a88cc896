#ifndef NIGHTMILL_STAGES_THUMBNAIL_COLOUR_H
#define NIGHTMILL_STAGES_THUMBNAIL_COLOUR_H

/* Rows of samples (CONVOLVE_FRACTION bits behind the point) to rows of RGB pixels, rounded once. */

#include <stddef.h>
#include <stdint.h>

/* Y, Cb, Cr to RGB, as JFIF has it. */
void colour_convert(const int16_t *const samples[3], uint8_t *pixels, size_t width);

/* R, G, B to RGB. */
void colour_interleave(const int16_t *const samples[3], uint8_t *pixels, size_t width);

#endif
