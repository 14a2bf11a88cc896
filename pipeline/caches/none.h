#ifndef NIGHTMILL_CACHES_NONE_H
#define NIGHTMILL_CACHES_NONE_H

#include "pipeline/cache.h"

extern const struct cache_plugin none_cache;

#endif
