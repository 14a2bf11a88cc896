#include "pipeline/caches/options.h"

#include "pipeline/cache_tier.h"

const char *const cache_validate_words[] = { "none", "times", "hash", "version", NULL };

#define SETTINGS struct cache_settings
const struct option cache_bounded_options[] = {
	{ "entries", INTEGER(entries), RANGE(1, 100000000), .fallback = "100000",
		.help = "Answers that are kept at most." },
	{ "bytes", BYTES(bytes), RANGE(1024, 1099511627776.0), .fallback = "64MiB",
		.help = "Bytes that keys and answers may have together." },
	{ "ttl", DURATION(ttl), .fallback = "0s",
		.help = "How long an answer is fresh: served without asking the store. 0s is as "
			"long as the run." },
	{ "negative_ttl", DURATION(negative_ttl), .fallback = "1m",
		.help = "The same for the answer that there is no such row; 0s keeps none of "
			"these." },
	{ "stale_if_error", DURATION(stale_if_error), .fallback = "0s",
		.help = "How long beyond its freshness an answer is served while the store has "
			"errors; 0s never." },
	{ "validate", CHOICE(validate, cache_validate_words), .fallback = "none",
		.help = "What the store is asked before each window of keys; where it differs from "
			"the last time, all answers are stale. times is size, times and inode of "
			"its file, hash its bytes, version what the store itself counts." },
	{ "behind", PLUGIN(behind, cache_tiers), .fallback = "",
		.help = "A cache that runs and hosts share, asked before the store is. What is "
			"wrong with it, or in it, costs time and nothing else." },
	{ .name = NULL },
};
#undef SETTINGS
