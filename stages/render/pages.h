#ifndef NIGHTMILL_STAGES_RENDER_PAGES_H
#define NIGHTMILL_STAGES_RENDER_PAGES_H

/* The template files of one stage: a single one, or with a slot in the path all that fit, of which
 * the slot's value picks one. All are read and compiled when the plan is made. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/stage.h"
#include "stages/render/page.h"

struct pages_entry {
	const char *value; /* of the slot; NULL: the path has none */
	const char *path;
	struct page page;
	enum page_target target; /* by the name of its file */
};

struct pages {
	struct pages_entry *list;
	size_t count;
	size_t slot;          /* number of the field that picks; SIZE_MAX: none does */
	size_t fallback;      /* the one for any other value */
	struct digest recipe; /* of all names and texts */
};

/* Reads the templates at `path`, which may have one {slot}; `fallback` is the value that stands for
 * all that have no template ("": not given). Problems are added; false where there was one. */
bool pages_read(struct pages *pages, const char *path, const char *fallback,
	const struct stage_setup *setup);

/* The template for a record. */
const struct pages_entry *pages_pick(const struct pages *pages, const struct item *item);

#endif
