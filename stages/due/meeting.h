#ifndef NIGHTMILL_STAGES_DUE_MEETING_H
#define NIGHTMILL_STAGES_DUE_MEETING_H

/* From the texts of a record to what is due of it. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/zone.h"
#include "pipeline/template.h"
#include "stages/due/rules.h"
#include "stages/due/series.h"

/* What a record is asked for. */
enum meeting_ask {
	MEETING_DATE,
	MEETING_TIME,
	MEETING_ZONE,
	MEETING_RECIPIENT, /* the recipient's zone */
	MEETING_EVERY,
	MEETING_UNTIL,
	MEETING_LANGUAGE,
	MEETING_SEQUENCE,
	MEETING_STATUS,
	MEETING_ASKS
};

struct meeting_template {
	const char *option, *source; /* as the config has them */
	struct template template;
};

/* What a record says. */
struct meeting {
	struct text texts[MEETING_ASKS];
	bool secret; /* one of them is */
	bool all_day;
	int32_t time;    /* seconds since midnight; where not all_day */
	bool has_offset; /* the date has one of its own: `zone` does not count */
	int32_t offset;
	const struct zone *zone, *recipient;
	struct series series; /* its days */
	uint32_t sequence;    /* 0: it says none */
	bool cancelled;
};

/* Fills in the texts of a record, for `slots`. */
void meeting_expand(struct meeting *meeting, const struct meeting_template templates[MEETING_ASKS],
	const struct slot *slots, size_t slot_count);

/* Reads them. ERROR_DAMAGED names the option and quotes the value; a blank date is ERROR_MISSING.
 */
bool meeting_read(struct meeting *meeting, const struct meeting_template templates[MEETING_ASKS],
	struct zones *zones, struct error *err);

/* When it starts if it does on that day of its series; false where the clock skips that time, and
 * the policy wants it skipped. */
bool meeting_start(const struct meeting *meeting, int64_t day, const struct zone_policy *policy,
	struct rules_start *start);

/* Which version it is, from 1, for the ledger; 0: it does not say. */
uint32_t meeting_edition(const struct meeting *meeting);

void meeting_finish(struct meeting *meeting);

#endif
