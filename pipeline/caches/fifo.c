/* The cache `fifo`: the answer that was loaded first goes first. */

#include "pipeline/caches/fifo.h"

#include "pipeline/caches/options.h"

static uint32_t fifo_victim(struct cache_order *order)
{
	return order->oldest;
}

const struct cache_plugin fifo_cache = {
	.plugin = { "fifo", "Keeps some answers; the one that was loaded first goes first.",
		cache_bounded_options, sizeof(struct cache_settings) },
	.victim = fifo_victim,
};
