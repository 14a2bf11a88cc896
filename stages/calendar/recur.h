#ifndef NIGHTMILL_STAGES_CALENDAR_RECUR_H
#define NIGHTMILL_STAGES_CALENDAR_RECUR_H

/* When an event takes place: its rules, read by libical and unrolled by unroll.h on the clock of
 * the event and without any zone. Times are what that clock shows (days.h). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"
#include "stages/calendar/event.h"

/* Ascending, each once. */
struct recur {
	int64_t *list;
	size_t count, room;
	int64_t *gone; /* what its EXDATEs leave out, likewise */
	size_t gone_count, gone_room;
};

/* Fills in all times of `event` from `from` on and before `until`: its start, what its rules and
 * RDATEs give, less its EXDATEs. ERROR_UNSUPPORTED and ERROR_LIMIT for rules that no one can want
 * to be reminded by: every minute, or too many. */
bool recur_fill(struct recur *recur, const struct event *event, int64_t from, int64_t until,
	struct error *err);

void recur_finish(struct recur *recur);

#endif
