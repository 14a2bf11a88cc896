/* PNG by libspng. */

#include "stages/thumbnail/encode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <spng.h>

enum { PNG_LEVEL = 6 };

static uint8_t png_writer_type(uint32_t channels)
{
	if (channels == 1)
		return SPNG_COLOR_TYPE_GRAYSCALE;
	return channels == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
}

static int png_writer_rows(spng_ctx *context, const struct surface *surface)
{
	const size_t bytes = (size_t)surface->width * surface->channels;
	int code = 0;
	for (uint32_t y = 0; code == 0 && y < surface->height; y++)
		code = spng_encode_row(context, surface_row(surface, y), bytes);
	return code == SPNG_EOI ? 0 : code;
}

static int png_writer_exif(spng_ctx *context, const struct text *data)
{
	struct spng_exif exif = { .length = data->length, .data = data->data };
	return spng_set_exif(context, &exif);
}

/* All of them at once: a second call would forget the first. `words` have to live until they are
 * written. */
static int png_writer_texts(spng_ctx *context, const struct encode_extra *extra,
	struct freedesktop_word words[FREEDESKTOP_WORDS])
{
	static char nothing[] = "";
	struct spng_text texts[FREEDESKTOP_WORDS + 1] = { { .type = 0 } };
	size_t count = extra->tags ? freedesktop_words(extra->tags, words) : 0;
	for (size_t i = 0; i < count; i++) {
		snprintf(texts[i].keyword, sizeof(texts[i].keyword), "%s", words[i].key);
		texts[i].type = SPNG_TEXT;
		texts[i].text = (char *)(uintptr_t)words[i].text;
		texts[i].length = strlen(words[i].text);
	}
	if (encode_has(extra->xmp))
		texts[count++] = (struct spng_text){
			.keyword = "XML:com.adobe.xmp",
			.type = SPNG_ITXT,
			.length = extra->xmp->length,
			.text = extra->xmp->data,
			.language_tag = nothing,
			.translated_keyword = nothing,
		};
	return count > 0 ? spng_set_text(context, texts, (uint32_t)count) : 0;
}

static int png_writer_profile(spng_ctx *context, const struct text *profile)
{
	struct spng_iccp iccp = {
		.profile_name = "profile", .profile_len = profile->length, .profile = profile->data
	};
	return spng_set_iccp(context, &iccp);
}

static int png_writer_write(spng_ctx *context, const struct encode_job *job)
{
	const struct surface *surface = job->surface;
	struct spng_ihdr header = {
		.width = surface->width,
		.height = surface->height,
		.bit_depth = 8,
		.color_type = png_writer_type(surface->channels),
	};
	struct freedesktop_word words[FREEDESKTOP_WORDS];
	int code = spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
	if (code == 0)
		code = spng_set_option(context, SPNG_IMG_COMPRESSION_LEVEL,
			job->size->effort_given ? job->size->effort : PNG_LEVEL);
	if (code == 0)
		code = spng_set_ihdr(context, &header);
	if (code == 0 && encode_has(job->extra.profile))
		code = png_writer_profile(context, job->extra.profile);
	if (code == 0 && encode_has(job->extra.exif))
		code = png_writer_exif(context, job->extra.exif);
	if (code == 0)
		code = png_writer_texts(context, &job->extra, words);
	if (code == 0)
		code = spng_encode_image(context, NULL, 0, SPNG_FMT_PNG,
			SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE);
	return code == 0 ? png_writer_rows(context, surface) : code;
}

bool encode_png(const struct encode_job *job, struct text *out, struct error *err)
{
	spng_ctx *context = spng_ctx_new(SPNG_CTX_ENCODER);
	if (!context)
		return fail(err, ERROR_MEMORY, "encoding png: no memory");
	int code = png_writer_write(context, job);
	size_t length = 0;
	void *data = code == 0 ? spng_get_png_buffer(context, &length, &code) : NULL;
	if (data)
		text_add(out, data, length);
	else
		fail(err, ERROR_MEMORY, "encoding png: %s", spng_strerror(code));
	free(data);
	spng_ctx_free(context);
	return data != NULL;
}
