#ifndef NIGHTMILL_STAGES_DUE_CORRECTION_H
#define NIGHTMILL_STAGES_DUE_CORRECTION_H

/* Asks the ledger what is to be told of a record whose start is known: its reminder, or that what
 * was told before is not so any more. Main's thread only. */

#include <stdbool.h>
#include <stdint.h>

#include "pipeline/ledger.h"
#include "stages/due/meeting.h"
#include "stages/due/told.h"

struct correction_case {
	struct ledger *ledger;
	const char *job;
	const struct item *item;
	const struct meeting *meeting;
	const struct zone_policy *policy;
	const char *start;           /* as in keys */
	int64_t now;                 /* seconds since 1970 */
	uint32_t edition;            /* of the item */
	const struct rules_due *due; /* the reminder that is due; NULL: none */
};

struct correction {
	enum told_verdict verdict;
	char lead[TOLD_TEXT_BYTES]; /* "changed:3", where it is a correction */
	int64_t since;              /* when it was first planned, seconds; now: it was not */
	int64_t was;                /* that start, UTC */
	bool was_day;               /* and it was all day */
	bool shared;                /* several people stand behind the record: no corrections */
};

/* What was told of a start that is past is not put right. */
bool correction_judge(
	const struct correction_case *judged, struct correction *found, struct error *err);

#endif
