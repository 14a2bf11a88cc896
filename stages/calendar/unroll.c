#include "stages/calendar/unroll.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/days.h"

enum {
	UNROLL_WEEK = 7,
	UNROLL_YEAR_MONTHS = 12,
	UNROLL_YEAR_DAYS = 366,
	UNROLL_HOUR = 3600,
	UNROLL_MINUTE = 60,
	UNROLL_DAY_HOURS = 24,
};

/* A rule at work. */
struct unroll_work {
	const struct unroll *rule;
	const struct unroll_span *span;
	const struct unroll_sink *sink;
	struct civil first; /* of the start */
	int64_t first_day;
	int32_t *times; /* of a day (of an hour, where the rule is hourly), ascending */
	size_t time_count;
	int64_t days[UNROLL_YEAR_DAYS]; /* of the period */
	size_t day_count;
	int64_t left; /* of COUNT */
	size_t given;
	bool over; /* nothing more is wanted */
};

static bool unroll_marked(const struct unroll_marks *marks, int number, int total)
{
	return marks->from_start[number] || marks->from_end[total + 1 - number];
}

/* The number of the week that a day is in, and how many its year has. */
static int unroll_week(const struct unroll *rule, int64_t day, int *total)
{
	const int64_t begin =
		day - (days_weekday(day) - rule->week_start + UNROLL_WEEK) % UNROLL_WEEK;
	const int year = days_civil(begin + 3).year;
	int64_t firsts[2];
	for (int i = 0; i < 2; i++) {
		const int64_t fourth = days_of((struct civil){ year + i, 1, 4 });
		firsts[i] = fourth -
			    (days_weekday(fourth) - rule->week_start + UNROLL_WEEK) % UNROLL_WEEK;
	}
	*total = (int)(firsts[1] - firsts[0]) / UNROLL_WEEK;
	return (int)(begin - firsts[0]) / UNROLL_WEEK + 1;
}

/* Whether it is the n-th of its weekday, in its month or (yearly without BYMONTH) in its year. */
static bool unroll_position(
	const struct unroll *rule, struct civil civil, int64_t day, int position)
{
	const bool in_year = rule->unit == UNROLL_YEARS && !rule->months.given;
	const struct civil begin = { civil.year, in_year ? 1 : civil.month, 1 };
	const struct civil end = { civil.year, in_year ? 12 : civil.month,
		in_year ? 31 : days_in_month(civil.year, civil.month) };
	if (position > 0)
		return (day - days_of(begin)) / UNROLL_WEEK + 1 == position;
	return (days_of(end) - day) / UNROLL_WEEK + 1 == -position;
}

static bool unroll_weekday(const struct unroll *rule, struct civil civil, int64_t day)
{
	const int weekday = days_weekday(day);
	for (size_t i = 0; i < rule->weekday_count; i++) {
		const struct unroll_weekday *one = &rule->weekdays[i];
		if (one->day == weekday &&
			(one->position == 0 || unroll_position(rule, civil, day, one->position)))
			return true;
	}
	return rule->weekday_count == 0;
}

static bool unroll_month_day(
	const struct unroll *rule, const struct unroll_marks *marks, struct civil civil)
{
	const int length = days_in_month(civil.year, civil.month);
	if (unroll_marked(marks, civil.day, length))
		return true;
	for (int beyond = length + 1; rule->last_day && civil.day == length && beyond <= 31;
		beyond++)
		if (marks->from_start[beyond])
			return true;
	return false;
}

/* What the rule does not say about the day follows from the start. */
static bool unroll_derived(const struct unroll_work *work, struct civil civil, int64_t day)
{
	const struct unroll *rule = work->rule;
	const bool weekday = days_weekday(day) == days_weekday(work->first_day);
	struct unroll_marks first = { .given = true };
	if (rule->weekday_count || rule->month_days.given || rule->year_days.given)
		return true;
	if (rule->unit == UNROLL_WEEKS || (rule->weeks.given && rule->unit == UNROLL_YEARS))
		return weekday;
	if (rule->weeks.given || (rule->unit != UNROLL_MONTHS && rule->unit != UNROLL_YEARS))
		return true;
	first.from_start[work->first.day] = true;
	const bool month = rule->unit == UNROLL_MONTHS || rule->months.given ||
			   civil.month == work->first.month;
	return month && unroll_month_day(rule, &first, civil);
}

static bool unroll_passes(const struct unroll_work *work, int64_t day)
{
	const struct unroll *rule = work->rule;
	const struct civil civil = days_civil(day);
	if (rule->months.given && !rule->months.from_start[civil.month])
		return false;
	if (rule->month_days.given && !unroll_month_day(rule, &rule->month_days, civil))
		return false;
	const int64_t new_year = days_of((struct civil){ civil.year, 1, 1 });
	const int length = 337 + days_in_month(civil.year, 2);
	if (rule->year_days.given &&
		!unroll_marked(&rule->year_days, (int)(day - new_year) + 1, length))
		return false;
	if (rule->weeks.given) {
		int total;
		const int week = unroll_week(rule, day, &total);
		if (!unroll_marked(&rule->weeks, week, total))
			return false;
	}
	return unroll_weekday(rule, civil, day) && unroll_derived(work, civil, day);
}

static void unroll_give(struct unroll_work *work, int64_t local)
{
	if (local < work->span->start || work->over)
		return;
	if (local > work->span->last || (work->rule->count && work->left-- == 0)) {
		work->over = true;
	} else if (local >= work->span->from) {
		work->over = work->given == work->sink->most;
		work->given++;
		if (!work->over)
			work->sink->add(work->sink->context, local);
	}
}

static int unroll_compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

static int64_t unroll_time(const struct unroll_work *work, size_t index)
{
	return work->days[index / work->time_count] * DAYS_SECONDS +
	       work->times[index % work->time_count];
}

/* All of the period, or those that BYSETPOS picks. */
static void unroll_give_period(struct unroll_work *work)
{
	const struct unroll *rule = work->rule;
	const size_t total = work->day_count * work->time_count;
	int64_t picked[UNROLL_POSITIONS];
	size_t count = 0;
	if (rule->position_count == 0)
		for (size_t i = 0; i < total && !work->over; i++)
			unroll_give(work, unroll_time(work, i));
	for (size_t i = 0; i < rule->position_count; i++) {
		const int position = rule->positions[i];
		const int64_t index = position > 0 ? position - 1 : (int64_t)total + position;
		if (index >= 0 && index < (int64_t)total)
			picked[count++] = unroll_time(work, (size_t)index);
	}
	if (count > 1)
		qsort(picked, count, sizeof(*picked), unroll_compare);
	for (size_t i = 0; i < count; i++)
		if (i == 0 || picked[i] != picked[i - 1])
			unroll_give(work, picked[i]);
}

/* The days of period number `k`: from days[0] on, before days[1]. */
static void unroll_period(const struct unroll_work *work, int64_t k, int64_t days[2])
{
	const struct unroll *rule = work->rule;
	const int64_t step = k * rule->interval;
	const struct civil begin = { work->first.year,
		rule->unit == UNROLL_YEARS ? 1 : work->first.month, 1 };
	const int weekday = days_weekday(work->first_day);
	switch (rule->unit) {
	case UNROLL_WEEKS:
		days[0] = work->first_day + step * UNROLL_WEEK -
			  (weekday - rule->week_start + UNROLL_WEEK) % UNROLL_WEEK;
		days[1] = days[0] + UNROLL_WEEK;
		break;
	case UNROLL_MONTHS:
	case UNROLL_YEARS: {
		const int unit = rule->unit == UNROLL_YEARS ? UNROLL_YEAR_MONTHS : 1;
		days[0] = days_of(days_add_months(begin, (int)step * unit));
		days[1] = days_of(days_add_months(begin, (int)(step + 1) * unit));
		break;
	}
	default:
		days[0] = work->first_day + step;
		days[1] = days[0] + 1;
	}
}

/* The number of a period that ends before what is wanted; an endless rule begins with it. */
static int64_t unroll_first_period(const struct unroll_work *work)
{
	static const int longest[] = { 1, 1, UNROLL_WEEK, 31, UNROLL_YEAR_DAYS };
	const struct unroll *rule = work->rule;
	const int64_t ahead = days_of_seconds(work->span->from) - work->first_day;
	const int64_t k = ahead / longest[rule->unit] / rule->interval - 1;
	return rule->count || k < 0 ? 0 : k;
}

static void unroll_periods(struct unroll_work *work)
{
	const int64_t last_day = days_of_seconds(work->span->last);
	for (int64_t k = unroll_first_period(work); !work->over; k++) {
		int64_t days[2];
		unroll_period(work, k, days);
		if (days[0] > last_day)
			return;
		work->day_count = 0;
		for (int64_t day = days[0]; day < days[1]; day++)
			if (unroll_passes(work, day))
				work->days[work->day_count++] = day;
		unroll_give_period(work);
	}
}

static void unroll_hours(struct unroll_work *work)
{
	const struct unroll *rule = work->rule;
	const int64_t step = (int64_t)rule->interval * UNROLL_HOUR;
	const int64_t first = work->span->start - work->span->start % UNROLL_HOUR;
	const int64_t ahead = work->span->from - first;
	int64_t at = first + (rule->count || ahead < step ? 0 : ahead / step * step - step);
	for (; at <= work->span->last && !work->over; at += step) {
		const int64_t day = days_of_seconds(at);
		const int64_t hour = (at - day * DAYS_SECONDS) / UNROLL_HOUR;
		if ((rule->hours.given && !rule->hours.from_start[hour]) ||
			!unroll_passes(work, day))
			continue;
		for (size_t i = 0; i < work->time_count; i++)
			unroll_give(work, at + work->times[i]);
	}
}

/* The marked numbers, or the start's own where none is. */
static size_t unroll_numbers(const struct unroll_marks *marks, int own, int end, int *numbers)
{
	size_t count = 0;
	for (int i = 0; i < end; i++)
		if (marks->given ? marks->from_start[i] : i == own)
			numbers[count++] = i;
	return count;
}

static void unroll_times(struct unroll_work *work)
{
	const struct unroll *rule = work->rule;
	const int own = (int)(work->span->start - work->first_day * DAYS_SECONDS);
	const bool hourly = rule->unit == UNROLL_HOURS;
	int hours[UNROLL_DAY_HOURS] = { 0 }, minutes[UNROLL_MINUTE], seconds[UNROLL_MINUTE];
	const size_t hour_count =
		hourly ? 1
		       : unroll_numbers(&rule->hours, own / UNROLL_HOUR, UNROLL_DAY_HOURS, hours);
	const size_t minute_count = unroll_numbers(
		&rule->minutes, own / UNROLL_MINUTE % UNROLL_MINUTE, UNROLL_MINUTE, minutes);
	const size_t second_count =
		unroll_numbers(&rule->seconds, own % UNROLL_MINUTE, UNROLL_MINUTE, seconds);
	work->time_count = hour_count * minute_count * second_count;
	work->times = memory_zeroed(work->time_count + 1, sizeof(*work->times));
	for (size_t i = 0; i < work->time_count; i++)
		work->times[i] = hours[i / (minute_count * second_count)] * UNROLL_HOUR +
				 minutes[i / second_count % minute_count] * UNROLL_MINUTE +
				 seconds[i % second_count];
}

bool unroll_rule(
	const struct unroll *rule, const struct unroll_span *span, const struct unroll_sink *sink)
{
	struct unroll_work work = {
		.rule = rule,
		.span = span,
		.sink = sink,
		.first_day = days_of_seconds(span->start),
		.left = rule->count,
	};
	work.first = days_civil(work.first_day);
	unroll_times(&work);
	if (work.time_count > 0 && rule->unit == UNROLL_HOURS)
		unroll_hours(&work);
	else if (work.time_count > 0)
		unroll_periods(&work);
	free(work.times);
	return work.given <= sink->most;
}
