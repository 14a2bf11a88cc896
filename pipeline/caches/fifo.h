#ifndef NIGHTMILL_CACHES_FIFO_H
#define NIGHTMILL_CACHES_FIFO_H

#include "pipeline/cache.h"

extern const struct cache_plugin fifo_cache;

#endif
