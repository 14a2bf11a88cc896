/* The cache `dictionary`: the whole table, loaded once. */

#include "pipeline/caches/dictionary.h"

#include "pipeline/caches/options.h"

#define SETTINGS struct cache_settings
static const struct option dictionary_options[] = {
	{ "bytes", BYTES(bytes), RANGE(1024, 1099511627776.0), .fallback = "256MiB",
		.help = "Memory that the table may take; a larger one is an error." },
	{ "ttl", DURATION(ttl), .fallback = "0s",
		.help = "How long the table is fresh; then it is loaded again. 0s is as long as "
			"the run." },
	{ "stale_if_error", DURATION(stale_if_error), .fallback = "0s",
		.help = "How long beyond its freshness it is used while the store has errors; 0s "
			"never." },
	{ "validate", CHOICE(validate, cache_validate_words), .fallback = "none",
		.help = "What the store is asked before each window of keys; where it differs from "
			"the last time, the table is loaded again. times is size, times and inode "
			"of its file, hash its bytes, version what the store itself counts." },
	{ .name = NULL },
};
#undef SETTINGS

const struct cache_plugin dictionary_cache = {
	.plugin = { "dictionary", "Loads the whole table once.", dictionary_options,
		sizeof(struct cache_settings) },
	.whole = true,
};
