#ifndef NIGHTMILL_OUTPUT_PATH_H
#define NIGHTMILL_OUTPUT_PATH_H

/* Where an item's output goes, for stages that make files: relative to the start folder (absolute
 * where the template starts with a slash) and normalised: no empty component, no ".", never "..".
 */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/stage.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "pipeline/template.h"

/* Where in a path something is still to come (an extension), and the same place in what was
 * normalised. */
struct output_path_late {
	size_t from, to; /* SIZE_MAX: nowhere */
};

/* The literal folder in front of the first slot of the template `to`, normalised, in `arena`. False
 * and ERROR_USAGE where there is none, or one with "..". */
bool output_path_root(const struct template *template, const char *to, struct arena *arena,
	const char **root, struct error *err);

/* Normalises the expanded template in place, and fills in path, length and late of a part from it.
 * Fails, as the item's error, where that is no path below the root; `path` is then of no use. */
bool output_path_make(struct text *path, struct output_path_late *late, struct part *part,
	struct arena *arena, struct error *err);

#endif
