#include "stages/thumbnail/rows.h"

enum { ROWS_LONGEST = 16384 }; /* px: side of a box */

static const char *const rows_autos[] = { "auto", NULL };
static const char *const rows_fits[] = { "inside", "outside", "cover", "contain", "fill", NULL };
static const char *const rows_formats[] = { "jpeg", "webp", "png", "same", "avif", "auto", NULL };
static const char *const rows_colours[] = { "srgb", "keep", "ignore", NULL };
static const char *const rows_crops[] = { "centre", "north", "northeast", "east", "southeast",
	"south", "southwest", "west", "northwest", "entropy", "attention", "focus", NULL };
static const char *const rows_chromas[] = { "420", "444", NULL };
static const char *const rows_layouts[] = { "template", "freedesktop", NULL };
static const char *const rows_previews[] = { "ignore", "use", NULL };
static const char *const rows_intents[] = { "relative", "perceptual", "saturation", "absolute",
	NULL };
static const char *const rows_mtimes[] = { "now", "keep", NULL };
static const char *const rows_damages[] = { "fail", "keep", NULL };

#define SETTINGS struct rows_size
const struct option rows_size_options[] = {
	{ "name", TEXT(name), .help = "What {size} stands for. Letters, digits, _ and -." },
	{ "width", NUMBER_OR_WORD(width, rows_autos), RANGE(1, ROWS_LONGEST), .fallback = "auto",
		.unit = "px", .affects = AFFECTS_BYTES,
		.help = "Width of the box. With auto the height decides." },
	{ "height", NUMBER_OR_WORD(height, rows_autos), RANGE(1, ROWS_LONGEST), .fallback = "auto",
		.unit = "px", .affects = AFFECTS_BYTES,
		.help = "Height of the box. With auto the width decides." },
	{ "fit", CHOICE(fit, rows_fits), .fallback = "inside", .affects = AFFECTS_BYTES,
		.help = "How the picture meets the box: inside it, around it (outside), filling it "
			"with its edges cut off (cover), inside it with bars (contain), or "
			"stretched (fill)." },
	{ "enlarge", BOOLEAN(enlarge), .fallback = "no", .affects = AFFECTS_BYTES,
		.help = "Whether pictures smaller than the box are made larger." },
	{ "background", TEXT(background), .fallback = "white", .affects = AFFECTS_BYTES,
		.help = "Colour of the bars, and of what shows through where the format has no "
			"transparency: #rgb, #rrggbb, #rrggbbaa, white, black or transparent." },
	{ "quality", NUMBER_OR_WORD(quality, rows_autos), RANGE(1, 100), .fallback = "auto",
		.affects = AFFECTS_BYTES,
		.help = "Of JPEG (auto: 80), WebP (auto: 75) and AVIF (auto: 50)." },
	{ "format", CHOICE(format, rows_formats), .fallback = "jpeg", .affects = AFFECTS_BYTES,
		.help = "What is written. With same JPEG, PNG and WebP stay what they are; of "
			"other pictures those with transparency become PNG, the rest JPEG. With "
			"auto those with transparency become WebP, the rest JPEG." },
	{ "colour", CHOICE(colour, rows_colours), .fallback = "srgb", .affects = AFFECTS_BYTES,
		.help = "What becomes of a colour profile: colours are converted to sRGB by it, or "
			"they stay as they are and a profile other than sRGB goes along (keep), "
			"or it is not looked at (ignore). Inks always become sRGB." },
	{ "crop", CHOICE(crop, rows_crops), .fallback = "centre", .affects = AFFECTS_BYTES,
		.help = "What cover keeps: the part in the middle, at an edge or in a corner, the "
			"one with the most different tones (entropy), the one with the most "
			"edges, colours and skin (attention), or the one around the point that "
			"`focus` gives, else the faces or the subject in the picture's "
			"metadata, else as with attention (focus)." },
	{ "linear", BOOLEAN(linear), .fallback = "no", .affects = AFFECTS_BYTES,
		.help = "Whether pixels are averaged as light rather than as numbers, which keeps "
			"small lights bright. The picture is decoded in full for it, which takes "
			"several times as long." },
	{ "sharpen", REAL(sharpen), RANGE(0, 10), .fallback = "0", .affects = AFFECTS_BYTES,
		.help = "How much clearer edges are made afterwards: 0 not at all, 0.5 a little, "
			"1 clearly." },
	{ "keep", LIST(keep), .fallback = "[]", .affects = AFFECTS_BYTES,
		.help = "What of the source's metadata goes along: icc (a colour profile where "
			"the source has one: sRGB's, unless colours stay as they are), exif "
			"(upright, with the new sides, without previews), copyright (artist and "
			"copyright alone) and xmp." },
	{ "animated", BOOLEAN(animated), .fallback = "no", .affects = AFFECTS_BYTES,
		.help = "Whether animated GIFs and WebPs stay animated. For WebP only; all frames "
			"together count for max_pixels." },
	{ "progressive", BOOLEAN(progressive), .fallback = "no", .affects = AFFECTS_BYTES,
		.help = "Whether JPEGs build up while they load. From about 200 px on they are a "
			"little smaller then. They take longer to make and to show." },
	{ "chroma", CHOICE(chroma, rows_chromas), .fallback = "420", .affects = AFFECTS_BYTES,
		.help = "Of JPEG and AVIF: colours at half the resolution (420), or at full (444), "
			"for text "
			"and drawings." },
	{ "lossless", BOOLEAN(lossless), .fallback = "no", .affects = AFFECTS_BYTES,
		.help = "Whether WebP and AVIF keep every pixel as it is. Quality does not count "
			"then." },
	{ "effort", NUMBER_OR_WORD(effort, rows_autos), RANGE(0, 9), .fallback = "auto",
		.affects = AFFECTS_BYTES,
		.help = "Time spent on making files smaller, by WebP (auto: 4; more than 6 is 6), "
			"AVIF (auto: 4) and PNG (auto: 6)." },
	{ "budget", BYTES(budget), RANGE(0, 1LL << 40), .fallback = "0", .affects = AFFECTS_BYTES,
		.help = "Bytes that it may have; 0: any number. Where it has more, its quality is "
			"lowered, down to the half, then its sides. Not for what is animated." },
	{ .name = NULL },
};
#undef SETTINGS

#define SETTINGS struct rows_settings
const struct option rows_options[] = {
	{ "sizes", GROUPS(sizes, rows_size_options, sizeof(struct rows_size)),
		.affects = AFFECTS_BYTES,
		.help = "The pictures to make of each picture: 1 to 64, all from one decode." },
	{ "to", TEMPLATE(to), .fallback = "\"\"",
		.help = "Path of the output: a folder, then slots. Beside those of the item it "
			"knows "
			"{size}, {width}, {height} and {ext} (jpg, webp, png or avif)." },
	{ "as", TEXT(as), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "Instead of `to`: nothing is written, the bytes become fields AS.SIZE for "
			"the stages behind, such as picture.small for `inline` of mail." },
	{ "manifest", TEMPLATE(manifest), .fallback = "\"\"",
		.help = "Path of a JSON file for each picture, in the folder of `to`: sizes, bytes "
			"and hashes of what was made, srcset for each format, the dominant colour "
			"and "
			"a ThumbHash. Nothing: none. {ext} is json, {size} is manifest." },
	{ "layout", CHOICE(layout, rows_layouts), .fallback = "template", .affects = AFFECTS_BYTES,
		.help = "Where thumbnails go: by the template `to`, or into the folder `to` as the "
			"thumbnail specification of freedesktop.org has it, for file managers "
			"(freedesktop): sizes are normal, large, x-large and xx-large, names are "
			"the MD5 of the source's URI, the files are PNG with its tags, and what "
			"cannot be made is noted in fail/." },
	{ "from", TEMPLATE(from), .fallback = "\"{path}\"", .affects = AFFECTS_BYTES,
		.help = "Path of the picture, below a root of the source; of a source without "
			"roots (a table), below the folder that it begins with. With `as`, "
			"nothing: there is no picture." },
	{ "formats", LIST(formats), .fallback = "[common]", .affects = AFFECTS_LIMIT,
		.help = "What is taken for a picture; files of other kinds are ignored. common "
			"stands for all but svg and pdf; the others are jpeg, png, webp, gif, "
			"tiff, heif (with avif), jxl, jp2, bmp, pnm, radiance, openexr, svg and "
			"pdf." },
	{ "frame", INTEGER(frame), RANGE(1, 10000), .fallback = "1", .affects = AFFECTS_BYTES,
		.help = "Which frame of an animated GIF or WebP, or page of a TIFF, HEIF or PDF, "
			"is shown: 1 is the first, and the last one where there are fewer." },
	{ "focus", TEMPLATE(focus), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "For crop: focus, the point that matters in the upright picture, such as "
			"\"{focus}\": two shares from the left and from the top, as in 0.3,0.7 or "
			"30% 70%. Nothing: the picture's metadata are asked." },
	{ "preview", CHOICE(preview, rows_previews), .fallback = "ignore", .affects = AFFECTS_BYTES,
		.help = "Whether a smaller picture that a camera put into its JPEG, HEIC or AVIF "
			"is "
			"used instead of the picture (use), where it is large enough for all "
			"sizes, of the same "
			"shape and the right way up. Faster; it may look a little different." },
	{ "intent", CHOICE(intent, rows_intents), .fallback = "relative", .affects = AFFECTS_BYTES,
		.help = "How colours that sRGB does not have are brought into it." },
	{ "black_point", BOOLEAN(black_point), .fallback = "yes", .affects = AFFECTS_BYTES,
		.help = "Whether the darkest tone of a profile becomes black, so that dark parts "
			"keep their drawing." },
	{ "on_damage", CHOICE(on_damage, rows_damages), .fallback = "fail",
		.affects = AFFECTS_BYTES,
		.help = "What becomes of a picture that is cut short or corrupt: an error, or a "
			"thumbnail of what there is." },
	{ "mtime", CHOICE(mtime, rows_mtimes), .fallback = "now",
		.help = "The modification time of what is made: that of making, or the source's "
			"(keep)." },
	{ "max_pixels", INTEGER(max_pixels), RANGE(1, 100000), .fallback = "100", .unit = "MP",
		.affects = AFFECTS_LIMIT, .help = "Pictures with more megapixels are refused." },
	{ "max_memory", BYTES(max_memory), RANGE(1 << 20, 1LL << 40), .fallback = "512MiB",
		.affects = AFFECTS_LIMIT,
		.help = "Pictures that would need more than this are refused, judged by their "
			"headers: what is progressive or interlaced has to be held whole." },
	{ "max_bytes", BYTES(max_bytes), RANGE(1, 1LL << 40), .fallback = "512MiB",
		.affects = AFFECTS_LIMIT, .help = "Larger files are refused." },
	{ .name = NULL },
};
#undef SETTINGS
