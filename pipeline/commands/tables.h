#ifndef NIGHTMILL_COMMANDS_TABLES_H
#define NIGHTMILL_COMMANDS_TABLES_H

/* Every table of plugins, for the verbs that tell about all of them. */

#include <stddef.h>

#include "pipeline/options/option.h"

struct tables_entry {
	const char *title;                   /* "Sources" */
	const char *kind;                    /* "source" */
	const struct plugin *const *plugins; /* NULL-terminated */
};

/* The entry number `index`, all zero behind the last. */
struct tables_entry tables_entry(size_t index);

#endif
