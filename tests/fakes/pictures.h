#ifndef NIGHTMILL_TESTS_PICTURES_H
#define NIGHTMILL_TESTS_PICTURES_H

/* Thumbnails of files that a test made, and what is to be seen in them. */

#include "pipeline/support/text.h"
#include "stages/thumbnail/encode.h"
#include "stages/thumbnail/maker.h"
#include "stages/thumbnail/size.h"
#include "stages/thumbnail/surface.h"

/* The pixels of a file, in full; the caller finishes them. Fails the test where they are damaged.
 */
struct surface pictures_decoded(const struct text *file);

/* Noise, in the format and by the size of `job`; nothing that is taken from elsewhere looks like
 * it. `seed` goes on from call to call. The caller finishes it. */
struct text pictures_noise(uint32_t *seed, uint32_t width, uint32_t height, uint32_t channels,
	const struct encode_job *job);

/* Replaces what `parts` hold by the `count` thumbnails that this maker makes of a file; the caller
 * finishes them. False where it fails, with the reason. */
bool pictures_run(struct maker *maker, const struct text *file, size_t count, struct text *parts,
	struct error *err);

/* Replaces what `parts` hold by the `count` thumbnails that a maker makes of a file; the caller
 * finishes them. Fails the test where it fails. */
void pictures_make(
	const struct text *file, const struct size *sizes, size_t count, struct text *parts);

/* Y, Cb and Cr of the first pixel of a lossy WebP, as they are stored. */
void pictures_webp_numbers(const struct text *file, uint8_t numbers[3]);

#endif
