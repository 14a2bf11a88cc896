#ifndef NIGHTMILL_STAGES_LOOKUP_ADVICE_H
#define NIGHTMILL_STAGES_LOOKUP_ADVICE_H

/* Which cache a lookup should have, by what it was measured to cost. */

#include "pipeline/cache.h"
#include "pipeline/support/text.h"

struct advice {
	const struct cache_counts *counts; /* of a cache that measured (cache_open_measuring) */
	const struct cache_setup *setup;
	const char *chosen;                 /* the config's cache */
	const struct option_plugin *behind; /* it; NULL: none */
};

/* Adds the measurements, what a run would cost with each cache, and the best one as YAML. Walks
 * through the table once, to know what loading it costs. */
bool advice_add(const struct advice *about, struct text *text, struct error *err);

#endif
