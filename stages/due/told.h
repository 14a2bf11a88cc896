#ifndef NIGHTMILL_STAGES_DUE_TOLD_H
#define NIGHTMILL_STAGES_DUE_TOLD_H

/* What the one who is to be reminded was told before, out of the ledger's deeds, and whether that
 * has to be put right: pure functions of rows, which the caller walks through. Keys are
 * "RECORD/START/LEAD"; the lead of a correction is "changed:SEQUENCE" or "cancelled:SEQUENCE", with
 * ".TIMES" behind it where the same was right so often before, and is right again. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/ledger_deeds.h"

enum { TOLD_TEXT_BYTES = 40 };

/* All zero but for the first four. */
struct told {
	size_t prefix;     /* bytes of "RECORD/", with which the rows' keys begin */
	const char *start; /* as it is now: "2026-03-28T14:30", or the day alone */
	const char *lead;  /* that a correction would have now, the first time */
	bool series;       /* what starts at another time is another occurrence */

	bool any;                       /* told of it: the ledger has it as accepted */
	char last[TOLD_TEXT_BYTES];     /* the start that was told last */
	int64_t last_number;            /* of its row */
	uint32_t edition;               /* which version was told last; 0: not known */
	bool cancelled;                 /* it was told last that it does not take place */
	bool corrected, waits;          /* of this start: a correction was accepted; this one is on
					   record, whatever its state */
	int64_t corrected_at, waits_at; /* the moments of the runs that planned them first */
	int64_t waits_number;           /* of its row: the last, where it was right before */
	bool waits_over;                /* that one was accepted, or has lapsed */
	uint32_t times;                 /* that this one was, or has */
	bool shared; /* keys go on behind the lead: several people stand behind a record */
};

/* Takes a row in; to be called for all, the longest unchanged first. */
void told_take(struct told *told, const struct ledger_deed *row);

/* To be called behind the last row: what was right, and then something else was told, may be right
 * again, and is another deed: the first, and its moment, are over. Then `times` is what stands
 * behind the lead; 0: nothing. */
void told_conclude(struct told *told);

/* What is to be told now. */
struct told_now {
	bool cancelled;   /* it does not take place */
	uint32_t edition; /* 0: not known */
	bool due;         /* a reminder is, since `moment` */
	int64_t moment;
};

enum told_verdict {
	TOLD_NOTHING,
	TOLD_REMINDER,
	TOLD_MOVED,     /* corrections: it starts at another time */
	TOLD_CHANGED,   /* it has a higher number */
	TOLD_CANCELLED, /* it does not take place */
	TOLD_RESTORED,  /* it does, after all */
};

/* A correction goes to those alone who were told, in place of a reminder that is due as well; a
 * reminder that became due after the correction was first planned goes in place of that. */
enum told_verdict told_judge(const struct told *told, const struct told_now *now);

#endif
