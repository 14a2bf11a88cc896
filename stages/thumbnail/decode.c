#include "stages/thumbnail/decode.h"

#include "stages/thumbnail/shrink.h"

bool decode_judge_pixels(
	const struct limits *limits, uint64_t width, uint64_t height, struct error *err)
{
	if (height == 0 || width <= limits->pixels / height)
		return true;
	const double millions = (double)width * (double)height / 1e6;
	return fail(err, ERROR_LIMIT, "%.4g megapixels (%llu x %llu) are over max_pixels (%llu)",
		millions, (unsigned long long)width, (unsigned long long)height,
		(unsigned long long)(limits->pixels / 1000000));
}

static const struct decoder *decode_choose(enum sniff_kind kind)
{
	switch (kind) {
	case SNIFF_JPEG:
		return &decode_jpeg;
	case SNIFF_PNG:
		return &decode_png;
	case SNIFF_WEBP:
		return &decode_webp;
	default:
		return &decode_vips;
	}
}

static bool decode_begin(struct decode *decode, struct error *err)
{
	decode->picture = (struct picture){ .orientation = 1, .frames = 1, .reducible = 1 };
	return decode->decoder->open(decode, err);
}

/* libvips looks for itself. */
static void decode_find_profile(const struct decode *decode)
{
	if (decode->icc)
		icc_read(decode->kind, decode->data, decode->length, decode->icc);
}

/* From the start, by another decoder. */
static bool decode_change(struct decode *decode, const struct decoder *to, struct error *err)
{
	decode_close(decode);
	decode->decoder = to;
	return decode_begin(decode, err);
}

/* libvips refuses some TIFFs that libtiff reads. */
static bool decode_begin_vips(struct decode *decode, struct error *err)
{
	struct error first;
	if (decode_change(decode, &decode_vips, &first))
		return true;
	if (decode->kind == SNIFF_TIFF && first.code == ERROR_DAMAGED)
		return decode_change(decode, &decode_tiff, err);
	*err = first;
	return false;
}

bool decode_open(struct decode *decode, struct error *err)
{
	const struct decoder *chosen = decode_choose(decode->kind);
	if (chosen == &decode_vips)
		return decode_begin_vips(decode, err);
	decode->decoder = chosen;
	if (!decode_begin(decode, err))
		return false;
	if (decode->metadata)
		metadata_read(decode->kind, decode->data, decode->length, decode->metadata);
	if (decode->picture.channels == 0)
		return decode_begin_vips(decode, err);
	decode_find_profile(decode);
	return true;
}

/* A damaged TIFF of which libvips has nothing: libtiff goes on behind what it cannot read. */
static bool decode_salvages(const struct decode *decode)
{
	const uint64_t pixels = (uint64_t)decode->picture.width * decode->picture.height;
	return decode->keep && decode->kind == SNIFF_TIFF && decode->decoder == &decode_vips &&
	       pixels * sizeof(uint32_t) <= decode->limits->memory;
}

static bool decode_again(
	struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	return decode_change(decode, decode->decoder, err) &&
	       decode->decoder->read(decode, excess, planes, err);
}

/* libvips gives nothing of a GIF with corrupt codes, but all that there is of one that is cut: the
 * longest part of it that can be read. */
static bool decode_cut(
	struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	enum { HALVINGS = 12 };
	const size_t length = decode->length;
	const struct error damage = *err;
	struct error ignored;
	size_t good = 0, bad = length;
	for (int i = 0; i < HALVINGS; i++) {
		decode->length = good + (bad - good) / 2;
		if (decode_again(decode, excess, planes, &ignored))
			good = decode->length;
		else
			bad = decode->length;
	}
	decode->length = good;
	const bool done = good > 0 && decode_again(decode, excess, planes, &ignored);
	decode->length = length;
	if (done)
		decode->damage = damage;
	return done;
}

bool decode_read(struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	struct error first;
	planes_begin(planes);
	if (decode->decoder->read(decode, excess, planes, &first))
		return true;
	if (first.code == ERROR_DAMAGED && decode_salvages(decode))
		return decode_change(decode, &decode_tiff, err) &&
		       decode->decoder->read(decode, excess, planes, err);
	*err = first;
	return first.code == ERROR_DAMAGED && decode->keep && decode->kind == SNIFF_GIF &&
	       decode->picture.frames == 1 && decode_cut(decode, excess, planes, err);
}

void decode_close(struct decode *decode)
{
	if (decode->decoder)
		decode->decoder->close(decode);
	decode->decoder = NULL;
}

uint32_t decode_reduction(const struct picture *picture, double excess)
{
	uint32_t reduction = picture->reducible;
	while (reduction > 1 && excess < 2.0 * reduction)
		reduction /= 2;
	return reduction;
}

uint64_t decode_memory(const struct decode *decode, double excess)
{
	const struct picture *picture = &decode->picture;
	const uint32_t reduction = decode_reduction(picture, excess);
	const uint64_t factor = (uint64_t)reduction * shrink_factor(excess / reduction);
	const uint64_t width = (picture->width + factor - 1) / factor;
	const uint64_t height = (picture->height + factor - 1) / factor;
	return decode->length + picture->fixed + surface_bytes(width, height, picture->channels);
}
