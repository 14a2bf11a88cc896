#ifndef NIGHTMILL_SUPPORT_ZONE_H
#define NIGHTMILL_SUPPORT_ZONE_H

/* Time zones by their IANA names: between what a clock shows (seconds as in days.h) and UTC
 * (seconds since 1970). Read from the system's tz database ($TZDIR, else /usr/share/zoneinfo);
 * years that its tables don't reach follow the rule at their end. A name that it does not have is
 * an error, never UTC. One thread at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "pipeline/support/hashes.h"

/* The zones that were asked for, each read once. All zero is none yet. */
struct zones {
	struct zone **list;
	size_t count, room;
	struct hashes hashes;
};

/* What stands for a time that there is not, since the clock was put forward over it. */
enum zone_gap {
	ZONE_GAP_LATER, /* as much later as the clock was put forward: 02:30 is 03:30 (RFC 5545) */
	ZONE_GAP_SKIP,  /* nothing */
};

/* Which of the two it is, where the clock was put back. */
enum zone_overlap { ZONE_OVERLAP_FIRST, ZONE_OVERLAP_SECOND };

/* Words for options, in the order of the enums; NULL-terminated. */
extern const char *const zone_gap_words[], *const zone_overlap_words[];

struct zone_policy {
	int gap;     /* enum zone_gap */
	int overlap; /* enum zone_overlap */
};

/* The zone called `name` (any bytes), which `zones` owns. ERROR_MISSING where the database has no
 * such zone. */
bool zones_find(struct zones *zones, const char *name, size_t length, const struct zone **zone,
	struct error *err);

void zones_finish(struct zones *zones);

/* The moment at which the zone's clocks show `local`. False: it is in a gap, and gaps are skipped.
 */
bool zone_utc(
	const struct zone *zone, int64_t local, const struct zone_policy *policy, int64_t *utc);

/* Its name in the database; valid as long as the zone. */
const char *zone_name(const struct zone *zone);

/* What the zone's clocks show at `utc`. */
int64_t zone_local(const struct zone *zone, int64_t utc);

/* How the zone's time is called at `utc`: "CET", "+03". Valid as long as the zone. */
const char *zone_abbreviation(const struct zone *zone, int64_t utc);

#endif
