#ifndef NIGHTMILL_TESTS_MOMENTS_H
#define NIGHTMILL_TESTS_MOMENTS_H

/* Zones and moments as tables of tests write them; a test fails where they make no sense. */

#include <stdint.h>

#include "pipeline/support/zone.h"

/* The zone of that name; zones are the caller's to finish. */
const struct zone *moments_zone(struct zones *zones, const char *name);

/* "2026-11-20T14:00", or with an offset behind it: seconds of local time, or since 1970. */
int64_t moments_seconds(const char *text);

#endif
