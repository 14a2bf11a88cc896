#ifndef NIGHTMILL_TEMPLATE_H
#define NIGHTMILL_TEMPLATE_H

/* Texts with {slots}, resolved to numbers when the plan is made. "{{" and "}}" stand for braces. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/text.h"

struct template_piece {
	const char *text; /* literal; NULL: a slot */
	size_t length;    /* of text */
	size_t slot;      /* number of the field; from fields.count on: number of the extra */
};

struct template
{
	const struct template_piece *pieces;
	size_t count;
	size_t fields;  /* numbers of slots from here on are those of the extras */
	size_t literal; /* bytes of text in front of the first slot */
};

/* Compiles `source` into `arena`. Slots are names of `fields` or of `extras` (NULL-terminated, may
 * be NULL). An unknown slot is an error that names the nearest one; so is a brace without its
 * partner. */
bool template_compile(const char *source, const struct fields *fields, const char *const *extras,
	struct arena *arena, struct template *template, struct error *err);

/* True where the template uses this slot (numbered as in template_piece). */
bool template_uses(const struct template *template, size_t slot);

/* Appends the text for a record; `extras` as many slots as were named. An absent slot gives
 * nothing. */
void template_expand(const struct template *template, const struct slot *slots, size_t slot_count,
	const struct slot *extras, struct text *text);

#endif
