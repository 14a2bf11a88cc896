#include "pipeline/store.h"

#include "pipeline/stores/csv.h"

const struct plugin *const store_plugins[] = { &csv_store.plugin, NULL };
