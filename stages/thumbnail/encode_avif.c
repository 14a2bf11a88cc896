/* AVIF by libvips, which has it from libheif. */

#include "stages/thumbnail/encode.h"

#include <stdlib.h>
#include <string.h>

#include "stages/thumbnail/vips_library.h"

enum { AVIF_EFFORT = 4 };

/* Rows without gaps; libheif knows no grey. */
static uint8_t *avif_writer_pixels(const struct surface *surface, struct error *err)
{
	const size_t row = (size_t)surface->width * surface->channels;
	uint8_t *pixels = malloc(row * surface->height);
	for (uint32_t y = 0; pixels && y < surface->height; y++)
		memcpy(pixels + y * row, surface_row(surface, y), row);
	if (!pixels)
		fail(err, ERROR_MEMORY, "encoding avif: no memory");
	return pixels;
}

static void avif_writer_blob(const struct vips_library *vips, VipsImage *image, const char *name,
	const struct text *data)
{
	if (encode_has(data))
		vips->image_set_blob_copy(image, name, data->data, data->length);
}

static bool avif_writer_save(const struct vips_library *vips, VipsImage *image,
	const struct encode_job *job, struct text *out)
{
	const struct size *size = job->size;
	const bool kept = encode_has(job->extra.profile) || encode_has(job->extra.exif) ||
			  encode_has(job->extra.xmp);
	void *data = NULL;
	size_t length = 0;
	avif_writer_blob(vips, image, VIPS_META_ICC_NAME, job->extra.profile);
	avif_writer_blob(vips, image, VIPS_META_EXIF_NAME, job->extra.exif);
	avif_writer_blob(vips, image, VIPS_META_XMP_NAME, job->extra.xmp);
	const int failed = vips->heifsave_buffer(image, &data, &length, "compression",
		VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "Q",
		size->quality ? size->quality : ENCODE_AVIF_QUALITY, "effort",
		size->effort_given ? size->effort : AVIF_EFFORT, "lossless", size->lossless,
		"subsample_mode",
		size->chroma == CHROMA_444 || size->lossless ? VIPS_FOREIGN_SUBSAMPLE_OFF
							     : VIPS_FOREIGN_SUBSAMPLE_ON,
		"strip", !kept, (void *)NULL);
	if (failed == 0)
		text_add(out, data, length);
	vips->free(data);
	vips->error_clear();
	return failed == 0;
}

static bool avif_writer_write(const struct vips_library *vips, const struct encode_job *job,
	const uint8_t *pixels, struct text *out)
{
	const struct surface *surface = job->surface;
	const size_t bytes = (size_t)surface->width * surface->channels * surface->height;
	VipsImage *plain = vips->image_new_from_memory(pixels, bytes, (int)surface->width,
		(int)surface->height, (int)surface->channels, VIPS_FORMAT_UCHAR);
	VipsImage *image = NULL;
	bool done = plain && vips->copy(plain, &image, "interpretation", VIPS_INTERPRETATION_sRGB,
				     (void *)NULL) == 0;
	done = done && avif_writer_save(vips, image, job, out);
	if (image)
		vips->object_unref(image);
	if (plain)
		vips->object_unref(plain);
	return done;
}

bool encode_avif(const struct encode_job *job, struct text *out, struct error *err)
{
	const struct vips_library *vips = vips_library_load(err);
	if (!vips)
		return false;
	struct surface wide = { .pixels = NULL };
	struct encode_job colours = *job;
	if (job->surface->channels == 1) {
		if (!surface_widen(job->surface, &wide, err))
			return false;
		colours.surface = &wide;
	}
	uint8_t *pixels = avif_writer_pixels(colours.surface, err);
	bool done = pixels != NULL;
	if (done && !avif_writer_write(vips, &colours, pixels, out))
		done = fail(err, ERROR_UNSUPPORTED,
			"encoding avif: libvips cannot, perhaps for lack of an AV1 encoder in "
			"libheif");
	free(pixels);
	surface_finish(&wide);
	return done;
}
