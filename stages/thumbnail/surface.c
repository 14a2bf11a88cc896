#include "stages/thumbnail/surface.h"

#include <stdlib.h>
#include <string.h>

static const size_t surface_kept = 64U << 20; /* bytes that a worker may hold on to */

static uint64_t surface_stride(uint64_t width, uint32_t channels)
{
	return (width * channels + SURFACE_BLOCK - 1) / SURFACE_BLOCK * SURFACE_BLOCK;
}

static double surface_blur(double blur, double factor)
{
	return (blur + (factor * factor - 1) / 12) / (factor * factor);
}

void surface_averaged(struct surface *surface, uint32_t factor)
{
	surface->blur_x = surface_blur(surface->blur_x, factor);
	surface->blur_y = surface_blur(surface->blur_y, factor);
}

uint64_t surface_bytes(uint64_t width, uint64_t height, uint32_t channels)
{
	return surface_stride(width, channels) * height + SURFACE_BLOCK;
}

/* Whole blocks are read to the end of a row: what they find there must at least be something. */
static void surface_clear_edges(struct surface *surface)
{
	const size_t used = (size_t)surface->width * surface->channels;
	for (uint32_t y = 0; used < surface->stride && y < surface->height; y++)
		memset(surface_row(surface, y) + used, 0, surface->stride - used);
	memset(surface->pixels + surface->stride * surface->height, 0, SURFACE_BLOCK);
}

/* Grown in place where it is large: the kernel then moves pages that are there already, where new
 * ones would each cost a fault. */
static bool surface_grow(struct surface *surface, uint64_t bytes)
{
	void *pixels = bytes <= SIZE_MAX ? realloc(surface->pixels, bytes) : NULL;
	if (!pixels) {
		surface_finish(surface);
		return false;
	}
	surface->pixels = pixels;
	surface->room = bytes;
	return true;
}

bool surface_shape(struct surface *surface, uint32_t width, uint32_t height, uint32_t channels,
	struct error *err)
{
	const uint64_t bytes = surface_bytes(width, height, channels);
	if (bytes > surface->room && !surface_grow(surface, bytes))
		return fail(err, ERROR_MEMORY, "no memory for %u x %u px", width, height);
	surface->width = width;
	surface->height = height;
	surface->channels = channels;
	surface->stride = surface_stride(width, channels);
	surface->extent_x = width;
	surface->extent_y = height;
	surface->blur_x = surface->blur_y = 0;
	surface_clear_edges(surface);
	return true;
}

/* value * alpha / 255, rounded, exact for all 65,536 pairs. */
static inline uint8_t surface_times(unsigned value, unsigned alpha)
{
	const unsigned product = value * alpha + 128;
	return (uint8_t)((product + (product >> 8)) >> 8);
}

bool surface_premultiply(uint8_t *pixels, size_t count)
{
	unsigned every = 255;
	for (size_t i = 0; i < count; i++)
		every &= pixels[4 * i + 3];
	if (every == 255)
		return false;
	for (uint8_t *pixel = pixels; pixel < pixels + 4 * count; pixel += 4) {
		pixel[0] = surface_times(pixel[0], pixel[3]);
		pixel[1] = surface_times(pixel[1], pixel[3]);
		pixel[2] = surface_times(pixel[2], pixel[3]);
	}
	return true;
}

static inline uint8_t surface_over(unsigned value, unsigned alpha)
{
	const unsigned divided = (value * 255 + alpha / 2) / alpha;
	return (uint8_t)(divided < 255 ? divided : 255);
}

static void surface_divide_row(uint8_t *pixels, size_t count)
{
	for (uint8_t *pixel = pixels; pixel < pixels + 4 * count; pixel += 4) {
		if (pixel[3] == 255)
			continue;
		const unsigned alpha = pixel[3] > 0 ? pixel[3] : 255;
		pixel[0] = surface_over(pixel[0], alpha);
		pixel[1] = surface_over(pixel[1], alpha);
		pixel[2] = surface_over(pixel[2], alpha);
	}
}

void surface_divide(struct surface *surface)
{
	for (uint32_t y = 0; y < surface->height; y++)
		surface_divide_row(surface_row(surface, y), surface->width);
}

void surface_drop_alpha(struct surface *surface)
{
	const size_t stride = surface_stride(surface->width, 3);
	for (uint32_t y = 0; y < surface->height; y++) {
		const uint8_t *from = surface_row(surface, y);
		uint8_t *to = surface->pixels + y * stride;
		for (uint32_t x = 0; x < surface->width; x++, from += 4, to += 3)
			memmove(to, from, 3);
	}
	surface->channels = 3;
	surface->stride = stride;
	surface_clear_edges(surface);
}

bool surface_widen(const struct surface *grey, struct surface *wide, struct error *err)
{
	if (!surface_shape(wide, grey->width, grey->height, 3, err))
		return false;
	for (uint32_t y = 0; y < grey->height; y++) {
		const uint8_t *from = surface_row(grey, y);
		uint8_t *to = surface_row(wide, y);
		for (uint32_t x = 0; x < grey->width; x++, to += 3)
			to[0] = to[1] = to[2] = from[x];
	}
	return true;
}

void surface_trim(struct surface *surface)
{
	if (surface->room > surface_kept)
		surface_finish(surface);
}

void surface_finish(struct surface *surface)
{
	free(surface->pixels);
	*surface = (struct surface){ .pixels = NULL };
}
