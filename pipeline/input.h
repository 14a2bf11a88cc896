#ifndef NIGHTMILL_INPUT_H
#define NIGHTMILL_INPUT_H

/* How stages read an item's file: below a declared root, regular files only, whole into memory that
 * is used again for the next one. One input belongs to one worker. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"
#include "pipeline/support/error.h"

struct input;

/* What was read; valid until the next call on the same input. */
struct input_file {
	const unsigned char *data; /* INPUT_PADDING zero bytes follow behind `length` */
	size_t length;
	struct validator seen; /* size and mtime_nanos by fstat after reading */
	int64_t opened_nanos;  /* wall time just before it was opened */
};

enum { INPUT_PADDING = 64 };

/* Opens the roots (borrowed until close). */
bool input_open(struct option_list roots, bool links, struct input **input, struct error *err);

/* Reads the file at `path` (`length` bytes, as a source gave it: a root, a slash, the rest) whole.
 * Opened with O_NONBLOCK and below the longest root that is in front of it. What is no regular file
 * (any more), or changed its size or time while it was read, is ERROR_CHANGED; a path below no root
 * ERROR_DENIED; more than `most` bytes ERROR_LIMIT (the text says "max_bytes"). */
bool input_read(struct input *input, const char *path, size_t length, uint64_t most,
	struct input_file *file, struct error *err);

/* Asks the kernel for a file that will be read soon, for its first `most` bytes and without waiting
 * for them. True: it is in memory already, as far as its first byte tells. What cannot be read is
 * the reader's to tell. */
bool input_ahead(struct input *input, const char *path, size_t length, uint64_t most);

/* NULL is allowed. */
void input_close(struct input *input);

#endif
