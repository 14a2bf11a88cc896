#include "stages/thumbnail/freedesktop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <md5.h>

uint32_t freedesktop_side(const char *name)
{
	static const struct {
		const char *name;
		uint32_t side;
	} sizes[] = { { "normal", 128 }, { "large", 256 }, { "x-large", 512 },
		{ "xx-large", 1024 } };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		if (strcmp(name, sizes[i].name) == 0)
			return sizes[i].side;
	return 0;
}

/* The bytes that GLib leaves as they are in the path of a URI, so that the names are the same. */
static void freedesktop_escape(const char *part, size_t length, struct text *uri)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~!$&'()*+,=:@";
	for (size_t i = 0; i < length; i++) {
		const unsigned char c = (unsigned char)part[i];
		if (c != 0 && strchr(plain, c))
			text_add(uri, &c, 1);
		else
			text_addf(uri, "%%%02X", c);
	}
}

static bool freedesktop_is(const char *part, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(part, word, length) == 0;
}

/* Adds the parts of `path` to a URI that holds no more than "file://" and parts. */
static void freedesktop_walk(const char *path, size_t length, size_t head, struct text *uri)
{
	for (size_t at = 0; at < length;) {
		const char *slash = memchr(path + at, '/', length - at);
		const size_t end = slash ? (size_t)(slash - path) : length;
		const char *part = path + at;
		if (freedesktop_is(part, end - at, "..")) {
			while (uri->length > head && uri->data[uri->length - 1] != '/')
				uri->length--;
			uri->length -= uri->length > head;
			uri->data[uri->length] = '\0';
		} else if (end > at && !freedesktop_is(part, end - at, ".")) {
			text_add(uri, "/", 1);
			freedesktop_escape(part, end - at, uri);
		}
		at = end + 1;
	}
}

void freedesktop_uri(const char *base, const char *path, size_t length, struct text *uri)
{
	text_add_string(uri, "file://");
	const size_t head = uri->length;
	if (length == 0 || path[0] != '/')
		freedesktop_walk(base, strlen(base), head, uri);
	freedesktop_walk(path, length, head, uri);
}

void freedesktop_hash(const struct text *uri, char hash[FREEDESKTOP_HASH_BYTES])
{
	MD5Data((const uint8_t *)uri->data, uri->length, hash);
}

static const char *freedesktop_type(enum sniff_kind kind)
{
	static const char *const types[SNIFF_KINDS] = {
		[SNIFF_JPEG] = "image/jpeg",
		[SNIFF_PNG] = "image/png",
		[SNIFF_WEBP] = "image/webp",
		[SNIFF_GIF] = "image/gif",
		[SNIFF_TIFF] = "image/tiff",
		[SNIFF_HEIF] = "image/heif",
		[SNIFF_JXL] = "image/jxl",
		[SNIFF_JP2] = "image/jp2",
		[SNIFF_BMP] = "image/bmp",
		[SNIFF_PNM] = "image/x-portable-anymap",
		[SNIFF_RADIANCE] = "image/vnd.radiance",
		[SNIFF_SVG] = "image/svg+xml",
		[SNIFF_PDF] = "application/pdf",
	};
	return kind < SNIFF_KINDS ? types[kind] : NULL;
}

static void freedesktop_number(struct freedesktop_word *word, const char *key, int64_t number)
{
	word->key = key;
	snprintf(word->room, sizeof(word->room), "%" PRId64, number);
	word->text = word->room;
}

size_t freedesktop_words(
	const struct freedesktop_tags *tags, struct freedesktop_word words[FREEDESKTOP_WORDS])
{
	size_t count = 0;
	const char *type = freedesktop_type(tags->kind);
	words[count++] = (struct freedesktop_word){ .key = "Thumb::URI", .text = tags->uri.data };
	freedesktop_number(&words[count++], "Thumb::MTime", tags->mtime);
	freedesktop_number(&words[count++], "Thumb::Size", (int64_t)tags->bytes);
	if (type)
		words[count++] =
			(struct freedesktop_word){ .key = "Thumb::Mimetype", .text = type };
	if (tags->width > 0) {
		freedesktop_number(&words[count++], "Thumb::Image::Width", tags->width);
		freedesktop_number(&words[count++], "Thumb::Image::Height", tags->height);
	}
	words[count++] = (struct freedesktop_word){ .key = "Software", .text = "nightmill" };
	return count;
}
