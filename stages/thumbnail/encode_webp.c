/* Lossy WebP by libwebp. */

#include "stages/thumbnail/encode.h"

#include <webp/encode.h>

static int webp_writer_add(const uint8_t *data, size_t length, const WebPPicture *picture)
{
	text_add(picture->custom_ptr, data, length);
	return 1;
}

/* libwebp knows no grey. */
static bool webp_writer_widen(const struct surface *grey, struct surface *wide, struct error *err)
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

static bool webp_writer_import(WebPPicture *picture, const struct surface *surface)
{
	picture->width = (int)surface->width;
	picture->height = (int)surface->height;
	if (surface->channels == 4)
		return WebPPictureImportRGBA(picture, surface->pixels, (int)surface->stride);
	return WebPPictureImportRGB(picture, surface->pixels, (int)surface->stride);
}

bool encode_webp(const struct surface *surface, int quality, struct text *out, struct error *err)
{
	WebPConfig config;
	WebPPicture picture;
	if (!WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, (float)quality) ||
		!WebPPictureInit(&picture))
		return fail(err, ERROR_INTERNAL, "another libwebp than the one compiled for");
	struct surface wide = { .pixels = NULL };
	const bool grey = surface->channels == 1;
	if (grey && !webp_writer_widen(surface, &wide, err))
		return false;
	picture.writer = webp_writer_add;
	picture.custom_ptr = out;
	const bool done = webp_writer_import(&picture, grey ? &wide : surface) &&
			  WebPEncode(&config, &picture);
	if (!done)
		fail(err, ERROR_MEMORY, "encoding webp: libwebp error %d", picture.error_code);
	WebPPictureFree(&picture);
	surface_finish(&wide);
	return done;
}
