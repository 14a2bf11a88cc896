/* Any bytes through our own JPEG decoder and through libjpeg-turbo: what ours takes must have the
 * samples of the same coefficients and no damage. The first byte chooses the headers of a tiny JPEG
 * that is made here, and the rest is its scan; 255: the rest is a whole file. Examples are made
 * here too. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/jpeg/scaled.h"
#include "tests/fakes/jpegs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t length, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t length, size_t most);

static const struct scaled_excess excesses[] = { { 16, 16 }, { 8, 8 }, { 4, 4 }, { 8, 16 },
	{ 5, 10 } };

static const struct jpegs_spec specs[] = {
	{ .width = 8, .height = 8, .components = 1, .quality = 90, .noise = 200 },
	{ .width = 19, .height = 9, .components = 3, .quality = 100, .noise = 255 },
	{ .width = 17, .height = 17, .components = 3, .across = 2, .down = 2, .quality = 80 },
	{ .width = 33, .height = 5, .components = 3, .across = 2, .quality = 95, .noise = 90 },
	{ .width = 9, .height = 40, .components = 3, .down = 2, .quality = 60, .noise = 250 },
	{ .width = 40, .height = 8, .components = 3, .across = 4, .quality = 75, .noise = 50 },
	{ .width = 60, .height = 20, .components = 1, .quality = 30, .restart = 2, .noise = 90 },
	{ .width = 30,
		.height = 30,
		.components = 3,
		.across = 2,
		.down = 2,
		.quality = 85,
		.restart = 1,
		.noise = 50,
		.optimised = true },
	{ .width = 64,
		.height = 8,
		.components = 3,
		.rgb = true,
		.quality = 99,
		.optimised = true },
	{ .width = 16, .height = 16, .components = 3, .quality = 1, .noise = 255 },
	{ .width = 24, .height = 24, .components = 3, .progressive = true, .quality = 70 },
	{ .width = 12,
		.height = 20,
		.components = 1,
		.progressive = true,
		.quality = 60,
		.noise = 70,
		.bands = 2,
		.open = 1 },
	{ .width = 17,
		.height = 9,
		.components = 3,
		.across = 2,
		.progressive = true,
		.quality = 40,
		.restart = 1,
		.bands = 1,
		.open = 2,
		.apart = true },
	{ .width = 40,
		.height = 8,
		.components = 1,
		.progressive = true,
		.quality = 90,
		.bands = 3 },
	{ .width = 33,
		.height = 17,
		.components = 1,
		.progressive = true,
		.quality = 20,
		.bands = 1,
		.open = 4 },
};

enum { SPECS = sizeof(specs) / sizeof(*specs), WHOLE = 255 };

static const struct jpegs_file *fuzz_files(void)
{
	static struct jpegs_file files[SPECS];
	for (size_t i = 0; i < SPECS && !files[i].bytes; i++)
		files[i] = jpegs_make(&specs[i]);
	return files;
}

/* One that reads ahead in the smallest of scans, or the usual one. */
static struct scaled *fuzz_decoder(bool ahead)
{
	static struct scaled *decoders[2];
	if (!decoders[ahead])
		decoders[ahead] = scaled_new(ahead ? JPEGS_AHEAD : SCALED_AHEAD);
	return decoders[ahead];
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t length, size_t most, unsigned seed)
{
	const struct jpegs_file *file = &fuzz_files()[seed / 64 % SPECS];
	const bool whole = seed % 2 == 0;
	const size_t from = whole ? 0 : file->scan;
	if (length >= 2 && seed % 64 != 0)
		return LLVMFuzzerMutate(data, length, most);
	if (file->length - from + 1 > most)
		return LLVMFuzzerMutate(data, length, most);
	data[0] = whole ? WHOLE : (uint8_t)(seed / 64 % SPECS);
	memcpy(data + 1, file->bytes + from, file->length - from);
	return file->length - from + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	if (length < 1)
		return 0;
	const bool whole = data[0] == WHOLE;
	const struct jpegs_file *file = &fuzz_files()[data[0] % SPECS];
	const size_t header = whole ? 0 : file->scan;
	const size_t bytes = header + length - 1;
	unsigned char *joined = malloc(bytes + 1);
	if (!joined)
		return 0;
	memcpy(joined, file->bytes, header);
	memcpy(joined + header, data + 1, length - 1);
	for (size_t i = 0; i < sizeof(excesses) / sizeof(*excesses); i++)
		for (int ahead = 0; ahead < 2; ahead++)
			if (jpegs_compare(fuzz_decoder(ahead), joined, bytes, &excesses[i]) ==
				JPEGS_DIFFERENT)
				abort();
	if (jpegs_serve(fuzz_decoder(false), joined, bytes) == JPEGS_DIFFERENT)
		abort();
	free(joined);
	return 0;
}
