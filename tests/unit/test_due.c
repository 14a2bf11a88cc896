#include "stages/due/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/support/days.h"
#include "stages/due/series.h"
#include "stages/due/words.h"

#include <cmocka.h>

#include "tests/fakes/moments.h"

static struct zones zones;

/* A start in a zone, and which lead is due there at a moment; NULL: none. */
static const struct judge_case {
	const char *zone, *start, *now, *lead, *moment; /* moment: local */
} judge_cases[] = {
	/* Leads of days are due from the first minute of their day. */
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-12T22:59:59Z", NULL, NULL },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-12T23:00Z", "7d", "2026-11-13T00:00" },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-15T23:00Z", "7d", "2026-11-13T00:00" },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-15T23:00:01Z", NULL, NULL },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-19T03:00Z", "1d", "2026-11-19T00:00" },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-20T10:59Z", "1d", "2026-11-19T00:00" },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-20T11:00Z", "2h", "2026-11-20T12:00" },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-20T12:59:59Z", "2h", "2026-11-20T12:00" },
	/* Nothing from the start on. */
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-20T13:00Z", NULL, NULL },
	/* Several have come: the latest alone. */
	{ "Europe/Berlin", "2026-11-20T01:00", "2026-11-19T23:30Z", "2h", "2026-11-19T23:00" },
	/* Over the change of the clock days stay days, hours hours. */
	{ "Europe/Berlin", "2026-03-29T12:00", "2026-03-27T23:00Z", "1d", "2026-03-28T00:00" },
	{ "Europe/Berlin", "2026-03-30T00:30", "2026-03-28T23:00Z", "1d", "2026-03-29T00:00" },
	{ "Europe/Berlin", "2026-03-29T03:30", "2026-03-28T23:29Z", "1d", "2026-03-28T00:00" },
	{ "Europe/Berlin", "2026-03-29T03:30", "2026-03-28T23:30Z", "2h", "2026-03-29T00:30" },
	{ "Europe/Berlin", "2026-10-25T12:00", "2026-10-24T22:30Z", "1d", "2026-10-24T00:00" },
	/* The day is that of the recipient. */
	{ "Asia/Tokyo", "2026-11-20T08:00", "2026-11-18T15:00Z", "1d", "2026-11-19T00:00" },
	{ "America/Los_Angeles", "2026-11-20T08:00", "2026-11-19T07:59Z", NULL, NULL },
	{ "America/Los_Angeles", "2026-11-20T08:00", "2026-11-19T08:00Z", "1d",
		"2026-11-19T00:00" },
	/* A day that begins at one o'clock: midnight was skipped. */
	{ "Africa/Cairo", "2026-04-25T12:00", "2026-04-23T21:59Z", NULL, NULL },
	{ "Africa/Cairo", "2026-04-25T12:00", "2026-04-23T22:00Z", "1d", "2026-04-24T01:00" },
};

static struct rules_start start_of(const struct zone *zone, const char *local)
{
	const struct zone_policy policy = { ZONE_GAP_LATER, ZONE_OVERLAP_FIRST };
	struct rules_start start;
	zone_utc(zone, moments_seconds(local), &policy, &start.utc);
	start.last = start.utc;
	start.day = days_of_seconds(moments_seconds(local));
	return start;
}

static void check_case(const struct rules *rules, const struct judge_case *one)
{
	const struct zone *zone = moments_zone(&zones, one->zone);
	const struct rules_start start = start_of(zone, one->start);
	struct rules_due due;
	const bool is = rules_judge(rules, zone, &start, moments_seconds(one->now), &due);
	const char *lead = is ? due.lead->text : "nothing";
	if (strcmp(lead, one->lead ? one->lead : "nothing") != 0)
		fail_msg("%s %s at %s: %s", one->zone, one->start, one->now, lead);
	if (is && zone_local(zone, due.moment) != moments_seconds(one->moment)) {
		char text[DAYS_TEXT_BYTES];
		days_text(zone_local(zone, due.moment), text);
		fail_msg("%s %s at %s: since %s", one->zone, one->start, one->now, text);
	}
}

static struct rules rules_of(struct rules_lead leads[3], const char *const texts[3])
{
	for (size_t i = 0; i < 3; i++)
		assert_true(rules_read_lead(texts[i], &leads[i]));
	return (struct rules){ .leads = leads,
		.lead_count = 3,
		.catch_up = 3 * DAYS_SECONDS,
		.days = 0x7f,
		.closed = RULES_BEFORE };
}

static void test_judge(void **unused)
{
	(void)unused;
	struct rules_lead leads[3];
	const struct rules rules = rules_of(leads, (const char *const[]){ "7d", "1d", "2h" });
	for (size_t i = 0; i < sizeof(judge_cases) / sizeof(*judge_cases); i++)
		check_case(&rules, &judge_cases[i]);
}

/* Between 22:00 and 07:00 it is quiet. */
static const struct judge_case quiet_cases[] = {
	/* Due at midnight: from seven on. */
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-19T02:30Z", NULL, NULL },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-19T05:59Z", NULL, NULL },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-19T06:00Z", "1d", "2026-11-19T07:00" },
	/* What came by day waits where the run is at night. */
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-19T22:00Z", NULL, NULL },
	{ "Europe/Berlin", "2026-11-20T14:00", "2026-11-20T06:30Z", "1d", "2026-11-19T07:00" },
	/* The start comes before anyone is awake: the evening before. */
	{ "Europe/Berlin", "2026-11-20T06:00", "2026-11-19T20:59Z", "1d", "2026-11-19T07:00" },
	{ "Europe/Berlin", "2026-11-20T06:00", "2026-11-19T21:00Z", "2h", "2026-11-19T22:00" },
	{ "Europe/Berlin", "2026-11-20T06:00", "2026-11-20T04:30Z", "2h", "2026-11-19T22:00" },
	/* In the recipient's zone. */
	{ "Asia/Tokyo", "2026-11-20T14:00", "2026-11-18T21:59Z", NULL, NULL },
	{ "Asia/Tokyo", "2026-11-20T14:00", "2026-11-18T22:00Z", "1d", "2026-11-19T07:00" },
};

static void test_quiet(void **unused)
{
	(void)unused;
	struct rules_lead leads[3];
	struct rules rules = rules_of(leads, (const char *const[]){ "7d", "1d", "2h" });
	assert_true(rules_read_quiet(&rules, "22:00-07:00"));
	for (size_t i = 0; i < sizeof(quiet_cases) / sizeof(*quiet_cases); i++)
		check_case(&rules, &quiet_cases[i]);
	static const char *const wrong[] = { "22:00", "22-7", "22:00-22:00", "22:00-24:00", "-" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(rules_read_quiet(&rules, wrong[i]));
}

/* Monday to Friday, and Christmas is a holiday. 2026-12-25 is a Friday. */
static const struct closed_case {
	int closed;
	struct judge_case judged;
} closed_cases[] = {
	{ RULES_BEFORE, { "Europe/Berlin", "2026-12-28T10:00", "2026-12-24T12:00Z", "1d",
				"2026-12-24T00:00" } },
	{ RULES_BEFORE, { "Europe/Berlin", "2026-12-28T10:00", "2026-12-23T22:00Z", NULL, NULL } },
	{ RULES_SKIP, { "Europe/Berlin", "2026-12-28T10:00", "2026-12-27T12:00Z", NULL, NULL } },
	{ RULES_SKIP, { "Europe/Berlin", "2026-12-28T10:00", "2026-12-28T08:00Z", "2h",
			      "2026-12-28T08:00" } },
	{ RULES_AFTER, { "Europe/Berlin", "2026-12-28T10:00", "2026-12-27T23:30Z", "1d",
			       "2026-12-28T00:00" } },
	/* After would be too late. */
	{ RULES_AFTER, { "Europe/Berlin", "2026-12-27T10:00", "2026-12-24T12:00Z", "1d",
			       "2026-12-24T00:00" } },
};

static void test_closed(void **unused)
{
	(void)unused;
	struct rules_lead leads[3];
	struct rules rules = rules_of(leads, (const char *const[]){ "30d", "1d", "2h" });
	static const char *dates[] = { "12-25", "2026-12-26" };
	static const char *days[] = { "mo", "tu", "we", "th", "fr" };
	struct arena arena = { 0 };
	struct error err;
	size_t wrong;
	const struct option_list holidays = { dates, 2 }, week = { days, 5 };
	assert_true(rules_read_holidays(&rules, &holidays, &arena, &wrong, &err));
	assert_true(rules_read_days(&rules, &week, &wrong));
	for (size_t i = 0; i < sizeof(closed_cases) / sizeof(*closed_cases); i++) {
		rules.closed = closed_cases[i].closed;
		check_case(&rules, &closed_cases[i].judged);
	}
	arena_finish(&arena);
}

static void test_leads(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		int64_t amount;
		bool days, fine;
	} cases[] = {
		{ "7d", 7, true, true },
		{ "0d", 0, true, true },
		{ "2w", 14, true, true },
		{ "2h", 7200, false, true },
		{ "90min", 5400, false, true },
		{ "", 0, false, false },
		{ "d", 0, false, false },
		{ "7", 0, false, false },
		{ "7 d", 0, false, false },
		{ "-7d", 0, false, false },
		{ "7days", 0, false, false },
		{ "4000d", 0, false, false },
		{ "99999999999999999999h", 0, false, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rules_lead lead;
		if (rules_read_lead(cases[i].text, &lead) != cases[i].fine)
			fail_msg("'%s'", cases[i].text);
		if (!cases[i].fine)
			continue;
		assert_int_equal(lead.amount, cases[i].amount);
		assert_int_equal(lead.days, cases[i].days);
	}
}

static void test_series(void **unused)
{
	(void)unused;
	static const struct {
		const char *first, *every, *from, *next;
	} cases[] = {
		{ "2026-01-01", "", "2025-12-01", "2026-01-01" },
		{ "2026-01-01", "", "2026-01-02", NULL },
		{ "2026-01-01", "day", "2026-01-02", "2026-01-02" },
		{ "2026-01-01", "week", "2026-01-02", "2026-01-08" },
		{ "2026-01-01", "week", "2026-01-08", "2026-01-08" },
		{ "2026-01-01", "2 weeks", "2026-01-09", "2026-01-15" },
		{ "2026-01-31", "month", "2026-02-01", "2026-02-28" },
		{ "2026-01-31", "month", "2026-03-01", "2026-03-31" },
		{ "2026-01-31", "3 months", "2026-02-01", "2026-04-30" },
		{ "2024-02-29", "year", "2025-01-01", "2025-02-28" },
		{ "2024-02-29", "year", "2027-03-01", "2028-02-29" },
		{ "1931-05-17", "year", "2026-05-18", "2027-05-17" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct series series = { .last = INT64_MAX };
		int64_t day;
		series.first = days_of_seconds(moments_seconds(cases[i].first));
		assert_true(series_read(&series, cases[i].every, strlen(cases[i].every)));
		const bool is =
			series_next(&series, days_of_seconds(moments_seconds(cases[i].from)), &day);
		if (is != (cases[i].next != NULL) ||
			(is && day != days_of_seconds(moments_seconds(cases[i].next))))
			fail_msg("%s every %s from %s", cases[i].first, cases[i].every,
				cases[i].from);
	}
	static const char *const wrong[] = { "weekly", "0 days", "2", "days 2", "1001 days",
		"2 weekss", "dayss", " " };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct series series;
		if (series_read(&series, wrong[i], strlen(wrong[i])))
			fail_msg("'%s'", wrong[i]);
	}
}

static void test_words(void **unused)
{
	(void)unused;
	static const struct {
		const char *tag;
		enum words_unit unit;
		int64_t number;
		const char *text;
	} cases[] = {
		{ "en", WORDS_DAYS, 0, "today" },
		{ "en", WORDS_DAYS, 1, "tomorrow" },
		{ "en", WORDS_DAYS, 7, "in 7 days" },
		{ "en-GB", WORDS_HOURS, 1, "in 1 hour" },
		{ "xx", WORDS_MINUTES, 30, "in 30 minutes" },
		{ "de_AT", WORDS_DAYS, 7, "in 7 Tagen" },
		{ "de", WORDS_HOURS, 1, "in 1 Stunde" },
		{ "", WORDS_HOURS, 2, "in 2 hours" },
		{ "deu", WORDS_DAYS, 1, "tomorrow" },
		{ "fr", WORDS_DAYS, 0, "aujourd'hui" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct text text = { 0 };
		words_add_left(&text, words_language(cases[i].tag, strlen(cases[i].tag)),
			cases[i].unit, cases[i].number);
		assert_string_equal(text.data, cases[i].text);
		text_finish(&text);
	}
}

static int finish(void **unused)
{
	(void)unused;
	zones_finish(&zones);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_leads),
		cmocka_unit_test(test_series),
		cmocka_unit_test(test_words),
	};
	return cmocka_run_group_tests(tests, NULL, finish);
}
