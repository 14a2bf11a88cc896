#include "tests/fakes/pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include <cmocka.h>

#include "pipeline/input.h"
#include "stages/thumbnail/decode.h"
#include "stages/thumbnail/maker.h"
#include "stages/thumbnail/sniff.h"

static const struct limits pictures_plenty = { 100000000, 512U << 20, 512U << 20 };

static unsigned char *pictures_padded(const struct text *file)
{
	unsigned char *padded = calloc(1, file->length + INPUT_PADDING);
	assert_non_null(padded);
	memcpy(padded, file->data, file->length);
	return padded;
}

struct surface pictures_decoded(const struct text *file)
{
	struct planes planes = { .count = 0 };
	struct error err;
	unsigned char *padded = pictures_padded(file);
	struct decode decode = {
		.data = padded,
		.length = file->length,
		.kind = sniff_bytes(padded, file->length),
		.limits = &pictures_plenty,
	};
	assert_true(decode_open(&decode, &err));
	assert_true(decode_read(&decode, 1, &planes, &err));
	assert_int_equal(decode.damage.code, ERROR_NONE);
	decode_close(&decode);
	free(padded);
	return planes.of[0];
}

static bool pictures_keep(void *context, size_t size, const struct text *bytes, struct error *err)
{
	struct text *part = (struct text *)context + size;
	(void)err;
	text_clear(part);
	text_add(part, bytes->data, bytes->length);
	return true;
}

struct text pictures_noise(uint32_t *seed, uint32_t width, uint32_t height, uint32_t channels,
	const struct encode_job *job)
{
	struct surface surface = { .pixels = NULL };
	struct text file = { .data = NULL };
	struct encode_job encoding = *job;
	struct error err;
	assert_true(surface_shape(&surface, width, height, channels, &err));
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < channels * width; x++) {
			*seed = *seed * 1664525 + 1013904223;
			surface_row(&surface, y)[x] = (uint8_t)(*seed >> 24);
		}
	encoding.surface = &surface;
	assert_true(encode_surface(&encoding, &file, &err));
	surface_finish(&surface);
	return file;
}

bool pictures_run(struct maker *maker, const struct text *file, size_t count, struct text *parts,
	struct error *err)
{
	unsigned char *padded = pictures_padded(file);
	const struct maker_job job = { .data = padded,
		.length = file->length,
		.due = (UINT64_C(1) << count) - 1,
		.emit = pictures_keep,
		.context = parts };
	struct maker_result result;
	const bool done = maker_run(maker, &job, &result, err);
	free(padded);
	return done;
}

void pictures_make(
	const struct text *file, const struct size *sizes, size_t count, struct text *parts)
{
	const struct maker_setup setup = { sizes, count, pictures_plenty,
		{ .formats = UINT32_MAX } };
	struct error err = { .code = ERROR_NONE };
	struct maker *maker = maker_open(&setup);
	if (!pictures_run(maker, file, count, parts, &err))
		fail_msg("%s", err.text);
	maker_close(maker);
}

void pictures_webp_numbers(const struct text *file, uint8_t numbers[3])
{
	int width, height, stride, halved;
	uint8_t *cb, *cr;
	uint8_t *y = WebPDecodeYUV((const uint8_t *)file->data, file->length, &width, &height, &cb,
		&cr, &stride, &halved);
	assert_non_null(y);
	numbers[0] = *y;
	numbers[1] = *cb;
	numbers[2] = *cr;
	WebPFree(y);
}
