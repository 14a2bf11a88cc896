/* Our own decoder for progressive JPEGs at a reduced size, given what no encoder writes: samples of
 * libjpeg-turbo's coefficients, or none. */

#include "stages/thumbnail/jpeg/scaled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/jpeg_streams.h"
#include "tests/fakes/jpegs_checks.h"

static int decoder_setup(void **state)
{
	*state = scaled_new();
	return *state ? 0 : -1;
}

static int decoder_teardown(void **state)
{
	scaled_free(*state);
	return 0;
}

static void check(struct scaled *scaled, const struct jpegs_file *file, enum jpegs_verdict verdict)
{
	for (int i = 0; i < JPEGS_EXCESSES; i++)
		assert_int_equal(
			jpegs_compare(scaled, file->bytes, file->length, jpegs_excesses[i]),
			verdict);
}

static void test_any_stream(void **state)
{
	for (uint32_t seed = 0; seed < 1500; seed++) {
		const struct jpegs_file file = jpeg_stream(seed);
		check(*state, &file, JPEGS_SAME);
		free(file.bytes);
	}
}

/* Of such streams too. */
static void test_changed(void **state)
{
	for (uint32_t seed = 0; seed < 500; seed++) {
		const struct jpegs_file file = jpeg_stream(seed);
		for (int i = 0; i < 8; i++) {
			const size_t at = file.scan + (seed * 7919U + (unsigned)i * 104729U) %
							      (file.length - file.scan);
			const unsigned char was = file.bytes[at];
			file.bytes[at] ^= (unsigned char)(1U << i);
			assert_int_not_equal(jpegs_compare(*state, file.bytes, file.length,
						     jpegs_excesses[i % JPEGS_EXCESSES]),
				JPEGS_DIFFERENT);
			file.bytes[at] = was;
		}
		free(file.bytes);
	}
}

static void test_corrections(void **state)
{
	const struct jpegs_file files[] = { jpeg_stream_of_corrections(),
		jpeg_stream_of_long_symbols() };
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		check(*state, &files[i], JPEGS_SAME);
		free(files[i].bytes);
	}
}

/* A restart marker ends them for libjpeg-turbo, which then misses the data behind it. */
static void test_overlong_runs(void **state)
{
	for (uint32_t i = 0; i < 400; i++) {
		const struct jpegs_file file = jpeg_stream_of_overlong_runs(i, i % 8);
		check(*state, &file, JPEGS_LEFT);
		free(file.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_stream),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_corrections),
		cmocka_unit_test(test_overlong_runs),
	};
	return cmocka_run_group_tests(tests, decoder_setup, decoder_teardown);
}
