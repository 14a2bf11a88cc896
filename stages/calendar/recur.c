#include "stages/calendar/recur.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pipeline/support/days.h"
#include "pipeline/support/library.h"

enum {
	RECUR_STEPS = 200000,          /* of a rule from its start to the end of the window */
	RECUR_COUNTED_DAYS = 50 * 366, /* from the start of a rule with COUNT to the window's end */
	RECUR_HOURLY_DAYS = 10 * 366,  /* the same where it is hourly, counted or not */
	RECUR_MONTHS = 12,
	RECUR_SHOWN = 100,
	RECUR_PARTS = 2048, /* bytes of a rule */
};

static struct {
	__typeof__(icalrecurrencetype_from_string) *parse;
	__typeof__(icalrecur_iterator_new) *start;
	__typeof__(icalrecur_iterator_next) *next;
	__typeof__(icalrecur_iterator_free) *free;
} ical;

static const struct library_name recur_names[] = {
	LIBRARY_NAME(ical, parse, icalrecurrencetype_from_string),
	LIBRARY_NAME(ical, start, icalrecur_iterator_new),
	LIBRARY_NAME(ical, next, icalrecur_iterator_next),
	LIBRARY_NAME(ical, free, icalrecur_iterator_free),
};

static struct library recur_library = LIBRARY("libical.so.3", recur_names, ical);

static void recur_add(struct recur *recur, int64_t local)
{
	if (recur->count == recur->room) {
		recur->room = recur->room ? recur->room * 2 : 64;
		recur->list = memory_resize(recur->list, recur->room * sizeof(*recur->list));
	}
	recur->list[recur->count++] = local;
}

static struct icaltimetype recur_to_ical(const struct event *event, int64_t local)
{
	const int64_t day = days_of_seconds(local);
	const struct civil civil = days_civil(day);
	const int seconds = (int)(local - day * DAYS_SECONDS);
	const struct icaltimetype time = {
		.year = civil.year,
		.month = civil.month,
		.day = civil.day,
		.hour = seconds / 3600,
		.minute = seconds / 60 % 60,
		.second = seconds % 60,
		.is_date = event->start.kind == TIMES_DATE,
	};
	return time;
}

static int64_t recur_from_ical(struct icaltimetype time)
{
	const struct civil civil = { time.year, time.month, time.day };
	return days_of(civil) * DAYS_SECONDS +
	       (time.is_date ? 0 : time.hour * 3600 + time.minute * 60 + time.second);
}

/* A rule taken apart: without its UNTIL, which has a zone of its own. */
struct recur_rule {
	char text[RECUR_PARTS];
	int64_t until; /* the last time that may be; INT64_MAX: it has none */
};

static bool recur_complain(
	enum error_code code, const char *rule, const char *what, struct error *err)
{
	return fail(err, code, "its rule '%.*s' %s", RECUR_SHOWN, rule, what);
}

/* UNTIL is in UTC where the start has a zone; a day alone counts to its end. */
static bool recur_read_until(
	const struct event *event, const char *text, struct recur_rule *rule, struct error *err)
{
	const struct line line = { .name = "UNTIL", .parameters = "", .value = text };
	struct zones zones = { .list = NULL };
	struct times_names names = { .zones = &zones };
	struct times until;
	const bool fine = times_read(&line, &names, &until, err);
	if (fine)
		rule->until = times_local_at(&until, &event->start) +
			      (until.kind == TIMES_DATE ? DAYS_SECONDS - 1 : 0);
	zones_finish(&zones);
	return fine;
}

static bool recur_take_apart(
	const struct event *event, const char *text, struct recur_rule *rule, struct error *err)
{
	static const char until[] = "UNTIL=";
	char last[64];
	size_t length = 0;
	rule->until = INT64_MAX;
	if (strlen(text) >= RECUR_PARTS)
		return recur_complain(ERROR_LIMIT, text, "is too long", err);
	for (const char *at = text; *at;) {
		const size_t part = strcspn(at, ";");
		if (strncasecmp(at, until, sizeof(until) - 1) == 0) {
			snprintf(last, sizeof(last), "%.*s", (int)part, at);
			if (!recur_read_until(event, last + sizeof(until) - 1, rule, err))
				return false;
		} else if (part > 0) {
			if (length)
				rule->text[length++] = ';';
			memcpy(rule->text + length, at, part);
			length += part;
		}
		at += part + (at[part] == ';');
	}
	rule->text[length] = '\0';
	return true;
}

static bool recur_given(const short *numbers)
{
	return numbers[0] != ICAL_RECURRENCE_ARRAY_MAX;
}

static bool recur_negative(const short *numbers, size_t room)
{
	for (size_t i = 0; i < room && numbers[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		if (numbers[i] < 0)
			return true;
	return false;
}

/* What libical 3.0 takes for something else, or NULL; found by comparing it with another reading of
 * RFC 5545 over random rules. */
static const char *recur_misread(const struct icalrecurrencetype *rule)
{
	const bool hourly = rule->freq == ICAL_HOURLY_RECURRENCE;
	const bool yearly = rule->freq == ICAL_YEARLY_RECURRENCE;
	if (recur_given(rule->by_set_pos) && !yearly && rule->freq != ICAL_MONTHLY_RECURRENCE)
		return "BYSETPOS with anything but MONTHLY and YEARLY";
	if (recur_given(rule->by_set_pos) && recur_given(rule->by_hour))
		return "BYSETPOS with BYHOUR";
	if (recur_given(rule->by_hour) && hourly && rule->interval > 1)
		return "BYHOUR with HOURLY and an INTERVAL";
	if ((hourly || rule->freq == ICAL_DAILY_RECURRENCE) &&
		recur_negative(rule->by_month_day, ICAL_BY_MONTHDAY_SIZE))
		return "a negative BYMONTHDAY with DAILY and HOURLY";
	if (yearly && recur_given(rule->by_month_day) && !recur_given(rule->by_month))
		return "BYMONTHDAY with YEARLY without BYMONTH";
	if (recur_given(rule->by_month) && recur_given(rule->by_year_day))
		return "BYYEARDAY with BYMONTH";
	if (recur_given(rule->by_week_no) &&
		(recur_negative(rule->by_week_no, ICAL_BY_WEEKNO_SIZE) ||
			recur_given(rule->by_set_pos) || recur_given(rule->by_year_day) ||
			recur_given(rule->by_month_day) || recur_given(rule->by_month)))
		return "BYWEEKNO with others than BYDAY";
	return NULL;
}

/* What would keep libical busy for long, or makes it err. */
static bool recur_check(const struct event *event, const struct icalrecurrencetype *rule,
	const char *text, int64_t until, struct error *err)
{
	const int64_t span = until - event->start.local;
	const bool hourly = rule->freq == ICAL_HOURLY_RECURRENCE;
	if (rule->freq == ICAL_NO_RECURRENCE || rule->interval < 1)
		return recur_complain(ERROR_DAMAGED, text, "makes no sense", err);
	if (rule->freq == ICAL_SECONDLY_RECURRENCE || rule->freq == ICAL_MINUTELY_RECURRENCE)
		return recur_complain(ERROR_UNSUPPORTED, text,
			"is not supported: nothing more frequent than HOURLY is", err);
	const char *misread = recur_misread(rule);
	if (misread)
		return fail(err, ERROR_UNSUPPORTED, "its rule '%.*s' is not supported: %s",
			RECUR_SHOWN, text, misread);
	if (rule->rscale && strcasecmp(rule->rscale, "GREGORIAN") != 0)
		return recur_complain(
			ERROR_UNSUPPORTED, text, "is of another calendar than the Gregorian", err);
	if ((rule->count || hourly) &&
		span > (int64_t)(hourly ? RECUR_HOURLY_DAYS : RECUR_COUNTED_DAYS) * DAYS_SECONDS)
		return recur_complain(
			ERROR_LIMIT, text, "has run, counted or hourly, for too many years", err);
	return true;
}

/* As many whole intervals later as leave one before `from`, on a month that has the start's day. */
static int64_t recur_later_months(int64_t start, int64_t from, int interval)
{
	const int64_t day = days_of_seconds(start);
	const struct civil first = days_civil(day), wanted = days_civil(days_of_seconds(from));
	int months = (wanted.year - first.year) * RECUR_MONTHS + wanted.month - first.month;
	for (months -= months % interval + interval; months > 0; months -= interval) {
		const struct civil later = days_add_months(first, months);
		if (later.day == first.day)
			return days_of(later) * DAYS_SECONDS + start - day * DAYS_SECONDS;
	}
	return start;
}

/* A start nearer to the window from which an endless rule goes on as from its own: whole intervals
 * later (but for hours, which libical counts otherwise where BYHOUR is given). What it would do
 * before is not asked for. */
static int64_t recur_nearer(const struct icalrecurrencetype *rule, int64_t start, int64_t from)
{
	if (rule->count || from <= start || rule->freq == ICAL_HOURLY_RECURRENCE)
		return start;
	if (rule->freq == ICAL_MONTHLY_RECURRENCE)
		return recur_later_months(start, from, rule->interval);
	if (rule->freq == ICAL_YEARLY_RECURRENCE)
		return recur_later_months(start, from, rule->interval * RECUR_MONTHS);
	const int64_t days = rule->freq == ICAL_WEEKLY_RECURRENCE ? 7 : 1;
	const int64_t step = days * DAYS_SECONDS * rule->interval;
	const int64_t steps = (from - start) / step - 1;
	return steps > 0 ? start + steps * step : start;
}

static bool recur_add_rule(struct recur *recur, const struct event *event, const char *text,
	const int64_t window[2], struct error *err)
{
	struct recur_rule taken;
	if (!recur_take_apart(event, text, &taken, err))
		return false;
	const int64_t last = taken.until < window[1] ? taken.until : window[1];
	struct icalrecurrencetype rule = ical.parse(taken.text);
	if (!recur_check(event, &rule, text, window[1], err))
		return false;
	rule.until = recur_to_ical(event, last);
	const int64_t start = recur_nearer(&rule, event->start.local, window[0]);
	icalrecur_iterator *iterator =
		last < start ? NULL : ical.start(rule, recur_to_ical(event, start));
	int steps = 0;
	for (; iterator && steps < RECUR_STEPS; steps++) {
		const struct icaltimetype next = ical.next(iterator);
		const int64_t local = next.year ? recur_from_ical(next) : INT64_MAX;
		if (local > last || local >= window[1])
			break;
		if (local >= window[0] && local > event->start.local)
			recur_add(recur, local);
	}
	if (iterator)
		ical.free(iterator);
	return steps < RECUR_STEPS || recur_complain(ERROR_LIMIT, text, "gives too many", err);
}

static int recur_compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

/* An RDATE that is a day has the time of the start. */
static int64_t recur_added(const struct event *event, const struct times *added)
{
	const int64_t local = times_local_at(added, &event->start);
	if (added->kind != TIMES_DATE || event->start.kind == TIMES_DATE)
		return local;
	return local + event->start.local - days_of_seconds(event->start.local) * DAYS_SECONDS;
}

/* An EXDATE that is a day leaves out the whole day. */
static bool recur_left_out(const struct event *event, int64_t local)
{
	for (size_t i = 0; i < event->left_out.count; i++) {
		const struct times *left_out = &event->left_out.list[i];
		const int64_t at = times_local_at(left_out, &event->start);
		const bool day = left_out->kind == TIMES_DATE || event->start.kind == TIMES_DATE;
		if (day ? days_of_seconds(at) == days_of_seconds(local) : at == local)
			return true;
	}
	return false;
}

static void recur_tidy(struct recur *recur, const struct event *event)
{
	size_t kept = 0;
	if (recur->count > 1)
		qsort(recur->list, recur->count, sizeof(*recur->list), recur_compare);
	for (size_t i = 0; i < recur->count; i++) {
		const int64_t local = recur->list[i];
		if ((kept == 0 || recur->list[kept - 1] != local) && !recur_left_out(event, local))
			recur->list[kept++] = local;
	}
	recur->count = kept;
}

bool recur_fill(struct recur *recur, const struct event *event, int64_t from, int64_t until,
	struct error *err)
{
	const int64_t window[] = { from, until }, start = event->start.local;
	recur->count = 0;
	if (event->rule_count > 0 && !library_need(&recur_library, err))
		return false;
	if (start >= from && start < until)
		recur_add(recur, start);
	for (size_t i = 0; i < event->rule_count; i++)
		if (!recur_add_rule(recur, event, event->rules[i], window, err))
			return false;
	for (size_t i = 0; i < event->added.count; i++) {
		const int64_t local = recur_added(event, &event->added.list[i]);
		if (local >= from && local < until)
			recur_add(recur, local);
	}
	recur_tidy(recur, event);
	return true;
}

void recur_finish(struct recur *recur)
{
	free(recur->list);
}
