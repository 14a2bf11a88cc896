#include "stages/calendar/recur.h"

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "pipeline/support/days.h"
#include "pipeline/support/library.h"
#include "stages/calendar/unroll.h"

enum {
	RECUR_MOST = 100000,           /* occurrences of a rule in the window */
	RECUR_HOURLY_DAYS = 100 * 366, /* that a rule by the hour may be counted for */
	RECUR_SHOWN = 100,
	RECUR_PARTS = 2048, /* bytes of a rule */
};

static struct {
	__typeof__(icalrecurrencetype_from_string) *parse;
	__typeof__(icalrecurrencetype_day_day_of_week) *weekday;
	__typeof__(icalrecurrencetype_day_position) *position;
} ical;

static const struct library_name recur_names[] = {
	LIBRARY_NAME(ical, parse, icalrecurrencetype_from_string),
	LIBRARY_NAME(ical, weekday, icalrecurrencetype_day_day_of_week),
	LIBRARY_NAME(ical, position, icalrecurrencetype_day_position),
};

static struct library recur_library = LIBRARY("libical.so.3", recur_names, ical);

static void recur_add_gone(struct recur *recur, int64_t local)
{
	if (recur->gone_count == recur->gone_room) {
		recur->gone_room = recur->gone_room ? recur->gone_room * 2 : 16;
		recur->gone = memory_resize(recur->gone, recur->gone_room * sizeof(*recur->gone));
	}
	recur->gone[recur->gone_count++] = local;
}

static void recur_add(void *context, int64_t local)
{
	struct recur *recur = context;
	if (recur->count == recur->room) {
		recur->room = recur->room ? recur->room * 2 : 64;
		recur->list = memory_resize(recur->list, recur->room * sizeof(*recur->list));
	}
	recur->list[recur->count++] = local;
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

/* A rule as libical has read it, whose numbers it has checked. */
static bool recur_check(
	const struct icalrecurrencetype *rule, const char *text, int64_t span, struct error *err)
{
	const bool skips = rule->rscale && rule->skip == ICAL_SKIP_FORWARD;
	if (rule->freq == ICAL_NO_RECURRENCE || rule->interval < 1)
		return recur_complain(ERROR_DAMAGED, text, "makes no sense", err);
	if (rule->freq == ICAL_SECONDLY_RECURRENCE || rule->freq == ICAL_MINUTELY_RECURRENCE)
		return recur_complain(ERROR_UNSUPPORTED, text,
			"is not supported: nothing more frequent than HOURLY is", err);
	if (skips || (rule->rscale && strcasecmp(rule->rscale, "GREGORIAN") != 0))
		return recur_complain(ERROR_UNSUPPORTED, text,
			"is not supported: only RSCALE=GREGORIAN and SKIP=BACKWARD are", err);
	if (rule->freq == ICAL_HOURLY_RECURRENCE &&
		rule->by_set_pos[0] != ICAL_RECURRENCE_ARRAY_MAX)
		return recur_complain(ERROR_UNSUPPORTED, text,
			"is not supported: BYSETPOS needs DAILY or less often", err);
	if (rule->freq == ICAL_HOURLY_RECURRENCE && rule->count &&
		span > (int64_t)RECUR_HOURLY_DAYS * DAYS_SECONDS)
		return recur_complain(
			ERROR_LIMIT, text, "has been counted by the hour for too many years", err);
	return true;
}

static void recur_mark(struct unroll_marks *marks, const short *numbers, size_t room, int most)
{
	for (size_t i = 0; i < room && numbers[i] != ICAL_RECURRENCE_ARRAY_MAX; i++) {
		marks->given = true;
		if (numbers[i] >= 0 && numbers[i] <= most)
			marks->from_start[numbers[i]] = true;
		else if (numbers[i] < 0 && -numbers[i] <= most)
			marks->from_end[-numbers[i]] = true;
	}
}

static int recur_weekday(enum icalrecurrencetype_weekday day)
{
	return ((int)day + 5) % 7; /* libical counts from Sunday, 1 */
}

static bool recur_take_weekdays(struct unroll *unroll, const struct icalrecurrencetype *rule)
{
	const bool counts =
		rule->freq == ICAL_MONTHLY_RECURRENCE || rule->freq == ICAL_YEARLY_RECURRENCE;
	for (size_t i = 0; i < ICAL_BY_DAY_SIZE && rule->by_day[i] != ICAL_RECURRENCE_ARRAY_MAX;
		i++) {
		const struct unroll_weekday one = { recur_weekday(ical.weekday(rule->by_day[i])),
			ical.position(rule->by_day[i]) };
		if (i == UNROLL_WEEKDAYS || (one.position && !counts))
			return false;
		unroll->weekdays[unroll->weekday_count++] = one;
	}
	return true;
}

static bool recur_to_unroll(const struct icalrecurrencetype *rule, struct unroll *unroll,
	const char *text, struct error *err)
{
	static const enum unroll_unit units[] = {
		[ICAL_HOURLY_RECURRENCE] = UNROLL_HOURS,
		[ICAL_DAILY_RECURRENCE] = UNROLL_DAYS,
		[ICAL_WEEKLY_RECURRENCE] = UNROLL_WEEKS,
		[ICAL_MONTHLY_RECURRENCE] = UNROLL_MONTHS,
		[ICAL_YEARLY_RECURRENCE] = UNROLL_YEARS,
	};
	*unroll = (struct unroll){
		.unit = units[rule->freq],
		.interval = rule->interval,
		.count = rule->count,
		.week_start = recur_weekday(rule->week_start),
		.last_day = rule->rscale && rule->skip == ICAL_SKIP_BACKWARD,
	};
	recur_mark(&unroll->months, rule->by_month, ICAL_BY_MONTH_SIZE, 12);
	recur_mark(&unroll->month_days, rule->by_month_day, ICAL_BY_MONTHDAY_SIZE, 31);
	recur_mark(&unroll->year_days, rule->by_year_day, ICAL_BY_YEARDAY_SIZE, 366);
	recur_mark(&unroll->weeks, rule->by_week_no, ICAL_BY_WEEKNO_SIZE, 53);
	recur_mark(&unroll->hours, rule->by_hour, ICAL_BY_HOUR_SIZE, 23);
	recur_mark(&unroll->minutes, rule->by_minute, ICAL_BY_MINUTE_SIZE, 59);
	recur_mark(&unroll->seconds, rule->by_second, ICAL_BY_SECOND_SIZE, 59);
	for (size_t i = 0;
		i < ICAL_BY_SETPOS_SIZE && rule->by_set_pos[i] != ICAL_RECURRENCE_ARRAY_MAX; i++)
		unroll->positions[unroll->position_count++] = rule->by_set_pos[i];
	return recur_take_weekdays(unroll, rule) ||
	       recur_complain(ERROR_UNSUPPORTED, text,
		       "is not supported: numbers in BYDAY need MONTHLY or YEARLY", err);
}

static bool recur_read(const char *plain, const char *text, int64_t seconds, struct unroll *unroll,
	struct error *err)
{
	const struct icalrecurrencetype rule = ical.parse(plain);
	const bool fine =
		recur_check(&rule, text, seconds, err) && recur_to_unroll(&rule, unroll, text, err);
	free(rule.rscale); /* the reader's, from strdup */
	return fine;
}

static bool recur_add_rule(struct recur *recur, const struct event *event, const char *text,
	const int64_t window[2], struct error *err)
{
	struct recur_rule taken;
	struct unroll unroll;
	if (!recur_take_apart(event, text, &taken, err))
		return false;
	const int64_t start = event->start.local, until = window[1] - 1;
	if (!recur_read(taken.text, text, until - start, &unroll, err))
		return false;
	const struct unroll_span span = { start, window[0],
		taken.until < until ? taken.until : until };
	const struct unroll_sink sink = { recur_add, recur, RECUR_MOST };
	return unroll_rule(&unroll, &span, &sink) ||
	       recur_complain(ERROR_LIMIT, text, "gives too many", err);
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
	bool first = true;
	int64_t last = 0;
	if (recur->count > 1)
		qsort(recur->list, recur->count, sizeof(*recur->list), recur_compare);
	for (size_t i = 0; i < recur->count; i++) {
		const int64_t local = recur->list[i];
		if (!first && local == last)
			continue;
		if (recur_left_out(event, local))
			recur_add_gone(recur, local);
		else
			recur->list[kept++] = local;
		first = false;
		last = local;
	}
	recur->count = kept;
}

bool recur_fill(struct recur *recur, const struct event *event, int64_t from, int64_t until,
	struct error *err)
{
	const int64_t window[] = { from, until }, start = event->start.local;
	recur->count = recur->gone_count = 0;
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
	free(recur->gone);
}
