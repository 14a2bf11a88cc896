#ifndef NIGHTMILL_STAGES_THUMBNAIL_GEOMETRY_H
#define NIGHTMILL_STAGES_THUMBNAIL_GEOMETRY_H

/* How a picture meets a box. W x H is the upright picture, w x h the box, s the scale:
 *
 *     fit       s                     kept                 canvas      either side auto
 *     inside    min(w/W, h/H)         all                  as kept     the other side decides
 *     outside   max(w/W, h/H)         all                  as kept     the other side decides
 *     cover     max(w/W, h/H)         w x h by `crop`      as kept     -
 *     contain   min(w/W, h/H)         all                  w x h       -
 *     fill      w/W and h/H apart     all                  as kept     -
 *
 * Unless `enlarge`, s is at most 1 (fill: each of the two): inside, outside and cover never give a
 * side that is longer than the picture's, cover keeps min(side of the box, side of the picture);
 * contain pads to the box all the same.
 *
 * One rule for rounding: the side that decides is exact, the other is max(1, round half up (side *
 * w / W)). What is cut off or padded in odd numbers leaves the smaller half on the left and on top.
 */

#include <stddef.h>
#include <stdint.h>

#include "stages/thumbnail/size.h"

/* In px. */
struct geometry {
	uint32_t scaled_width, scaled_height; /* the whole picture at its new scale */
	uint32_t left, top, width, height;    /* the part of it that is kept */
	uint32_t canvas_width, canvas_height; /* what comes out */
	uint32_t canvas_left, canvas_top;     /* where the kept part goes */
};

/* For an upright picture; both sides are at least 1. */
struct geometry geometry_of(const struct size *size, uint32_t width, uint32_t height);

/* Moves the kept part as far as it goes towards having this point (in shares of the picture) in its
 * middle. */
void geometry_focus(struct geometry *upright, double x, double y);

/* The same before the picture is turned upright from EXIF `orientation` (1 to 8): scaled and kept
 * sides as stored; the canvas stays as it is. */
struct geometry geometry_stored(struct geometry upright, int orientation);

/* True where `orientation` swaps the sides. */
bool geometry_swaps(int orientation);

/* True where it shows the stored left edge (or upper one) on the right or at the bottom. */
bool geometry_mirrors_x(int orientation);
bool geometry_mirrors_y(int orientation);

/* How many times too large a picture of width x height (as stored) is for the most demanding of the
 * sizes; at least 1 unless one enlarges. */
double geometry_excess(
	const struct geometry *stored, size_t count, uint32_t width, uint32_t height);

#endif
