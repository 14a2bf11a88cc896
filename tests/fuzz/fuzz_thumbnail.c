/* Any bytes through the whole of the thumbnail stage but its files: sniffed, judged, decoded,
 * resampled to two sizes, encoded. Damaged pictures are kept, so that as much as possible is walked
 * through. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/input.h"
#include "stages/thumbnail/maker.h"
#include "stages/thumbnail/sniff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

static bool fuzz_emit(void *context, size_t size, const struct text *bytes, struct error *err)
{
	(void)context;
	(void)size;
	(void)err;
	if (bytes->length == 0)
		abort();
	return true;
}

/* libvips and what is behind it are not compiled for this, and others look after them. */
static bool fuzz_wants(const uint8_t *data, size_t length)
{
	const enum sniff_kind kind = sniff_bytes(data, length);
	return kind == SNIFF_NOTHING || kind == SNIFF_JPEG || kind == SNIFF_PNG ||
	       kind == SNIFF_WEBP || kind == SNIFF_GIF;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
	static const struct size sizes[] = {
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
	};
	const struct maker_setup setup = {
		.sizes = sizes,
		.count = 2,
		.limits = { .pixels = 1000000, .memory = 32U << 20, .bytes = 1U << 20 },
		.reading = { .formats = UINT32_MAX & ~(uint32_t)SNIFF_DOCUMENTS,
			.keep = true,
			.previews = true },
	};
	if (!fuzz_wants(data, length))
		return 0;
	unsigned char *padded = calloc(1, length + INPUT_PADDING);
	if (!padded)
		return 0;
	if (length > 0)
		memcpy(padded, data, length);
	struct maker *maker = maker_open(&setup);
	struct description description;
	const struct maker_job job = { .data = padded,
		.length = length,
		.due = 3,
		.emit = fuzz_emit,
		.describe = &description };
	struct maker_result result;
	struct error err = { .code = ERROR_NONE };
	if (!maker_run(maker, &job, &result, &err) && err.code == ERROR_NONE)
		abort();
	maker_close(maker);
	free(padded);
	return 0;
}
