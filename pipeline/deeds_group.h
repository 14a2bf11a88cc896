#ifndef NIGHTMILL_DEEDS_GROUP_H
#define NIGHTMILL_DEEDS_GROUP_H

/* Deeds of which only the last is wanted, as the reminders of one start: an item says of which
 * group it is, and its rank there. Main's thread only. */

#include <stdbool.h>

#include "pipeline/deeds.h"

/* `*superseded`: one of a higher rank in the item's group was begun, however it ended, so that this
 * one is not wanted any more. */
bool deeds_group_judge(
	struct deeds *deeds, const struct item *item, bool *superseded, struct error *err);

/* Those below `rank` in the item's group that are planned, deferred or in doubt lapse at `now`. */
bool deeds_group_lapse(
	struct deeds *deeds, const struct item *item, int64_t rank, int64_t now, struct error *err);

#endif
