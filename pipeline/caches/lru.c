/* The cache `lru`: the answer that was used longest ago goes first. */

#include "pipeline/caches/lru.h"

#include "pipeline/caches/options.h"

static void lru_hit(struct cache_order *order, uint32_t number)
{
	if (order->newest == number)
		return;
	cache_order_remove(order, number);
	cache_order_add(order, number);
}

static uint32_t lru_victim(struct cache_order *order)
{
	return order->oldest;
}

const struct cache_plugin lru_cache = {
	.plugin = { "lru", "Keeps some answers; the one that was used longest ago goes first.",
		cache_bounded_options, sizeof(struct cache_settings) },
	.hit = lru_hit,
	.victim = lru_victim,
};
