#ifndef NIGHTMILL_STAGES_FILES_NAMES_H
#define NIGHTMILL_STAGES_FILES_NAMES_H

/* A stack of file names, all in one block of memory: what a folder's listing gives, sorted from any
 * point on. All zero is an empty one. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
	uint64_t first; /* eight bytes of it, the first one highest: most comparisons end here */
	size_t at;      /* in `bytes` */
	uint16_t length;
	bool link; /* to be followed */
};

struct names {
	struct name *list;
	size_t count, room;
	char *bytes; /* every name with a NUL */
	size_t used, bytes_room;
};

/* Adds a copy. */
void names_add(struct names *names, const char *name, size_t length, bool link);

/* Sorts by bytes what was added since `count` was `start`. */
void names_sort(struct names *names, size_t start);

/* Forgets all names from number `count` on; keeps the memory. */
void names_cut(struct names *names, size_t count);

/* The text of a name, NUL-terminated; valid until the next names_add. */
const char *names_text(const struct names *names, const struct name *name);

void names_finish(struct names *names);

#endif
