#include "stages/calendar/times.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/days.h"
#include "stages/calendar/windows_zones.h"

enum {
	TIMES_DATE_BYTES = 8,
	TIMES_TIME_BYTES = 15, /* of 20260328T143000 */
	TIMES_SHOWN = 60,
	TIMES_MOST_SECONDS = 366 * DAYS_SECONDS,
};

void times_add_name(struct times_names *names, const char *tzid, const char *location)
{
	if (names->count == names->room) {
		names->room = names->room ? names->room * 2 : 8;
		names->list = memory_resize(names->list, names->room * sizeof(*names->list));
	}
	names->list[names->count++] = (struct times_name){
		arena_copy(&names->arena, tzid, strlen(tzid)),
		location ? arena_copy(&names->arena, location, strlen(location)) : NULL,
	};
}

void times_clear(struct times_names *names)
{
	names->count = 0;
	arena_reset(&names->arena);
}

void times_finish(struct times_names *names)
{
	free(names->list);
	arena_finish(&names->arena);
}

/* "/mozilla.org/20050126_1/Europe/Berlin": what stands at the end may be a zone. */
static bool times_find_end(
	const char *tzid, size_t length, struct zones *zones, const struct zone **zone)
{
	struct error why;
	for (;;) {
		if (zones_find(zones, tzid, length, zone, &why))
			return true;
		const char *slash = memchr(tzid, '/', length);
		if (!slash)
			return false;
		length -= (size_t)(slash + 1 - tzid);
		tzid = slash + 1;
	}
}

static bool times_find_zone(struct times_names *names, const char *tzid, size_t length,
	const struct zone **zone, struct error *err)
{
	struct error why;
	char name[WINDOWS_ZONES_BYTES];
	for (size_t i = 0; i < names->count; i++) {
		const struct times_name *one = &names->list[i];
		if (one->location && strlen(one->tzid) == length &&
			memcmp(one->tzid, tzid, length) == 0 &&
			zones_find(names->zones, one->location, strlen(one->location), zone, &why))
			return true;
	}
	if (times_find_end(tzid, length, names->zones, zone))
		return true;
	if (windows_zones_find(tzid, length, name) &&
		zones_find(names->zones, name, strlen(name), zone, &why))
		return true;
	return fail(err, ERROR_DAMAGED,
		"its zone '%.*s' is none of the tz database, and the file does not say which is "
		"meant (X-LIC-LOCATION)",
		length < TIMES_SHOWN ? (int)length : TIMES_SHOWN, tzid);
}

static bool times_digits(const char *text, size_t count, int *number)
{
	*number = 0;
	for (size_t i = 0; i < count; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		*number = *number * 10 + (text[i] - '0');
	}
	return true;
}

static bool times_read_day(const char *text, int64_t *local)
{
	struct civil civil;
	if (!times_digits(text, 4, &civil.year) || !times_digits(text + 4, 2, &civil.month) ||
		!times_digits(text + 6, 2, &civil.day) || civil.year < 1 || civil.month < 1 ||
		civil.month > 12 || civil.day < 1 ||
		civil.day > days_in_month(civil.year, civil.month))
		return false;
	*local = days_of(civil) * DAYS_SECONDS;
	return true;
}

/* A leap second is the one before it. */
static bool times_read_clock(const char *text, int64_t *local)
{
	int hour, minute, second;
	if (text[0] != 'T' || !times_digits(text + 1, 2, &hour) ||
		!times_digits(text + 3, 2, &minute) || !times_digits(text + 5, 2, &second) ||
		hour > 23 || minute > 59 || second > 60)
		return false;
	*local += hour * 3600 + minute * 60 + (second < 60 ? second : 59);
	return true;
}

static bool times_read_form(const char *text, size_t length, struct times *times, bool *utc)
{
	*utc = length == TIMES_TIME_BYTES + 1 && text[TIMES_TIME_BYTES] == 'Z';
	*times = (struct times){ .kind = length == TIMES_DATE_BYTES ? TIMES_DATE : TIMES_FLOATING };
	if (length != TIMES_DATE_BYTES && length != TIMES_TIME_BYTES && !*utc)
		return false;
	return times_read_day(text, &times->local) &&
	       (times->kind == TIMES_DATE ||
		       times_read_clock(text + TIMES_DATE_BYTES, &times->local));
}

bool times_read(
	const struct line *line, struct times_names *names, struct times *times, struct error *err)
{
	const char *text = line->value;
	const size_t length = strcspn(text, ",/");
	bool utc;
	if (!times_read_form(text, length, times, &utc))
		return fail(err, ERROR_DAMAGED,
			"its %s is '%.*s': expected a date such as 20260328 or "
			"20260328T143000",
			line->name, length < TIMES_SHOWN ? (int)length : TIMES_SHOWN, text);
	size_t tzid_length;
	const char *tzid = utc ? "UTC" : line_parameter(line, "TZID", &tzid_length);
	if (!tzid || times->kind == TIMES_DATE)
		return true;
	times->kind = TIMES_ZONED;
	return utc ? zones_find(names->zones, "UTC", 3, &times->zone, err)
		   : times_find_zone(names, tzid, tzid_length, &times->zone, err);
}

bool times_read_duration(const char *text, int64_t *seconds)
{
	static const char units[] = "WDHMS";
	static const int64_t lengths[] = { 7 * DAYS_SECONDS, DAYS_SECONDS, 3600, 60, 1 };
	*seconds = 0;
	text += *text == '+';
	if (*text != 'P' || !text[1])
		return false;
	for (text++; *text; text++) {
		if (*text == 'T')
			continue;
		char *end;
		const long number = isdigit((unsigned char)*text) ? strtol(text, &end, 10) : -1;
		if (number < 0 || number > TIMES_MOST_SECONDS)
			return false;
		const char *unit = *end ? strchr(units, *end) : NULL;
		if (!unit)
			return false;
		*seconds += number * lengths[unit - units];
		text = end;
	}
	return *seconds <= TIMES_MOST_SECONDS;
}

int64_t times_utc(const struct times *times)
{
	static const struct zone_policy policy = { ZONE_GAP_LATER, ZONE_OVERLAP_FIRST };
	int64_t utc = times->local;
	zone_utc(times->zone, times->local, &policy, &utc);
	return utc;
}

int64_t times_local_at(const struct times *times, const struct times *start)
{
	if (times->kind != TIMES_ZONED || start->kind != TIMES_ZONED || times->zone == start->zone)
		return times->local;
	return zone_local(start->zone, times_utc(times));
}
