/* TZ texts: "CET-1CEST,M3.5.0,M10.5.0/3". */

#include <ctype.h>
#include <string.h>

#include "pipeline/support/days.h"
#include "pipeline/support/zone_private.h"

enum {
	RULE_HOUR = 3600,
	RULE_MINUTE = 60,
	RULE_MOST_HOURS = 167, /* RFC 8536 */
	RULE_CHANGE = 2 * RULE_HOUR,
	RULE_WEEK = 7,
	RULE_LAST_WEEK = 5,
	RULE_FEBRUARY_DAYS = 59,
};

struct rule_rest {
	const char *at, *end;
};

static bool rule_take(struct rule_rest *rest, char wanted)
{
	if (rest->at == rest->end || *rest->at != wanted)
		return false;
	rest->at++;
	return true;
}

static bool rule_number(struct rule_rest *rest, int most, int *number)
{
	const char *from = rest->at;
	*number = 0;
	for (; rest->at < rest->end && isdigit((unsigned char)*rest->at); rest->at++)
		if ((*number = *number * 10 + (*rest->at - '0')) > most)
			return false;
	return rest->at > from;
}

/* "CET" or "<+03>". */
static bool rule_name(struct rule_rest *rest, char name[ZONE_SHORT_BYTES])
{
	const bool quoted = rule_take(rest, '<');
	size_t length = 0;
	for (; rest->at < rest->end; rest->at++) {
		const unsigned char byte = (unsigned char)*rest->at;
		if (quoted ? byte == '>' : !isalpha(byte))
			break;
		if (length + 1 == ZONE_SHORT_BYTES)
			return false;
		name[length++] = (char)byte;
	}
	name[length] = '\0';
	return length > 0 && (!quoted || rule_take(rest, '>'));
}

/* "3", "-3:30", "02:00:15" in seconds. */
static bool rule_time(struct rule_rest *rest, int32_t *seconds)
{
	const bool negative = rule_take(rest, '-');
	int hours, minutes = 0, rest_seconds = 0;
	if (!negative)
		rule_take(rest, '+');
	if (!rule_number(rest, RULE_MOST_HOURS, &hours))
		return false;
	if (rule_take(rest, ':') && !rule_number(rest, RULE_MINUTE - 1, &minutes))
		return false;
	if (rule_take(rest, ':') && !rule_number(rest, RULE_MINUTE - 1, &rest_seconds))
		return false;
	*seconds = hours * RULE_HOUR + minutes * RULE_MINUTE + rest_seconds;
	if (negative)
		*seconds = -*seconds;
	return true;
}

static bool rule_weekday(struct rule_rest *rest, struct zone_day *day)
{
	day->kind = ZONE_DAY_WEEKDAY;
	return rule_number(rest, 12, &day->month) && rule_take(rest, '.') &&
	       rule_number(rest, RULE_LAST_WEEK, &day->week) && rule_take(rest, '.') &&
	       rule_number(rest, RULE_WEEK - 1, &day->day) && day->month >= 1 && day->week >= 1;
}

static bool rule_day(struct rule_rest *rest, struct zone_day *day)
{
	bool fine;
	if (rule_take(rest, 'M')) {
		fine = rule_weekday(rest, day);
	} else {
		day->kind = rule_take(rest, 'J') ? ZONE_DAY_JULIAN : ZONE_DAY_NUMBER;
		fine = rule_number(rest, 365, &day->day) &&
		       day->day >= (day->kind == ZONE_DAY_JULIAN);
	}
	day->time = RULE_CHANGE;
	return fine && (!rule_take(rest, '/') || rule_time(rest, &day->time));
}

bool zone_rule_parse(struct zone_rule *rule, const char *text, size_t length)
{
	struct rule_rest rest = { text, text + length };
	*rule = (struct zone_rule){ .given = true };
	if (!rule_name(&rest, rule->standard_name) || !rule_time(&rest, &rule->standard))
		return false;
	rule->standard = -rule->standard; /* POSIX counts west */
	rule->changes = rest.at < rest.end;
	if (!rule->changes)
		return true;
	if (!rule_name(&rest, rule->summer_name))
		return false;
	rule->summer = rule->standard + RULE_HOUR;
	if (rest.at < rest.end && *rest.at != ',') {
		if (!rule_time(&rest, &rule->summer))
			return false;
		rule->summer = -rule->summer;
	}
	return rule_take(&rest, ',') && rule_day(&rest, &rule->start) && rule_take(&rest, ',') &&
	       rule_day(&rest, &rule->end) && rest.at == rest.end;
}

/* The day's number since 1970 in that year. */
static int64_t rule_day_of(const struct zone_day *day, int year)
{
	const int64_t first = days_of((struct civil){ year, 1, 1 });
	if (day->kind == ZONE_DAY_NUMBER)
		return first + day->day;
	if (day->kind == ZONE_DAY_JULIAN)
		return first + day->day - 1 +
		       (day->day > RULE_FEBRUARY_DAYS && days_in_month(year, 2) > 28);
	const int64_t month = days_of((struct civil){ year, day->month, 1 });
	const int sunday = (days_weekday(month) + 1) % RULE_WEEK; /* weekdays from Sunday */
	int at = (day->day - sunday + RULE_WEEK) % RULE_WEEK + (day->week - 1) * RULE_WEEK;
	if (at >= days_in_month(year, day->month))
		at -= RULE_WEEK;
	return month + at;
}

void zone_rule_changes(const struct zone_rule *rule, int year, int64_t *start, int64_t *end)
{
	*start = rule_day_of(&rule->start, year) * DAYS_SECONDS + rule->start.time - rule->standard;
	*end = rule_day_of(&rule->end, year) * DAYS_SECONDS + rule->end.time - rule->summer;
}

bool zone_rule_summer(const struct zone_rule *rule, int64_t utc)
{
	int64_t start, end;
	if (!rule->changes)
		return false;
	zone_rule_changes(
		rule, days_civil(days_of_seconds(utc + rule->standard)).year, &start, &end);
	return start < end ? utc >= start && utc < end : utc >= start || utc < end;
}
