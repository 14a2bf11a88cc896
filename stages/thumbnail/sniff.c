#include "stages/thumbnail/sniff.h"

#include <stdbool.h>
#include <string.h>

struct sniff_magic {
	enum sniff_kind kind;
	size_t offset, length;
	const char *bytes;
};

static const struct sniff_magic sniff_magics[] = {
	{ SNIFF_JPEG, 0, 3, "\xFF\xD8\xFF" },
	{ SNIFF_PNG, 0, 8, "\x89PNG\r\n\x1A\n" },
	{ SNIFF_GIF, 0, 6, "GIF87a" },
	{ SNIFF_GIF, 0, 6, "GIF89a" },
	{ SNIFF_TIFF, 0, 4, "II*\0" },
	{ SNIFF_TIFF, 0, 4, "MM\0*" },
	{ SNIFF_TIFF, 0, 4, "II+\0" },
	{ SNIFF_TIFF, 0, 4, "MM\0+" },
	{ SNIFF_HEIF, 4, 8, "ftypheic" },
	{ SNIFF_HEIF, 4, 8, "ftypheix" },
	{ SNIFF_HEIF, 4, 8, "ftyphevc" },
	{ SNIFF_HEIF, 4, 8, "ftypheim" },
	{ SNIFF_HEIF, 4, 8, "ftypmif1" },
	{ SNIFF_HEIF, 4, 8, "ftypmsf1" },
	{ SNIFF_HEIF, 4, 8, "ftypavif" },
	{ SNIFF_HEIF, 4, 8, "ftypavis" },
	{ SNIFF_JXL, 0, 2, "\xFF\x0A" },
	{ SNIFF_JXL, 0, 12, "\0\0\0\x0CJXL \r\n\x87\n" },
	{ SNIFF_JP2, 0, 12, "\0\0\0\x0CjP  \r\n\x87\n" },
	{ SNIFF_JP2, 0, 4, "\xFF\x4F\xFF\x51" },
	{ SNIFF_RADIANCE, 0, 10, "#?RADIANCE" },
	{ SNIFF_RADIANCE, 0, 6, "#?RGBE" },
	{ SNIFF_OPENEXR, 0, 4, "\x76\x2F\x31\x01" },
	{ SNIFF_PDF, 0, 5, "%PDF-" },
};

const char *const sniff_words[SNIFF_KINDS + 1] = {
	[SNIFF_NOTHING] = "",
	[SNIFF_JPEG] = "jpeg",
	[SNIFF_PNG] = "png",
	[SNIFF_WEBP] = "webp",
	[SNIFF_GIF] = "gif",
	[SNIFF_TIFF] = "tiff",
	[SNIFF_HEIF] = "heif",
	[SNIFF_JXL] = "jxl",
	[SNIFF_JP2] = "jp2",
	[SNIFF_BMP] = "bmp",
	[SNIFF_PNM] = "pnm",
	[SNIFF_RADIANCE] = "radiance",
	[SNIFF_OPENEXR] = "openexr",
	[SNIFF_SVG] = "svg",
	[SNIFF_PDF] = "pdf",
};

/* Two letters are no proof: the header's size and the reserved bytes have to fit too. */
static bool sniff_bmp(const unsigned char *data, size_t length)
{
	return length >= 26 && data[0] == 'B' && data[1] == 'M' && data[6] == 0 && data[7] == 0 &&
	       data[14] >= 12 && data[14] <= 124 && data[15] == 0 && data[16] == 0 && data[17] == 0;
}

static bool sniff_webp(const unsigned char *data, size_t length)
{
	return length >= 12 && memcmp(data, "RIFF", 4) == 0 && memcmp(data + 8, "WEBP", 4) == 0;
}

/* PFM, in real numbers, has letters, which a text may begin with too: a side follows. */
static bool sniff_pnm(const unsigned char *data, size_t length)
{
	if (length < 8 || data[0] != 'P' || !memchr("\n \t\r", data[2], 4))
		return false;
	if (data[1] == 'F' || data[1] == 'f')
		return data[3] >= '0' && data[3] <= '9';
	return data[1] >= '1' && data[1] <= '6';
}

static bool sniff_svg(const unsigned char *data, size_t length)
{
	const size_t mark = length >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	const size_t looked = (length < 1024 ? length : 1024) - mark;
	const unsigned char *text = data + mark;
	if (looked == 0 || (text[0] != '<' && text[0] != ' ' && text[0] != '\n'))
		return false;
	return memmem(text, looked, "<svg", 4) != NULL;
}

enum sniff_kind sniff_bytes(const unsigned char *data, size_t length)
{
	for (size_t i = 0; i < sizeof(sniff_magics) / sizeof(sniff_magics[0]); i++) {
		const struct sniff_magic *magic = &sniff_magics[i];
		if (length >= magic->offset + magic->length &&
			memcmp(data + magic->offset, magic->bytes, magic->length) == 0)
			return magic->kind;
	}
	if (sniff_webp(data, length))
		return SNIFF_WEBP;
	if (sniff_bmp(data, length))
		return SNIFF_BMP;
	if (sniff_pnm(data, length))
		return SNIFF_PNM;
	return sniff_svg(data, length) ? SNIFF_SVG : SNIFF_NOTHING;
}

const char *sniff_name(enum sniff_kind kind)
{
	return kind > SNIFF_NOTHING && kind < SNIFF_KINDS ? sniff_words[kind] : "no picture";
}
