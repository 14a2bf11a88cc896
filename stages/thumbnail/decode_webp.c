/* WebP by libwebp. Pictures come whole, and are made smaller here: its own reduced decoding leaves
 * out what smoothes the edges of blocks, and colours show it. Only what is lossless, which has
 * none, and what is too large to be held is made smaller by it, while it arrives; not with alpha,
 * which would bleed. Animated ones are left to libvips, which takes the first frame. */

#include "stages/thumbnail/decode.h"

#include <stdlib.h>
#include <string.h>

#include <webp/decode.h>

#include "stages/thumbnail/exif.h"
#include "stages/thumbnail/shrink.h"

enum { WEBP_LOSSLESS = 2, WEBP_WHOLE_MOST = 96 << 20 /* bytes of an opaque picture */ };

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

/* Whether an opaque picture that leaves something comes whole all the same: where memory allows. */
static bool webp_whole(const struct decode *decode, const WebPDecoderConfig *config, double excess)
{
	const struct picture *picture = &decode->picture;
	const uint64_t bytes = surface_bytes(picture->width, picture->height, 3);
	const uint64_t limit = decode->limits ? decode->limits->memory : UINT64_MAX;
	const uint64_t taken = decode_memory(decode, excess);
	return config->input.format != WEBP_LOSSLESS && bytes <= WEBP_WHOLE_MOST &&
	       taken <= limit && bytes <= limit - taken;
}

static void webp_scale(WebPDecoderConfig *config, const struct picture *picture, uint32_t factor)
{
	config->options.use_scaling = factor > 1;
	config->options.scaled_width = (int)((picture->width + factor - 1) / factor);
	config->options.scaled_height = (int)((picture->height + factor - 1) / factor);
}

static VP8StatusCode webp_decode(
	struct decode *decode, WebPDecoderConfig *config, struct surface *surface)
{
	config->output.colorspace = surface->channels == 4 ? MODE_RGBA : MODE_RGB;
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
	const struct shrink_shape shape =
		shrink_pixels(whole->width, whole->height, whole->channels, excess);
	const size_t bytes = (size_t)whole->width * whole->channels;
	struct shrink shrink;
	const bool begun = shrink_begin(&shrink, &shape, surface, err);
	for (uint32_t y = 0; begun && y < whole->height; y++) {
		memcpy(shrink_next(&shrink), surface_row(whole, y), bytes);
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
	WebPGetFeatures(decode->data, decode->length, &config.input);
	const uint32_t factor = shrink_factor(excess);
	const bool shrinks =
		picture->channels == 4 || (factor > 1 && webp_whole(decode, &config, excess));
	webp_scale(&config, picture, shrinks ? 1 : factor);
	struct surface whole = { .pixels = NULL };
	struct surface *to = shrinks ? &whole : surface;
	if (!surface_shape(to, (uint32_t)config.options.scaled_width,
		    (uint32_t)config.options.scaled_height, picture->channels, err))
		return false;
	surface_averaged(to, shrinks ? 1 : factor);
	const VP8StatusCode code = webp_decode(decode, &config, to);
	bool done = code != VP8_STATUS_OUT_OF_MEMORY;
	if (!done)
		webp_fail(code, err);
	else if (code != VP8_STATUS_OK)
		webp_fail(code, &decode->damage);
	if (done && code != VP8_STATUS_OK && decode->keep)
		webp_decode_part(decode, &config);
	WebPFreeDecBuffer(&config.output);
	if (done && shrinks)
		done = webp_shrink(&whole, excess, surface, err);
	surface_finish(&whole);
	return done;
}

static void webp_close(struct decode *decode)
{
	(void)decode;
}

const struct decoder decode_webp = { webp_open, webp_read, webp_close };
