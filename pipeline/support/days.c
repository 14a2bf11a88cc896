#include "pipeline/support/days.h"

#include <stdio.h>

enum {
	DAYS_PER_ERA = 146097, /* 400 years */
	DAYS_ERA_YEARS = 400,
	DAYS_TO_1970 = 719468, /* from 0000-03-01 */
	DAYS_A_WEEK = 7,
	DAYS_MONTHS = 12,
	DAYS_LAST_YEAR = 9999,
	DAYS_HOURS = 24,
	DAYS_SIXTY = 60,
	DAYS_HOUR_SECONDS = 3600,
};

/* Counted from March, so that the leap day is the last of its year. */
int64_t days_of(struct civil civil)
{
	int64_t year = civil.month <= 2 ? civil.year - 1 : civil.year;
	int64_t era = (year >= 0 ? year : year - (DAYS_ERA_YEARS - 1)) / DAYS_ERA_YEARS;
	int64_t of_era = year - era * DAYS_ERA_YEARS;
	int64_t month = civil.month + (civil.month > 2 ? -3 : 9);
	int64_t of_year = (153 * month + 2) / 5 + civil.day - 1;
	return era * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
	       DAYS_TO_1970;
}

struct civil days_civil(int64_t days)
{
	days += DAYS_TO_1970;
	int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
	int64_t rest = days - era * DAYS_PER_ERA;
	int64_t of_era = (rest - rest / 1460 + rest / 36524 - rest / (DAYS_PER_ERA - 1)) / 365;
	int64_t of_year = rest - (of_era * 365 + of_era / 4 - of_era / 100);
	int64_t month = (5 * of_year + 2) / 153;
	struct civil civil = {
		.year = (int)(of_era + era * DAYS_ERA_YEARS),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
	};
	civil.year += civil.month <= 2;
	return civil;
}

int days_weekday(int64_t days)
{
	int64_t weekday = (days + 3) % DAYS_A_WEEK; /* 1970 began on a Thursday */
	return (int)(weekday < 0 ? weekday + DAYS_A_WEEK : weekday);
}

int days_in_month(int year, int month)
{
	static const int days[DAYS_MONTHS] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leap = (year % 4 == 0 && year % 100 != 0) || year % DAYS_ERA_YEARS == 0;
	return days[month - 1] + (month == 2 && leap);
}

int64_t days_of_seconds(int64_t seconds)
{
	return seconds / DAYS_SECONDS - (seconds % DAYS_SECONDS < 0);
}

struct civil days_add_months(struct civil civil, int months)
{
	int64_t month = (int64_t)civil.year * DAYS_MONTHS + civil.month - 1 + months;
	struct civil later = { (int)(month / DAYS_MONTHS), (int)(month % DAYS_MONTHS) + 1,
		civil.day };
	int last = days_in_month(later.year, later.month);
	if (later.day > last)
		later.day = last;
	return later;
}

/* What is left of a text that is read. */
struct days_rest {
	const char *at, *end;
};

static bool days_take(struct days_rest *rest, char wanted)
{
	if (rest->at == rest->end || *rest->at != wanted)
		return false;
	rest->at++;
	return true;
}

static bool days_number(struct days_rest *rest, int digits, int *number)
{
	*number = 0;
	for (int i = 0; i < digits; i++, rest->at++) {
		if (rest->at == rest->end || *rest->at < '0' || *rest->at > '9')
			return false;
		*number = *number * 10 + (*rest->at - '0');
	}
	return true;
}

static bool days_take_date(struct days_rest *rest, int64_t *days)
{
	struct civil civil;
	bool fine = days_number(rest, 4, &civil.year) && days_take(rest, '-') &&
		    days_number(rest, 2, &civil.month) && days_take(rest, '-') &&
		    days_number(rest, 2, &civil.day) && civil.year >= 1 &&
		    civil.year <= DAYS_LAST_YEAR && civil.month >= 1 &&
		    civil.month <= DAYS_MONTHS && civil.day >= 1 &&
		    civil.day <= days_in_month(civil.year, civil.month);
	if (fine)
		*days = days_of(civil);
	return fine;
}

static bool days_take_time(struct days_rest *rest, int32_t *seconds)
{
	int hour, minute, second = 0;
	if (!days_number(rest, 2, &hour) || !days_take(rest, ':') || !days_number(rest, 2, &minute))
		return false;
	if (days_take(rest, ':') && !days_number(rest, 2, &second))
		return false;
	*seconds = (hour * DAYS_SIXTY + minute) * DAYS_SIXTY + second;
	return hour < DAYS_HOURS && minute < DAYS_SIXTY && second < DAYS_SIXTY;
}

static bool days_take_offset(struct days_rest *rest, int32_t *offset)
{
	int hours, minutes = 0;
	*offset = 0;
	if (days_take(rest, 'Z') || days_take(rest, 'z'))
		return true;
	const bool west = days_take(rest, '-');
	if ((!west && !days_take(rest, '+')) || !days_number(rest, 2, &hours))
		return false;
	if ((days_take(rest, ':') || rest->at < rest->end) && !days_number(rest, 2, &minutes))
		return false;
	*offset = hours * DAYS_HOUR_SECONDS + minutes * DAYS_SIXTY;
	if (west)
		*offset = -*offset;
	return hours < DAYS_HOURS && minutes < DAYS_SIXTY;
}

bool days_read(const char *data, size_t length, struct days_read *read)
{
	struct days_rest rest = { data, data + length };
	int64_t days;
	int32_t time = 0;
	*read = (struct days_read){ 0 };
	if (!days_take_date(&rest, &days))
		return false;
	read->seconds = days * DAYS_SECONDS;
	if (rest.at == rest.end)
		return true;
	if (!days_take(&rest, 'T') && !days_take(&rest, 't') && !days_take(&rest, ' '))
		return false;
	if (!days_take_time(&rest, &time))
		return false;
	read->has_time = true;
	read->seconds += time;
	if (days_take(&rest, '.'))
		while (rest.at < rest.end && *rest.at >= '0' && *rest.at <= '9')
			rest.at++;
	if (rest.at == rest.end)
		return true;
	read->has_offset = true;
	return days_take_offset(&rest, &read->offset) && rest.at == rest.end;
}

bool days_read_time(const char *data, size_t length, int32_t *seconds)
{
	struct days_rest rest = { data, data + length };
	return days_take_time(&rest, seconds) && rest.at == rest.end;
}

void days_text(int64_t seconds, char text[DAYS_TEXT_BYTES])
{
	const int64_t days = days_of_seconds(seconds);
	const struct civil civil = days_civil(days);
	const int minutes = (int)((seconds - days * DAYS_SECONDS) / DAYS_SIXTY);
	snprintf(text, DAYS_TEXT_BYTES, "%04d-%02d-%02d %02d:%02d", civil.year, civil.month,
		civil.day, minutes / DAYS_SIXTY, minutes % DAYS_SIXTY);
}
