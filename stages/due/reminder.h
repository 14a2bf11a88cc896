#ifndef NIGHTMILL_STAGES_DUE_REMINDER_H
#define NIGHTMILL_STAGES_DUE_REMINDER_H

/* What a reminder, or a correction, says: the fields that `due` adds to a record. */

#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "stages/due/correction.h"
#include "stages/due/meeting.h"
#include "stages/due/rules.h"

enum reminder_field {
	REMINDER_LEAD,
	REMINDER_LEFT,
	REMINDER_DAYS,
	REMINDER_START,
	REMINDER_TIME,
	REMINDER_ZONE,
	REMINDER_UTC,
	REMINDER_WHEN,
	REMINDER_CHANGE,
	REMINDER_WAS,
	REMINDER_CANCELLED,
	REMINDER_TELLS,
	REMINDER_ADDED
};

extern const char *const reminder_fields[REMINDER_ADDED];

/* What one is made from. */
struct reminder {
	int64_t day; /* of the series */
	struct rules_start start;
	struct rules_due due;
	int64_t rank;                        /* in time, of all that is told of this start */
	const struct correction *correction; /* NULL: it is none */
};

/* Of whom, when, and where the texts are put. */
struct reminder_place {
	const struct meeting *meeting;
	int64_t now; /* seconds since 1970 */
	struct arena *arena;
};

void reminder_fill(const struct reminder_place *place, const struct reminder *reminder,
	struct slot added[REMINDER_ADDED]);

#endif
