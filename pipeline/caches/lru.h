#ifndef NIGHTMILL_CACHES_LRU_H
#define NIGHTMILL_CACHES_LRU_H

#include "pipeline/cache.h"

extern const struct cache_plugin lru_cache;

#endif
