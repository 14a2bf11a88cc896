#ifndef NIGHTMILL_STAGES_THUMBNAIL_CONVOLVE_H
#define NIGHTMILL_STAGES_THUMBNAIL_CONVOLVE_H

/* Weighted sums of rows, sample by sample: all that resampling comes to. With AVX2 where the
 * processor has it; the results are the same. */

#include <stddef.h>
#include <stdint.h>

/* Between the passes, and where components still have to meet, samples are of 16 bits with so many
 * behind the point: rounding to bytes twice shows in even areas. */
enum { CONVOLVE_FRACTION = 6 };

/* The rows of one sum. */
struct convolve {
	const uint8_t *first; /* of samples; the next row is `stride` bytes on */
	size_t stride;
	const int16_t
		*weights; /* `count`, of KERNEL_BITS; without signs they add up to less than 2 */
	uint32_t count;
	int32_t offset; /* added to each sum, with as many bits behind the point as it has */
};

/* All of these read and write whole blocks of SURFACE_BLOCK samples. */
struct convolve_calls {
	/* Bytes to samples of 16 bits. */
	void (*bytes)(const struct convolve *rows, size_t samples, int16_t *out);
	/* Samples of 16 bits to bytes. */
	void (*wides)(const struct convolve *rows, size_t samples, uint8_t *out);
	/* Samples of 16 bits to such samples, cut off only where they do not fit. */
	void (*fine)(const struct convolve *rows, size_t samples, int16_t *out);
};

/* For every processor. */
extern const struct convolve_calls convolve_plain;

/* For this one. */
const struct convolve_calls *convolve_best(void);

#endif
