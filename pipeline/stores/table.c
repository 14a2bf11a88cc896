#include "pipeline/store.h"

#include "pipeline/stores/csv.h"
#include "pipeline/stores/postgres.h"
#include "pipeline/stores/sqlite.h"

const struct plugin *const store_plugins[] = { &csv_store.plugin, &sqlite_store.plugin,
	&postgres_store.plugin, NULL };
