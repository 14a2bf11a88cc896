/* WebP by libwebp. Opaque pictures are made smaller while they arrive, by its own block averages;
 * with alpha that would bleed, and they come whole. Animated ones are left to libvips, which takes
 * the first frame. */

#include "stages/thumbnail/decode.h"

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "stages/thumbnail/exif.h"
#include "stages/thumbnail/shrink.h"

enum { WEBP_LOSSLESS = 2 };

static enum error_code webp_code(VP8StatusCode code)
{
	switch (code) {
	case VP8_STATUS_OUT_OF_MEMORY:
		return ERROR_MEMORY;
	case VP8_STATUS_UNSUPPORTED_FEATURE:
		return ERROR_UNSUPPORTED;
	default:
		return ERROR_DAMAGED;
	}
}

static const char *webp_word(VP8StatusCode code)
{
	switch (code) {
	case VP8_STATUS_OUT_OF_MEMORY:
		return "no memory";
	case VP8_STATUS_UNSUPPORTED_FEATURE:
		return "of a kind that libwebp does not read";
	case VP8_STATUS_NOT_ENOUGH_DATA:
	case VP8_STATUS_SUSPENDED:
		return "cut short";
	default:
		return "corrupt data";
	}
}

static bool webp_fail(VP8StatusCode code, struct error *err)
{
	return fail(err, webp_code(code), "webp: %s", webp_word(code));
}

static bool webp_open(struct decode *decode, struct error *err)
{
	WebPBitstreamFeatures features;
	const VP8StatusCode code = WebPGetFeatures(decode->data, decode->length, &features);
	if (code != VP8_STATUS_OK)
		return webp_fail(code, err);
	if (features.has_animation)
		return true;
	struct picture *picture = &decode->picture;
	picture->width = (uint32_t)features.width;
	picture->height = (uint32_t)features.height;
	picture->channels = features.has_alpha ? 4 : 3;
	picture->orientation = exif_of_webp(decode->data, decode->length);
	const uint64_t pixels = (uint64_t)picture->width * picture->height;
	picture->fixed = pixels * (features.format == WEBP_LOSSLESS ? 4 : 1);
	if (features.has_alpha)
		picture->fixed += 4 * pixels;
	return true;
}

static void webp_scale(WebPDecoderConfig *config, const struct picture *picture, double excess)
{
	const uint32_t factor = picture->channels == 3 ? shrink_factor(excess) : 1;
	config->options.use_scaling = factor > 1;
	config->options.scaled_width = (int)((picture->width + factor - 1) / factor);
	config->options.scaled_height = (int)((picture->height + factor - 1) / factor);
}

static VP8StatusCode webp_decode(
	struct decode *decode, WebPDecoderConfig *config, struct surface *surface)
{
	config->output.colorspace = decode->picture.channels == 4 ? MODE_RGBA : MODE_RGB;
	config->output.is_external_memory = 1;
	config->output.u.RGBA.rgba = surface->pixels;
	config->output.u.RGBA.stride = (int)surface->stride;
	config->output.u.RGBA.size = surface->stride * surface->height;
	memset(surface->pixels, 0, config->output.u.RGBA.size);
	return WebPDecode(decode->data, decode->length, config);
}

/* What is cut short, decoded as far as it goes: only the incremental decoder hands out rows before
 * the end. */
static void webp_decode_part(struct decode *decode, WebPDecoderConfig *config)
{
	WebPIDecoder *decoder = WebPIDecode(NULL, 0, config);
	if (decoder)
		WebPIUpdate(decoder, decode->data, decode->length);
	WebPIDelete(decoder);
}

static bool webp_shrink(
	const struct surface *whole, double excess, struct surface *surface, struct error *err)
{
	const struct shrink_shape shape = shrink_pixels(whole->width, whole->height, 4, excess);
	struct shrink shrink;
	const bool begun = shrink_begin(&shrink, &shape, surface, err);
	for (uint32_t y = 0; begun && y < whole->height; y++) {
		memcpy(shrink_next(&shrink), surface_row(whole, y), (size_t)whole->width * 4);
		shrink_put(&shrink);
	}
	shrink_end(&shrink);
	return begun;
}

static bool webp_read(
	struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	struct surface *surface = planes_whole(planes);
	const struct picture *picture = &decode->picture;
	WebPDecoderConfig config;
	if (!WebPInitDecoderConfig(&config))
		return fail(err, ERROR_INTERNAL, "webp: another libwebp than the one compiled for");
	webp_scale(&config, picture, excess);
	struct surface whole = { .pixels = NULL };
	struct surface *to = picture->channels == 4 ? &whole : surface;
	if (!surface_shape(to, (uint32_t)config.options.scaled_width,
		    (uint32_t)config.options.scaled_height, picture->channels, err))
		return false;
	surface_averaged(to, config.options.use_scaling ? shrink_factor(excess) : 1);
	const VP8StatusCode code = webp_decode(decode, &config, to);
	bool done = code != VP8_STATUS_OUT_OF_MEMORY;
	if (!done)
		webp_fail(code, err);
	else if (code != VP8_STATUS_OK)
		webp_fail(code, &decode->damage);
	if (done && code != VP8_STATUS_OK && decode->keep)
		webp_decode_part(decode, &config);
	WebPFreeDecBuffer(&config.output);
	if (done && picture->channels == 4)
		done = webp_shrink(&whole, excess, surface, err);
	surface_finish(&whole);
	return done;
}

static void webp_close(struct decode *decode)
{
	(void)decode;
}

const struct decoder decode_webp = { webp_open, webp_read, webp_close };
