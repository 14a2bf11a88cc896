/* PNG by libspng, row by row. It sees only the chunks that pixels are made of: what else a file
 * carries, and how large that would become, is no concern of ours. What is plain, whole and not too
 * large goes a shorter way, with the same pixels (png_rows.h). */

#include "stages/thumbnail/decode.h"

#include <stdlib.h>
#include <string.h>

#include <spng.h>

#include "stages/thumbnail/exif.h"
#include "stages/thumbnail/png_rows.h"
#include "stages/thumbnail/shrink.h"

enum { PNG_SHORT_MOST = 96 << 20 /* bytes that the shorter way may take */ };

struct png_state {
	spng_ctx *context;
	const struct decode *decode;
	size_t at, until; /* the part of the file that is being handed out */
	struct spng_ihdr header;
	int format; /* enum spng_format */
	uint16_t
		*wide; /* a row of 16 bits a sample, that bytes are made of; NULL: none is needed */
};

static uint32_t png_number(const unsigned char *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 | (uint32_t)data[2] << 8 | data[3];
}

static bool png_wanted(const unsigned char *name)
{
	static const char names[][5] = { "IHDR", "PLTE", "tRNS", "IDAT", "IEND" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (memcmp(name, names[i], 4) == 0)
			return true;
	return false;
}

/* Moves on to the next chunk that is wanted; false at the end of the file. A chunk that claims more
 * than there is ends with the file. */
static bool png_advance(struct png_state *state)
{
	const struct decode *decode = state->decode;
	while (decode->length - state->until >= 12) {
		state->at = state->until;
		const uint64_t bytes = png_number(decode->data + state->at) + UINT64_C(12);
		const size_t left = decode->length - state->at;
		state->until += bytes < left ? (size_t)bytes : left;
		if (png_wanted(decode->data + state->at + 4))
			return true;
	}
	state->at = state->until;
	return false;
}

static int png_supply(spng_ctx *context, void *user, void *to, size_t length)
{
	(void)context;
	struct png_state *state = user;
	unsigned char *out = to;
	while (length > 0) {
		if (state->at == state->until && !png_advance(state))
			return SPNG_IO_EOF;
		const size_t left = state->until - state->at;
		const size_t bytes = left < length ? left : length;
		memcpy(out, state->decode->data + state->at, bytes);
		state->at += bytes;
		out += bytes;
		length -= bytes;
	}
	return 0;
}

static bool png_fail(int code, struct error *err)
{
	if (code == SPNG_IO_EOF)
		return fail(err, ERROR_DAMAGED, "png: cut short");
	const bool memory = code == SPNG_EMEM;
	return fail(err, memory ? ERROR_MEMORY : ERROR_DAMAGED, "png: %s", spng_strerror(code));
}

/* Grey stays one channel. 16 bits come as they are, since libspng cuts them off instead of
 * rounding. */
static void png_layout(struct png_state *state, struct picture *picture)
{
	struct spng_trns transparent;
	const uint8_t type = state->header.color_type;
	const bool wide = state->header.bit_depth == 16;
	const bool alpha = type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
			   type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
			   spng_get_trns(state->context, &transparent) == 0;
	if (alpha) {
		state->format = wide ? SPNG_FMT_RGBA16 : SPNG_FMT_RGBA8;
		picture->channels = 4;
	} else if (type == SPNG_COLOR_TYPE_GRAYSCALE) {
		state->format = wide ? SPNG_FMT_PNG : SPNG_FMT_G8;
		picture->channels = 1;
	} else {
		state->format = wide ? SPNG_FMT_PNG : SPNG_FMT_RGB8;
		picture->channels = 3;
	}
}

/* Bytes of a row as libspng gives it. */
static size_t png_row_bytes(const struct png_state *state)
{
	const size_t sample = state->header.bit_depth == 16 ? 2 : 1;
	return (size_t)state->header.width * state->decode->picture.channels * sample;
}

/* Where a row has to go to become one in `bytes`. */
static void *png_target(const struct png_state *state, unsigned char *bytes)
{
	return state->wide ? (void *)state->wide : bytes;
}

/* v / 65535 * 255, rounded, exact for all 65,536 of them. */
static void png_narrow(const struct png_state *state, unsigned char *bytes)
{
	const size_t samples = (size_t)state->header.width * state->decode->picture.channels;
	for (size_t i = 0; state->wide && i < samples; i++)
		bytes[i] = (unsigned char)((state->wide[i] * UINT32_C(255) + 32895) >> 16);
}

static bool png_header(struct png_state *state, struct picture *picture, struct error *err)
{
	spng_set_image_limits(state->context, 0x7FFFFFFF, 0x7FFFFFFF);
	int code = spng_set_png_stream(state->context, png_supply, state);
	if (code == 0)
		code = spng_get_ihdr(state->context, &state->header);
	if (code == 0)
		code = spng_decode_chunks(state->context);
	if (code != 0)
		return png_fail(code, err);
	picture->width = state->header.width;
	picture->height = state->header.height;
	png_layout(state, picture);
	const uint64_t row = (uint64_t)picture->width * 8;
	picture->fixed = 7 * row;
	if (state->header.interlace_method != 0)
		picture->fixed += png_row_bytes(state) * picture->height;
	return true;
}

static bool png_open(struct decode *decode, struct error *err)
{
	struct png_state *state = calloc(1, sizeof(*state));
	if (!state)
		return fail(err, ERROR_MEMORY, "png: no memory");
	decode->state = state;
	state->decode = decode;
	state->until = 8;
	state->context = spng_ctx_new(0);
	if (!state->context)
		return fail(err, ERROR_MEMORY, "png: no memory");
	decode->picture.orientation = exif_of_png(decode->data, decode->length);
	return png_header(state, &decode->picture, err);
}

static void png_damage(struct decode *decode, int code, uint32_t rows)
{
	const bool ended = code == SPNG_IO_EOF || code == SPNG_EIDAT_TOO_SHORT;
	const struct png_state *state = decode->state;
	if (state->header.interlace_method != 0)
		fail(&decode->damage, ERROR_DAMAGED, "png: %s",
			ended ? "cut short" : spng_strerror(code));
	else if (ended)
		fail(&decode->damage, ERROR_DAMAGED, "png: cut short after %u of %u rows", rows,
			decode->picture.height);
	else
		fail(&decode->damage, ERROR_DAMAGED, "png: %s after %u of %u rows",
			spng_strerror(code), rows, decode->picture.height);
}

/* Row after row into the shrink. Stops where the data do. */
static int png_rows(struct png_state *state, struct shrink *shrink)
{
	const size_t bytes = png_row_bytes(state);
	int code = 0;
	while (code == 0) {
		unsigned char *row = shrink_next(shrink);
		code = spng_decode_row(state->context, png_target(state, row), bytes);
		if (code != 0 && code != SPNG_EOI)
			break;
		png_narrow(state, row);
		shrink_put(shrink);
	}
	return code == SPNG_EOI ? 0 : code;
}

/* Interlaced pictures are not known to the last row before the end: whole into memory. */
static int png_whole(struct png_state *state, struct shrink *shrink)
{
	const size_t bytes = png_row_bytes(state);
	unsigned char *pixels = calloc(shrink->shape.height, bytes);
	if (!pixels)
		return SPNG_EMEM;
	int code = 0;
	while (code == 0) {
		struct spng_row_info row;
		code = spng_get_row_info(state->context, &row);
		if (code == 0)
			code = spng_decode_row(state->context, pixels + row.row_num * bytes, bytes);
	}
	for (uint32_t y = 0; y < shrink->shape.height; y++) {
		unsigned char *row = shrink_next(shrink);
		memcpy(png_target(state, row), pixels + y * bytes, bytes);
		png_narrow(state, row);
		shrink_put(shrink);
	}
	free(pixels);
	return code == SPNG_EOI ? 0 : code;
}

/* The shorter way has its own room, within the same limit. */
static bool png_plain(const struct decode *decode, double excess, struct png_rows *rows)
{
	const struct png_state *state = decode->state;
	const struct spng_ihdr *header = &state->header;
	const uint8_t type = header->color_type;
	const bool natural = (type == SPNG_COLOR_TYPE_GRAYSCALE && decode->picture.channels == 1) ||
			     (type == SPNG_COLOR_TYPE_TRUECOLOR && decode->picture.channels == 3) ||
			     type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
	*rows = (struct png_rows){
		.width = header->width,
		.height = header->height,
		.pixel = decode->picture.channels,
	};
	if (!natural || header->bit_depth != 8 || header->interlace_method != 0)
		return false;
	const uint64_t bytes = png_rows_memory(rows, decode->length);
	const uint64_t limit = decode->limits ? decode->limits->memory : UINT64_MAX;
	const uint64_t taken = decode_memory(decode, excess);
	return bytes <= PNG_SHORT_MOST && taken <= limit && bytes <= limit - taken &&
	       png_rows_open(rows, decode->data, decode->length);
}

static void png_short(struct png_rows *rows, struct shrink *shrink)
{
	const size_t bytes = (size_t)rows->width * rows->pixel;
	for (uint32_t y = 0; y < rows->height; y++) {
		memcpy(shrink_next(shrink), png_rows_next(rows), bytes);
		shrink_put(shrink);
	}
}

static bool png_begin(struct png_state *state, struct error *err)
{
	const int flags = SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE;
	const int code = spng_decode_image(state->context, NULL, 0, state->format, flags);
	if (code != 0)
		return png_fail(code, err);
	if (state->header.bit_depth == 16)
		state->wide = calloc(1, png_row_bytes(state));
	return state->header.bit_depth != 16 || state->wide || png_fail(SPNG_EMEM, err);
}

/* By libspng, as far as it goes. */
static bool png_long(struct decode *decode, struct shrink *shrink, struct error *err)
{
	struct png_state *state = decode->state;
	if (!png_begin(state, err))
		return false;
	const bool rows = state->header.interlace_method == 0;
	const int code = rows ? png_rows(state, shrink) : png_whole(state, shrink);
	if (code == SPNG_EMEM)
		return png_fail(code, err);
	if (code != 0)
		png_damage(decode, code, shrink->rows);
	return true;
}

static bool png_read(struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	const struct picture *picture = &decode->picture;
	const struct shrink_shape shape =
		shrink_pixels(picture->width, picture->height, picture->channels, excess);
	struct shrink shrink;
	struct png_rows rows;
	const bool plain = png_plain(decode, excess, &rows);
	bool done = shrink_begin(&shrink, &shape, planes_whole(planes), err);
	if (done && plain)
		png_short(&rows, &shrink);
	png_rows_close(&rows);
	if (done && !plain)
		done = png_long(decode, &shrink, err);
	shrink_end(&shrink);
	return done;
}

static void png_close(struct decode *decode)
{
	struct png_state *state = decode->state;
	if (!state)
		return;
	spng_ctx_free(state->context);
	free(state->wide);
	free(state);
	decode->state = NULL;
}

const struct decoder decode_png = { png_open, png_read, png_close };
