#ifndef NIGHTMILL_CACHES_SIEVE_H
#define NIGHTMILL_CACHES_SIEVE_H

#include "pipeline/cache.h"

extern const struct cache_plugin sieve_cache;

#endif
