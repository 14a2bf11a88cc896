/* WebP by libwebp, lossy unless asked for something else. */

#include "stages/thumbnail/webp_writer.h"

#include <stdlib.h>
#include <string.h>

enum { WEBP_EFFORT = 4, WEBP_MOST_EFFORT = 6 };

static int webp_writer_add(const uint8_t *data, size_t length, const WebPPicture *picture)
{
	text_add(picture->custom_ptr, data, length);
	return 1;
}

bool webp_writer_import(WebPPicture *picture, const struct surface *surface)
{
	picture->width = (int)surface->width;
	picture->height = (int)surface->height;
	if (surface->channels == 4)
		return WebPPictureImportRGBA(picture, surface->pixels, (int)surface->stride);
	return WebPPictureImportRGB(picture, surface->pixels, (int)surface->stride);
}

static void webp_writer_number(struct text *out, uint32_t number, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		const unsigned char byte = (unsigned char)(number >> 8 * i);
		text_add(out, &byte, 1);
	}
}

static void webp_writer_chunk(struct text *out, const char *name, const struct text *data)
{
	if (!encode_has(data))
		return;
	text_add_string(out, name);
	webp_writer_number(out, (uint32_t)data->length, 4);
	text_add(out, data->data, data->length);
	if (data->length & 1)
		webp_writer_number(out, 0, 1);
}

/* The file gets the extended header if it has none yet. */
void webp_writer_extend(const struct encode_job *job, struct text *out)
{
	enum { HEAD = 12, EXTENDED = 18, PROFILE = 0x20, ALPHA = 0x10, EXIF = 0x08, XMP = 0x04 };
	const struct encode_extra *extra = &job->extra;
	const uint32_t flags = (encode_has(extra->profile) ? PROFILE : 0) |
			       (encode_has(extra->exif) ? EXIF : 0) |
			       (encode_has(extra->xmp) ? XMP : 0);
	if (flags == 0)
		return;
	const struct text plain = *out;
	*out = (struct text){ .data = NULL };
	const bool extended = memcmp(plain.data + HEAD, "VP8X", 4) == 0;
	const uint32_t before = extended                      ? (unsigned char)plain.data[HEAD + 8]
				: job->surface->channels == 4 ? ALPHA
							      : 0;
	text_add(out, plain.data, HEAD);
	text_add_string(out, "VP8X");
	webp_writer_number(out, EXTENDED - 8, 4);
	webp_writer_number(out, flags | before, 4);
	webp_writer_number(out, job->surface->width - 1, 3);
	webp_writer_number(out, job->surface->height - 1, 3);
	webp_writer_chunk(out, "ICCP", extra->profile);
	const size_t from = extended ? HEAD + EXTENDED : HEAD;
	text_add(out, plain.data + from, plain.length - from);
	webp_writer_chunk(out, "EXIF", extra->exif);
	webp_writer_chunk(out, "XMP ", extra->xmp);
	const uint32_t bytes = (uint32_t)(out->length - 8);
	for (unsigned i = 0; i < 4; i++)
		out->data[4 + i] = (char)(bytes >> 8 * i);
	free(plain.data);
}

bool webp_writer_configure(const struct size *size, WebPConfig *config)
{
	const int quality = size->quality ? size->quality : ENCODE_WEBP_QUALITY;
	const int effort = size->effort_given ? size->effort : WEBP_EFFORT;
	if (!WebPConfigPreset(config, WEBP_PRESET_DEFAULT, (float)quality))
		return false;
	if (size->lossless && !WebPConfigLosslessPreset(config, effort))
		return false;
	if (!size->lossless)
		config->method = effort < WEBP_MOST_EFFORT ? effort : WEBP_MOST_EFFORT;
	return true;
}

/* Y, Cb and Cr are looked at where they are. */
static void webp_writer_lend(WebPPicture *picture, const struct encode_job *job)
{
	picture->width = (int)job->surface->width;
	picture->height = (int)job->surface->height;
	picture->y = job->surface->pixels;
	picture->u = job->chroma[0].pixels;
	picture->v = job->chroma[1].pixels;
	picture->y_stride = (int)job->surface->stride;
	picture->uv_stride = (int)job->chroma[0].stride;
}

bool encode_webp(const struct encode_job *job, struct text *out, struct error *err)
{
	const struct surface *surface = job->surface;
	WebPConfig config;
	WebPPicture picture;
	if (!webp_writer_configure(job->size, &config) || !WebPPictureInit(&picture))
		return fail(err, ERROR_INTERNAL, "another libwebp than the one compiled for");
	picture.use_argb = config.lossless;
	struct surface wide = { .pixels = NULL };
	const bool apart = job->chroma != NULL;
	const bool grey = surface->channels == 1 && !apart;
	if (grey && !surface_widen(surface, &wide, err))
		return false;
	picture.writer = webp_writer_add;
	picture.custom_ptr = out;
	if (apart)
		webp_writer_lend(&picture, job);
	const bool done = (apart || webp_writer_import(&picture, grey ? &wide : surface)) &&
			  WebPEncode(&config, &picture);
	if (done)
		webp_writer_extend(job, out);
	else
		fail(err, ERROR_MEMORY, "encoding webp: libwebp error %d", picture.error_code);
	WebPPictureFree(&picture);
	surface_finish(&wide);
	return done;
}
