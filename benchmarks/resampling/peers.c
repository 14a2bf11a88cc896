#include "benchmarks/resampling/ways.h"

#include <stdlib.h>

#include <vips/vips.h>

#if __has_include(<libswscale/swscale.h>)
#include <libavutil/pixfmt.h>
#include <libswscale/swscale.h>
#define HAS_SWSCALE 1
#else
#define HAS_SWSCALE 0
#endif

#if __has_include(<stb/stb_image_resize.h>)
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#include <stb/stb_image_resize.h>
#define HAS_STB 1
#else
#define HAS_STB 0
#endif

/* Marked as a file that is opened to be read once from top to bottom: libvips then keeps the rows
 * that its last step will ask for again. Those of a picture that may be asked for anywhere it works
 * out six times. */
static VipsImage *vips_begin(struct work *work)
{
	g_free(work->held);
	work->held = NULL;
	const size_t bytes = (size_t)work->width * work->height * CHANNELS;
	VipsImage *from = vips_image_new_from_memory(work->packed, bytes, (int)work->width,
		(int)work->height, CHANNELS, VIPS_FORMAT_UCHAR);
	if (!from)
		abort();
	from->Type = VIPS_INTERPRETATION_sRGB;
	vips_image_set_int(from, VIPS_META_SEQUENTIAL, 1);
	return from;
}

/* Closes both. */
static bool vips_end(struct work *work, VipsImage *from, VipsImage *to, struct made *made)
{
	size_t bytes = 0;
	work->held = to ? vips_image_write_to_memory(to, &bytes) : NULL;
	if (to)
		g_object_unref(to);
	g_object_unref(from);
	*made = made_of_pixels(work->held, (size_t)work->to.width * CHANNELS);
	return bytes == (size_t)work->to.width * work->to.height * CHANNELS;
}

static bool vips_by_resize(struct work *work, struct made *made)
{
	VipsImage *from = vips_begin(work), *to = NULL;
	vips_resize(from, &to, (double)work->to.width / work->width, "vscale",
		(double)work->to.height / work->height, "kernel", VIPS_KERNEL_LANCZOS3, NULL);
	return vips_end(work, from, to, made);
}

/* Without the mean of whole px first. */
static bool vips_by_kernel(struct work *work, struct made *made)
{
	VipsImage *from = vips_begin(work), *to = NULL;
	vips_resize(from, &to, (double)work->to.width / work->width, "vscale",
		(double)work->to.height / work->height, "kernel", VIPS_KERNEL_LANCZOS3, "gap", 0.0,
		NULL);
	return vips_end(work, from, to, made);
}

static bool vips_by_thumbnail(struct work *work, struct made *made)
{
	VipsImage *from = vips_begin(work), *to = NULL;
	vips_thumbnail_image(from, &to, (int)work->to.width, "height", (int)work->to.height, "size",
		VIPS_SIZE_FORCE, NULL);
	return vips_end(work, from, to, made);
}

#if HAS_SWSCALE
struct frame {
	uint8_t *planes[4];
	int strides[4];
};

static bool swscale_run(const struct work *work, enum AVPixelFormat format,
	const struct frame *from, const struct frame *to)
{
	enum { FLAGS = SWS_LANCZOS | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT };
	const int width = (int)work->width, height = (int)work->height;
	struct SwsContext *context = sws_getContext(width, height, format, (int)work->to.width,
		(int)work->to.height, format, FLAGS, NULL, NULL, NULL);
	const bool done =
		context && sws_scale(context, (const uint8_t *const *)from->planes, from->strides,
				   0, height, to->planes, to->strides) == (int)work->to.height;
	sws_freeContext(context);
	return done;
}

static bool swscale_pixels(struct work *work, struct made *made)
{
	const int wide = (int)work->width * CHANNELS, narrow = (int)work->to.width * CHANNELS;
	const struct frame from = { { work->packed }, { wide } };
	const struct frame to = { { work->room }, { narrow } };
	*made = made_of_pixels(work->room, (size_t)narrow);
	return swscale_run(work, AV_PIX_FMT_RGB24, &from, &to);
}

/* As Y, Cb and Cr: numbers are only scaled where both sides have the same range. */
static bool swscale_planes(struct work *work, struct made *made)
{
	const struct surface *of = work->apart.of;
	const int wide = (int)of->stride, narrow = (int)work->to.width;
	const size_t bytes = (size_t)work->to.width * work->to.height;
	uint8_t *room = work->room;
	const struct frame from = { { of[0].pixels, of[1].pixels, of[2].pixels },
		{ wide, wide, wide } };
	const struct frame to = { { room, room + bytes, room + 2 * bytes },
		{ narrow, narrow, narrow } };
	*made = (struct made){ { room, room + bytes, room + 2 * bytes }, work->to.width, 1 };
	return swscale_run(work, AV_PIX_FMT_YUV444P, &from, &to);
}
#else
#define swscale_pixels NULL
#define swscale_planes NULL
#endif

#if HAS_STB
static bool stb_run(struct work *work, struct made *made)
{
	*made = made_of_pixels(work->room, (size_t)work->to.width * CHANNELS);
	return stbir_resize_uint8(work->packed, (int)work->width, (int)work->height, 0, work->room,
		       (int)work->to.width, (int)work->to.height, 0, CHANNELS) == 1;
}
#else
#define stb_run NULL
#endif

const struct way peers[PEERS] = {
	{ "vips_resize", vips_by_resize },
	{ "vips_resize, gap 0", vips_by_kernel },
	{ "vips_thumbnail_image", vips_by_thumbnail },
	{ "swscale, RGB", swscale_pixels },
	{ "swscale, three planes", swscale_planes },
	{ "stb_image_resize (Mitchell)", stb_run },
};

bool peers_open(const char *program)
{
	if (VIPS_INIT(program) != 0)
		return false;
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	return true;
}

void peers_close(struct work *work)
{
	g_free(work->held);
	vips_shutdown();
}
