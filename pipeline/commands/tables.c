#include "pipeline/commands/tables.h"

#include <stdbool.h>
#include <stdio.h>

#include "pipeline/cache.h"
#include "pipeline/executor.h"
#include "pipeline/source.h"
#include "pipeline/stage.h"
#include "pipeline/store.h"

static const struct tables_entry tables_entries[] = {
	{ "Stores", store_plugins },
	{ "Caches", caches },
	{ "Sources", sources },
	{ "Stages", stages },
	{ "Executors", executors },
};

enum { TABLES_ENTRIES = sizeof(tables_entries) / sizeof(tables_entries[0]) };

static bool tables_of_engine(const struct plugin *const *plugins)
{
	for (size_t i = 0; i < TABLES_ENTRIES; i++)
		if (tables_entries[i].plugins == plugins)
			return true;
	return false;
}

/* The option number `*index` of this stage that has a table of its own; counts `*index` down by
 * those that are passed over. */
static const struct option *tables_find(const struct plugin *stage, size_t *index)
{
	for (const struct option *row = stage->options; row && row->name; row++)
		if (row->type == OPTION_PLUGIN && !tables_of_engine(row->plugins) &&
			(*index)-- == 0)
			return row;
	return NULL;
}

struct tables_entry tables_entry(size_t index)
{
	struct tables_entry entry = { .plugins = NULL };
	if (index < TABLES_ENTRIES)
		return tables_entries[index];
	index -= TABLES_ENTRIES;
	for (size_t i = 0; stages[i]; i++) {
		const struct option *row = tables_find(stages[i], &index);
		if (!row)
			continue;
		snprintf(entry.title, sizeof(entry.title), "%s: %s", stages[i]->name, row->name);
		entry.plugins = row->plugins;
		break;
	}
	return entry;
}
