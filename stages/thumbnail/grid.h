#ifndef NIGHTMILL_STAGES_THUMBNAIL_GRID_H
#define NIGHTMILL_STAGES_THUMBNAIL_GRID_H

/* Colours of profiles that are no three curves and a matrix: Little CMS is asked for colours on a
 * grid, each when the first pixel near it comes, and what lies between is interpolated. Ready at
 * once, where Little CMS would work out a grid of its own as a whole; pixels come out the same
 * whatever came before them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lcms2.h>

/* Colours that Little CMS is asked for: bytes of red, green and blue to 16 bits of each. */
#define GRID_FROM TYPE_RGB_8
#define GRID_TO TYPE_RGB_16

/* One worker's. */
struct grid;

/* Takes `exact`, from GRID_FROM to GRID_TO. */
struct grid *grid_new(cmsHTRANSFORM exact);

/* False where dark colours between those of the grid come out visibly wrong, as of numbers that are
 * amounts of light, which change too fast there. */
bool grid_is_near(struct grid *grid);

/* Converts pixels of 3 or 4 channels in place; a fourth stays what it is. */
void grid_convert(struct grid *grid, uint8_t *pixels, size_t count, uint32_t channels);

/* NULL is allowed. */
void grid_free(struct grid *grid);

#endif
