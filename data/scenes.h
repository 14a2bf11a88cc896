#ifndef NIGHTMILL_DATA_SCENES_H
#define NIGHTMILL_DATA_SCENES_H

/* What is in the pictures: the colour at a place, `u` from 0 to the aspect ratio, `v` from 0 (top)
 * to 1. */

struct colour {
	double red, green, blue, alpha; /* 0 to 1 */
};

struct colour paint_valley(double u, double v);
struct colour paint_beach(double u, double v);
struct colour paint_harbour(double u, double v);
struct colour paint_cafe(double u, double v);
struct colour paint_sunset(double u, double v);
struct colour paint_zone_plate(double u, double v);
struct colour paint_paper(double u, double v);
struct colour paint_card(double u, double v);
struct colour paint_glass(double u, double v);
struct colour paint_leaf(double u, double v);

#endif
