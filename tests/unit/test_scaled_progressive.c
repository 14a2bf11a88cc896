/* Our own decoder for progressive JPEGs at a reduced size: samples of libjpeg-turbo's coefficients,
 * or none. */

#include "stages/thumbnail/jpeg/scaled.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/jpegs_checks.h"

/* Scripts of progressive pictures: libjpeg-turbo's, and others. */
static const struct jpegs_spec scripts[] = {
	{ .bands = 0 },
	{ .bands = 1 },
	{ .bands = 4, .apart = true },
	{ .bands = 3, .open = 2 },
	{ .bands = 2, .open = 1, .apart = true },
	{ .bands = 5, .open = 1 },
	{ .bands = 6, .open = 8 },
	{ .bands = 31 },
};

enum { SCRIPTS = sizeof(scripts) / sizeof(*scripts) };

static struct jpegs_spec scripted(struct jpegs_spec spec, size_t number)
{
	const struct jpegs_spec *script = &scripts[number % SCRIPTS];
	spec.progressive = true;
	spec.bands = script->bands;
	spec.open = script->open;
	spec.apart = script->apart;
	return spec;
}

static void check_same(struct scaled *scaled, struct jpegs_spec spec, size_t script)
{
	const struct jpegs_spec progressive = scripted(spec, script);
	jpegs_check(scaled, &progressive, JPEGS_SAME);
}

static void test_samplings(void **state)
{
	for (size_t i = 0; i < JPEGS_SAMPLINGS; i++)
		check_same(*state, jpegs_sampling(i), i);
}

/* What is too much for one MCU is fine where each component has scans of its own. */
static void test_large_samplings(void **state)
{
	struct jpegs_spec spec = { .width = 77,
		.height = 99,
		.components = 3,
		.across = 4,
		.down = 4,
		.across_cb = 2,
		.down_cb = 4,
		.progressive = true,
		.quality = 85,
		.noise = 40,
		.bands = 2,
		.apart = true };
	for (spec.open = 0; spec.open < 4; spec.open++)
		jpegs_check(*state, &spec, JPEGS_SAME);
}

static void test_qualities(void **state)
{
	for (int i = 0; i < 300; i++) {
		const struct jpegs_spec spec = {
			.width = 75,
			.height = 50,
			.components = i / 100 == 2 ? 1 : 3,
			.across = 2,
			.down = i / 100 == 1 ? 1 : 2, /* 4:2:2 and 4:2:0 */
			.quality = i % 100 + 1,
			.noise = (unsigned)(i * 7 % 256),
		};
		check_same(*state, spec, (size_t)i);
	}
}

static void test_restarts(void **state)
{
	static const unsigned intervals[] = { 1, 2, 3, 7, 8, 9, 64, 65535 };
	for (size_t i = 0; i < 3 * sizeof(intervals) / sizeof(*intervals) * SCRIPTS; i++) {
		const struct jpegs_spec spec = {
			.width = 90,
			.height = 70,
			.components = i % 3 == 0 ? 1 : 3,
			.across = 2,
			.down = (int)(i % 3),
			.quality = 92,
			.noise = 60,
			.restart = intervals[i / 3 / SCRIPTS],
		};
		check_same(*state, spec, i / 3);
	}
}

static void test_rgb(void **state)
{
	const struct jpegs_spec spec = {
		.width = 99, .height = 55, .components = 3, .rgb = true, .quality = 80
	};
	check_same(*state, spec, 0);
}

static void test_wide(void **state)
{
	struct jpegs_spec spec = { .width = 65500,
		.height = 18,
		.components = 3,
		.across = 2,
		.down = 2,
		.quality = 90,
		.noise = 99 };
	check_same(*state, spec, 0);
	spec.width = 18;
	spec.height = 65500;
	check_same(*state, spec, 3);
}

/* Nothing but noise at full quality: blocks without zeros. Hardly anything: long runs of blocks. */
static void test_dense_and_sparse(void **state)
{
	for (size_t i = 0; i < SCRIPTS; i++) {
		struct jpegs_spec spec = {
			.width = 200, .height = 200, .components = 3, .quality = 100, .noise = 255
		};
		check_same(*state, spec, i);
		spec.width = spec.height = 2500;
		spec.quality = 1;
		spec.noise = 0;
		if (i < 2)
			check_same(*state, spec, i * 3);
	}
}

static const struct jpegs_spec plain = { .width = 40,
	.height = 35,
	.components = 3,
	.across = 2,
	.down = 2,
	.quality = 80,
	.noise = 80,
	.restart = 3 };

static void test_left(void **state)
{
	struct jpegs_spec spec = scripted(plain, 0);
	const struct jpegs_file file = jpegs_make(&spec);
	const struct scaled_excess little = { 3.9, 7.8 };
	assert_int_equal(jpegs_compare(*state, file.bytes, file.length, &little), JPEGS_LEFT);
	free(file.bytes);
	spec.arithmetic = true;
	jpegs_check(*state, &spec, JPEGS_LEFT);
}

static void test_cut(void **state)
{
	for (size_t i = 0; i < SCRIPTS; i++) {
		const struct jpegs_spec spec = scripted(plain, i);
		jpegs_check_cut(*state, &spec);
	}
}

static void test_changed(void **state)
{
	for (size_t i = 0; i < SCRIPTS; i++) {
		const struct jpegs_spec spec = scripted(plain, i);
		jpegs_check_changed(*state, &spec);
	}
}

/* Parts of a progressive file: all in front of the first scan's header, then each scan with what
 * stands in front of its header, then the end marker. */
enum { PARTS = 16 };

struct parts {
	struct jpegs_file file;
	size_t ends[PARTS];
	int count;
};

/* The next marker behind entropy-coded data. */
static size_t data_end(const struct jpegs_file *file, size_t at)
{
	while (file->bytes[at] != 0xFF || file->bytes[at + 1] == 0 ||
		(file->bytes[at + 1] & 0xF8) == 0xD0)
		at++;
	return at;
}

static struct parts parts_of(const struct jpegs_spec *spec)
{
	struct parts parts = { .file = jpegs_make(spec), .count = 0 };
	const struct jpegs_file *file = &parts.file;
	const size_t header = spec->components == 1 ? 10 : 14;
	parts.ends[parts.count++] = file->scan - header;
	for (size_t at = file->scan - header; at < file->length;) {
		const unsigned char marker = file->bytes[at + 1];
		at += 2;
		if (marker != 0xD9)
			at += file->bytes[at] * 256U + file->bytes[at + 1];
		if (marker == 0xDA)
			at = data_end(file, at);
		if (marker == 0xDA || marker == 0xD9)
			parts.ends[parts.count++] = at;
		assert_true(parts.count < PARTS);
	}
	return parts;
}

/* `parts` in the order of `order`, a letter each from `a` on: `.` stands for `extra`. */
static enum jpegs_verdict joined(struct scaled *scaled, const struct parts *parts,
	const char *order, const char *extra, size_t length)
{
	unsigned char *made = malloc((parts->file.length + length) * 4);
	assert_non_null(made);
	size_t at = 0;
	for (; *order; order++) {
		const int number = *order - 'a';
		const size_t from = number > 0 ? parts->ends[number - 1] : 0;
		const size_t bytes = *order == '.' ? length : parts->ends[number] - from;
		memcpy(made + at, *order == '.' ? extra : (char *)parts->file.bytes + from, bytes);
		at += bytes;
	}
	const enum jpegs_verdict verdict = jpegs_compare(scaled, made, at, &jpegs_excesses[0]);
	for (int i = 1; i < JPEGS_EXCESSES; i++)
		assert_int_equal(jpegs_compare(scaled, made, at, &jpegs_excesses[i]), verdict);
	free(made);
	return verdict;
}

/* Means, one band of each component, and one bit of all that: 1 + 3 + 1 + 3 scans. */
static void test_scripts(void **state)
{
	static const char *const wrong[] = {
		"abcdefghi",   /* no end marker */
		"abcdefghj",   /* the last bit of a component never comes */
		"aj",          /* nor anything else */
		"abj",         /* nor all but the means */
		"acbdefghij",  /* others before the means */
		"abbcdefghij", /* means twice */
		"abccdefghij", /* a band twice */
		"abcdefghiij", /* bits twice */
		"abcdeghijf",  /* a scan behind the end marker */
		"abgcdefhij",  /* bits before the band */
	};
	struct jpegs_spec spec = plain;
	spec.progressive = true;
	spec.bands = 1;
	spec.open = 1;
	const struct parts parts = parts_of(&spec);
	assert_int_equal(parts.count, 10);
	assert_int_equal(joined(*state, &parts, "abcdefghij", "", 0), JPEGS_SAME);
	assert_int_equal(joined(*state, &parts, "abedcfihgj", "", 0), JPEGS_SAME);
	assert_int_equal(joined(*state, &parts, "abfcdeghij", "", 0), JPEGS_SAME);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(joined(*state, &parts, wrong[i], "", 0), JPEGS_LEFT);
	free(parts.file.bytes);
}

/* A scan that says to bring two bits at a time, in a picture so dull that its data would do. */
static void test_skipped_bit(void **state)
{
	struct jpegs_spec spec = plain;
	spec.quality = 1;
	spec.noise = 0;
	spec.progressive = true;
	spec.bands = 1;
	spec.open = 2;
	const struct parts parts = parts_of(&spec);
	assert_int_equal(joined(*state, &parts, "abcdefghijklmn", "", 0), JPEGS_SAME);
	unsigned char *last = parts.file.bytes + parts.ends['l' - 'a'];
	unsigned char *header = memmem(last, 200, "\xFF\xDA", 2);
	assert_non_null(header);
	assert_int_equal(header[9], 0x10);
	header[9] = 0x20;
	assert_int_equal(joined(*state, &parts, "abcdefghjklmn", "", 0), JPEGS_LEFT);
	free(parts.file.bytes);
}

static void test_between_scans(void **state)
{
	struct jpegs_spec spec = plain;
	spec.progressive = true;
	spec.bands = 1;
	spec.open = 1;
	const struct parts parts = parts_of(&spec);
	static const char comment[] = "\xFF\xFE\0\4ab", filled[] = "\xFF\xFF\xFF\xFE\0\4ab",
			  app[] = "\xFF\xE5\0\2", adobe[] = "\xFF\xEE\0\016Adobe\0d\0\0\0\0\2",
			  fill[] = "\xFF\xFF", stray[] = "\x55", restart[] = "\xFF\xD0",
			  quants[] = "\xFF\xDB\0\2", endless[] = "\xFF\xFE\xFF\xFF",
			  shorter[] = "\xFF\xFE\0\1", interval[] = "\xFF\xDD\0\4\0\1",
			  image[] = "\xFF\xD8";
	const struct {
		const char *bytes;
		size_t length;
		enum jpegs_verdict verdict;
	} extras[] = {
		{ comment, sizeof(comment) - 1, JPEGS_SAME },
		{ filled, sizeof(filled) - 1, JPEGS_SAME },
		{ app, sizeof(app) - 1, JPEGS_SAME },
		{ adobe, sizeof(adobe) - 1, JPEGS_SAME },
		{ fill, sizeof(fill) - 1, JPEGS_SAME },
		{ stray, sizeof(stray) - 1, JPEGS_LEFT },
		{ restart, sizeof(restart) - 1, JPEGS_LEFT },
		{ quants, sizeof(quants) - 1, JPEGS_LEFT },
		{ endless, sizeof(endless) - 1, JPEGS_LEFT },
		{ shorter, sizeof(shorter) - 1, JPEGS_LEFT },
		{ interval, sizeof(interval) - 1, JPEGS_LEFT },
		{ image, sizeof(image) - 1, JPEGS_LEFT },
	};
	for (size_t i = 0; i < sizeof(extras) / sizeof(*extras); i++)
		assert_int_equal(
			joined(*state, &parts, "abc.defghij", extras[i].bytes, extras[i].length),
			extras[i].verdict);
	free(parts.file.bytes);
}

/* More than any encoder's script has. */
static void test_many_scans(void **state)
{
	struct jpegs_spec spec = plain;
	spec.progressive = true;
	spec.bands = 33; /* of three components, and one of means */
	jpegs_check(*state, &spec, JPEGS_SAME);
	spec.bands = 34;
	jpegs_check(*state, &spec, JPEGS_LEFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samplings),
		cmocka_unit_test(test_large_samplings),
		cmocka_unit_test(test_qualities),
		cmocka_unit_test(test_restarts),
		cmocka_unit_test(test_rgb),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_dense_and_sparse),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_skipped_bit),
		cmocka_unit_test(test_between_scans),
		cmocka_unit_test(test_many_scans),
	};
	return cmocka_run_group_tests(tests, jpegs_setup, jpegs_teardown);
}
