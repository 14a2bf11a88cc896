#include "stages/thumbnail/grid.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"

/* Colours of the grid are whole numbers, since 255 is 51 steps of 5. */
enum { GRID_STEP = 5, GRID_SIDE = 255 / GRID_STEP + 1, GRID_ONE = 65535 / 255 * GRID_STEP };

/* Of 65,535, on the mean of dark colours: 0.8 of 255. */
enum { GRID_NEAR = 257 * 4 / 5 };

struct grid_colour {
	uint16_t of[3];
	uint16_t known;
};

struct grid {
	cmsHTRANSFORM exact;
	struct grid_colour colours[GRID_SIDE * GRID_SIDE * GRID_SIDE];
};

/* The way from one colour of the grid to the next in one direction, and how far a pixel goes it. */
struct grid_way {
	unsigned stride, rest;
};

struct grid *grid_new(cmsHTRANSFORM exact)
{
	struct grid *grid = memory_zeroed(1, sizeof(*grid));
	grid->exact = exact;
	return grid;
}

static void grid_learn(struct grid *grid, unsigned at)
{
	const unsigned steps[3] = { at / (GRID_SIDE * GRID_SIDE), at / GRID_SIDE % GRID_SIDE,
		at % GRID_SIDE };
	uint8_t pixel[3];
	for (int i = 0; i < 3; i++)
		pixel[i] = (uint8_t)(steps[i] * GRID_STEP);
	cmsDoTransform(grid->exact, pixel, grid->colours[at].of, 1);
	grid->colours[at].known = 1;
}

static inline void grid_add(struct grid *grid, unsigned at, unsigned weight, uint32_t sums[3])
{
	if (weight == 0)
		return;
	if (!grid->colours[at].known)
		grid_learn(grid, at);
	for (int i = 0; i < 3; i++)
		sums[i] += weight * grid->colours[at].of[i];
}

static inline void grid_order(struct grid_way *long_one, struct grid_way *short_one)
{
	if (long_one->rest >= short_one->rest)
		return;
	const struct grid_way kept = *long_one;
	*long_one = *short_one;
	*short_one = kept;
}

/* Between the four corners of a tetrahedron: along the edges of a cube of the grid, the longest way
 * first. */
static inline void grid_pixel(struct grid *grid, uint8_t *pixel)
{
	struct grid_way ways[3] = { { GRID_SIDE * GRID_SIDE, pixel[0] % GRID_STEP },
		{ GRID_SIDE, pixel[1] % GRID_STEP }, { 1, pixel[2] % GRID_STEP } };
	unsigned at = 0, left = GRID_STEP;
	for (int i = 0; i < 3; i++)
		at += pixel[i] / GRID_STEP * ways[i].stride;
	grid_order(&ways[0], &ways[1]);
	grid_order(&ways[1], &ways[2]);
	grid_order(&ways[0], &ways[1]);
	uint32_t sums[3] = { GRID_ONE / 2, GRID_ONE / 2, GRID_ONE / 2 };
	for (int i = 0; i < 3; i++) {
		grid_add(grid, at, left - ways[i].rest, sums);
		left = ways[i].rest;
		at += ways[i].stride;
	}
	grid_add(grid, at, left, sums);
	for (int i = 0; i < 3; i++)
		pixel[i] = (uint8_t)(sums[i] / GRID_ONE);
}

/* How far a pixel comes out from what Little CMS says, all channels together, of 65,535. */
static int grid_away(struct grid *grid, const uint8_t pixel[3])
{
	uint8_t made[3] = { pixel[0], pixel[1], pixel[2] };
	uint16_t wanted[3];
	int away = 0;
	cmsDoTransform(grid->exact, pixel, wanted, 1);
	grid_pixel(grid, made);
	for (int i = 0; i < 3; i++)
		away += abs(made[i] * 257 - wanted[i]);
	return away;
}

bool grid_is_near(struct grid *grid)
{
	static const uint8_t between[4] = { 2, 3, 7, 8 };
	int away = 0;
	for (int i = 0; i < 64; i++) {
		const uint8_t dark[3] = { between[i / 16], between[i / 4 % 4], between[i % 4] };
		away += grid_away(grid, dark);
	}
	return away <= 64 * 3 * GRID_NEAR;
}

void grid_convert(struct grid *grid, uint8_t *pixels, size_t count, uint32_t channels)
{
	for (size_t i = 0; i < count; i++, pixels += channels)
		grid_pixel(grid, pixels);
}

void grid_free(struct grid *grid)
{
	if (grid)
		cmsDeleteTransform(grid->exact);
	free(grid);
}
