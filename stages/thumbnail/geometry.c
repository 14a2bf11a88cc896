#include "stages/thumbnail/geometry.h"

/* A side so long that no format and no memory holds it; keeps absurd enlargements within 32 bits.
 */
static const uint64_t geometry_longest = 1U << 30;

static uint32_t geometry_scale(uint64_t side, uint64_t to, uint64_t from)
{
	const uint64_t scaled = (2 * side * to + from) / (2 * from);
	if (scaled > geometry_longest)
		return (uint32_t)geometry_longest;
	return scaled > 0 ? (uint32_t)scaled : 1;
}

/* The side that decides becomes what the box asks for; `by_width` says which it is. */
static void geometry_follow(
	struct geometry *geometry, const struct size *size, const uint32_t sides[2], bool by_width)
{
	const uint32_t from = by_width ? sides[0] : sides[1];
	uint32_t to = by_width ? size->width : size->height;
	if (!size->enlarge && to > from)
		to = from;
	geometry->scaled_width = by_width ? to : geometry_scale(sides[0], to, from);
	geometry->scaled_height = by_width ? geometry_scale(sides[1], to, from) : to;
}

static void geometry_fill(
	struct geometry *geometry, const struct size *size, const uint32_t sides[2])
{
	const bool wide = size->enlarge || size->width < sides[0];
	const bool high = size->enlarge || size->height < sides[1];
	geometry->scaled_width = wide ? size->width : sides[0];
	geometry->scaled_height = high ? size->height : sides[1];
}

static bool geometry_by_width(const struct size *size, const uint32_t sides[2])
{
	if (size->width == 0 || size->height == 0)
		return size->height == 0;
	const uint64_t width_scale = (uint64_t)size->width * sides[1];
	const uint64_t height_scale = (uint64_t)size->height * sides[0];
	if (size->fit == FIT_INSIDE || size->fit == FIT_CONTAIN)
		return width_scale <= height_scale;
	return width_scale >= height_scale;
}

/* What lies in front of the kept part: by `place` nothing (0), half (1) or all (2) of the rest. */
static uint32_t geometry_cut(uint32_t whole, uint32_t kept, int place)
{
	return (uint32_t)((uint64_t)(whole - kept) * (uint32_t)place / 2);
}

/* Measures move the kept part later, from the middle. */
static void geometry_crop(struct geometry *geometry, enum size_crop crop)
{
	static const int across[] = { 1, 1, 2, 2, 2, 1, 0, 0, 0, 1, 1, 1 };
	static const int down[] = { 1, 0, 0, 1, 2, 2, 2, 1, 0, 1, 1, 1 };
	geometry->left = geometry_cut(geometry->scaled_width, geometry->width, across[crop]);
	geometry->top = geometry_cut(geometry->scaled_height, geometry->height, down[crop]);
}

static uint32_t geometry_least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

struct geometry geometry_of(const struct size *size, uint32_t width, uint32_t height)
{
	const uint32_t sides[2] = { width, height };
	struct geometry geometry = { .left = 0 };
	if (size->fit == FIT_FILL)
		geometry_fill(&geometry, size, sides);
	else
		geometry_follow(&geometry, size, sides, geometry_by_width(size, sides));
	geometry.width = geometry.scaled_width;
	geometry.height = geometry.scaled_height;
	if (size->fit == FIT_COVER) {
		geometry.width = geometry_least(size->width, geometry.scaled_width);
		geometry.height = geometry_least(size->height, geometry.scaled_height);
		geometry_crop(&geometry, size->crop);
	}
	const bool pads = size->fit == FIT_CONTAIN;
	geometry.canvas_width = pads ? size->width : geometry.width;
	geometry.canvas_height = pads ? size->height : geometry.height;
	geometry.canvas_left = (geometry.canvas_width - geometry.width) / 2;
	geometry.canvas_top = (geometry.canvas_height - geometry.height) / 2;
	return geometry;
}

static uint32_t geometry_around(double share, uint32_t whole, uint32_t kept)
{
	const double first = share * whole - kept / 2.0;
	return first <= 0 ? 0 : first >= whole - kept ? whole - kept : (uint32_t)(first + 0.5);
}

void geometry_focus(struct geometry *upright, double x, double y)
{
	upright->left = geometry_around(x, upright->scaled_width, upright->width);
	upright->top = geometry_around(y, upright->scaled_height, upright->height);
}

bool geometry_swaps(int orientation)
{
	return orientation >= 5;
}

/* On the right: 3 2; with swapped sides at the bottom: 7 8. */
bool geometry_mirrors_x(int orientation)
{
	return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

bool geometry_mirrors_y(int orientation)
{
	return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

static void geometry_swap(uint32_t *a, uint32_t *b)
{
	const uint32_t kept = *a;
	*a = *b;
	*b = kept;
}

struct geometry geometry_stored(struct geometry upright, int orientation)
{
	struct geometry stored = upright;
	if (geometry_swaps(orientation)) {
		geometry_swap(&stored.scaled_width, &stored.scaled_height);
		geometry_swap(&stored.width, &stored.height);
		geometry_swap(&stored.left, &stored.top);
	}
	if (geometry_mirrors_x(orientation))
		stored.left = stored.scaled_width - stored.left - stored.width;
	if (geometry_mirrors_y(orientation))
		stored.top = stored.scaled_height - stored.top - stored.height;
	return stored;
}

double geometry_excess(const struct geometry *stored, size_t count, uint32_t width, uint32_t height)
{
	double least = 0;
	for (size_t i = 0; i < count; i++) {
		const double across = (double)width / stored[i].scaled_width;
		const double down = (double)height / stored[i].scaled_height;
		const double smaller = across < down ? across : down;
		if (i == 0 || smaller < least)
			least = smaller;
	}
	return least;
}
