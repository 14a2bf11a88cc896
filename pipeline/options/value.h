#ifndef NIGHTMILL_OPTIONS_VALUE_H
#define NIGHTMILL_OPTIONS_VALUE_H

/* Single values: from what the user typed to a field and back, and how messages call them. Private
 * to options/. */

#include "pipeline/options/option.h"

/* What a text is worth to a row. */
enum value_fit { VALUE_FITS, VALUE_WRONG, VALUE_QUOTED };

/* True for rows whose value is one scalar. */
bool value_is_scalar(enum option_type type);

/* True for rows whose value is text as it stands. */
bool value_is_text(enum option_type type);

/* Reads a scalar node into `field`; texts are the node's own. QUOTED: right but for its quotation
 * marks. */
enum value_fit value_read(const struct option *row, const struct yaml_node *node, void *field);

/* Adds a scalar field as YAML in its canonical form. */
void value_write(const struct option *row, const void *field, struct text *text);

/* Adds `string` as a YAML scalar, in quotation marks where it would be read as something else. */
void value_write_text(const char *string, struct text *text);

/* Adds one of the bounds of a row as a user would type it. */
void value_write_bound(const struct option *row, double bound, struct text *text);

/* Adds the words of a NULL-terminated list, "a, b, c". */
void value_write_words(const char *const *words, struct text *text);

/* Adds the names of a table, "a, b, c". */
void value_write_plugins(const struct plugin *const *plugins, struct text *text);

/* Adds what stands at `node`, for messages: 'abc', ***, "a list", "nothing". */
void value_write_found(const struct yaml_node *node, struct text *text);

/* The node of a row's default, in `arena`; the fallback itself as a scalar where it is empty or,
 * for texts and lists of them, no YAML of the right kind. NULL where it is no YAML at all. */
struct yaml_node *value_fallback(const struct option *row, struct arena *arena);

/* Adds the name of `names` that is nearest to `word`, as " (did you mean 'width'?)", or else
 * `otherwise`, a colon and all names, or nothing where `otherwise` is NULL. */
void value_write_nearest(
	const char *word, const char *const *names, const char *otherwise, struct text *text);

#endif
