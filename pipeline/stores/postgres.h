#ifndef NIGHTMILL_STORES_POSTGRES_H
#define NIGHTMILL_STORES_POSTGRES_H

#include "pipeline/store.h"

extern const struct store_plugin postgres_store;

#endif
