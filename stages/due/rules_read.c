/* From what a config says to rules. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/days.h"
#include "stages/due/rules.h"

enum {
	READ_MINUTE = 60,
	READ_HOUR = 3600,
	READ_WEEK = 7,
	READ_MOST_DAYS = 3660,
	READ_LINE_BYTES = 512,
	READ_DATE_BYTES = 10, /* of 2026-12-25 */
	READ_YEARLY_BYTES = 5 /* of 12-25 */
};

bool rules_read_lead(const char *text, struct rules_lead *lead)
{
	static const struct {
		const char *word;
		int64_t seconds; /* 0: days */
		int64_t times;
	} units[] = {
		{ "d", 0, 1 },
		{ "w", 0, READ_WEEK },
		{ "h", READ_HOUR, READ_HOUR },
		{ "min", READ_MINUTE, READ_MINUTE },
	};
	char *end;
	*lead = (struct rules_lead){ .text = text };
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	const long number = strtol(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(end, units[i].word) != 0)
			continue;
		lead->days = units[i].seconds == 0;
		const int64_t most = (int64_t)READ_MOST_DAYS * (lead->days ? 1 : DAYS_SECONDS);
		if (errno != 0 || number > most / units[i].times)
			return false;
		lead->amount = number * units[i].times;
		return true;
	}
	return false;
}

bool rules_read_quiet(struct rules *rules, const char *text)
{
	const char *dash = strchr(text, '-');
	rules->quiet = rules->awake = 0;
	if (!*text)
		return true;
	return dash && days_read_time(text, (size_t)(dash - text), &rules->quiet) &&
	       days_read_time(dash + 1, strlen(dash + 1), &rules->awake) &&
	       rules->quiet != rules->awake;
}

bool rules_read_days(struct rules *rules, const struct option_list *words, size_t *wrong)
{
	static const char *const names[READ_WEEK] = { "mo", "tu", "we", "th", "fr", "sa", "su" };
	rules->days = 0;
	for (*wrong = 0; *wrong < words->count; ++*wrong) {
		int day = 0;
		while (day < READ_WEEK && strcmp(names[day], words->items[*wrong]) != 0)
			day++;
		if (day == READ_WEEK)
			return false;
		rules->days |= 1U << day;
	}
	*wrong = 0;
	return rules->days != 0;
}

/* Holidays gathered so far. */
struct read_holidays {
	struct rules *rules;
	struct arena *arena;
	size_t room;
};

/* "2026-12-25" or "12-25" */
static bool read_holiday(struct read_holidays *all, const char *text, size_t length)
{
	struct rules *rules = all->rules;
	struct days_read read;
	char leap[READ_DATE_BYTES + 1];
	if (length == READ_YEARLY_BYTES) {
		snprintf(leap, sizeof(leap), "2000-%.*s", READ_YEARLY_BYTES, text);
		if (!days_read(leap, READ_DATE_BYTES, &read))
			return false;
		const struct civil civil = days_civil(days_of_seconds(read.seconds));
		return rules->yearly[civil.month - 1][civil.day - 1] = true;
	}
	if (!days_read(text, length, &read) || read.has_time)
		return false;
	if (rules->holiday_count == all->room) {
		const int64_t *old = rules->holidays;
		all->room = all->room ? all->room * 2 : 64;
		rules->holidays = arena_alloc(all->arena, all->room * sizeof(*rules->holidays));
		if (old)
			memcpy(rules->holidays, old, rules->holiday_count * sizeof(*old));
	}
	rules->holidays[rules->holiday_count++] = days_of_seconds(read.seconds);
	return true;
}

/* What is behind the date is the holiday's name. */
static bool read_line(struct read_holidays *all, char *line)
{
	line += strspn(line, " \t");
	const size_t length = strcspn(line, " \t\r\n");
	return length == 0 || *line == '#' || read_holiday(all, line, length);
}

static bool read_file(struct read_holidays *all, const char *path, struct error *err)
{
	char line[READ_LINE_BYTES];
	FILE *file = fopen(path, "re");
	if (!file)
		return fail_errno(err, errno, "'%s'", path);
	bool fine = true;
	for (unsigned number = 1; fine && fgets(line, sizeof(line), file); number++)
		if (!read_line(all, line))
			fine = fail(err, ERROR_USAGE,
				"'%s', line %u: expected a date such as 2026-12-25 or 12-25", path,
				number);
	if (fine && ferror(file))
		fine = fail(err, ERROR_READ, "'%s' could not be read", path);
	fclose(file);
	return fine;
}

static int read_compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

bool rules_read_holidays(struct rules *rules, const struct option_list *words, struct arena *arena,
	size_t *wrong, struct error *err)
{
	struct read_holidays all = { .rules = rules, .arena = arena };
	for (*wrong = 0; *wrong < words->count; ++*wrong) {
		const char *word = words->items[*wrong];
		if (!read_holiday(&all, word, strlen(word)) && !read_file(&all, word, err))
			return false;
	}
	if (rules->holiday_count > 0)
		qsort(rules->holidays, rules->holiday_count, sizeof(*rules->holidays),
			read_compare);
	return true;
}
