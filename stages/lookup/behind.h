#ifndef NIGHTMILL_STAGES_LOOKUP_BEHIND_H
#define NIGHTMILL_STAGES_LOOKUP_BEHIND_H

/* Does the cache that a lookup has chosen fit its store? */

#include "pipeline/cache.h"
#include "pipeline/stage.h"
#include "pipeline/stores.h"

/* The tier behind the cache, or NULL. */
const struct option_plugin *behind_of(const struct option_plugin *cache);

/* A cache can only ask for a validator that the store has, and share what lasts. Complains where it
 * does not fit. */
bool behind_check(const struct option_plugin *cache, const struct stores_entry *entry,
	const struct stage_setup *setup);

/* The digest of an open table and of what is asked of it: the same for every run and host that asks
 * the same, and for no other. */
struct digest behind_table(
	const struct stores_entry *entry, void *store, const struct store_query *query);

#endif
