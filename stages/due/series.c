#include "stages/due/series.h"

#include <ctype.h>
#include <string.h>

#include "pipeline/support/days.h"

enum { SERIES_MOST = 1000, SERIES_WEEK = 7, SERIES_YEAR = 12 };

bool series_read(struct series *series, const char *text, size_t length)
{
	static const struct {
		const char *word;
		int days, months;
	} units[] = {
		{ "day", 1, 0 },
		{ "week", SERIES_WEEK, 0 },
		{ "month", 0, 1 },
		{ "year", 0, SERIES_YEAR },
	};
	size_t at = 0;
	int number = 0;
	series->step_days = series->step_months = 0;
	for (; at < length && isdigit((unsigned char)text[at]); at++)
		if ((number = number * 10 + (text[at] - '0')) > SERIES_MOST)
			return false;
	if (length == 0 || (at > 0 && number == 0))
		return length == 0;
	while (at < length && text[at] == ' ')
		at++;
	number = number ? number : 1;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		const size_t word = strlen(units[i].word);
		const bool several = length - at == word + 1 && text[length - 1] == 's';
		if ((length - at != word && !several) ||
			memcmp(text + at, units[i].word, word) != 0)
			continue;
		series->step_days = units[i].days * number;
		series->step_months = units[i].months * number;
		return true;
	}
	return false;
}

static int64_t series_month_day(const struct series *series, int64_t steps)
{
	return days_of(
		days_add_months(days_civil(series->first), (int)(steps * series->step_months)));
}

static int64_t series_steps_to(const struct series *series, int64_t from)
{
	const struct civil first = days_civil(series->first), wanted = days_civil(from);
	const int64_t months =
		(wanted.year - first.year) * SERIES_YEAR + wanted.month - first.month;
	int64_t steps = months / series->step_months;
	while (series_month_day(series, steps) < from)
		steps++;
	return steps;
}

bool series_next(const struct series *series, int64_t from, int64_t *day)
{
	*day = series->first;
	if (from > series->first) {
		if (series->step_days)
			*day += (from - series->first + series->step_days - 1) / series->step_days *
				series->step_days;
		else if (series->step_months)
			*day = series_month_day(series, series_steps_to(series, from));
		else
			return false;
	}
	return *day <= series->last;
}
