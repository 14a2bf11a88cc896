#include "stages/thumbnail/regions.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/folders.h"
#include "stages/thumbnail/geometry.h"

enum { REGIONS_ELEMENT_BYTES = 1024, REGIONS_NUMBER_BYTES = 32 };

/* All regions together. */
struct regions_box {
	double left, top, right, bottom;
	bool any;
};

/* A part of an XMP. */
struct regions_text {
	const char *from, *to;
};

static void regions_add(struct regions_box *box, double x, double y, double width, double height)
{
	if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1 && width >= 0 && width <= 1 && height >= 0 &&
		    height <= 1))
		return;
	box->left = box->any ? fmin(box->left, x - width / 2) : x - width / 2;
	box->top = box->any ? fmin(box->top, y - height / 2) : y - height / 2;
	box->right = box->any ? fmax(box->right, x + width / 2) : x + width / 2;
	box->bottom = box->any ? fmax(box->bottom, y + height / 2) : y + height / 2;
	box->any = true;
}

/* Behind `name` in `text`; NULL: it is not there. */
static const char *regions_seek(const struct regions_text *text, const char *name)
{
	const char *at = memmem(text->from, (size_t)(text->to - text->from), name, strlen(name));
	return at ? at + strlen(name) : NULL;
}

/* strtod would follow the locale, and needs an end. */
static double regions_decimal(const char *from, const char *to)
{
	double value = 0, place = 1;
	bool fraction = false;
	for (const char *at = from; at < to && (isdigit((unsigned char)*at) || *at == '.'); at++) {
		if (*at == '.') {
			fraction = true;
			continue;
		}
		value = value * 10 + (*at - '0');
		place *= fraction ? 10 : 1;
	}
	return value / place;
}

/* As an attribute (name="0.5") or an element (<name>0.5<); -1: it is not there. */
static double regions_number(const struct regions_text *text, const char *name)
{
	const char *at = regions_seek(text, name);
	while (at && at < text->to && (*at == '=' || *at == '"' || *at == '\'' || *at == '>'))
		at++;
	return at && at < text->to && isdigit((unsigned char)*at) ? regions_decimal(at, text->to)
								  : -1;
}

static struct regions_text regions_element(const struct regions_text *xmp, const char *at)
{
	const bool much = xmp->to - at > REGIONS_ELEMENT_BYTES;
	return (struct regions_text){ at, much ? at + REGIONS_ELEMENT_BYTES : xmp->to };
}

/* Middles and sides. */
static void regions_of_group(const struct regions_text *xmp, struct regions_box *box)
{
	struct regions_text left = *xmp;
	const char *at;
	while ((at = regions_seek(&left, "<mwg-rs:Area")) != NULL) {
		const struct regions_text element = regions_element(xmp, at);
		const double width = regions_number(&element, "stArea:w");
		const double height = regions_number(&element, "stArea:h");
		regions_add(box, regions_number(&element, "stArea:x"),
			regions_number(&element, "stArea:y"), fmax(width, 0), fmax(height, 0));
		left.from = at;
	}
}

/* Corners and sides: "0.2, 0.3, 0.1, 0.1". */
static void regions_of_microsoft(const struct regions_text *xmp, struct regions_box *box)
{
	struct regions_text left = *xmp;
	const char *at;
	while ((at = regions_seek(&left, "MPReg:Rectangle")) != NULL) {
		double numbers[4] = { -1, -1, -1, -1 };
		left.from = at;
		for (int i = 0; i < 4; i++) {
			while (at < xmp->to && !isdigit((unsigned char)*at) && *at != '<')
				at++;
			if (at < xmp->to && isdigit((unsigned char)*at))
				numbers[i] = regions_decimal(at, xmp->to);
			while (at < xmp->to && (isdigit((unsigned char)*at) || *at == '.'))
				at++;
		}
		regions_add(box, numbers[0] + numbers[2] / 2, numbers[1] + numbers[3] / 2,
			numbers[2], numbers[3]);
	}
}

/* The stored picture's, unless the sides that they were made for are those of the upright one. */
static bool regions_are_upright(
	const struct regions_text *xmp, uint32_t width, uint32_t height, int orientation)
{
	const double across = regions_number(xmp, "stDim:w"), down = regions_number(xmp, "stDim:h");
	return geometry_swaps(orientation) && width != height && across > 0 && down > 0 &&
	       (across > down) != (width > height);
}

static struct regions_point regions_turn(struct regions_point stored, int orientation)
{
	const double x = stored.x, y = stored.y;
	const struct regions_point turned[] = { { x, y }, { x, y }, { 1 - x, y }, { 1 - x, 1 - y },
		{ x, 1 - y }, { y, x }, { 1 - y, x }, { 1 - y, 1 - x }, { y, 1 - x } };
	return turned[orientation >= 1 && orientation <= 8 ? orientation : 1];
}

static bool regions_of_exif(const struct metadata *metadata, uint32_t width, uint32_t height,
	struct regions_point *point)
{
	struct folders folders;
	struct folders_entry entry;
	if (metadata->exif.length == 0 ||
		!folders_open(
			&folders, (unsigned char *)metadata->exif.data, metadata->exif.length))
		return false;
	const size_t inside = folders_inside(&folders, folders.first, FOLDERS_EXIF);
	if (inside == 0 || !folders_find(&folders, inside, FOLDERS_SUBJECT_AREA, &entry) ||
		entry.count < 2)
		return false;
	const uint32_t x = folders_number(&folders, &entry, 0);
	const uint32_t y = folders_number(&folders, &entry, 1);
	if (x == 0 || y == 0 || x >= width || y >= height)
		return false;
	*point = (struct regions_point){ (double)x / width, (double)y / height };
	return true;
}

bool regions_find(const struct metadata *metadata, uint32_t width, uint32_t height, int orientation,
	struct regions_point *point)
{
	struct regions_box box = { .any = false };
	const size_t length = metadata->xmp.length;
	const char *data = length > 0 ? metadata->xmp.data : "";
	const struct regions_text xmp = { data, data + length };
	regions_of_group(&xmp, &box);
	regions_of_microsoft(&xmp, &box);
	struct regions_point found;
	if (box.any)
		found = (struct regions_point){ (box.left + box.right) / 2,
			(box.top + box.bottom) / 2 };
	else if (!regions_of_exif(metadata, width, height, &found))
		return false;
	const bool upright = box.any && regions_are_upright(&xmp, width, height, orientation);
	*point = upright ? found : regions_turn(found, orientation);
	return true;
}

/* One number of a pair and what stands behind it. */
static const char *regions_share(const char *at, const char *end, double *share)
{
	while (at < end && *at == ' ')
		at++;
	if (at == end || !isdigit((unsigned char)*at))
		return NULL;
	*share = regions_decimal(at, end);
	while (at < end && (isdigit((unsigned char)*at) || *at == '.'))
		at++;
	if (at < end && *at == '%') {
		*share /= 100;
		at++;
	}
	while (at < end && *at == ' ')
		at++;
	return *share <= 1 ? at : NULL;
}

bool regions_parse(const char *text, size_t length, struct regions_point *point)
{
	const char *end = text + length;
	const char *at = regions_share(text, end, &point->x);
	if (at && at < end && *at == ',')
		at++;
	at = at ? regions_share(at, end, &point->y) : NULL;
	return at == end;
}
