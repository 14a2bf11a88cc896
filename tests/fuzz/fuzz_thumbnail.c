/* Any bytes through the whole of the thumbnail stage but its files: sniffed, judged, decoded,
 * resampled, encoded. The last byte chooses what they become, the others are a file; examples of
 * JPEGs are made here. Damaged pictures are kept, so that as much as possible is walked through. A
 * maker that has seen all inputs before has to make the same of one as a maker that has not. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/input.h"
#include "stages/thumbnail/maker.h"
#include "stages/thumbnail/sniff.h"
#include "tests/fakes/jpegs.h"

enum { SIZES = 3 };

/* Decoded in full, as whole pixels. */
static const struct size whole[SIZES] = {
	{ .name = "a",
		.width = 16,
		.height = 16,
		.fit = FIT_COVER,
		.enlarge = true,
		.format = FORMAT_JPEG,
		.keep = KEEP_ICC | KEEP_EXIF | KEEP_XMP,
		.crop = CROP_FOCUS,
		.background = { 9, 8, 7, 255 } },
	{ .name = "b",
		.width = 40,
		.height = 30,
		.fit = FIT_CONTAIN,
		.format = FORMAT_SAME,
		.keep = KEEP_COPYRIGHT,
		.linear = true,
		.background = { 255, 255, 255, 0 } },
	{ .name = "c", .width = 9, .height = 0, .format = FORMAT_WEBP },
};

/* Out of few frequencies, and Y, Cb and Cr stay apart. */
static const struct size apart[SIZES] = {
	{ .name = "a", .width = 7, .height = 5, .format = FORMAT_JPEG },
	{ .name = "b",
		.width = 3,
		.height = 3,
		.fit = FIT_COVER,
		.enlarge = true,
		.format = FORMAT_JPEG,
		.keep = KEEP_ICC },
	{ .name = "c",
		.width = 12,
		.height = 0,
		.format = FORMAT_JPEG,
		.chroma = CHROMA_444,
		.progressive = true },
};

/* Out of few frequencies, and Y, Cb and Cr meet. */
static const struct size together[SIZES] = {
	{ .name = "a", .width = 6, .height = 6, .format = FORMAT_PNG },
	{ .name = "b", .width = 8, .height = 3, .fit = FIT_CONTAIN, .format = FORMAT_WEBP },
	{ .name = "c", .width = 4, .height = 9, .format = FORMAT_JPEG },
};

/* Out of few frequencies, and joined before, to be looked at. */
static const struct size joined[SIZES] = {
	{ .name = "a", .width = 5, .height = 9, .fit = FIT_COVER, .crop = CROP_ENTROPY },
	{ .name = "b",
		.width = 8,
		.height = 4,
		.fit = FIT_COVER,
		.format = FORMAT_PNG,
		.crop = CROP_ATTENTION },
	{ .name = "c", .width = 6, .height = 6, .format = FORMAT_JPEG, .sharpen = 1 },
};

static const struct size *const sets[] = { whole, apart, together, joined };

enum { SETS = sizeof(sets) / sizeof(*sets) };

static const struct jpegs_spec specs[] = {
	{ .width = 61, .height = 33, .components = 1, .quality = 80, .noise = 90 },
	{ .width = 64, .height = 48, .components = 3, .across = 2, .down = 2, .quality = 80 },
	{ .width = 97, .height = 41, .components = 3, .across = 2, .quality = 60, .restart = 2 },
	{ .width = 40, .height = 90, .components = 3, .quality = 90, .noise = 50 },
	{ .width = 70, .height = 70, .components = 3, .progressive = true, .quality = 70 },
	{ .width = 50, .height = 30, .components = 3, .rgb = true, .quality = 75 },
};

enum { SPECS = sizeof(specs) / sizeof(*specs) };

/* What became of each size; all zero: nothing. */
struct made {
	struct digest digests[SIZES];
	enum error_code code;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t length, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t length, size_t most);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t length, size_t most, unsigned seed)
{
	static struct jpegs_file files[SPECS];
	struct jpegs_file *file = &files[seed / 64 % SPECS];
	if (!file->bytes)
		*file = jpegs_make(&specs[seed / 64 % SPECS]);
	if ((length >= 2 && seed % 64 != 0) || file->length + 1 > most)
		return LLVMFuzzerMutate(data, length, most);
	memcpy(data, file->bytes, file->length);
	data[file->length] = (uint8_t)(seed / 64 / SPECS);
	return file->length + 1;
}

static bool fuzz_emit(void *context, size_t size, const struct text *bytes, struct error *err)
{
	struct made *made = context;
	(void)err;
	if (bytes->length == 0)
		abort();
	made->digests[size] = digest_of(bytes->data, bytes->length);
	return true;
}

/* libvips and what is behind it are not compiled for this, and others look after them. */
static bool fuzz_wants(const uint8_t *data, size_t length)
{
	const enum sniff_kind kind = sniff_bytes(data, length);
	return kind == SNIFF_NOTHING || kind == SNIFF_JPEG || kind == SNIFF_PNG ||
	       kind == SNIFF_WEBP || kind == SNIFF_GIF;
}

static const struct maker_setup *fuzz_setup(size_t set)
{
	static struct maker_setup setups[SETS];
	setups[set] = (struct maker_setup){
		.sizes = sets[set],
		.count = SIZES,
		.limits = { .pixels = 1000000, .memory = 32U << 20, .bytes = 1U << 20 },
		.reading = { .formats = UINT32_MAX & ~(uint32_t)SNIFF_DOCUMENTS,
			.keep = true,
			.previews = true },
	};
	return &setups[set];
}

static struct made fuzz_make(struct maker *maker, const unsigned char *data, size_t length)
{
	struct made made = { .code = ERROR_NONE };
	struct description description;
	const struct maker_job job = { .data = data,
		.length = length,
		.due = (1U << SIZES) - 1,
		.emit = fuzz_emit,
		.describe = &description,
		.context = &made };
	struct maker_result result;
	struct error err = { .code = ERROR_NONE };
	if (!maker_run(maker, &job, &result, &err) && err.code == ERROR_NONE)
		abort();
	made.code = err.code;
	return made;
}

static void fuzz_compare(const unsigned char *data, size_t length, size_t set)
{
	static struct maker *kept[SETS];
	if (!kept[set])
		kept[set] = maker_open(fuzz_setup(set));
	struct maker *fresh = maker_open(fuzz_setup(set));
	const struct made first = fuzz_make(kept[set], data, length);
	const struct made second = fuzz_make(fresh, data, length);
	maker_close(fresh);
	if (first.code != second.code ||
		memcmp(first.digests, second.digests, sizeof(first.digests)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	if (length == 0 || !fuzz_wants(data, length - 1))
		return 0;
	unsigned char *padded = calloc(1, length - 1 + INPUT_PADDING);
	if (!padded)
		return 0;
	memcpy(padded, data, length - 1);
	fuzz_compare(padded, length - 1, data[length - 1] % SETS);
	free(padded);
	return 0;
}
