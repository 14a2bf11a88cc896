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
	(void)err;
	text_add((struct text *)context + size, bytes->data, bytes->length);
	return true;
}

void pictures_make(
	const struct text *file, const struct size *sizes, size_t count, struct text *parts)
{
	const struct maker_setup setup = { sizes, count, pictures_plenty,
		{ .formats = UINT32_MAX } };
	struct maker_result result;
	struct error err = { .code = ERROR_NONE };
	unsigned char *padded = pictures_padded(file);
	struct maker *maker = maker_open(&setup);
	const struct maker_job job = { .data = padded,
		.length = file->length,
		.due = (UINT64_C(1) << count) - 1,
		.emit = pictures_keep,
		.context = parts };
	if (!maker_run(maker, &job, &result, &err))
		fail_msg("%s", err.text);
	maker_close(maker);
	free(padded);
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
