/* The TIFFs that libvips does not take (old JPEG, colours at a lower resolution) or gives up on, by
 * libtiff's own conversion to RGBA: whole, 8 bits a channel, as far as it goes. */

#include "stages/thumbnail/decode.h"

#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

#include "pipeline/support/library.h"
#include "stages/thumbnail/shrink.h"

static struct tiff_functions {
	__typeof__(TIFFOpenOptionsAlloc) *options_alloc;
	__typeof__(TIFFOpenOptionsFree) *options_free;
	__typeof__(TIFFOpenOptionsSetErrorHandlerExtR) *set_error_handler;
	__typeof__(TIFFOpenOptionsSetWarningHandlerExtR) *set_warning_handler;
	__typeof__(TIFFClientOpenExt) *open;
	__typeof__(TIFFClose) *close;
	__typeof__(TIFFNumberOfDirectories) *count_directories;
	__typeof__(TIFFSetDirectory) *set_directory;
	__typeof__(TIFFGetFieldDefaulted) *get_field;
	__typeof__(TIFFRGBAImageOK) *rgba_ok;
	__typeof__(TIFFReadRGBAImageOriented) *read_rgba;
} tiff_functions;

struct tiff_state {
	TIFF *file;
	const struct decode *decode;
	size_t at;
	bool wrong; /* libtiff has complained */
};

static const struct library_name tiff_names[] = {
	LIBRARY_NAME(tiff_functions, options_alloc, TIFFOpenOptionsAlloc),
	LIBRARY_NAME(tiff_functions, options_free, TIFFOpenOptionsFree),
	LIBRARY_NAME(tiff_functions, set_error_handler, TIFFOpenOptionsSetErrorHandlerExtR),
	LIBRARY_NAME(tiff_functions, set_warning_handler, TIFFOpenOptionsSetWarningHandlerExtR),
	LIBRARY_NAME(tiff_functions, open, TIFFClientOpenExt),
	LIBRARY_NAME(tiff_functions, close, TIFFClose),
	LIBRARY_NAME(tiff_functions, count_directories, TIFFNumberOfDirectories),
	LIBRARY_NAME(tiff_functions, set_directory, TIFFSetDirectory),
	LIBRARY_NAME(tiff_functions, get_field, TIFFGetFieldDefaulted),
	LIBRARY_NAME(tiff_functions, rgba_ok, TIFFRGBAImageOK),
	LIBRARY_NAME(tiff_functions, read_rgba, TIFFReadRGBAImageOriented),
};

static struct library tiff_library = LIBRARY("libtiff.so.6", tiff_names, tiff_functions);

static struct tiff_state *tiff_state_of(thandle_t handle)
{
	return handle;
}

static tmsize_t tiff_source_read(thandle_t handle, void *to, tmsize_t bytes)
{
	struct tiff_state *state = tiff_state_of(handle);
	const size_t left = state->decode->length - state->at;
	const size_t given = (size_t)bytes < left ? (size_t)bytes : left;
	memcpy(to, state->decode->data + state->at, given);
	state->at += given;
	return (tmsize_t)given;
}

static tmsize_t tiff_source_write(thandle_t handle, void *from, tmsize_t bytes)
{
	(void)handle;
	(void)from;
	(void)bytes;
	return -1;
}

static toff_t tiff_source_seek(thandle_t handle, toff_t offset, int whence)
{
	struct tiff_state *state = tiff_state_of(handle);
	const toff_t from = whence == SEEK_CUR   ? state->at
			    : whence == SEEK_END ? state->decode->length
						 : 0;
	const toff_t to = from + offset;
	if (to > state->decode->length)
		return (toff_t)-1;
	state->at = (size_t)to;
	return to;
}

static int tiff_source_close(thandle_t handle)
{
	(void)handle;
	return 0;
}

static toff_t tiff_source_size(thandle_t handle)
{
	return tiff_state_of(handle)->decode->length;
}

static int tiff_complain(
	TIFF *file, void *user, const char *module, const char *format, va_list list)
{
	(void)file;
	(void)module;
	(void)format;
	(void)list;
	struct tiff_state *state = user;
	state->wrong = true;
	return 1;
}

static int tiff_silent(TIFF *file, void *user, const char *module, const char *format, va_list list)
{
	(void)file;
	(void)user;
	(void)module;
	(void)format;
	(void)list;
	return 1;
}

static TIFF *tiff_open_memory(struct tiff_state *state)
{
	const struct tiff_functions *tiff = &tiff_functions;
	TIFFOpenOptions *options = tiff->options_alloc();
	if (!options)
		return NULL;
	tiff->set_error_handler(options, tiff_complain, state);
	tiff->set_warning_handler(options, tiff_silent, NULL);
	TIFF *file = tiff->open("tiff", "rm", state, tiff_source_read, tiff_source_write,
		tiff_source_seek, tiff_source_close, tiff_source_size, NULL, NULL, options);
	tiff->options_free(options);
	return file;
}

static bool tiff_fail(struct error *err)
{
	return fail(err, ERROR_DAMAGED, "tiff: cut short, corrupt, or of a kind that is not read");
}

/* The page that is wanted, or the last one. */
static bool tiff_turn(const struct tiff_state *state)
{
	const struct tiff_functions *tiff = &tiff_functions;
	const uint32_t wanted = state->decode->frame;
	if (wanted == 0)
		return true;
	const uint32_t pages = tiff->count_directories(state->file);
	return tiff->set_directory(state->file, (tdir_t)(wanted < pages ? wanted : pages - 1)) != 0;
}

static bool tiff_header(struct tiff_state *state, struct picture *picture, struct error *err)
{
	const struct tiff_functions *tiff = &tiff_functions;
	char why[1024];
	uint32_t width = 0, height = 0;
	uint16_t orientation = 1, extras = 0, *types = NULL;
	state->file = tiff_open_memory(state);
	if (!state->file || !tiff_turn(state) || !tiff->rgba_ok(state->file, why))
		return tiff_fail(err);
	tiff->get_field(state->file, TIFFTAG_IMAGEWIDTH, &width);
	tiff->get_field(state->file, TIFFTAG_IMAGELENGTH, &height);
	tiff->get_field(state->file, TIFFTAG_ORIENTATION, &orientation);
	tiff->get_field(state->file, TIFFTAG_EXTRASAMPLES, &extras, &types);
	if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
		return tiff_fail(err);
	picture->width = width;
	picture->height = height;
	picture->orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
	picture->channels = extras > 0 ? 4 : 3;
	picture->fixed = (uint64_t)width * height * sizeof(uint32_t);
	return true;
}

static bool tiff_open(struct decode *decode, struct error *err)
{
	if (!library_need(&tiff_library, err))
		return false;
	struct tiff_state *state = calloc(1, sizeof(*state));
	if (!state)
		return fail(err, ERROR_MEMORY, "tiff: no memory");
	decode->state = state;
	state->decode = decode;
	return tiff_header(state, &decode->picture, err);
}

static void tiff_push(const uint32_t *pixels, struct shrink *shrink)
{
	uint8_t *row = shrink_next(shrink);
	const uint32_t channels = shrink->shape.channels;
	for (uint32_t x = 0; x < shrink->shape.width; x++, row += channels) {
		row[0] = (uint8_t)TIFFGetR(pixels[x]);
		row[1] = (uint8_t)TIFFGetG(pixels[x]);
		row[2] = (uint8_t)TIFFGetB(pixels[x]);
		if (channels == 4)
			row[3] = (uint8_t)TIFFGetA(pixels[x]);
	}
	shrink_put(shrink);
}

/* What libtiff does not get at stays black, or transparent. Colours come multiplied with alpha;
 * rows come as they are stored, because no other orientation is asked for than the picture's own.
 */
static bool tiff_read(
	struct decode *decode, double excess, struct planes *planes, struct error *err)
{
	struct tiff_state *state = decode->state;
	const struct picture *picture = &decode->picture;
	struct shrink_shape shape =
		shrink_pixels(picture->width, picture->height, picture->channels, excess);
	shape.straight = false; /* libtiff gives them premultiplied */
	uint32_t *raster = calloc((size_t)picture->width * picture->height, sizeof(*raster));
	if (!raster)
		return fail(err, ERROR_MEMORY, "tiff: no memory");
	uint16_t orientation = 1;
	tiff_functions.get_field(state->file, TIFFTAG_ORIENTATION, &orientation);
	state->wrong = false;
	const bool whole = tiff_functions.read_rgba(state->file, picture->width, picture->height,
				   raster, orientation, 0) != 0;
	if (!whole || state->wrong)
		fail(&decode->damage, ERROR_DAMAGED, "tiff: cut short or corrupt");
	struct shrink shrink;
	const bool begun = shrink_begin(&shrink, &shape, planes_whole(planes), err);
	for (uint32_t y = 0; begun && y < picture->height; y++)
		tiff_push(raster + (size_t)y * picture->width, &shrink);
	shrink_end(&shrink);
	free(raster);
	return begun;
}

static void tiff_close(struct decode *decode)
{
	struct tiff_state *state = decode->state;
	if (!state)
		return;
	if (state->file)
		tiff_functions.close(state->file);
	free(state);
	decode->state = NULL;
}

const struct decoder decode_tiff = { tiff_open, tiff_read, tiff_close };
