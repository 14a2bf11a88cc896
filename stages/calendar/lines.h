#ifndef NIGHTMILL_STAGES_CALENDAR_LINES_H
#define NIGHTMILL_STAGES_CALENDAR_LINES_H

/* The content lines of an iCalendar file (RFC 5545, 3.1), unfolded, one at a time: memory is one
 * line, however large the file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

enum { LINES_BYTES = 256 * 1024 /* of a line; what is behind them is dropped */ };

struct lines {
	FILE *file;       /* borrowed */
	struct text text; /* of the line */
	uint64_t number;  /* of lines that were read, as they stand in the file */
	uint64_t first;   /* where the line begins, from 1 */
	int next;         /* byte that was read ahead; EOF: the end */
};

/* NAME;PARAMETER=value;...:value. Valid until the next line. */
struct line {
	const char *name, *parameters,
		*value; /* NUL-terminated, never NULL; the name in capitals */
};

void lines_start(struct lines *lines, FILE *file);

/* The next line; blank ones, and such without a colon, are left out. False at the end or where the
 * file cannot be read, which `err` tells (else untouched). */
bool lines_next(struct lines *lines, struct line *line, struct error *err);

/* The value of a parameter, without its quotation marks; `*length` bytes. NULL: it is not given. */
const char *line_parameter(const struct line *line, const char *name, size_t *length);

/* Adds a value of type TEXT without its backslashes. */
void line_add_text(struct text *text, const char *value);

void lines_finish(struct lines *lines);

#endif
