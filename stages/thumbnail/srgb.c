#include "stages/thumbnail/srgb.h"

#include <stdlib.h>
#include <string.h>

#include <lcms2.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"
#include "stages/thumbnail/grid.h"
#include "stages/thumbnail/shaper.h"

enum {
	SRGB_MAPS = 16, /* profiles that a worker remembers */
	SRGB_SLACK = 1, /* of 255: less away than that is sRGB itself, in other roundings */
	SRGB_STEP = 17, /* of 255, between the colours that are tried */
	SRGB_STEPS = 16,
};

struct srgb_map {
	struct digest key;
	uint32_t channels;
	uint32_t samples;        /* of a pixel that is converted as a whole; 0: by `curve` */
	bool needed;             /* false: pictures stay as they are */
	bool embedded;           /* from an ICC profile of RGB */
	cmsHTRANSFORM transform; /* else NULL */
	struct grid *grid;       /* else NULL, and the shaper does it */
	struct shaper shaper;
	const struct shaper_target *target;
	uint8_t curve[256]; /* of greys */
};

struct srgb {
	enum size_intent intent;
	bool clip_black;
	cmsContext context;
	cmsHPROFILE target;
	struct text standard; /* `target` as a file; empty until it is needed */
	struct shaper_target numbers;
	struct srgb_map maps[SRGB_MAPS];
	unsigned next; /* to be replaced */
};

struct srgb *srgb_open(enum size_intent intent, bool clip_black)
{
	struct srgb *srgb = memory_zeroed(1, sizeof(*srgb));
	srgb->intent = intent;
	srgb->clip_black = clip_black;
	return srgb;
}

/* False without memory. */
static bool srgb_start(struct srgb *srgb)
{
	if (srgb->target)
		return true;
	if (!srgb->context)
		srgb->context = cmsCreateContext(NULL, NULL);
	if (srgb->context)
		srgb->target = cmsCreate_sRGBProfileTHR(srgb->context);
	shaper_target_make(&srgb->numbers);
	return srgb->target != NULL;
}

static bool srgb_point(const uint32_t numbers[2], cmsCIExyY *point)
{
	*point = (cmsCIExyY){ numbers[0] / 1e5, numbers[1] / 1e5, 1 };
	return numbers[0] <= 100000 && numbers[1] >= 1000 && numbers[1] <= 100000;
}

static bool srgb_primaries(const struct icc *icc, cmsCIExyY *white, cmsCIExyYTRIPLE *primaries)
{
	static const uint32_t standard[8] = { 31270, 32900, 64000, 33000, 30000, 60000, 15000,
		6000 };
	static const uint32_t none[8] = { 0 };
	const bool given = memcmp(icc->primaries, none, sizeof(none)) != 0;
	const uint32_t *numbers = given ? icc->primaries : standard;
	return srgb_point(numbers, white) && srgb_point(numbers + 2, &primaries->Red) &&
	       srgb_point(numbers + 4, &primaries->Green) &&
	       srgb_point(numbers + 6, &primaries->Blue);
}

/* Within 5 % of 1/2.2 the writer meant sRGB, whose curve is no power. */
static cmsToneCurve *srgb_gamma(struct srgb *srgb, uint32_t gamma)
{
	static const double standard[5] = { 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045 };
	if (gamma >= 43182 && gamma <= 47727)
		return cmsBuildParametricToneCurve(srgb->context, 4, standard);
	return cmsBuildGamma(srgb->context, 1e5 / gamma);
}

/* NULL where the numbers make no sense. */
static cmsHPROFILE srgb_profile_of_gamma(struct srgb *srgb, const struct icc *icc)
{
	cmsCIExyY white;
	cmsCIExyYTRIPLE primaries;
	if (icc->gamma < 10000 || icc->gamma > 1000000 || !srgb_primaries(icc, &white, &primaries))
		return NULL;
	cmsToneCurve *curve = srgb_gamma(srgb, icc->gamma);
	if (!curve)
		return NULL;
	cmsToneCurve *const curves[3] = { curve, curve, curve };
	cmsHPROFILE profile = cmsCreateRGBProfileTHR(srgb->context, &white, &primaries, curves);
	cmsFreeToneCurve(curve);
	return profile;
}

static cmsHPROFILE srgb_profile(struct srgb *srgb, const struct icc *icc)
{
	if (icc->profile.length == 0)
		return srgb_profile_of_gamma(srgb, icc);
	return cmsOpenProfileFromMemTHR(
		srgb->context, icc->profile.data, (cmsUInt32Number)icc->profile.length);
}

static cmsHTRANSFORM srgb_transform(struct srgb *srgb, cmsHPROFILE profile, cmsUInt32Number from,
	cmsUInt32Number to, cmsUInt32Number flags)
{
	static const cmsUInt32Number intents[] = { INTENT_RELATIVE_COLORIMETRIC, INTENT_PERCEPTUAL,
		INTENT_SATURATION, INTENT_ABSOLUTE_COLORIMETRIC };
	const cmsUInt32Number black = srgb->clip_black ? 0 : cmsFLAGS_BLACKPOINTCOMPENSATION;
	return cmsCreateTransformTHR(srgb->context, profile, from, srgb->target, to,
		intents[srgb->intent], black | cmsFLAGS_NOCACHE | flags);
}

static void srgb_convert_pixels(const struct srgb_map *map, uint8_t *pixels, uint32_t count)
{
	if (map->transform)
		cmsDoTransform(map->transform, pixels, pixels, count);
	else if (map->grid)
		grid_convert(map->grid, pixels, count, map->samples);
	else
		shaper_convert(&map->shaper, map->target, pixels, count, map->samples);
}

/* What becomes of the 256 greys of RGB. */
static void srgb_greys(struct srgb_map *map)
{
	uint8_t greys[256 * 4];
	for (uint32_t i = 0; i < 256 * map->samples; i++)
		greys[i] = (uint8_t)(i / map->samples);
	srgb_convert_pixels(map, greys, 256);
	for (uint32_t i = 0; i < 256; i++)
		map->curve[i] = greys[i * map->samples + 1];
}

static bool srgb_same(const uint8_t *a, const uint8_t *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (abs(a[i] - b[i]) > SRGB_SLACK)
			return false;
	return true;
}

/* Colours from everywhere stay what they are. */
static bool srgb_changes_nothing(const struct srgb_map *map)
{
	uint8_t row[4 * SRGB_STEPS] = { 0 }, made[4 * SRGB_STEPS];
	for (int i = 0; i < SRGB_STEPS * SRGB_STEPS; i++) {
		for (int k = 0; k < SRGB_STEPS; k++) {
			uint8_t *pixel = row + (size_t)k * map->samples;
			pixel[0] = (uint8_t)(i / SRGB_STEPS * SRGB_STEP);
			pixel[1] = (uint8_t)(i % SRGB_STEPS * SRGB_STEP);
			pixel[2] = (uint8_t)(k * SRGB_STEP);
		}
		memcpy(made, row, sizeof(row));
		srgb_convert_pixels(map, made, SRGB_STEPS);
		if (!srgb_same(row, made, sizeof(row)))
			return false;
	}
	return true;
}

static void srgb_learn_grey(struct srgb *srgb, struct srgb_map *map, cmsHPROFILE profile)
{
	cmsHTRANSFORM transform = srgb_transform(srgb, profile, TYPE_GRAY_8, TYPE_RGB_8, 0);
	if (!transform)
		return;
	uint8_t greys[256], made[256 * 3];
	for (int i = 0; i < 256; i++)
		greys[i] = (uint8_t)i;
	cmsDoTransform(transform, greys, made, 256);
	cmsDeleteTransform(transform);
	for (int i = 0; i < 256; i++)
		map->curve[i] = made[3 * i + 1];
	map->needed = !srgb_same(greys, map->curve, 256);
}

/* NULL where a grid would not do. */
static struct grid *srgb_grid(struct srgb *srgb, cmsHPROFILE profile)
{
	cmsHTRANSFORM exact =
		srgb_transform(srgb, profile, GRID_FROM, GRID_TO, cmsFLAGS_NOOPTIMIZE);
	struct grid *grid = exact ? grid_new(exact) : NULL;
	if (!grid || grid_is_near(grid))
		return grid;
	grid_free(grid);
	return NULL;
}

/* By the absolute intent, curves and a matrix are Little CMS's to do, which is quick and exact with
 * them and need not be asked on a grid. */
static bool srgb_ask(struct srgb *srgb, struct srgb_map *map, cmsHPROFILE profile)
{
	const cmsUInt32Number format = map->samples == 4 ? TYPE_RGBA_8 : TYPE_RGB_8;
	if (srgb->intent != MAP_ABSOLUTE)
		map->grid = srgb_grid(srgb, profile);
	if (!map->grid)
		map->transform = srgb_transform(srgb, profile, format, format, 0);
	return map->grid || map->transform;
}

static void srgb_learn_rgb(struct srgb *srgb, struct srgb_map *map, cmsHPROFILE profile)
{
	map->samples = map->channels == 4 ? 4 : 3;
	map->target = &srgb->numbers;
	/* Curves and a matrix mean the same by every intent but the absolute one. */
	const bool shaped = srgb->intent != MAP_ABSOLUTE && shaper_make(&map->shaper, profile);
	if (!shaped && !srgb_ask(srgb, map, profile))
		return;
	map->needed = !srgb_changes_nothing(map);
	srgb_greys(map);
}

/* Pictures on screens and out of cameras, scanners and editors; no links between devices and no
 * named colours. */
static bool srgb_describes_pictures(cmsHPROFILE profile)
{
	const cmsProfileClassSignature class = cmsGetDeviceClass(profile);
	const cmsColorSpaceSignature space = cmsGetPCS(profile);
	return (class == cmsSigInputClass || class == cmsSigDisplayClass ||
		       class == cmsSigOutputClass || class == cmsSigColorSpaceClass) &&
	       (space == cmsSigXYZData || space == cmsSigLabData);
}

static void srgb_learn(struct srgb *srgb, const struct icc *icc, struct srgb_map *map)
{
	cmsHPROFILE profile = srgb_start(srgb) ? srgb_profile(srgb, icc) : NULL;
	if (!profile)
		return;
	const cmsColorSpaceSignature space = cmsGetColorSpace(profile);
	map->embedded = icc->profile.length > 0 && space == cmsSigRgbData;
	if (srgb_describes_pictures(profile) && space == cmsSigGrayData)
		srgb_learn_grey(srgb, map, profile);
	else if (srgb_describes_pictures(profile) && space == cmsSigRgbData)
		srgb_learn_rgb(srgb, map, profile);
	cmsCloseProfile(profile);
}

static struct digest srgb_key(const struct icc *icc)
{
	if (icc->profile.length > 0)
		return digest_of(icc->profile.data, icc->profile.length);
	uint32_t numbers[9] = { icc->gamma };
	memcpy(numbers + 1, icc->primaries, sizeof(icc->primaries));
	return digest_of(numbers, sizeof(numbers));
}

static struct srgb_map *srgb_known(struct srgb *srgb, struct digest key, uint32_t channels)
{
	for (int i = 0; i < SRGB_MAPS; i++) {
		struct srgb_map *map = &srgb->maps[i];
		if (map->channels == channels && digest_equal(map->key, key))
			return map;
	}
	return NULL;
}

static void srgb_forget(struct srgb_map *map)
{
	if (map->transform)
		cmsDeleteTransform(map->transform);
	grid_free(map->grid);
	*map = (struct srgb_map){ .channels = 0 };
}

const struct srgb_map *srgb_find(struct srgb *srgb, const struct icc *icc, uint32_t channels)
{
	if (icc->profile.length == 0 && icc->gamma == 0)
		return NULL;
	const struct digest key = srgb_key(icc);
	struct srgb_map *map = srgb_known(srgb, key, channels);
	if (!map) {
		map = &srgb->maps[srgb->next];
		srgb->next = (srgb->next + 1) % SRGB_MAPS;
		srgb_forget(map);
		map->key = key;
		map->channels = channels;
		srgb_learn(srgb, icc, map);
	}
	return map->needed ? map : NULL;
}

static void srgb_convert_row(
	const struct srgb_map *map, uint8_t *row, const struct surface *surface)
{
	const size_t samples = (size_t)surface->width * surface->channels;
	if (map->samples == surface->channels) {
		srgb_convert_pixels(map, row, surface->width);
		return;
	}
	for (size_t i = 0; i < samples; i++)
		if (surface->channels < 4 || i % 4 != 3)
			row[i] = map->curve[row[i]];
}

void srgb_convert(const struct srgb_map *map, struct surface *surface)
{
	const bool alpha = surface->channels == 4;
	if (alpha)
		surface_divide(surface);
	for (uint32_t y = 0; y < surface->height; y++) {
		uint8_t *row = surface_row(surface, y);
		srgb_convert_row(map, row, surface);
		if (alpha)
			surface_premultiply(row, surface->width);
	}
}

bool srgb_can_keep(const struct srgb_map *map, uint32_t channels)
{
	return map->embedded && channels >= 3;
}

/* The same bytes every day: the date of making is taken out. */
const struct text *srgb_standard(struct srgb *srgb)
{
	enum { DATE = 24, DATE_BYTES = 12 };
	cmsUInt32Number bytes = 0;
	if (srgb->standard.length > 0)
		return &srgb->standard;
	if (!srgb_start(srgb) || !cmsSaveProfileToMem(srgb->target, NULL, &bytes))
		return NULL;
	void *data = memory_zeroed(1, bytes);
	const bool saved = cmsSaveProfileToMem(srgb->target, data, &bytes);
	if (saved)
		text_add(&srgb->standard, data, bytes);
	free(data);
	if (saved)
		memset(srgb->standard.data + DATE, 0, DATE_BYTES);
	return saved ? &srgb->standard : NULL;
}

void srgb_close(struct srgb *srgb)
{
	if (!srgb)
		return;
	text_finish(&srgb->standard);
	for (int i = 0; i < SRGB_MAPS; i++)
		srgb_forget(&srgb->maps[i]);
	if (srgb->target)
		cmsCloseProfile(srgb->target);
	if (srgb->context)
		cmsDeleteContext(srgb->context);
	free(srgb);
}
