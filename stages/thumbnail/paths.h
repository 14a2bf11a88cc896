#ifndef NIGHTMILL_STAGES_THUMBNAIL_PATHS_H
#define NIGHTMILL_STAGES_THUMBNAIL_PATHS_H

/* Where thumbnails go: the template `to`, with slots of its own for size, sides and extension,
 * which win over fields of the same name. Paths are relative to the start folder (absolute where
 * the template starts with a slash) and normalised: no empty component, no ".", never "..". */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/stage.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "pipeline/template.h"
#include "stages/thumbnail/size.h"

struct paths {
	struct template to;
	const struct template *from; /* of the source's path, which {hash} comes from */
	const char *base;            /* the folder that it is relative to */
	size_t fields;               /* of the record; the extras' numbers start there */
	const char
		*root; /* the literal folder in front of the first slot, normalised; in the arena */
};

/* Compiles `to`; `from` and `base` are there already. `arena` owns what paths point to. False and
 * ERROR_USAGE, with what is wrong, where it cannot serve. */
bool paths_prepare(struct paths *paths, const char *to, const struct fields *fields,
	struct arena *arena, struct error *err);

/* Fails where two of the sizes would always want the same file. */
bool paths_check_sizes(
	const struct paths *paths, const struct size *sizes, size_t count, struct error *err);

/* Adds the URI of the item's source. */
void paths_uri(const struct paths *paths, const struct item *item, struct text *uri);

struct paths_job {
	const struct item *item;
	const struct size *size;
	const char *extension; /* NULL: that of the size's format */
	struct text *scratch;  /* for the path while it is made */
};

/* Fills in path, length and late of one part. Fails, as the item's error, where the record gives no
 * path below the root. */
bool paths_make(const struct paths *paths, const struct paths_job *job, struct part *part,
	struct arena *arena, struct error *err);

#endif
