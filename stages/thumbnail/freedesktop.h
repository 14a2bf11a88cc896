#ifndef NIGHTMILL_STAGES_THUMBNAIL_FREEDESKTOP_H
#define NIGHTMILL_STAGES_THUMBNAIL_FREEDESKTOP_H

/* The Thumbnail Managing Standard of freedesktop.org, which file managers share their thumbnails
 * by: names, sizes, and what a thumbnail says about its picture. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/thumbnail/sniff.h"

/* Sides of "normal", "large", "x-large" and "xx-large" in px; 0: no such size. */
uint32_t freedesktop_side(const char *name);

/* Adds the URI of a file: `path` (`length` bytes), which is relative to the absolute folder `base`
 * unless it starts with a slash. */
void freedesktop_uri(const char *base, const char *path, size_t length, struct text *uri);

enum { FREEDESKTOP_HASH_BYTES = 33 };

/* The name of a thumbnail without its extension: the MD5 of the URI in hexadecimal. */
void freedesktop_hash(const struct text *uri, char hash[FREEDESKTOP_HASH_BYTES]);

/* What goes into a thumbnail. */
struct freedesktop_tags {
	struct text uri;
	int64_t mtime;          /* s */
	uint64_t bytes;         /* of the source */
	enum sniff_kind kind;   /* SNIFF_NOTHING: not known */
	uint32_t width, height; /* px, upright; 0: not known */
};

enum { FREEDESKTOP_WORDS = 7, FREEDESKTOP_WORD_BYTES = 32 };

/* A tag as PNG has it; `text` of the URI is borrowed. */
struct freedesktop_word {
	const char *key;
	const char *text;
	char room[FREEDESKTOP_WORD_BYTES];
};

/* Returns how many there are. */
size_t freedesktop_words(
	const struct freedesktop_tags *tags, struct freedesktop_word words[FREEDESKTOP_WORDS]);

#endif
