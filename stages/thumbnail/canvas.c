#include "stages/thumbnail/canvas.h"

#include <string.h>

static uint8_t canvas_mix(unsigned over, unsigned under, unsigned alpha)
{
	const unsigned sum = over + (under * (255 - alpha) + 127) / 255;
	return (uint8_t)(sum < 255 ? sum : 255);
}

static uint8_t canvas_on_white(unsigned value, unsigned alpha)
{
	return (uint8_t)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

static struct colour canvas_opaque(struct colour colour)
{
	return (struct colour){ canvas_on_white(colour.red, colour.alpha),
		canvas_on_white(colour.green, colour.alpha),
		canvas_on_white(colour.blue, colour.alpha), 255 };
}

static void canvas_flatten_row(uint8_t *row, uint32_t count, struct colour under)
{
	for (uint8_t *pixel = row; pixel < row + 4 * (size_t)count; pixel += 4) {
		const unsigned alpha = pixel[3];
		pixel[0] = canvas_mix(pixel[0], under.red, alpha);
		pixel[1] = canvas_mix(pixel[1], under.green, alpha);
		pixel[2] = canvas_mix(pixel[2], under.blue, alpha);
		pixel[3] = 255;
	}
}

static void canvas_flatten(struct surface *picture, struct colour under)
{
	for (uint32_t y = 0; y < picture->height; y++)
		canvas_flatten_row(surface_row(picture, y), picture->width, under);
	surface_drop_alpha(picture);
}

static void canvas_fill(struct surface *canvas, struct colour colour)
{
	const uint8_t bytes[4] = { colour.red, colour.green, colour.blue, colour.alpha };
	for (uint32_t y = 0; y < canvas->height; y++) {
		uint8_t *row = surface_row(canvas, y);
		for (uint32_t x = 0; x < canvas->width; x++)
			memcpy(row + (size_t)x * canvas->channels, bytes, canvas->channels);
	}
}

/* One row of the picture with its channels into a canvas with as many or more. */
static void canvas_copy(uint8_t *to, uint32_t channels, const struct surface *picture, uint32_t y)
{
	const uint8_t *from = surface_row(picture, y);
	const uint32_t has = picture->channels;
	for (uint32_t x = 0; x < picture->width; x++, from += has, to += channels) {
		to[0] = from[0];
		if (channels >= 3) {
			to[1] = from[has >= 3 ? 1 : 0];
			to[2] = from[has >= 3 ? 2 : 0];
		}
		if (channels == 4)
			to[3] = has == 4 ? from[3] : 255;
	}
}

static uint32_t canvas_channels(const struct surface *picture, struct colour colour)
{
	if (picture->channels == 4 || colour.alpha < 255)
		return 4;
	const bool grey = colour.red == colour.green && colour.green == colour.blue;
	return picture->channels == 1 && grey ? 1 : 3;
}

static bool canvas_pad(const struct surface *picture, const struct canvas_job *job,
	struct colour colour, struct surface *canvas, struct error *err)
{
	const struct geometry *geometry = job->geometry;
	const uint32_t channels = canvas_channels(picture, colour);
	if (!surface_shape(canvas, geometry->canvas_width, geometry->canvas_height, channels, err))
		return false;
	canvas_fill(canvas, colour);
	for (uint32_t y = 0; y < picture->height; y++) {
		uint8_t *row = surface_row(canvas, geometry->canvas_top + y);
		canvas_copy(row + (size_t)geometry->canvas_left * channels, channels, picture, y);
	}
	return true;
}

struct surface *canvas_lay(struct surface *picture, const struct canvas_job *job,
	struct surface *canvas, struct error *err)
{
	struct colour colour = job->background;
	if (!job->alpha)
		colour = canvas_opaque(colour);
	if (picture->channels == 4 && job->alpha)
		surface_divide(picture);
	else if (picture->channels == 4)
		canvas_flatten(picture, colour);
	if (job->geometry->canvas_width == picture->width &&
		job->geometry->canvas_height == picture->height)
		return picture;
	return canvas_pad(picture, job, colour, canvas, err) ? canvas : NULL;
}
