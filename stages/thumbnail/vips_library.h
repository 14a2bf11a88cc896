#ifndef NIGHTMILL_STAGES_THUMBNAIL_VIPS_LIBRARY_H
#define NIGHTMILL_STAGES_THUMBNAIL_VIPS_LIBRARY_H

/* libvips, loaded when the first picture needs it: linking it would cost every start 20 ms and 23
 * MiB. */

#include <vips/vips.h>

#include "pipeline/support/error.h"

/* Its functions under their own names. */
struct vips_library {
	__typeof__(vips_init) *init;
	__typeof__(vips_concurrency_set) *concurrency_set;
	__typeof__(vips_cache_set_max) *cache_set_max;
	__typeof__(vips_operation_block_set) *operation_block_set;
	__typeof__(vips_error_clear) *error_clear;
	__typeof__(vips_gifload_buffer) *gifload_buffer;
	__typeof__(vips_tiffload_buffer) *tiffload_buffer;
	__typeof__(vips_heifload_buffer) *heifload_buffer;
	__typeof__(vips_jxlload_buffer) *jxlload_buffer;
	__typeof__(vips_jp2kload_buffer) *jp2kload_buffer;
	__typeof__(vips_jpegload_buffer) *jpegload_buffer;
	__typeof__(vips_webpload_buffer) *webpload_buffer;
	__typeof__(vips_radload_buffer) *radload_buffer;
	__typeof__(vips_magickload_buffer) *magickload_buffer;
	__typeof__(vips_ppmload_source) *ppmload_source;
	__typeof__(vips_svgload_buffer) *svgload_buffer;
	__typeof__(vips_pdfload_buffer) *pdfload_buffer;
	__typeof__(vips_source_new_from_memory) *source_new_from_memory;
	__typeof__(vips_image_get_width) *image_get_width;
	__typeof__(vips_image_get_height) *image_get_height;
	__typeof__(vips_image_get_bands) *image_get_bands;
	__typeof__(vips_image_get_format) *image_get_format;
	__typeof__(vips_image_get_typeof) *image_get_typeof;
	__typeof__(vips_image_get_blob) *image_get_blob;
	__typeof__(vips_image_get_orientation) *image_get_orientation;
	__typeof__(vips_image_get_n_pages) *image_get_n_pages;
	__typeof__(vips_image_get_page_height) *image_get_page_height;
	__typeof__(vips_image_get_interpretation) *image_get_interpretation;
	__typeof__(vips_image_hasalpha) *image_hasalpha;
	__typeof__(vips_format_sizeof) *format_sizeof;
	__typeof__(vips_colourspace) *colourspace;
	__typeof__(vips_colourspace_issupported) *colourspace_issupported;
	__typeof__(vips_icc_transform) *icc_transform;
	__typeof__(vips_cast_uchar) *cast_uchar;
	__typeof__(vips_bandjoin) *bandjoin;
	__typeof__(vips_copy) *copy;
	__typeof__(vips_image_new_from_memory) *image_new_from_memory;
	__typeof__(vips_image_set_blob_copy) *image_set_blob_copy;
	__typeof__(vips_image_get_array_int) *image_get_array_int;
	__typeof__(vips_image_get_int) *image_get_int;
	__typeof__(vips_heifsave_buffer) *heifsave_buffer;
	__typeof__(g_free) *free;
	__typeof__(vips_extract_band) *extract_band;
	__typeof__(vips_region_new) *region_new;
	__typeof__(vips_region_prepare) *region_prepare;
	__typeof__(g_object_unref) *object_unref;
	__typeof__(g_log_set_handler) *log_set_handler;
};

/* The loaded library, which lives as long as the process; NULL and an error where it cannot be
 * loaded. One thread per call, no operation cache, no loaders but those for the kinds that sniff.h
 * names. From any thread. */
const struct vips_library *vips_library_load(struct error *err);

#endif
