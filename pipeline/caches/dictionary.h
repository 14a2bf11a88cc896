#ifndef NIGHTMILL_CACHES_DICTIONARY_H
#define NIGHTMILL_CACHES_DICTIONARY_H

#include "pipeline/cache.h"

extern const struct cache_plugin dictionary_cache;

#endif
