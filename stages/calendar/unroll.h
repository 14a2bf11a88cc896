#ifndef NIGHTMILL_STAGES_CALENDAR_UNROLL_H
#define NIGHTMILL_STAGES_CALENDAR_UNROLL_H

/* A rule of RFC 5545, unrolled: period after period (a day, week, month or year), the days of each
 * that pass all BY parts, at all of its times, of these BYSETPOS. It goes over every day between
 * two moments at most once, so that no rule takes long, whatever it asks for. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/error.h"

enum unroll_unit { UNROLL_HOURS, UNROLL_DAYS, UNROLL_WEEKS, UNROLL_MONTHS, UNROLL_YEARS };

enum {
	UNROLL_WEEKDAYS = 64, /* entries of BYDAY at most */
	UNROLL_POSITIONS = 386,
};

/* Numbers of a BY part: a mark for each, those counted from the end apart. */
struct unroll_marks {
	bool given;
	bool from_start[367], from_end[367];
};

struct unroll_weekday {
	int day;      /* from Monday, 0 */
	int position; /* within month or year, negative from its end; 0: every one */
};

struct unroll {
	enum unroll_unit unit;
	int interval;
	int count;      /* 0: endless */
	int week_start; /* from Monday, 0 */
	bool last_day;  /* a day that a month lacks is its last (SKIP=BACKWARD) */
	struct unroll_marks months, month_days, year_days, weeks, hours, minutes, seconds;
	struct unroll_weekday weekdays[UNROLL_WEEKDAYS];
	size_t weekday_count;
	int positions[UNROLL_POSITIONS]; /* BYSETPOS */
	size_t position_count;
};

/* Between which times; all as a clock shows them, see days.h. */
struct unroll_span {
	int64_t start; /* of the event, which the rule derives from */
	int64_t from;  /* earlier ones are not wanted */
	int64_t last;  /* nor are later ones */
};

struct unroll_sink {
	void (*add)(void *context, int64_t local);
	void *context;
	size_t most; /* of them */
};

/* Gives all times of the rule in the span, ascending. False where there are more than the sink
 * takes.
 */
bool unroll_rule(
	const struct unroll *rule, const struct unroll_span *span, const struct unroll_sink *sink);

#endif
