#include "stages/thumbnail/vips_load.h"

#include <stdint.h>

static bool vips_load_pnm(const struct vips_load_job *job, VipsImage **image)
{
	const struct vips_library *vips = job->vips;
	VipsSource *source = vips->source_new_from_memory(job->data, job->length);
	if (!source)
		return false;
	const int failed =
		vips->ppmload_source(source, image, "access", VIPS_ACCESS_SEQUENTIAL, (void *)NULL);
	vips->object_unref(source);
	return failed == 0;
}

#define LOAD(loader, ...)                                                                         \
	(job->vips->loader(data, job->length, image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", \
		 job->keep ? VIPS_FAIL_ON_NONE : VIPS_FAIL_ON_ERROR, ##__VA_ARGS__,               \
		 (void *)NULL) == 0)
#define PAGES "page", job->page, "n", job->pages

bool vips_load(const struct vips_load_job *job, VipsImage **image)
{
	void *data = (void *)(uintptr_t)job->data;
	switch (job->kind) {
	case SNIFF_JPEG:
		return LOAD(jpegload_buffer);
	case SNIFF_WEBP:
		return LOAD(webpload_buffer, PAGES);
	case SNIFF_GIF:
		return LOAD(gifload_buffer, PAGES);
	case SNIFF_TIFF:
		return LOAD(tiffload_buffer, PAGES);
	case SNIFF_HEIF:
		if (job->preview)
			return LOAD(heifload_buffer, "thumbnail", TRUE);
		return job->page > 0 ? LOAD(heifload_buffer, PAGES) : LOAD(heifload_buffer);
	case SNIFF_JXL:
		return LOAD(jxlload_buffer);
	case SNIFF_JP2:
		return LOAD(jp2kload_buffer);
	case SNIFF_RADIANCE:
		return LOAD(radload_buffer);
	case SNIFF_BMP:
		return LOAD(magickload_buffer);
	case SNIFF_PNM:
		return vips_load_pnm(job, image);
	case SNIFF_SVG:
		return LOAD(svgload_buffer, "scale", job->scale);
	case SNIFF_PDF:
		return LOAD(pdfload_buffer, PAGES, "scale", job->scale);
	default:
		return false;
	}
}

#undef PAGES
#undef LOAD
