/* The cache `sieve`: a hand goes round from the oldest answer to the newest and takes the first
 * that was not used since it last came by (Zhang and others, "SIEVE is Simpler than LRU", NSDI
 * 2024). */

#include "pipeline/caches/sieve.h"

#include "pipeline/caches/options.h"

static void sieve_hit(struct cache_order *order, uint32_t number)
{
	order->links[number].visited = true;
}

static uint32_t sieve_victim(struct cache_order *order)
{
	uint32_t at = order->hand == CACHE_NONE ? order->oldest : order->hand;
	while (order->links[at].visited) {
		order->links[at].visited = false;
		at = order->links[at].newer == CACHE_NONE ? order->oldest : order->links[at].newer;
	}
	order->hand = order->links[at].newer;
	return at;
}

const struct cache_plugin sieve_cache = {
	.plugin = { "sieve", "Keeps some answers; those that were used again stay longest.",
		cache_bounded_options, sizeof(struct cache_settings) },
	.hit = sieve_hit,
	.victim = sieve_victim,
};
