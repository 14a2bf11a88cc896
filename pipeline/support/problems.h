#ifndef NIGHTMILL_SUPPORT_PROBLEMS_H
#define NIGHTMILL_SUPPORT_PROBLEMS_H

/* All that is wrong with a config, gathered so that it can be reported in one go, in the order of
 * the file. */

#include <stddef.h>

#include "pipeline/support/arena.h"

/* Where something stands in a text file. */
struct place {
	const char *file;
	int line, column; /* from 1; 0: not known */
};

struct problem {
	struct place place;
	const char *text;
};

struct problems {
	struct arena arena; /* owns the texts */
	struct problem *list;
	size_t count, room;
};

/* Adds one. `place.file` must live as long as `problems`. A second problem at the same place with
 * the same text is dropped. */
void problems_add(struct problems *problems, struct place place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prints "file:line:column: text" lines, sorted by place, to standard error. */
void problems_print(struct problems *problems);

void problems_finish(struct problems *problems);

#endif
