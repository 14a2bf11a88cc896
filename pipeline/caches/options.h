#ifndef NIGHTMILL_CACHES_OPTIONS_H
#define NIGHTMILL_CACHES_OPTIONS_H

#include "pipeline/cache.h"

/* The rows that bounded caches have in common. */
extern const struct option cache_bounded_options[];

/* Words for enum cache_validate. */
extern const char *const cache_validate_words[];

#endif
