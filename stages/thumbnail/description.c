#include "stages/thumbnail/description.h"

#include <string.h>

enum { DESCRIPTION_LEVELS = 8, DESCRIPTION_BINS = 8 * 8 * 8 };

static const char *const description_types[] = {
	[FORMAT_JPEG] = "image/jpeg",
	[FORMAT_WEBP] = "image/webp",
	[FORMAT_PNG] = "image/png",
	[FORMAT_AVIF] = "image/avif",
};

/* The mean of the most frequent of 512 kinds of colour; pixels count as much as they cover. */
static void description_dominate(struct description *description, const struct surface *surface)
{
	uint32_t sums[DESCRIPTION_BINS][4] = { { 0 } };
	for (uint32_t i = 0; i < surface->width * surface->height; i++) {
		const uint8_t *pixel = surface_row(surface, i / surface->width) +
				       (size_t)(i % surface->width) * surface->channels;
		const bool grey = surface->channels == 1;
		const uint32_t weight = surface->channels == 4 ? pixel[3] : 255;
		const uint8_t rgb[3] = { pixel[0], pixel[grey ? 0 : 1], pixel[grey ? 0 : 2] };
		uint32_t *sum = sums[rgb[0] / 32 * 64 + rgb[1] / 32 * 8 + rgb[2] / 32];
		for (int c = 0; c < 3; c++)
			sum[c] += rgb[c] * weight;
		sum[3] += weight;
	}
	const uint32_t *most = sums[0];
	for (int i = 1; i < DESCRIPTION_BINS; i++)
		if (sums[i][3] > most[3])
			most = sums[i];
	for (int c = 0; c < 3; c++)
		description->dominant[c] =
			(uint8_t)(most[3] > 0 ? (most[c] + most[3] / 2) / most[3] : 0);
}

void description_look(struct description *description, const struct surface *surface)
{
	description_dominate(description, surface);
	description->hash_bytes = thumbhash_of(surface, description->hash);
}

static void description_base64(const uint8_t *data, size_t length, struct text *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < length; i += 3) {
		const size_t left = length - i;
		const uint32_t bits = (uint32_t)data[i] << 16 |
				      (uint32_t)(left > 1 ? data[i + 1] : 0) << 8 |
				      (left > 2 ? data[i + 2] : 0);
		const char four[4] = { letters[bits >> 18], letters[bits >> 12 & 63],
			left > 1 ? letters[bits >> 6 & 63] : '=',
			left > 2 ? letters[bits & 63] : '=' };
		text_add(out, four, 4);
	}
}

/* A path as part of a URL in a srcset, where spaces and commas separate. */
static void description_url(const struct text *path, struct text *out)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~/";
	for (size_t i = 0; i < path->length; i++) {
		const unsigned char c = (unsigned char)path->data[i];
		if (c != 0 && strchr(plain, c))
			text_add(out, &c, 1);
		else
			text_addf(out, "%%%02X", c);
	}
}

/* Those of one format, the smaller first, each width once. */
static void description_srcset(const struct description *description,
	const struct description_names *names, enum size_format format, struct text *out)
{
	uint32_t last = 0;
	for (;;) {
		size_t next = names->count;
		for (size_t i = 0; i < names->count; i++) {
			const struct description_size *size = &description->sizes[i];
			if (size->format == format && size->width > last &&
				(next == names->count ||
					size->width < description->sizes[next].width))
				next = i;
		}
		if (next == names->count)
			return;
		text_add_string(out, last > 0 ? ", " : "");
		description_url(&names->paths[next], out);
		last = description->sizes[next].width;
		text_addf(out, " %uw", last);
	}
}

static void description_srcsets(const struct description *description,
	const struct description_names *names, struct text *out)
{
	static const enum size_format formats[] = { FORMAT_AVIF, FORMAT_WEBP, FORMAT_JPEG,
		FORMAT_PNG };
	const char *between = "\n";
	text_add_string(out, "  \"srcset\": {");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		struct text set = { .data = NULL };
		description_srcset(description, names, formats[i], &set);
		if (set.length > 0) {
			text_addf(out, "%s    \"%s\": ", between, description_types[formats[i]]);
			text_add_json(out, set.data, set.length);
			between = ",\n";
		}
		text_finish(&set);
	}
	text_add_string(out, "\n  }\n");
}

static void description_digest(struct digest digest, struct text *out)
{
	char hex[DIGEST_HEX_BYTES];
	digest_hex(digest, hex);
	text_addf(out, "\"xxh3:%s\"", hex);
}

static void description_thumbnail(const struct description *description,
	const struct description_names *names, size_t number, struct text *out)
{
	const struct description_size *size = &description->sizes[number];
	text_add_string(out, "    { \"name\": ");
	text_add_json(out, names->sizes[number].name, strlen(names->sizes[number].name));
	text_add_string(out, ", \"path\": ");
	text_add_json(out, names->paths[number].data, names->paths[number].length);
	text_addf(out, ", \"type\": \"%s\", \"width\": %u, \"height\": %u, \"bytes\": %llu, ",
		description_types[size->format], size->width, size->height,
		(unsigned long long)size->bytes);
	text_add_string(out, "\"hash\": ");
	description_digest(size->digest, out);
	text_add_string(out, number + 1 < names->count ? " },\n" : " }\n");
}

static void description_source(const struct description *description,
	const struct description_names *names, struct text *out)
{
	text_add_string(out, "  \"source\": { \"path\": ");
	text_add_json(out, names->source->data, names->source->length);
	text_addf(out, ", \"format\": \"%s\", \"width\": %u, \"height\": %u, \"frames\": %u, ",
		sniff_name(description->kind), description->width, description->height,
		description->frames);
	text_addf(out, "\"bytes\": %llu, \"hash\": ", (unsigned long long)names->bytes);
	description_digest(names->digest, out);
	text_add_string(out, " },\n");
}

void description_write(const struct description *description, const struct description_names *names,
	struct text *out)
{
	text_clear(out);
	text_add_string(out, "{\n");
	description_source(description, names, out);
	text_addf(out, "  \"dominant\": \"#%02x%02x%02x\",\n", description->dominant[0],
		description->dominant[1], description->dominant[2]);
	text_add_string(out, "  \"thumbhash\": \"");
	description_base64(description->hash, description->hash_bytes, out);
	text_add_string(out, "\",\n  \"thumbnails\": [\n");
	for (size_t i = 0; i < names->count; i++)
		description_thumbnail(description, names, i, out);
	text_add_string(out, "  ],\n");
	description_srcsets(description, names, out);
	text_add_string(out, "}\n");
}
