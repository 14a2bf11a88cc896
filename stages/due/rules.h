#ifndef NIGHTMILL_STAGES_DUE_RULES_H
#define NIGHTMILL_STAGES_DUE_RULES_H

/* When a reminder is due: pure functions of a start, a zone and a moment. Times are seconds since
 * 1970, UTC unless they are called local. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/options/option.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/zone.h"

/* How long before the start. */
struct rules_lead {
	const char *text; /* "7d", as in keys */
	int64_t amount;   /* calendar days, or seconds */
	bool days;
};

/* What becomes of a reminder that would be due on a day that is none to remind on. */
enum rules_closed { RULES_SKIP, RULES_BEFORE, RULES_AFTER };

extern const char *const rules_closed_words[];

struct rules {
	struct rules_lead *leads;
	size_t lead_count;
	int64_t catch_up;     /* seconds that a reminder may be late */
	int32_t at;           /* seconds since midnight at which leads of days are due */
	int32_t quiet, awake; /* seconds since midnight: from quiet to awake nothing goes out; both
				 the same: there are no quiet hours */
	unsigned days;        /* a bit for each day of the week from Monday on which to remind */
	int64_t *holidays;    /* days since 1970, ascending */
	size_t holiday_count;
	bool yearly[12][31]; /* month and day from 0: holidays of every year */
	int closed;          /* enum rules_closed */
};

/* What is to be reminded of. */
struct rules_start {
	int64_t utc;  /* its begin; all day: that of the day in the zone */
	int64_t last; /* before which reminders make sense: the begin; all day: the day's end */
	int64_t day;  /* the begin's day in the zone, since 1970 */
};

struct rules_due {
	const struct rules_lead *lead;
	int64_t moment; /* since when it is due */
};

/* Reads a lead: a number and d (days), w, h or min. False where it is none. */
bool rules_read_lead(const char *text, struct rules_lead *lead);

/* Reads "22:00-07:00"; "" is none. */
bool rules_read_quiet(struct rules *rules, const char *text);

/* Reads the days of the week ("mo" to "su"); false and the number of the wrong one. */
bool rules_read_days(struct rules *rules, const struct option_list *words, size_t *wrong);

/* Reads holidays: dates, dates without a year, or files with one a line. False and `err`, and the
 * number of the wrong one. The list lives in `arena`. */
bool rules_read_holidays(struct rules *rules, const struct option_list *words, struct arena *arena,
	size_t *wrong, struct error *err);

/* The reminder that is due at `now` where the clocks show `zone`: of all whose moment has come the
 * latest, since one is enough. False: none, because nothing has come yet, the latest came longer
 * ago than catch_up, the start is past, or it is quiet there and there is time until it no longer
 * is. */
bool rules_judge(const struct rules *rules, const struct zone *zone,
	const struct rules_start *start, int64_t now, struct rules_due *due);

/* It is quiet there at `now`, and there is time until it no longer is. */
bool rules_hold(const struct rules *rules, const struct zone *zone, const struct rules_start *start,
	int64_t now);

/* Days before its day on which a start can have a reminder, at most. */
int64_t rules_reach(const struct rules *rules);

#endif
