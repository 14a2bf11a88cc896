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

static void test_any_stream(void **state)
{
	for (uint32_t seed = 0; seed < 1500; seed++) {
		const struct jpegs_file file = jpeg_stream(seed);
		jpegs_check_bytes(*state, file.bytes, file.length, JPEGS_SAME);
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
						     &jpegs_excesses[i % JPEGS_EXCESSES]),
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
		jpegs_check_bytes(*state, files[i].bytes, files[i].length, JPEGS_SAME);
		free(files[i].bytes);
	}
}

/* A restart marker ends them for libjpeg-turbo, which then misses the data behind it. */
static void test_overlong_runs(void **state)
{
	for (uint32_t i = 0; i < 400; i++) {
		const struct jpegs_file file = jpeg_stream_of_overlong_runs(i, i % 8);
		jpegs_check_bytes(*state, file.bytes, file.length, JPEGS_LEFT);
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
	return cmocka_run_group_tests(tests, jpegs_setup, jpegs_teardown);
}
