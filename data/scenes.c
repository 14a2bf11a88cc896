#include "data/scenes.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* Noise: the same value for the same place, from a hash of the lattice. */

static double noise_lattice(int x, int y)
{
	uint32_t hash = (uint32_t)x * 0x9e3779b1u ^ (uint32_t)y * 0x85ebca77u;
	hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
	hash = (hash ^ hash >> 12) * 0x297a2d39u;
	return (double)(hash ^ hash >> 15) / UINT32_MAX;
}

static double mix(double from, double to, double share)
{
	return from + (to - from) * share;
}

static double smooth(double low, double high, double value)
{
	double share = fmin(fmax((value - low) / (high - low), 0), 1);
	return share * share * (3 - 2 * share);
}

static double noise_at(double x, double y)
{
	const int column = (int)floor(x), row = (int)floor(y);
	const double across = smooth(0, 1, x - column), down = smooth(0, 1, y - row);
	return mix(mix(noise_lattice(column, row), noise_lattice(column + 1, row), across),
		mix(noise_lattice(column, row + 1), noise_lattice(column + 1, row + 1), across),
		down);
}

static double noise_fractal(double x, double y, int octaves)
{
	double sum = 0, weight = 0.5;
	for (int octave = 0; octave < octaves; octave++) {
		sum += weight * noise_at(x, y);
		x = 2.03 * x + 17.1;
		y = 2.03 * y + 9.7;
		weight /= 2;
	}
	return sum;
}

static struct colour colour_mix(struct colour from, struct colour to, double share)
{
	return (struct colour){ mix(from.red, to.red, share), mix(from.green, to.green, share),
		mix(from.blue, to.blue, share), mix(from.alpha, to.alpha, share) };
}

static struct colour colour_scale(struct colour colour, double factor)
{
	return (struct colour){ colour.red * factor, colour.green * factor, colour.blue * factor,
		colour.alpha };
}

/* Scenes. */

static struct colour sky(double u, double v, struct colour high, struct colour low)
{
	const struct colour white = { 1, 0.98, 0.95, 1 };
	const double cloud = noise_fractal(3 * u + 5, 9 * v, 6);
	return colour_mix(
		colour_mix(high, low, smooth(0, 0.7, v)), white, 0.8 * smooth(0.48, 0.75, cloud));
}

struct colour paint_valley(double u, double v)
{
	const struct colour near = { 0.16, 0.30, 0.12, 1 }, far = { 0.52, 0.62, 0.75, 1 };
	struct colour seen = sky(u, v, (struct colour){ 0.20, 0.42, 0.78, 1 },
		(struct colour){ 0.78, 0.86, 0.93, 1 });
	for (int ridge = 0; ridge < 5; ridge++) {
		const double depth = ridge / 4.0;
		const double top =
			0.34 + 0.13 * ridge +
			0.30 * (noise_fractal(u * (2.2 + ridge) + 31 * ridge, ridge, 8) - 0.5);
		const double light = 0.55 + 0.9 * noise_fractal((60 - 6 * ridge) * u,
							  (40 - 4 * ridge) * (v - top), 8);
		if (v > top)
			seen = colour_scale(
				colour_mix(far, near, depth), mix(1, light, 0.3 + 0.7 * depth));
	}
	return colour_scale(seen, 0.93 + 0.14 * noise_at(1400 * u, 1400 * v));
}

struct colour paint_beach(double u, double v)
{
	const struct colour sand = { 0.86, 0.74, 0.55, 1 }, sea = { 0.10, 0.30, 0.42, 1 };
	const struct colour dusk = { 0.98, 0.62, 0.36, 1 }, night = { 0.25, 0.22, 0.45, 1 };
	const double sun = hypot(u - 0.95, v - 0.46);
	const double shore = 0.74 + 0.05 * noise_fractal(3 * u, 1, 4);
	if (v < 0.5)
		return colour_mix(sky(u, v, night, dusk), (struct colour){ 1, 0.95, 0.75, 1 },
			smooth(0.10, 0.05, sun));
	const double wave = noise_fractal(12 * u, 220 * (v - 0.5) / (0.15 + v), 3);
	if (v < shore)
		return colour_mix(
			sea, dusk, smooth(0.45, 0.75, wave) * smooth(0.7, 0.1, fabs(u - 0.95)));
	return colour_scale(sand, 0.75 + 0.4 * noise_fractal(90 * u, 90 * v, 6));
}

struct colour paint_harbour(double u, double v)
{
	const double house = floor(u * 9), wall = noise_lattice((int)house, 3);
	const double roof = 0.22 + 0.22 * wall, in_house = u * 9 - house;
	const bool water = v > 0.68;
	const double ripple = water ? 0.03 * (noise_fractal(8 * u, 150 * v, 3) - 0.5) : 0;
	const double y = water ? 1.36 - v + ripple : v;
	const struct colour paint = { 0.55 + 0.45 * noise_lattice((int)house, 1),
		0.35 + 0.5 * noise_lattice((int)house, 2), 0.3 + 0.4 * wall, 1 };
	struct colour seen = sky(u, y, (struct colour){ 0.35, 0.55, 0.80, 1 },
		(struct colour){ 0.85, 0.90, 0.95, 1 });
	if (y > roof)
		seen = colour_scale(paint, 0.8 + 0.3 * noise_fractal(70 * u, 70 * y, 6));
	const double across = fmod(in_house * 4, 1), down = fmod((y - roof) * 14, 1);
	if (y > roof + 0.05 && y < 0.62 && across > 0.3 && across < 0.75 && down > 0.25 &&
		down < 0.8)
		seen = (struct colour){ 0.16, 0.20, 0.26, 1 };
	return water ? colour_mix(seen, (struct colour){ 0.08, 0.22, 0.28, 1 }, 0.45) : seen;
}

struct colour paint_cafe(double u, double v)
{
	const double grain = noise_fractal(4 * u + 2 * noise_fractal(2 * u, 2 * v, 3), 60 * v, 6);
	const struct colour wood = { 0.62, 0.42, 0.25, 1 }, porcelain = { 0.95, 0.94, 0.90, 1 };
	const struct colour coffee = { 0.24, 0.13, 0.07, 1 }, foam = { 0.85, 0.68, 0.48, 1 };
	const double from_cup = hypot(u - 0.38, v - 0.55), angle = atan2(v - 0.55, u - 0.38);
	struct colour seen = colour_scale(wood, 0.6 + 0.7 * grain);
	seen = colour_scale(seen, mix(0.5, 1, smooth(0.30, 0.38, hypot(u - 0.41, v - 0.59))));
	seen = colour_mix(seen, porcelain, smooth(0.312, 0.308, from_cup));
	seen = colour_scale(seen, mix(1, 0.82, smooth(0.02, 0, fabs(from_cup - 0.23))));
	const double swirl = sin(5 * angle + 48 * from_cup + 3 * noise_fractal(6 * u, 6 * v, 4));
	return colour_mix(seen, colour_mix(coffee, foam, smooth(-0.2, 0.9, swirl)),
		smooth(0.192, 0.188, from_cup));
}

struct colour paint_sunset(double u, double v)
{
	const struct colour high = { 0.16, 0.12, 0.36, 1 }, low = { 1.0, 0.58, 0.22, 1 };
	const double cloud = noise_fractal(2.5 * u, 12 * v, 7);
	struct colour seen = colour_mix(high, low, smooth(0, 0.85, v));
	seen = colour_mix(
		seen, (struct colour){ 0.90, 0.30, 0.30, 1 }, 0.8 * smooth(0.42, 0.7, cloud));
	const double hill = 0.80 + 0.16 * (noise_fractal(3 * u, 4, 8) - 0.5);
	return v > hill ? (struct colour){ 0.05, 0.04, 0.08, 1 } : seen;
}

/* Rings that become finer from the middle to the edge, up to the finest that the pixels can show.
 */
struct colour paint_zone_plate(double u, double v)
{
	const double radius = hypot(u - 0.5, v - 0.5);
	const double level = 0.5 + 0.48 * cos(2 * 3.14159265358979 * 380 * radius * radius);
	return (struct colour){ level, level, level, 1 };
}

struct colour paint_paper(double u, double v)
{
	const bool rule = fmod(v * 20, 1) < 0.04 || fabs(u - 0.12) < 0.002;
	return rule ? (struct colour){ 0.70, 0.80, 0.92, 1 }
		    : (struct colour){ 0.99, 0.99, 0.96, 1 };
}

struct colour paint_card(double u, double v)
{
	const struct colour left = { 0.13, 0.45, 0.52, 1 }, right = { 0.85, 0.55, 0.20, 1 };
	const bool dark = ((int)(u * 8) + (int)(v * 8)) % 2;
	return colour_scale(colour_mix(left, right, u / 1.4), dark ? 0.85 : 1);
}

struct colour paint_glass(double u, double v)
{
	const double x[] = { 0.50, 0.90, 0.70 }, y[] = { 0.38, 0.38, 0.68 };
	double light[3], cover = 0;
	for (int disc = 0; disc < 3; disc++) {
		light[disc] = smooth(0.31, 0.29, hypot(u - x[disc], v - y[disc]));
		cover = fmax(cover, light[disc] * mix(0.35, 1, v));
	}
	return (struct colour){ 0.25 + 0.7 * light[0], 0.25 + 0.7 * light[1], 0.25 + 0.7 * light[2],
		cover };
}

struct colour paint_leaf(double u, double v)
{
	const double x = (u - 0.7) / 0.6, y = (v - 0.5) / 0.42;
	const double edge = 1 - x * x - y * y - 0.08 * sin(24 * atan2(y, x));
	const double vein = smooth(0.012, 0.004, fabs(fmod(fabs(v - 0.5) + 0.6 * u, 0.1) - 0.05)) +
			    smooth(0.012, 0.006, fabs(v - 0.5));
	const struct colour green = colour_scale((struct colour){ 0.28, 0.55, 0.18, 1 },
		0.7 + 0.6 * noise_fractal(40 * u, 40 * v, 4));
	struct colour seen =
		colour_mix(green, (struct colour){ 0.72, 0.84, 0.45, 1 }, fmin(vein, 1));
	seen.alpha = smooth(0, 0.06, edge);
	return seen;
}
