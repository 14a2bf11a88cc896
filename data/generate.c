/* Draws data/photos: pictures with texture, text, orientations and alpha, the same at every call.
 *
 *     generate FOLDER */

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>
#include <spng.h>
#include <webp/encode.h>

#include "data/scenes.h"

/* Rows of `channels` bytes a pixel: 1 grey, 3 RGB, 4 RGBA. */
struct canvas {
	int width, height; /* px */
	int channels;
	uint8_t *pixels;
};

enum format { FORMAT_JPEG, FORMAT_PROGRESSIVE, FORMAT_PNG, FORMAT_WEBP };

struct picture {
	const char *path;  /* below the folder */
	int width, height; /* px, as seen upright */
	int channels;
	struct colour (*paint)(
		double u, double v); /* u from 0 to the aspect ratio, v from 0 (top) to 1 */
	enum format format;
	int quality;      /* 1 to 100; not for PNG */
	int orientation;  /* EXIF, 1 to 8; 0: no EXIF */
	const char *text; /* written into the picture; "^" is an arrow that points up */
};

static void generate_die(const char *what, const char *why)
{
	fprintf(stderr, "generate: %s: %s\n", what, why);
	exit(1);
}

/* Text: capital letters and digits, five columns of seven bits each, the top row in the lowest bit.
 */

static const char font_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-/^";
static const uint8_t font[][5] = {
	{ 0x7e, 0x11, 0x11, 0x11, 0x7e },
	{ 0x7f, 0x49, 0x49, 0x49, 0x36 },
	{ 0x3e, 0x41, 0x41, 0x41, 0x22 },
	{ 0x7f, 0x41, 0x41, 0x22, 0x1c },
	{ 0x7f, 0x49, 0x49, 0x49, 0x41 },
	{ 0x7f, 0x09, 0x09, 0x09, 0x01 },
	{ 0x3e, 0x41, 0x49, 0x49, 0x7a },
	{ 0x7f, 0x08, 0x08, 0x08, 0x7f },
	{ 0x00, 0x41, 0x7f, 0x41, 0x00 },
	{ 0x20, 0x40, 0x41, 0x3f, 0x01 },
	{ 0x7f, 0x08, 0x14, 0x22, 0x41 },
	{ 0x7f, 0x40, 0x40, 0x40, 0x40 },
	{ 0x7f, 0x02, 0x0c, 0x02, 0x7f },
	{ 0x7f, 0x04, 0x08, 0x10, 0x7f },
	{ 0x3e, 0x41, 0x41, 0x41, 0x3e },
	{ 0x7f, 0x09, 0x09, 0x09, 0x06 },
	{ 0x3e, 0x41, 0x51, 0x21, 0x5e },
	{ 0x7f, 0x09, 0x19, 0x29, 0x46 },
	{ 0x46, 0x49, 0x49, 0x49, 0x31 },
	{ 0x01, 0x01, 0x7f, 0x01, 0x01 },
	{ 0x3f, 0x40, 0x40, 0x40, 0x3f },
	{ 0x1f, 0x20, 0x40, 0x20, 0x1f },
	{ 0x3f, 0x40, 0x38, 0x40, 0x3f },
	{ 0x63, 0x14, 0x08, 0x14, 0x63 },
	{ 0x07, 0x08, 0x70, 0x08, 0x07 },
	{ 0x61, 0x51, 0x49, 0x45, 0x43 },
	{ 0x3e, 0x51, 0x49, 0x45, 0x3e },
	{ 0x00, 0x42, 0x7f, 0x40, 0x00 },
	{ 0x42, 0x61, 0x51, 0x49, 0x46 },
	{ 0x21, 0x41, 0x45, 0x4b, 0x31 },
	{ 0x18, 0x14, 0x12, 0x7f, 0x10 },
	{ 0x27, 0x45, 0x45, 0x45, 0x39 },
	{ 0x3c, 0x4a, 0x49, 0x49, 0x30 },
	{ 0x01, 0x71, 0x09, 0x05, 0x03 },
	{ 0x36, 0x49, 0x49, 0x49, 0x36 },
	{ 0x06, 0x49, 0x49, 0x29, 0x1e },
	{ 0x00, 0x60, 0x60, 0x00, 0x00 },
	{ 0x08, 0x08, 0x08, 0x08, 0x08 },
	{ 0x20, 0x10, 0x08, 0x04, 0x02 },
	{ 0x04, 0x02, 0x7f, 0x02, 0x04 },
};

static void canvas_fill(const struct canvas *canvas, int left, int top, int size, uint8_t level)
{
	for (int y = top; y < top + size; y++)
		for (int x = left; x < left + size; x++) {
			if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
				continue;
			uint8_t *pixel =
				canvas->pixels + ((size_t)y * canvas->width + x) * canvas->channels;
			memset(pixel, level, canvas->channels);
			if (canvas->channels == 4)
				pixel[3] = 255;
		}
}

static void canvas_letter(const struct canvas *canvas, char letter, int left, int top, int size)
{
	const char *found = letter ? strchr(font_letters, letter) : NULL;
	for (int bit = 0; found && bit < 35; bit++)
		if (font[found - font_letters][bit / 7] >> bit % 7 & 1) {
			const int x = left + bit / 7 * size, y = top + bit % 7 * size;
			canvas_fill(canvas, x + size / 4 + 1, y + size / 4 + 1, size, 20);
			canvas_fill(canvas, x, y, size, 245);
		}
}

/* Lines are told apart by "\n"; the first one is the largest. */
static void canvas_text(const struct canvas *canvas, const char *text)
{
	const int left = canvas->width / 16;
	const int room = (canvas->width - 2 * left) / (6 * (int)strcspn(text, "\n"));
	int top = canvas->height / 12, column = 0;
	int size = room < canvas->height / 50 ? room : canvas->height / 50;
	for (; *text; text++) {
		if (*text == '\n') {
			top += 10 * size;
			size = canvas->height / 110;
			column = 0;
		} else {
			canvas_letter(canvas, *text, left + 6 * size * column++, top, size);
		}
	}
}

static uint8_t level_of(double value)
{
	return (uint8_t)lround(255 * fmin(fmax(value, 0), 1));
}

static struct canvas canvas_new(int width, int height, int channels)
{
	struct canvas canvas = { width, height, channels, NULL };
	canvas.pixels = calloc((size_t)width * height, channels);
	if (!canvas.pixels)
		generate_die("memory", "not enough");
	return canvas;
}

static struct canvas picture_paint(const struct picture *picture)
{
	const struct canvas canvas = canvas_new(picture->width, picture->height, picture->channels);
	uint8_t *pixel = canvas.pixels;
	for (int y = 0; y < canvas.height; y++)
		for (int x = 0; x < canvas.width; x++, pixel += canvas.channels) {
			const struct colour seen = picture->paint(
				(x + 0.5) / canvas.height, (y + 0.5) / canvas.height);
			const double levels[] = { seen.red, seen.green, seen.blue, seen.alpha };
			for (int channel = 0; channel < canvas.channels; channel++)
				pixel[channel] = level_of(levels[channel]);
		}
	canvas_text(&canvas, picture->text);
	return canvas;
}

/* The picture as a camera held that way would have stored it. Takes `upright`. */
static struct canvas canvas_stored(struct canvas upright, int orientation)
{
	const bool swaps = orientation >= 5;
	const int width = swaps ? upright.height : upright.width;
	const int height = swaps ? upright.width : upright.height;
	const bool from_right =
		orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
	const bool from_below =
		orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
	const struct canvas stored = canvas_new(width, height, upright.channels);
	const uint8_t *pixel = upright.pixels;
	for (int y = 0; y < upright.height; y++)
		for (int x = 0; x < upright.width; x++, pixel += upright.channels) {
			const int across = swaps ? y : x, down = swaps ? x : y;
			const int column = from_right ? width - 1 - across : across;
			const int row = from_below ? height - 1 - down : down;
			memcpy(stored.pixels + ((size_t)row * width + column) * stored.channels,
				pixel, stored.channels);
		}
	free(upright.pixels);
	return stored;
}

/* Encoders. */

static void jpeg_orientation(struct jpeg_compress_struct *jpeg, int orientation)
{
	uint8_t exif[] = "Exif\0\0II*\0\10\0\0\0"       /* one directory at offset 8 */
			 "\1\0\22\1\3\0\1\0\0\0?\0\0\0" /* one entry: 0x112, one short */
			 "\0\0\0\0";
	exif[24] = (uint8_t)orientation;
	jpeg_write_marker(jpeg, JPEG_APP0 + 1, exif, sizeof(exif) - 1);
}

static void jpeg_write(FILE *file, const struct canvas *canvas, const struct picture *picture)
{
	struct jpeg_error_mgr errors;
	struct jpeg_compress_struct jpeg = { .err = jpeg_std_error(&errors) };
	jpeg_create_compress(&jpeg);
	jpeg_stdio_dest(&jpeg, file);
	jpeg.image_width = canvas->width;
	jpeg.image_height = canvas->height;
	jpeg.input_components = canvas->channels;
	jpeg.in_color_space = canvas->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
	jpeg_set_defaults(&jpeg);
	jpeg_set_quality(&jpeg, picture->quality, TRUE);
	jpeg.optimize_coding = TRUE;
	if (picture->format == FORMAT_PROGRESSIVE)
		jpeg_simple_progression(&jpeg);
	jpeg_start_compress(&jpeg, TRUE);
	if (picture->orientation)
		jpeg_orientation(&jpeg, picture->orientation);
	for (int y = 0; y < canvas->height; y++) {
		JSAMPROW row = canvas->pixels + (size_t)y * canvas->width * canvas->channels;
		jpeg_write_scanlines(&jpeg, &row, 1);
	}
	jpeg_finish_compress(&jpeg);
	jpeg_destroy_compress(&jpeg);
}

static void png_write(FILE *file, const struct canvas *canvas)
{
	spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
	if (!png)
		generate_die("PNG", "no encoder");
	struct spng_ihdr header = {
		.width = canvas->width,
		.height = canvas->height,
		.bit_depth = 8,
		.color_type = canvas->channels == 1   ? SPNG_COLOR_TYPE_GRAYSCALE
			      : canvas->channels == 4 ? SPNG_COLOR_TYPE_TRUECOLOR_ALPHA
						      : SPNG_COLOR_TYPE_TRUECOLOR,
	};
	spng_set_png_file(png, file);
	spng_set_option(png, SPNG_IMG_COMPRESSION_LEVEL, 9);
	spng_set_ihdr(png, &header);
	const size_t bytes = (size_t)canvas->width * canvas->height * canvas->channels;
	const int failed =
		spng_encode_image(png, canvas->pixels, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
	if (failed)
		generate_die("PNG", spng_strerror(failed));
	spng_ctx_free(png);
}

static void webp_write(FILE *file, const struct canvas *canvas, int quality)
{
	const int stride = canvas->width * canvas->channels;
	uint8_t *bytes = NULL;
	const size_t length = canvas->channels == 4
				      ? WebPEncodeRGBA(canvas->pixels, canvas->width,
						canvas->height, stride, (float)quality, &bytes)
				      : WebPEncodeRGB(canvas->pixels, canvas->width, canvas->height,
						stride, (float)quality, &bytes);
	if (!length || fwrite(bytes, 1, length, file) != length)
		generate_die("WebP", "could not be written");
	WebPFree(bytes);
}

/* Makes the folder that `path` lies in; one level is all that is needed. */
static void folder_make(const char *path)
{
	char folder[4096];
	const char *slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) >= sizeof(folder))
		return;
	memcpy(folder, path, slash - path);
	folder[slash - path] = 0;
	if (mkdir(folder, 0777) && errno != EEXIST)
		generate_die(folder, strerror(errno));
}

static void picture_write(const char *folder, const struct picture *picture)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, picture->path);
	folder_make(path);
	FILE *file = fopen(path, "wb");
	if (!file)
		generate_die(path, strerror(errno));
	const struct canvas canvas = canvas_stored(picture_paint(picture), picture->orientation);
	if (picture->format == FORMAT_PNG)
		png_write(file, &canvas);
	else if (picture->format == FORMAT_WEBP)
		webp_write(file, &canvas, picture->quality);
	else
		jpeg_write(file, &canvas, picture);
	free(canvas.pixels);
	if (fclose(file))
		generate_die(path, strerror(errno));
}

static const struct picture pictures[] = {
	{ "valley.jpg", 4000, 3000, 3, paint_valley, FORMAT_JPEG, 75, 1, "VALLEY\n12 MEGAPIXELS" },
	{ "sunset.webp", 3000, 2000, 3, paint_sunset, FORMAT_WEBP, 75, 0,
		"SUNSET\nWEBP 6 MEGAPIXELS" },
	{ "holiday/beach at dusk.jpg", 2400, 1600, 3, paint_beach, FORMAT_JPEG, 75, 1,
		"BEACH AT DUSK\nA NAME WITH SPACES" },
	{ "holiday/harbour.jpg", 3000, 2000, 3, paint_harbour, FORMAT_PROGRESSIVE, 75, 1,
		"HARBOUR\nPROGRESSIVE JPEG" },
	{ "holiday/caf\303\251.jpg", 1200, 1600, 3, paint_cafe, FORMAT_JPEG, 80, 6,
		"CAFE\nORIENTATION 6" },
	{ "orientation/2.jpg", 1200, 900, 3, paint_card, FORMAT_JPEG, 75, 2, "^ UP 2\nMIRRORED" },
	{ "orientation/3.jpg", 1200, 900, 3, paint_card, FORMAT_JPEG, 75, 3,
		"^ UP 3\nUPSIDE DOWN" },
	{ "orientation/5.jpg", 1200, 900, 3, paint_card, FORMAT_JPEG, 75, 5, "^ UP 5\nTRANSPOSED" },
	{ "orientation/8.jpg", 1200, 900, 3, paint_card, FORMAT_JPEG, 75, 8,
		"^ UP 8\nON ITS SIDE" },
	{ "charts/zone plate.jpg", 1040, 1040, 1, paint_zone_plate, FORMAT_JPEG, 60, 0,
		"ZONE PLATE\nGREY JPEG" },
	{ "charts/paper.png", 1600, 1200, 3, paint_paper, FORMAT_PNG, 0, 0,
		"PAPER\nTHE QUICK BROWN FOX\nJUMPS OVER THE LAZY DOG\n0123456789\nPNG 1600/1200" },
	{ "charts/glass.png", 1400, 1000, 4, paint_glass, FORMAT_PNG, 0, 0,
		"GLASS\nPNG WITH ALPHA" },
	{ "charts/leaf.webp", 1400, 1000, 4, paint_leaf, FORMAT_WEBP, 75, 0,
		"LEAF\nWEBP WITH ALPHA" },
};

int main(int argc, char **argv)
{
	if (argc != 2)
		generate_die("usage", "generate FOLDER");
	if (mkdir(argv[1], 0777) && errno != EEXIST)
		generate_die(argv[1], strerror(errno));
	for (size_t number = 0; number < sizeof(pictures) / sizeof(*pictures); number++)
		picture_write(argv[1], &pictures[number]);
	return 0;
}
