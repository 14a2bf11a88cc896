#include "stages/thumbnail/vips_library.h"

#include "pipeline/support/library.h"

static struct vips_library vips_library_table;

static const struct library_name vips_library_names[] = {
	LIBRARY_NAME(vips_library_table, init, vips_init),
	LIBRARY_NAME(vips_library_table, concurrency_set, vips_concurrency_set),
	LIBRARY_NAME(vips_library_table, cache_set_max, vips_cache_set_max),
	LIBRARY_NAME(vips_library_table, operation_block_set, vips_operation_block_set),
	LIBRARY_NAME(vips_library_table, error_clear, vips_error_clear),
	LIBRARY_NAME(vips_library_table, gifload_buffer, vips_gifload_buffer),
	LIBRARY_NAME(vips_library_table, tiffload_buffer, vips_tiffload_buffer),
	LIBRARY_NAME(vips_library_table, heifload_buffer, vips_heifload_buffer),
	LIBRARY_NAME(vips_library_table, jxlload_buffer, vips_jxlload_buffer),
	LIBRARY_NAME(vips_library_table, jp2kload_buffer, vips_jp2kload_buffer),
	LIBRARY_NAME(vips_library_table, jpegload_buffer, vips_jpegload_buffer),
	LIBRARY_NAME(vips_library_table, webpload_buffer, vips_webpload_buffer),
	LIBRARY_NAME(vips_library_table, radload_buffer, vips_radload_buffer),
	LIBRARY_NAME(vips_library_table, magickload_buffer, vips_magickload_buffer),
	LIBRARY_NAME(vips_library_table, ppmload_source, vips_ppmload_source),
	LIBRARY_NAME(vips_library_table, svgload_buffer, vips_svgload_buffer),
	LIBRARY_NAME(vips_library_table, pdfload_buffer, vips_pdfload_buffer),
	LIBRARY_NAME(vips_library_table, source_new_from_memory, vips_source_new_from_memory),
	LIBRARY_NAME(vips_library_table, image_get_width, vips_image_get_width),
	LIBRARY_NAME(vips_library_table, image_get_height, vips_image_get_height),
	LIBRARY_NAME(vips_library_table, image_get_bands, vips_image_get_bands),
	LIBRARY_NAME(vips_library_table, image_get_format, vips_image_get_format),
	LIBRARY_NAME(vips_library_table, image_get_typeof, vips_image_get_typeof),
	LIBRARY_NAME(vips_library_table, image_get_blob, vips_image_get_blob),
	LIBRARY_NAME(vips_library_table, image_get_orientation, vips_image_get_orientation),
	LIBRARY_NAME(vips_library_table, image_get_n_pages, vips_image_get_n_pages),
	LIBRARY_NAME(vips_library_table, image_get_page_height, vips_image_get_page_height),
	LIBRARY_NAME(vips_library_table, image_get_interpretation, vips_image_get_interpretation),
	LIBRARY_NAME(vips_library_table, image_hasalpha, vips_image_hasalpha),
	LIBRARY_NAME(vips_library_table, format_sizeof, vips_format_sizeof),
	LIBRARY_NAME(vips_library_table, colourspace, vips_colourspace),
	LIBRARY_NAME(vips_library_table, colourspace_issupported, vips_colourspace_issupported),
	LIBRARY_NAME(vips_library_table, icc_transform, vips_icc_transform),
	LIBRARY_NAME(vips_library_table, cast_uchar, vips_cast_uchar),
	LIBRARY_NAME(vips_library_table, bandjoin, vips_bandjoin),
	LIBRARY_NAME(vips_library_table, copy, vips_copy),
	LIBRARY_NAME(vips_library_table, image_new_from_memory, vips_image_new_from_memory),
	LIBRARY_NAME(vips_library_table, image_set_blob_copy, vips_image_set_blob_copy),
	LIBRARY_NAME(vips_library_table, image_get_array_int, vips_image_get_array_int),
	LIBRARY_NAME(vips_library_table, image_get_int, vips_image_get_int),
	LIBRARY_NAME(vips_library_table, heifsave_buffer, vips_heifsave_buffer),
	LIBRARY_NAME(vips_library_table, free, g_free),
	LIBRARY_NAME(vips_library_table, extract_band, vips_extract_band),
	LIBRARY_NAME(vips_library_table, region_new, vips_region_new),
	LIBRARY_NAME(vips_library_table, region_prepare, vips_region_prepare),
	LIBRARY_NAME(vips_library_table, object_unref, g_object_unref),
	LIBRARY_NAME(vips_library_table, log_set_handler, g_log_set_handler),
};

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

static bool vips_library_start(struct error *err)
{
	const struct vips_library *vips = &vips_library_table;
	vips->log_set_handler("VIPS", G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO | G_LOG_LEVEL_MESSAGE,
		vips_library_silent, NULL);
	if (vips->init("nightmill") != 0)
		return fail(err, ERROR_UNSUPPORTED, "libvips cannot be started");
	vips->concurrency_set(1);
	vips->cache_set_max(0);
	vips_library_block(vips);
	return true;
}

static struct library vips_library_file = LIBRARY_STARTED(
	"libvips.so.42", vips_library_names, vips_library_table, vips_library_start);

const struct vips_library *vips_library_load(struct error *err)
{
	return library_need(&vips_library_file, err) ? &vips_library_table : NULL;
}
