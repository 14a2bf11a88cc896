#ifndef NIGHTMILL_STORES_SQLITE_H
#define NIGHTMILL_STORES_SQLITE_H

#include "pipeline/store.h"

extern const struct store_plugin sqlite_store;

#endif
