#include "pipeline/cache.h"
#include "pipeline/cache_tier.h"

#include "pipeline/caches/dictionary.h"
#include "pipeline/caches/fifo.h"
#include "pipeline/caches/lru.h"
#include "pipeline/caches/none.h"
#include "pipeline/caches/redis.h"
#include "pipeline/caches/sieve.h"

const struct plugin *const caches[] = {
	&none_cache.plugin,
	&dictionary_cache.plugin,
	&sieve_cache.plugin,
	&lru_cache.plugin,
	&fifo_cache.plugin,
	NULL,
};

const struct plugin *const cache_tiers[] = {
	&redis_tier.plugin,
	NULL,
};
