#ifndef NIGHTMILL_COMMANDS_TABLES_H
#define NIGHTMILL_COMMANDS_TABLES_H

/* Every table of plugins, for the verbs that tell about all of them. */

#include <stddef.h>

#include "pipeline/options/option.h"

struct tables_entry {
	char title[64];                      /* "Sources" */
	const struct plugin *const *plugins; /* NULL-terminated */
};

/* The entry number `index`, all zero behind the last. Behind those of the engine come those that
 * only an option of a stage chooses from, "mail: via". */
struct tables_entry tables_entry(size_t index);

#endif
