#include "pipeline/commands/tables.h"

#include "pipeline/cache.h"
#include "pipeline/executor.h"
#include "pipeline/source.h"
#include "pipeline/stage.h"
#include "pipeline/store.h"

struct tables_entry tables_entry(size_t index)
{
	const struct tables_entry entries[] = {
		{ "Stores", "store", store_plugins },
		{ "Caches", "cache", caches },
		{ "Sources", "source", sources },
		{ "Stages", "stage", stages },
		{ "Executors", "executor", executors },
	};
	const struct tables_entry none = { 0 };
	return index < sizeof(entries) / sizeof(*entries) ? entries[index] : none;
}
