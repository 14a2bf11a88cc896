#ifndef NIGHTMILL_STAGES_RENDER_PAGE_H
#define NIGHTMILL_STAGES_RENDER_PAGE_H

/* A template's text, compiled:
 *
 *     {name}               the field, escaped for what is made
 *     {name|raw}           as it is
 *     {when|date}          a date in words; also longdate, weekday, month
 *     {#name} ... {/name}  only where the field has a value; {^name}: only where it has none
 *     {! a remark }
 *     {{                   a brace
 *
 * A brace in front of anything but a letter, one of "#^/!" or a brace is one, and so is every
 * closing brace outside of these: style sheets need no care. A section's tag alone on its line
 * takes the line with it. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/problems.h"
#include "pipeline/support/text.h"

enum page_target { PAGE_TEXT, PAGE_HTML, PAGE_CSV };

struct page_op;

struct page {
	const struct page_op *ops;
	size_t count;
};

/* What a template is and where it came from. */
struct page_source {
	const char *file; /* its name, for problems; lives as long as they do */
	const char *data; /* any bytes */
	size_t length;
};

/* Compiles into `arena`, which also keeps a copy of the text. Every mistake becomes a problem with
 * line and column; false where there was one. */
bool page_compile(const struct page_source *source, const struct fields *fields,
	struct arena *arena, struct page *page, struct problems *problems);

/* What a text is made of. */
struct page_record {
	const struct slot *slots;
	size_t count;
	const char *const *names; /* of the slots, for errors */
	enum page_target target;
	size_t language; /* see dates.h */
};

/* Adds the text; `*secret` becomes true where a secret slot took part. False, and no more than that
 * was added, where a value is no date. */
bool page_add(const struct page *page, const struct page_record *record, struct text *text,
	bool *secret, struct error *err);

#endif
