#include "stages/thumbnail/encode.h"

#include <assert.h>

/* The longest side that each format has room for. */
static const uint32_t encode_longest[] = {
	[FORMAT_JPEG] = 65500,
	[FORMAT_WEBP] = 16383,
	[FORMAT_PNG] = 0x7FFFFFFF,
	[FORMAT_AVIF] = 16384,
};

static const char *const encode_extensions[] = {
	[FORMAT_JPEG] = "jpg",
	[FORMAT_WEBP] = "webp",
	[FORMAT_PNG] = "png",
	[FORMAT_AVIF] = "avif",
};

bool encode_is_known(enum size_format format)
{
	return format != FORMAT_SAME && format != FORMAT_AUTO;
}

int encode_quality(const struct encode_job *job)
{
	static const int usual[] = { [FORMAT_JPEG] = ENCODE_JPEG_QUALITY,
		[FORMAT_WEBP] = ENCODE_WEBP_QUALITY,
		[FORMAT_AVIF] = ENCODE_AVIF_QUALITY };
	const bool has = job->format == FORMAT_JPEG ||
			 ((job->format == FORMAT_WEBP || job->format == FORMAT_AVIF) &&
				 !job->size->lossless);
	if (!has)
		return 0;
	return job->size->quality ? job->size->quality : usual[job->format];
}

struct planes_form encode_form(const struct size *size, enum size_format format)
{
	const bool lossy = format == FORMAT_WEBP && !size->lossless;
	return (struct planes_form){
		.apart = lossy || format == FORMAT_JPEG,
		.halved = lossy || size->chroma == CHROMA_420,
		.limited = lossy,
	};
}

const char *encode_extension(enum size_format format)
{
	assert(encode_is_known(format));
	return encode_extensions[format];
}

bool encode_surface(const struct encode_job *job, struct text *out, struct error *err)
{
	const struct surface *surface = job->surface;
	const enum size_format format = job->format;
	assert(encode_is_known(format));
	const uint32_t longest = encode_longest[format];
	if (surface->width > longest || surface->height > longest)
		return fail(err, ERROR_UNSUPPORTED,
			"%u x %u px do not fit into a %s, which has %u px a side at most",
			surface->width, surface->height, encode_extensions[format], longest);
	text_clear(out);
	switch (format) {
	case FORMAT_JPEG:
		return encode_jpeg(job, out, err);
	case FORMAT_WEBP:
		return encode_webp(job, out, err);
	case FORMAT_AVIF:
		return encode_avif(job, out, err);
	default:
		return encode_png(job, out, err);
	}
}
