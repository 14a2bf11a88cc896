#ifndef NIGHTMILL_STORES_H
#define NIGHTMILL_STORES_H

/* The stores of a config by their names. What columns they have is looked up when the plan is made,
 * once and only of those that are used. */

#include <stdbool.h>
#include <stddef.h>

#include "pipeline/options/option.h"
#include "pipeline/store.h"
#include "pipeline/support/problems.h"

struct stores_entry {
	const char *name;
	const struct store_plugin *plugin;
	const void *settings;
	const struct yaml_node *node;
	struct store_columns columns; /* valid where described */
	bool described, broken;
};

struct stores {
	struct stores_entry *list;
	size_t count;
	struct arena *arena; /* owns all of it */
	struct place around; /* where problems are reported that have no place of their own */
	struct problems *problems;
};

/* The stores of a config, none of them opened yet. All else is borrowed. */
void stores_list(struct stores *stores, const struct option_plugins *chosen, struct place around,
	struct arena *arena, struct problems *problems);

/* The store called `name`, with its columns. NULL where there is none, with `err` that names the
 * nearest; or where it can't be read, which adds a problem at its own place once and leaves
 * err->text empty. */
const struct stores_entry *stores_find(struct stores *stores, const char *name, struct error *err);

/* The same once the plan is made; it must be there. */
const struct stores_entry *stores_get(const struct stores *stores, const char *name);

#endif
