#include "tests/fakes/pictures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/input.h"
#include "stages/thumbnail/decode.h"
#include "stages/thumbnail/sniff.h"

struct surface pictures_decoded(const struct text *file)
{
	static const struct limits plenty = { 100000000, 512U << 20, 512U << 20 };
	struct planes planes = { .count = 0 };
	struct error err;
	unsigned char *padded = calloc(1, file->length + INPUT_PADDING);
	assert_non_null(padded);
	memcpy(padded, file->data, file->length);
	struct decode decode = {
		.data = padded,
		.length = file->length,
		.kind = sniff_bytes(padded, file->length),
		.limits = &plenty,
	};
	assert_true(decode_open(&decode, &err));
	assert_true(decode_read(&decode, 1, &planes, &err));
	assert_int_equal(decode.damage.code, ERROR_NONE);
	decode_close(&decode);
	free(padded);
	return planes.of[0];
}
