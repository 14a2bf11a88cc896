#ifndef NIGHTMILL_STAGES_FILES_ROOTS_H
#define NIGHTMILL_STAGES_FILES_ROOTS_H

/* The folders where walks start. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/options/option.h"
#include "pipeline/support/error.h"
#include "stages/files/walk.h"

struct root {
	char *path;    /* normalised */
	size_t length; /* of path; 0 for "/", so that a slash and the rest can always follow */
	char *name;    /* its last component; of "." and ".." that of the folder they stand for */
	int folder;
};

struct roots {
	struct root *list;
	size_t count;
};

/* Opens all of `paths`. Errors: one is missing, no folder, the same as another or as an output
 * folder of `rules`, or, unless `empty`, has nothing at all in it, as when its disk is not mounted.
 * On failure nothing is left open. */
bool roots_open(struct option_list paths, const struct walk_rules *rules, bool empty,
	struct roots *roots, struct error *err);

/* How `second` lies to `first` by their texts alone ("is the same as", "lies in", "contains"), or
 * NULL. */
const char *roots_overlap(const char *second, const char *first);

void roots_close(struct roots *roots);

#endif
