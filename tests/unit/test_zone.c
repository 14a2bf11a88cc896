#include "pipeline/support/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/fakes/moments.h"

#include "pipeline/support/days.h"
#include "pipeline/support/zone_private.h"

static struct zones zones;

/* What a local time is in UTC by each policy: later first, later second; NULL: the gap is skipped.
 */
static const struct local_case {
	const char *zone, *local, *first, *second;
	bool gap;
} local_cases[] = {
	/* The year's two changes in Berlin. */
	{ "Europe/Berlin", "2026-03-28T02:30", "2026-03-28T01:30Z", "2026-03-28T01:30Z", false },
	{ "Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59Z", "2026-03-29T00:59Z", false },
	{ "Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00Z", "2026-03-29T01:00Z", true },
	{ "Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30Z", "2026-03-29T01:30Z", true },
	{ "Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00Z", "2026-03-29T01:00Z", false },
	{ "Europe/Berlin", "2026-03-30T02:30", "2026-03-30T00:30Z", "2026-03-30T00:30Z", false },
	{ "Europe/Berlin", "2026-10-25T01:59", "2026-10-24T23:59Z", "2026-10-24T23:59Z", false },
	{ "Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00Z", "2026-10-25T01:00Z", false },
	{ "Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z", "2026-10-25T01:30Z", false },
	{ "Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00Z", "2026-10-25T02:00Z", false },
	/* The south: summer time over the new year. */
	{ "Australia/Sydney", "2026-01-01T00:30", "2025-12-31T13:30Z", "2025-12-31T13:30Z", false },
	{ "Australia/Sydney", "2026-04-05T02:30", "2026-04-04T15:30Z", "2026-04-04T16:30Z", false },
	{ "Australia/Sydney", "2026-10-04T02:30", "2026-10-03T16:30Z", "2026-10-03T16:30Z", true },
	/* Half an hour. */
	{ "Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z", "2026-04-04T15:15Z",
		false },
	{ "Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45Z", "2026-10-03T15:45Z",
		true },
	{ "Asia/Kathmandu", "2026-06-01T12:00", "2026-06-01T06:15Z", "2026-06-01T06:15Z", false },
	/* Summer time was given up. */
	{ "America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T03:30Z", "2018-11-04T03:30Z", true },
	{ "America/Sao_Paulo", "2026-11-01T00:30", "2026-11-01T03:30Z", "2026-11-01T03:30Z",
		false },
	{ "Europe/Moscow", "2026-07-01T12:00", "2026-07-01T09:00Z", "2026-07-01T09:00Z", false },
	/* A whole day that there was not, and one that came twice. */
	{ "Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00Z", "2011-12-30T22:00Z", true },
	{ "Pacific/Kwajalein", "1993-08-21T12:00", "1993-08-22T00:00Z", "1993-08-22T00:00Z", true },
	/* The clock is put back before midnight, and forward at midnight. */
	{ "America/Havana", "2026-03-08T00:30", "2026-03-08T05:30Z", "2026-03-08T05:30Z", true },
	{ "Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00Z", "2026-04-23T22:00Z", true },
	/* Winter time that is called summer time the other way round, and Ramadan. */
	{ "Europe/Dublin", "2026-07-01T12:00", "2026-07-01T11:00Z", "2026-07-01T11:00Z", false },
	{ "Africa/Casablanca", "2026-03-01T12:00", "2026-03-01T12:00Z", "2026-03-01T12:00Z",
		false },
	/* A rule whose hours lie on the day before. */
	{ "America/Nuuk", "2050-03-26T23:30", "2050-03-27T01:30Z", "2050-03-27T01:30Z", true },
	/* Behind the end of the tables. */
	{ "Europe/Berlin", "2038-03-28T02:30", "2038-03-28T01:30Z", "2038-03-28T01:30Z", true },
	{ "Europe/Berlin", "2099-10-25T02:30", "2099-10-25T00:30Z", "2099-10-25T01:30Z", false },
	{ "America/New_York", "2400-07-01T12:00", "2400-07-01T16:00Z", "2400-07-01T16:00Z", false },
	{ "Australia/Sydney", "2100-01-01T00:30", "2099-12-31T13:30Z", "2099-12-31T13:30Z", false },
	/* Before 1970, and before there were zones: local mean time. */
	{ "Europe/Berlin", "1945-05-24T12:00", "1945-05-24T09:00Z", "1945-05-24T09:00Z", false },
	{ "Europe/Berlin", "1880-01-01T00:53:28", "1880-01-01T00:00Z", "1880-01-01T00:00Z", false },
	{ "America/New_York", "1883-11-18T12:00", "1883-11-18T16:56:02Z", "1883-11-18T17:00Z",
		false },
	/* No changes at all. */
	{ "UTC", "2026-03-29T02:30", "2026-03-29T02:30Z", "2026-03-29T02:30Z", false },
	{ "Asia/Tokyo", "0001-01-01T09:18:59", "0001-01-01T00:00Z", "0001-01-01T00:00Z", false },
	{ "Etc/GMT+12", "9999-12-31T11:30", "9999-12-31T23:30Z", "9999-12-31T23:30Z", false },
};

static void test_local_to_utc(void **unused)
{
	(void)unused;
	const struct zone_policy first = { ZONE_GAP_LATER, ZONE_OVERLAP_FIRST };
	const struct zone_policy second = { ZONE_GAP_LATER, ZONE_OVERLAP_SECOND };
	const struct zone_policy skip = { ZONE_GAP_SKIP, ZONE_OVERLAP_FIRST };
	for (size_t i = 0; i < sizeof(local_cases) / sizeof(*local_cases); i++) {
		const struct local_case *one = &local_cases[i];
		const struct zone *zone = moments_zone(&zones, one->zone);
		const int64_t local = moments_seconds(one->local);
		int64_t utc = 0;
		assert_true(zone_utc(zone, local, &first, &utc));
		if (utc / 60 != moments_seconds(one->first) / 60)
			fail_msg("%s %s: first is %lld", one->zone, one->local, (long long)utc);
		assert_true(zone_utc(zone, local, &second, &utc));
		if (utc / 60 != moments_seconds(one->second) / 60)
			fail_msg("%s %s: second is %lld", one->zone, one->local, (long long)utc);
		if (zone_utc(zone, local, &skip, &utc) == one->gap)
			fail_msg("%s %s: %s", one->zone, one->local,
				one->gap ? "a gap was missed" : "a gap where there is none");
		if (!one->gap)
			assert_int_equal(
				zone_local(zone, moments_seconds(one->first)) / 60, local / 60);
	}
}

static void test_unknown_zones(void **unused)
{
	(void)unused;
	static const char *const names[] = { "Europe/Berln", "", "MEZ", "../passwd", "/etc/passwd",
		"Europe", "europe/berlin", "Europe/Berlin ", "zone.tab", "Europe/./Berlin",
		"right/Europe/Berlin\n",
		"A/very/long/name/that/no/zone/of/the/world/has/or/ever/will/have/in/it" };
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct error err = { 0 };
		const struct zone *zone;
		if (zones_find(&zones, names[i], strlen(names[i]), &zone, &err))
			fail_msg("'%s' was found", names[i]);
		assert_true(err.code != ERROR_NONE && err.text[0]);
	}
}

static void test_abbreviations(void **unused)
{
	(void)unused;
	const struct zone *berlin = moments_zone(&zones, "Europe/Berlin"),
			  *nepal = moments_zone(&zones, "Asia/Kathmandu");
	assert_string_equal(zone_abbreviation(berlin, moments_seconds("2026-01-01")), "CET");
	assert_string_equal(zone_abbreviation(berlin, moments_seconds("2026-07-01")), "CEST");
	assert_string_equal(zone_abbreviation(berlin, moments_seconds("2090-07-01")), "CEST");
	assert_string_equal(zone_abbreviation(berlin, moments_seconds("1880-07-01")), "LMT");
	assert_string_equal(zone_abbreviation(nepal, moments_seconds("2026-07-01")), "+0545");
	assert_ptr_equal(berlin, moments_zone(&zones, "Europe/Berlin"));
}

/* The C library reads the same database, one zone for the whole process. */
static void check_zone(const char *name)
{
	const struct zone *zone = moments_zone(&zones, name);
	setenv("TZ", name, 1);
	tzset();
	for (int64_t at = moments_seconds("1900-01-01"); at < moments_seconds("2110-01-01");
		at += 37 * DAYS_SECONDS + 7 * 3600 + 1) {
		const time_t moment = (time_t)at;
		struct tm there;
		localtime_r(&moment, &there);
		if (zone_local(zone, at) != at + there.tm_gmtoff)
			fail_msg("%s at %lld: %+lld instead of %+ld", name, (long long)at,
				(long long)(zone_local(zone, at) - at), there.tm_gmtoff);
		const struct zone_policy policy = { ZONE_GAP_LATER, ZONE_OVERLAP_FIRST };
		const struct zone_policy other = { ZONE_GAP_LATER, ZONE_OVERLAP_SECOND };
		int64_t first, second;
		assert_true(zone_utc(zone, at + there.tm_gmtoff, &policy, &first));
		assert_true(zone_utc(zone, at + there.tm_gmtoff, &other, &second));
		assert_true(first == at || second == at);
	}
}

static void for_each_zone(void (*check)(const char *name), size_t step)
{
	FILE *list = fopen("/usr/share/zoneinfo/tzdata.zi", "re");
	char line[256], name[128];
	size_t count = 0;
	if (!list)
		skip();
	while (fgets(line, sizeof(line), list))
		if (sscanf(line, "Z %127s", name) == 1 && count++ % step == 0)
			check(name);
	fclose(list);
	assert_true(count > 300);
}

static void test_as_the_c_library(void **unused)
{
	(void)unused;
	for_each_zone(check_zone, 5);
	unsetenv("TZ");
}

/* The hour of the timer in configs/systemd: nowhere skipped, nowhere twice. */
static void check_night(const char *name)
{
	const struct zone *zone = moments_zone(&zones, name);
	const struct zone_policy first = { ZONE_GAP_SKIP, ZONE_OVERLAP_FIRST };
	const struct zone_policy second = { ZONE_GAP_SKIP, ZONE_OVERLAP_SECOND };
	const int64_t from = moments_seconds("2025-01-01T04:30"),
		      to = moments_seconds("2040-01-01T04:30");
	for (int64_t at = from; at < to; at += DAYS_SECONDS) {
		int64_t one = 0, two = 0;
		if (!zone_utc(zone, at, &first, &one) || !zone_utc(zone, at, &second, &two) ||
			one != two) {
			char text[DAYS_TEXT_BYTES];
			days_text(at, text);
			fail_msg("%s: %s", name, text);
		}
	}
}

static void test_half_past_four(void **unused)
{
	(void)unused;
	for_each_zone(check_night, 1);
}

static void test_rules(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		bool fine;
	} cases[] = {
		{ "UTC0", true },
		{ "CET-1CEST,M3.5.0,M10.5.0/3", true },
		{ "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", true },
		{ "XXX3EDT4,0/0,J365/23", true },
		{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", true },
		{ "IST-2IDT,M3.4.4/50,M10.5.0", true },
		{ "", false },
		{ "CE", false },
		{ "CET", false },
		{ "CET-1CEST", false },
		{ "CET-1CEST,M3.5.0", false },
		{ "CET-1CEST,M13.5.0,M10.5.0/3", false },
		{ "CET-1CEST,M3.0.0,M10.5.0/3", false },
		{ "CET-1CEST,M3.5.7,M10.5.0/3", false },
		{ "CET-1CEST,J0,J365", false },
		{ "CET-1CEST,M3.5.0,M10.5.0/3x", false },
		{ "CET-200", false },
		{ "<CET-1", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone_rule rule;
		if (zone_rule_parse(&rule, cases[i].text, strlen(cases[i].text)) != cases[i].fine)
			fail_msg("'%s'", cases[i].text);
	}
	/* Summer time all year. */
	struct zone_rule rule;
	assert_true(zone_rule_parse(&rule, cases[3].text, strlen(cases[3].text)));
	for (int64_t at = moments_seconds("2026-01-01"); at < moments_seconds("2029-01-01");
		at += 1800)
		assert_true(zone_rule_summer(&rule, at));
}

static void test_days(void **unused)
{
	(void)unused;
	static const struct {
		const char *text;
		int64_t seconds;
		bool has_time;
		int32_t offset;
	} good[] = {
		{ "1970-01-01", 0, false, 0 },
		{ "2026-03-28T14:30", 1774708200, true, 0 },
		{ "2026-03-28 14:30:15.123+01:00", 1774708215, true, 3600 },
		{ "2026-03-28 14:30:15+01", 1774708215, true, 3600 },
		{ "2026-03-28T14:30:00Z", 1774708200, true, 0 },
		{ "2026-03-28T14:30-0330", 1774708200, true, -12600 },
		{ "0001-01-01", -62135596800, false, 0 },
		{ "2000-02-29", 951782400, false, 0 },
	};
	static const char *const bad[] = { "", "2026", "2026-3-28", "2026-02-29", "1900-02-29",
		"2026-13-01", "2026-00-01", "2026-01-00", "2026-03-28T", "2026-03-28T24:00",
		"2026-03-28T12:60", "2026-03-28x", "2026-03-28T12:00x", "2026-03-28T12:00+",
		"28.03.2026", "0000-01-01", "2026-03-28T12:00+25", " 2026-03-28" };
	struct days_read read;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(days_read(good[i].text, strlen(good[i].text), &read));
		assert_int_equal(read.seconds, good[i].seconds);
		assert_int_equal(read.has_time, good[i].has_time);
		assert_int_equal(read.offset, good[i].offset);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (days_read(bad[i], strlen(bad[i]), &read))
			fail_msg("'%s' was read", bad[i]);
	for (int64_t day = days_of((struct civil){ 1, 1, 1 }); day < 200000; day += 13) {
		const struct civil civil = days_civil(day);
		assert_int_equal(days_of(civil), day);
		assert_true(civil.day >= 1 && civil.day <= days_in_month(civil.year, civil.month));
	}
	assert_int_equal(days_weekday(days_of((struct civil){ 2026, 3, 28 })), 5);
	assert_int_equal(days_weekday(days_of((struct civil){ 1600, 1, 1 })), 5);
	const struct civil next = days_add_months((struct civil){ 2026, 1, 31 }, 13);
	assert_int_equal(next.year * 10000 + next.month * 100 + next.day, 20270228);
	char text[DAYS_TEXT_BYTES];
	days_text(-1, text);
	assert_string_equal(text, "1969-12-31 23:59");
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
		cmocka_unit_test(test_local_to_utc),
		cmocka_unit_test(test_unknown_zones),
		cmocka_unit_test(test_abbreviations),
		cmocka_unit_test(test_as_the_c_library),
		cmocka_unit_test(test_half_past_four),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_days),
	};
	return cmocka_run_group_tests(tests, NULL, finish);
}
