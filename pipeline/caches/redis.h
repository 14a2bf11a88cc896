#ifndef NIGHTMILL_CACHES_REDIS_H
#define NIGHTMILL_CACHES_REDIS_H

#include "pipeline/cache_tier.h"

extern const struct cache_tier_plugin redis_tier;

#endif
