#include "tests/fakes/jpegs_checks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

const struct scaled_excess jpegs_excesses[JPEGS_EXCESSES] = { { 16, 16 }, { 8, 8 }, { 4, 4 },
	{ 100, 100 }, { 16, 32 }, { 8, 16 }, { 5, 10 } };

int jpegs_setup(void **state)
{
	*state = scaled_new(SCALED_AHEAD);
	return *state ? 0 : -1;
}

int jpegs_setup_ahead(void **state)
{
	*state = scaled_new(JPEGS_AHEAD);
	return *state ? 0 : -1;
}

int jpegs_teardown(void **state)
{
	scaled_free(*state);
	return 0;
}

struct jpegs_spec jpegs_sampling(size_t number)
{
	static const int samplings[][6] = { { 1, 1, 1, 1, 1, 1 }, { 2, 1, 1, 1, 1, 1 },
		{ 2, 2, 1, 1, 1, 1 }, { 4, 1, 1, 1, 1, 1 }, { 4, 2, 1, 1, 1, 1 },
		{ 1, 4, 1, 1, 1, 1 }, { 2, 2, 1, 2, 1, 2 }, { 2, 1, 1, 1, 2, 1 },
		{ 3, 1, 1, 1, 1, 1 }, { 1, 3, 1, 1, 1, 1 }, { 1, 1, 2, 2, 1, 1 } };
	static const unsigned sides[] = { 1, 2, 7, 8, 9, 15, 16, 17, 33, 100, 257 };
	enum { SIDES = sizeof(sides) / sizeof(*sides) };
	_Static_assert(sizeof(samplings) / sizeof(*samplings) * SIDES * SIDES == JPEGS_SAMPLINGS,
		"all of them");
	const int *sampling = samplings[number / (SIDES * SIDES)];
	return (struct jpegs_spec){
		.width = sides[number % SIDES],
		.height = sides[number / SIDES % SIDES],
		.components = 3,
		.across = sampling[0],
		.down = sampling[1],
		.across_cb = sampling[2],
		.down_cb = sampling[3],
		.across_cr = sampling[4],
		.down_cr = sampling[5],
		.quality = 85,
		.noise = 40,
	};
}

void jpegs_check_bytes(
	struct scaled *scaled, const unsigned char *bytes, size_t length, enum jpegs_verdict is)
{
	for (int i = 0; i < JPEGS_EXCESSES; i++)
		assert_int_equal(jpegs_compare(scaled, bytes, length, &jpegs_excesses[i]), is);
}

void jpegs_check(struct scaled *scaled, const struct jpegs_spec *spec, enum jpegs_verdict is)
{
	const struct jpegs_file file = jpegs_make(spec);
	for (int i = 0; i < JPEGS_EXCESSES; i++) {
		const enum jpegs_verdict verdict =
			jpegs_compare(scaled, file.bytes, file.length, &jpegs_excesses[i]);
		if (verdict != is)
			print_message("%u x %u, quality %d, sampling %dx%d %dx%d %dx%d, "
				      "%d bands, %d bits open, by %g and %g\n",
				spec->width, spec->height, spec->quality, spec->across, spec->down,
				spec->across_cb, spec->down_cb, spec->across_cr, spec->down_cr,
				spec->bands, spec->open, jpegs_excesses[i].first,
				jpegs_excesses[i].others);
		assert_int_equal(verdict, is);
	}
	assert_int_equal(
		jpegs_serve(scaled, file.bytes, file.length), spec->progressive ? JPEGS_LEFT : is);
	free(file.bytes);
}

void jpegs_check_cut(struct scaled *scaled, const struct jpegs_spec *spec)
{
	const struct jpegs_file file = jpegs_make(spec);
	const size_t end = file.length - (spec->progressive ? 0 : 12);
	for (size_t length = file.scan; length < end; length++) {
		jpegs_check_bytes(scaled, file.bytes, length, JPEGS_LEFT);
		assert_int_equal(jpegs_serve(scaled, file.bytes, length), JPEGS_LEFT);
	}
	free(file.bytes);
}

void jpegs_check_changed(struct scaled *scaled, const struct jpegs_spec *spec)
{
	const struct jpegs_file file = jpegs_make(spec);
	int left = 0;
	for (size_t at = 2; at < file.length; at++) {
		const unsigned char was = file.bytes[at];
		file.bytes[at] = (unsigned char)(at % 3 == 0 ? 0xFF : was ^ 1U << at % 8);
		const enum jpegs_verdict verdict = jpegs_compare(
			scaled, file.bytes, file.length, &jpegs_excesses[at % JPEGS_EXCESSES]);
		assert_int_not_equal(verdict, JPEGS_DIFFERENT);
		left += verdict == JPEGS_LEFT;
		assert_int_not_equal(jpegs_serve(scaled, file.bytes, file.length), JPEGS_DIFFERENT);
		file.bytes[at] = was;
	}
	assert_true(left > 100);
	free(file.bytes);
}
