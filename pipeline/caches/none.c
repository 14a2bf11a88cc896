/* The cache `none`: the store is asked for every window. */

#include "pipeline/caches/none.h"

static const struct option none_options[] = {
	{ .name = NULL },
};

const struct cache_plugin none_cache = {
	.plugin = { "none", "Keeps nothing: the store is asked for every window of keys.",
		none_options, 0 },
};
