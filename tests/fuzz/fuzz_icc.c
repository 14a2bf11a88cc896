/* Any bytes as a file with a profile, and as a profile: gathered, judged, and used on some pixels.
 */

#include "stages/thumbnail/icc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/srgb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static void fuzz_use(const struct icc *icc, uint32_t channels)
{
	struct srgb *srgb = srgb_open(MAP_RELATIVE, false);
	struct surface surface = { .pixels = NULL };
	struct error err;
	if (!surface_shape(&surface, 9, 1, channels, &err))
		abort();
	for (uint32_t i = 0; i < 9 * channels; i++)
		surface.pixels[i] = (uint8_t)(i * 37);
	const struct srgb_map *map = srgb_find(srgb, icc, channels);
	if (map)
		srgb_convert(map, &surface);
	surface_finish(&surface);
	srgb_close(srgb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static const enum sniff_kind kinds[] = { SNIFF_JPEG, SNIFF_PNG, SNIFF_WEBP };
	unsigned char *exact = malloc(length + 1);
	if (!exact)
		return 0;
	if (length > 0)
		memcpy(exact, data, length);
	for (int i = 0; i < 3; i++) {
		struct icc icc = { .gamma = 0 };
		icc_read(kinds[i], exact, length, &icc);
		fuzz_use(&icc, i == 0 ? 1 : 3);
		icc_finish(&icc);
	}
	const struct icc whole = { .profile = { (char *)exact, length, 0 } };
	fuzz_use(&whole, 3);
	fuzz_use(&whole, 4);
	free(exact);
	return 0;
}
