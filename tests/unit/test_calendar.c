#include "stages/calendar/recur.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/days.h"

#include <cmocka.h>

/* Reads one event, given as its lines. */
static struct event event_of(const char *lines, struct times_names *names)
{
	struct text text = { 0 };
	struct event event = { .line = 0 };
	struct events events;
	struct error err = { 0 };
	bool end = false;
	text_addf(&text, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:x\n%s\nEND:VEVENT\nEND:VCALENDAR\n",
		lines);
	FILE *file = fmemopen(text.data, text.length, "r");
	events_start(&events, file, names);
	if (!events_next(&events, &event, &end, &err) || end)
		fail_msg("%s", err.text);
	if (event.broken)
		fail_msg("%s", event.why.text);
	events_finish(&events);
	fclose(file);
	text_finish(&text);
	return event;
}

static int64_t seconds_of(const char *text)
{
	struct days_read read;
	if (!days_read(text, strlen(text), &read))
		fail_msg("'%s' was not read", text);
	return read.seconds;
}

/* What a clock in `zone` and one in UTC show at each time: "28 02:30 01:30Z, ...". */
static void show(const struct event *event, const struct recur *recur, struct text *text)
{
	text_add_string(text, "");
	for (size_t i = 0; i < recur->count; i++) {
		struct times times = event->start;
		char local[DAYS_TEXT_BYTES], utc[DAYS_TEXT_BYTES];
		times.local = recur->list[i];
		days_text(times.local, local);
		text_addf(text, "%s%s", text->length ? ", " : "", local + 5);
		if (times.kind != TIMES_ZONED)
			continue;
		days_text(times_utc(&times), utc);
		text_addf(text, " %sZ", utc + 11);
	}
}

static const struct unrolled_case {
	const char *lines, *from, *until, *times;
} unrolled_cases[] = {
	/* The gap and the hour that comes twice: RFC 5545, 3.3.5, and no drift behind them. */
	{ "DTSTART;TZID=Europe/Berlin:20260328T023000\nRRULE:FREQ=DAILY", "2026-03-28",
		"2026-03-31", "03-28 02:30 01:30Z, 03-29 02:30 01:30Z, 03-30 02:30 00:30Z" },
	{ "DTSTART;TZID=Europe/Berlin:20260328T023000\nRRULE:FREQ=DAILY", "2026-10-24",
		"2026-10-27", "10-24 02:30 00:30Z, 10-25 02:30 00:30Z, 10-26 02:30 01:30Z" },
	/* UNTIL is in UTC, the start is not. */
	{ "DTSTART;TZID=America/New_York:20260901T210000\nRRULE:FREQ=DAILY;UNTIL=20260903T010000Z",
		"2026-08-30", "2026-09-30", "09-01 21:00 01:00Z, 09-02 21:00 01:00Z" },
	{ "DTSTART;TZID=America/New_York:20260901T210000\nRRULE:UNTIL=20260903T005959Z;FREQ=DAILY",
		"2026-08-30", "2026-09-30", "09-01 21:00 01:00Z" },
	/* Examples of RFC 5545, 3.8.5.3. */
	{ "DTSTART:19970902T090000\nRRULE:FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997-09-01",
		"1998-01-01", "09-02 09:00, 09-05 09:00, 10-03 09:00, 11-07 09:00, 12-05 09:00" },
	{ "DTSTART:19970905T090000\nRRULE:FREQ=MONTHLY;COUNT=3;BYDAY=1FR", "1997-09-01",
		"1998-09-01", "09-05 09:00, 10-03 09:00, 11-07 09:00" },
	{ "DTSTART:19970928T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-01", "1998-03-01",
		"09-28 09:00, 10-29 09:00, 11-28 09:00, 12-29 09:00, 01-29 09:00, 02-26 09:00" },
	{ "DTSTART:19970902T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
		"1997-09-01", "1998-09-01",
		"09-02 09:00, 09-04 09:00, 09-16 09:00, 09-18 09:00, 09-30 09:00, 10-02 09:00, "
		"10-14 09:00, 10-16 09:00" },
	{ "DTSTART:19970805T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
		"1997-08-01", "1998-09-01", "08-05 09:00, 08-10 09:00, 08-19 09:00, 08-24 09:00" },
	{ "DTSTART:19970805T090000\nRRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
		"1997-08-01", "1998-09-01", "08-05 09:00, 08-17 09:00, 08-19 09:00, 08-31 09:00" },
	{ "DTSTART:19970929T090000\nRRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
		"1997-09-01", "1998-01-01", "09-29 09:00, 10-30 09:00, 11-27 09:00, 12-30 09:00" },
	{ "DTSTART:19970512T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997-05-01",
		"1999-12-01", "05-12 09:00, 05-11 09:00, 05-17 09:00" },
	{ "DTSTART:19961105T090000\nRRULE:FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY="
	  "2,3,4,5,6,7,8",
		"1996-01-01", "2005-01-01", "11-05 09:00, 11-07 09:00, 11-02 09:00" },
	{ "DTSTART:20070115T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007-01-01",
		"2008-01-01", "01-15 09:00, 01-30 09:00, 02-15 09:00, 03-15 09:00, 03-30 09:00" },
	{ "DTSTART:19980213T090000\nRRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1998-01-01",
		"1999-12-01", "02-13 09:00, 03-13 09:00, 11-13 09:00, 08-13 09:00" },
	{ "DTSTART:19970922T090000\nRRULE:FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997-09-01",
		"1998-09-01",
		"09-22 09:00, 10-20 09:00, 11-17 09:00, 12-22 09:00, 01-19 09:00, 02-16 09:00" },
	/* Weeks of years that begin on a Thursday and a Friday; none before the start. */
	{ "DTSTART:20251229T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=1,53;BYDAY=MO;COUNT=4", "2024-01-01",
		"2033-01-01", "12-29 09:00, 12-28 09:00, 01-04 09:00, 01-03 09:00" },
	/* The first week alone, on the start's day of the week: that of 2026 has a Thursday and no
	 * Wednesday of its year. */
	{ "DTSTART:20241230T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=1", "2024-01-01", "2030-01-01",
		"12-30 09:00, 12-29 09:00, 01-04 09:00, 01-03 09:00, 01-01 09:00, 12-31 09:00" },
	{ "DTSTART:20260301T090000\nRRULE:FREQ=MONTHLY;BYDAY=-9FR", "2026-01-01", "2046-01-01",
		"03-01 09:00" },
	/* Days that a month lacks. */
	{ "DTSTART:20260131T090000\nRRULE:FREQ=MONTHLY", "2026-01-01", "2026-06-01",
		"01-31 09:00, 03-31 09:00, 05-31 09:00" },
	{ "DTSTART:20260131T090000\nRRULE:RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=BACKWARD",
		"2026-01-01", "2026-05-01", "01-31 09:00, 02-28 09:00, 03-31 09:00, 04-30 09:00" },
	{ "DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY", "2024-01-01", "2033-01-01",
		"02-29 00:00, 02-29 00:00, 02-29 00:00" },
	/* Two rules, and what is added or left out twice. */
	{ "DTSTART:20260302T090000\nRRULE:FREQ=WEEKLY;BYDAY=MO\nRRULE:FREQ=WEEKLY;BYDAY=WE,MO\n"
	  "RDATE:20260303T100000,20260302T090000\nEXDATE:20260309T090000,20260311T080000",
		"2026-03-01", "2026-03-12", "03-02 09:00, 03-03 10:00, 03-04 09:00, 03-11 09:00" },
	/* Left out by another clock. */
	{ "DTSTART;TZID=Asia/"
	  "Tokyo:20260302T090000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260303T000000Z",
		"2026-03-01", "2026-03-12", "03-02 09:00 00:00Z, 03-04 09:00 00:00Z" },
	{ "DTSTART:20260302T090000\nRRULE:FREQ=HOURLY;INTERVAL=8;COUNT=4", "2026-03-01",
		"2026-03-12", "03-02 09:00, 03-02 17:00, 03-03 01:00, 03-03 09:00" },
};

static void test_rules(void **unused)
{
	(void)unused;
	struct zones zones = { 0 };
	struct times_names names = { .zones = &zones };
	for (size_t i = 0; i < sizeof(unrolled_cases) / sizeof(*unrolled_cases); i++) {
		const struct unrolled_case *one = &unrolled_cases[i];
		struct event event = event_of(one->lines, &names);
		struct recur recur = { 0 };
		struct text text = { 0 };
		struct error err;
		if (!recur_fill(
			    &recur, &event, seconds_of(one->from), seconds_of(one->until), &err))
			fail_msg("%s: %s", one->lines, err.text);
		show(&event, &recur, &text);
		if (!text.data || strcmp(text.data, one->times) != 0)
			fail_msg("%s: %s", one->lines, text.data ? text.data : "");
		text_finish(&text);
		recur_finish(&recur);
		event_finish(&event);
	}
	times_finish(&names);
	zones_finish(&zones);
}

/* A window far behind the start has what a walk from the start has there. */
static void check_window(struct event *event, const struct recur *all, int64_t from, int64_t until)
{
	struct recur some = { 0 };
	struct error err;
	size_t skipped = 0;
	assert_true(recur_fill(&some, event, from, until, &err));
	while (skipped < all->count && all->list[skipped] < from)
		skipped++;
	if (some.count != all->count - skipped ||
		(some.count && memcmp(some.list, all->list + skipped,
				       some.count * sizeof(*some.list)) != 0))
		fail_msg("%s: %zu instead of %zu from day %lld on", event->rules[0], some.count,
			all->count - skipped, (long long)days_of_seconds(from));
	recur_finish(&some);
}

static void test_far_windows(void **unused)
{
	(void)unused;
	static const char *const starts[] = { "20240131T090000", "20240229T233000",
		"20240615T000000", "20231231T120000" };
	static const char *const rules[] = { "DAILY", "DAILY;INTERVAL=3", "DAILY;BYDAY=MO,TU",
		"DAILY;BYMONTH=2", "DAILY;INTERVAL=5;BYMONTHDAY=-1", "WEEKLY", "WEEKLY;INTERVAL=2",
		"WEEKLY;INTERVAL=3;BYDAY=SU,MO;WKST=SU", "WEEKLY;INTERVAL=3;BYDAY=SU,MO;WKST=MO",
		"WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=2", "MONTHLY", "MONTHLY;INTERVAL=5",
		"MONTHLY;BYDAY=-1FR", "MONTHLY;BYMONTHDAY=31", "MONTHLY;BYMONTHDAY=-1,1",
		"MONTHLY;INTERVAL=7;BYDAY=2TU", "MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
		"YEARLY", "YEARLY;INTERVAL=3", "YEARLY;BYMONTH=2,9;BYDAY=1SU",
		"YEARLY;BYWEEKNO=1,53", "YEARLY;BYYEARDAY=1,-1,200",
		"YEARLY;INTERVAL=2;BYMONTH=11;BYDAY=4TH", "YEARLY;BYDAY=20MO" };
	struct zones zones = { 0 };
	struct times_names names = { .zones = &zones };
	const int64_t until = seconds_of("2037-01-01");
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts) * sizeof(rules) / sizeof(*rules);
		i++) {
		struct text lines = { 0 };
		struct recur all = { 0 };
		struct error err;
		text_addf(&lines, "DTSTART:%s\nRRULE:FREQ=%s",
			starts[i % (sizeof(starts) / sizeof(*starts))],
			rules[i / (sizeof(starts) / sizeof(*starts))]);
		struct event event = event_of(lines.data, &names);
		assert_true(recur_fill(&all, &event, event.start.local, until, &err));
		for (int64_t from = event.start.local; from < until;
			from += 397 * DAYS_SECONDS + 3601)
			check_window(&event, &all, from, until);
		recur_finish(&all);
		event_finish(&event);
		text_finish(&lines);
	}
	times_finish(&names);
	zones_finish(&zones);
}

static void test_durations(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		int64_t seconds; /* -1: it is none */
	} cases[] = {
		{ "PT1H30M", 5400 },
		{ "P1DT2H", 93600 },
		{ "P2W", 1209600 },
		{ "+PT15M", 900 },
		{ "PT0S", 0 },
		{ "-PT15M", -1 },
		{ "P", -1 },
		{ "PT1", -1 },
		{ "PTM", -1 },
		{ "1H", -1 },
		{ "PT99999999999999999999H", -1 },
		{ "P9999W", -1 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int64_t seconds = -1;
		const bool fine = times_read_duration(cases[i].text, &seconds);
		if (fine != (cases[i].seconds >= 0) || (fine && seconds != cases[i].seconds))
			fail_msg("%s: %lld", cases[i].text, (long long)seconds);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_far_windows),
		cmocka_unit_test(test_durations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
