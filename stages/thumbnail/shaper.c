#include "stages/thumbnail/shaper.h"

#include <math.h>
#include <stdlib.h>

enum { SHAPER_CURVE_ONE = 32767, SHAPER_MATRIX_ONE = 8192, SHAPER_SHIFT = 14, SHAPER_MOST = 4 };

/* From XYZ under D50, in which profiles speak, to the light of sRGB. */
static const double shaper_inverse[3][3] = { { 3.1338561, -1.6168667, -0.4906146 },
	{ -0.9787684, 1.9161415, 0.0334540 }, { 0.0719453, -0.2289914, 1.4052427 } };

/* The light of a number of sRGB, 0 to 1. */
static double shaper_light(double number)
{
	return number <= 0.04045 ? number / 12.92 : pow((number + 0.055) / 1.055, 2.4);
}

/* By the borders between numbers, which are few. */
void shaper_target_make(struct shaper_target *target)
{
	int at = 0;
	for (int number = 0; number < 256; number++) {
		const double border = number < 255 ? shaper_light((number + 0.5) / 255) : 1;
		const int until =
			number < 255 ? (int)ceil(border * (SHAPER_LIGHTS - 1)) : SHAPER_LIGHTS;
		for (; at < until; at++)
			target->numbers[at] = (uint8_t)number;
	}
}

/* False where it is none from no light to all of it. */
static bool shaper_curve(const cmsToneCurve *curve, int32_t lights[256])
{
	for (int i = 0; i < 256; i++) {
		const double light = cmsEvalToneCurveFloat(curve, (cmsFloat32Number)(i / 255.0));
		if (!(light >= -0.001 && light <= 1.001))
			return false;
		const long whole = lrint(light * SHAPER_CURVE_ONE);
		lights[i] = (int32_t)(whole < 0                  ? 0
				      : whole > SHAPER_CURVE_ONE ? SHAPER_CURVE_ONE
								 : whole);
	}
	return lights[0] == 0;
}

static bool shaper_column(struct shaper *shaper, int column, const cmsCIEXYZ *colour)
{
	for (int row = 0; row < 3; row++) {
		const double *inverse = shaper_inverse[row];
		const double sum =
			inverse[0] * colour->X + inverse[1] * colour->Y + inverse[2] * colour->Z;
		if (!(fabs(sum) < SHAPER_MOST))
			return false;
		shaper->matrix[row][column] = (int32_t)lrint(sum * SHAPER_MATRIX_ONE);
	}
	return true;
}

/* Where there are tables too, they count. */
static bool shaper_has_tables(cmsHPROFILE profile)
{
	static const cmsTagSignature tables[] = { cmsSigAToB0Tag, cmsSigAToB1Tag, cmsSigDToB0Tag,
		cmsSigDToB1Tag };
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (cmsIsTag(profile, tables[i]))
			return true;
	return false;
}

/* Sums of a row stay below 2^30. */
static bool shaper_is_tame(const struct shaper *shaper)
{
	for (int row = 0; row < 3; row++) {
		const int32_t *factors = shaper->matrix[row];
		if (abs(factors[0]) + abs(factors[1]) + abs(factors[2]) >=
			SHAPER_MOST * SHAPER_MATRIX_ONE)
			return false;
	}
	return true;
}

bool shaper_make(struct shaper *shaper, cmsHPROFILE profile)
{
	static const cmsTagSignature colours[3] = { cmsSigRedColorantTag, cmsSigGreenColorantTag,
		cmsSigBlueColorantTag };
	static const cmsTagSignature curves[3] = { cmsSigRedTRCTag, cmsSigGreenTRCTag,
		cmsSigBlueTRCTag };
	if (cmsGetPCS(profile) != cmsSigXYZData || shaper_has_tables(profile))
		return false;
	for (int i = 0; i < 3; i++) {
		const cmsCIEXYZ *colour = cmsReadTag(profile, colours[i]);
		const cmsToneCurve *curve = cmsReadTag(profile, curves[i]);
		if (!colour || !curve || !shaper_column(shaper, i, colour) ||
			!shaper_curve(curve, shaper->lights[i]))
			return false;
	}
	return shaper_is_tame(shaper);
}

static inline uint8_t shaper_number(
	const struct shaper_target *target, const int32_t *row, const int32_t light[3])
{
	int32_t sum = row[0] * light[0] + row[1] * light[1] + row[2] * light[2];
	sum = (sum + (1 << (SHAPER_SHIFT - 1))) >> SHAPER_SHIFT;
	return target->numbers[sum < 0 ? 0 : sum >= SHAPER_LIGHTS ? SHAPER_LIGHTS - 1 : sum];
}

void shaper_convert(const struct shaper *shaper, const struct shaper_target *target,
	uint8_t *pixels, size_t count, uint32_t channels)
{
	for (size_t i = 0; i < count; i++, pixels += channels) {
		const int32_t light[3] = { shaper->lights[0][pixels[0]],
			shaper->lights[1][pixels[1]], shaper->lights[2][pixels[2]] };
		for (int c = 0; c < 3; c++)
			pixels[c] = shaper_number(target, shaper->matrix[c], light);
	}
}
