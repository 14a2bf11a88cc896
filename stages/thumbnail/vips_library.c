#include "stages/thumbnail/vips_library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

struct vips_library_name {
	const char *name;
	size_t offset;
};

#define NAME(symbol, field)                                   \
	{                                                     \
#symbol, offsetof(struct vips_library, field) \
	}

static const struct vips_library_name vips_library_names[] = {
	NAME(vips_init, init),
	NAME(vips_concurrency_set, concurrency_set),
	NAME(vips_cache_set_max, cache_set_max),
	NAME(vips_operation_block_set, operation_block_set),
	NAME(vips_error_clear, error_clear),
	NAME(vips_gifload_buffer, gifload_buffer),
	NAME(vips_tiffload_buffer, tiffload_buffer),
	NAME(vips_heifload_buffer, heifload_buffer),
	NAME(vips_jxlload_buffer, jxlload_buffer),
	NAME(vips_jp2kload_buffer, jp2kload_buffer),
	NAME(vips_jpegload_buffer, jpegload_buffer),
	NAME(vips_webpload_buffer, webpload_buffer),
	NAME(vips_radload_buffer, radload_buffer),
	NAME(vips_magickload_buffer, magickload_buffer),
	NAME(vips_ppmload_source, ppmload_source),
	NAME(vips_svgload_buffer, svgload_buffer),
	NAME(vips_pdfload_buffer, pdfload_buffer),
	NAME(vips_source_new_from_memory, source_new_from_memory),
	NAME(vips_image_get_width, image_get_width),
	NAME(vips_image_get_height, image_get_height),
	NAME(vips_image_get_bands, image_get_bands),
	NAME(vips_image_get_format, image_get_format),
	NAME(vips_image_get_typeof, image_get_typeof),
	NAME(vips_image_get_blob, image_get_blob),
	NAME(vips_image_get_orientation, image_get_orientation),
	NAME(vips_image_get_n_pages, image_get_n_pages),
	NAME(vips_image_get_page_height, image_get_page_height),
	NAME(vips_image_get_interpretation, image_get_interpretation),
	NAME(vips_image_hasalpha, image_hasalpha),
	NAME(vips_format_sizeof, format_sizeof),
	NAME(vips_colourspace, colourspace),
	NAME(vips_colourspace_issupported, colourspace_issupported),
	NAME(vips_icc_transform, icc_transform),
	NAME(vips_cast_uchar, cast_uchar),
	NAME(vips_bandjoin, bandjoin),
	NAME(vips_copy, copy),
	NAME(vips_image_new_from_memory, image_new_from_memory),
	NAME(vips_image_set_blob_copy, image_set_blob_copy),
	NAME(vips_image_get_array_int, image_get_array_int),
	NAME(vips_image_get_int, image_get_int),
	NAME(vips_heifsave_buffer, heifsave_buffer),
	NAME(g_free, free),
	NAME(vips_extract_band, extract_band),
	NAME(vips_region_new, region_new),
	NAME(vips_region_prepare, region_prepare),
	NAME(g_object_unref, object_unref),
	NAME(g_log_set_handler, log_set_handler),
};

#undef NAME

/* libvips itself is one per process, and so is what knows it; written once, under
 * vips_library_once. */
static pthread_once_t vips_library_once = PTHREAD_ONCE_INIT;
static struct vips_library vips_library_table;
static struct error vips_library_error;
static bool vips_library_ready;

static void vips_library_silent(
	const char *domain, GLogLevelFlags level, const char *message, void *data)
{
	(void)domain;
	(void)level;
	(void)message;
	(void)data;
}

/* Nothing but what sniff.h recognises, whatever a file pretends to be. */
static void vips_library_block(const struct vips_library *vips)
{
	static const char *const allowed[] = { "VipsForeignLoadNsgif", "VipsForeignLoadTiff",
		"VipsForeignLoadHeif", "VipsForeignLoadJxl", "VipsForeignLoadJp2k",
		"VipsForeignLoadJpeg", "VipsForeignLoadWebp", "VipsForeignLoadRad",
		"VipsForeignLoadMagick", "VipsForeignLoadPpm", "VipsForeignLoadSvg",
		"VipsForeignLoadPdf" };
	vips->operation_block_set("VipsForeignLoad", TRUE);
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		vips->operation_block_set(allowed[i], FALSE);
}

static bool vips_library_resolve(struct vips_library *vips, struct error *err)
{
	void *library = dlopen("libvips.so.42", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return fail(err, ERROR_UNSUPPORTED, "libvips cannot be loaded: %s", dlerror());
	for (size_t i = 0; i < sizeof(vips_library_names) / sizeof(vips_library_names[0]); i++) {
		const struct vips_library_name *entry = &vips_library_names[i];
		void *symbol = dlsym(library, entry->name);
		if (!symbol)
			return fail(err, ERROR_UNSUPPORTED, "libvips has no %s", entry->name);
		memcpy((char *)vips + entry->offset, &symbol, sizeof(symbol));
	}
	return true;
}

static void vips_library_open(void)
{
	struct vips_library *vips = &vips_library_table;
	if (!vips_library_resolve(vips, &vips_library_error))
		return;
	vips->log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_MESSAGE,
		vips_library_silent, NULL);
	if (vips->init("nightmill") != 0) {
		fail(&vips_library_error, ERROR_UNSUPPORTED, "libvips cannot be started");
		return;
	}
	vips->concurrency_set(1);
	vips->cache_set_max(0);
	vips_library_block(vips);
	vips_library_ready = true;
}

const struct vips_library *vips_library_load(struct error *err)
{
	pthread_once(&vips_library_once, vips_library_open);
	if (vips_library_ready)
		return &vips_library_table;
	*err = vips_library_error;
	return NULL;
}
