#ifndef NIGHTMILL_STORES_CSV_H
#define NIGHTMILL_STORES_CSV_H

#include "pipeline/store.h"

extern const struct store_plugin csv_store;

#endif
