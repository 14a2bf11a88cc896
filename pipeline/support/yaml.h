#ifndef NIGHTMILL_SUPPORT_YAML_H
#define NIGHTMILL_SUPPORT_YAML_H

/* A YAML file as a tree that remembers where everything stood. Anchors, aliases and merge keys
 * (`<<`) are resolved, `${NAME}` in scalars is replaced from the environment (`$${` stands for
 * `${`), `--set` changes are applied. Limits against bombs: 1 MiB of file, depth 32, 1,000 keys in
 * a mapping, 100,000 nodes after aliases. Aliases are copies: a change by `--set` changes one place
 * only. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/problems.h"

enum yaml_kind { YAML_NULL, YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml_node {
	enum yaml_kind kind;
	struct place place;
	bool quoted; /* a scalar in quotation marks or a block: always text, never a number, boolean
			or null */
	bool secret; /* contains a value from the environment: messages show *** in its stead */
	bool set;    /* comes from --set */
	bool broken; /* has a problem already: nothing more is to be said about its value */
	const char *text; /* SCALAR (and NULL as it was written), NUL-terminated; "" otherwise */
	size_t count;     /* LIST, MAP: number of children */
	struct yaml_node **keys;   /* MAP: scalars, in the order of the file, without duplicates;
				      merged ones last */
	struct yaml_node **values; /* LIST, MAP */
};

/* Reads `path` ("-" is standard input) into `arena`, which owns the tree. NULL, with at least one
 * problem added, where no tree can be had. Duplicate keys, unknown aliases, a merge key of
 * something that is no mapping, and a variable that is not set are problems too, but the tree is
 * returned so that all problems show in one go. */
struct yaml_node *yaml_read(struct arena *arena, const char *path, struct problems *problems);

/* The same from memory; `name` (borrowed as long as tree and problems live) stands for the file in
 * messages. */
struct yaml_node *yaml_parse(struct arena *arena, const char *name, const char *data, size_t length,
	struct problems *problems);

/* Applies one "path.to.value=YAML" (list elements by number,
 * `stages.0.thumbnail.sizes.1.width=800`); missing mappings on the way are made, and the number
 * behind the last element of a list adds one. Problems name the argument as the file, "--set
 * path.to.value". */
void yaml_set(struct arena *arena, struct yaml_node *root, const char *assignment,
	struct problems *problems);

/* The value of `key` in a mapping, or NULL (also where `map` is NULL or no mapping). */
struct yaml_node *yaml_get(const struct yaml_node *map, const char *key);

#endif
