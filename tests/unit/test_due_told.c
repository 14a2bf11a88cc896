/* What is told of a meeting, by what the ledger says was told before. */

#include "stages/due/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_ROWS = 6 };

#define AT_TWO "2026-03-28T14:00"
#define AT_FOUR "2026-03-28T16:00"

static const struct told_case {
	const char *what;
	struct {
		const char *key; /* behind "talk/ann/" */
		enum ledger_state state;
		uint32_t edition;
		int64_t moment;
	} rows[MOST_ROWS];
	const char *start, *lead;
	bool series;
	struct told_now now;
	enum told_verdict verdict;
} cases[] = {
	{ "no one was told", { { NULL, LEDGER_NONE, 0, 0 } }, AT_TWO, "changed:0", false,
		{ .due = true }, TOLD_REMINDER },
	{ "nor is there a reminder", { { NULL, LEDGER_NONE, 0, 0 } }, AT_TWO, "changed:0", false,
		{ 0 }, TOLD_NOTHING },
	{ "told, and as it was", { { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_TWO, "changed:0",
		false, { .edition = 1, .due = true }, TOLD_REMINDER },
	{ "moved", { { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_FOUR, "changed:1", false,
		{ .edition = 2 }, TOLD_MOVED },
	{ "moved, in place of a reminder", { { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_FOUR,
		"changed:1", false, { .edition = 2, .due = true, .moment = 50 }, TOLD_MOVED },
	{ "planned and deferred is not told",
		{ { AT_TWO "/7d", LEDGER_PLANNED, 1, 0 }, { AT_TWO "/1d", LEDGER_DEFERRED, 1, 0 } },
		AT_FOUR, "changed:1", false, { .edition = 2, .due = true }, TOLD_REMINDER },
	{ "nor is what failed, lapsed or is in doubt",
		{ { AT_TWO "/7d", LEDGER_FAILED, 1, 0 }, { AT_TWO "/1d", LEDGER_LAPSED, 1, 0 },
			{ AT_TWO "/2h", LEDGER_DOUBT, 1, 0 } },
		AT_FOUR, "changed:1", false, { .edition = 2 }, TOLD_NOTHING },
	{ "corrected",
		{ { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_FOUR "/changed:1", LEDGER_ACCEPTED, 2, 60 } },
		AT_FOUR, "changed:1", false, { .edition = 2, .due = true, .moment = 60 },
		TOLD_NOTHING },
	{ "corrected, and the next lead",
		{ { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_FOUR "/changed:1", LEDGER_ACCEPTED, 2, 60 } },
		AT_FOUR, "changed:1", false, { .edition = 2, .due = true, .moment = 61 },
		TOLD_REMINDER },
	{ "deferred, and again",
		{ { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_FOUR "/changed:1", LEDGER_DEFERRED, 2, 60 } },
		AT_FOUR, "changed:1", false, { .edition = 2, .due = true, .moment = 60 },
		TOLD_MOVED },
	{ "deferred, and too late",
		{ { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_FOUR "/changed:1", LEDGER_DEFERRED, 2, 60 } },
		AT_FOUR, "changed:1", false, { .edition = 2, .due = true, .moment = 61 },
		TOLD_REMINDER },
	{ "moved back",
		{ { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_FOUR "/changed:1", LEDGER_ACCEPTED, 2, 0 } },
		AT_TWO, "changed:2", false, { .edition = 3 }, TOLD_MOVED },
	{ "a higher number", { { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_TWO, "changed:3",
		false, { .edition = 4 }, TOLD_CHANGED },
	{ "a lower one", { { AT_TWO "/7d", LEDGER_ACCEPTED, 4, 0 } }, AT_TWO, "changed:1", false,
		{ .edition = 2 }, TOLD_NOTHING },
	{ "a number, where none was known", { { AT_TWO "/7d", LEDGER_ACCEPTED, 0, 0 } }, AT_TWO,
		"changed:1", false, { .edition = 2 }, TOLD_NOTHING },
	{ "cancelled", { { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_TWO, "cancelled:0", false,
		{ .cancelled = true, .edition = 1, .due = true, .moment = 9 }, TOLD_CANCELLED },
	{ "cancelled before anyone knew", { { NULL, LEDGER_NONE, 0, 0 } }, AT_TWO, "cancelled:0",
		false, { .cancelled = true, .due = true }, TOLD_NOTHING },
	{ "cancelled, and told so",
		{ { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_TWO "/cancelled:0", LEDGER_ACCEPTED, 1, 0 } },
		AT_TWO, "cancelled:4", false, { .cancelled = true, .edition = 5 }, TOLD_NOTHING },
	{ "on again",
		{ { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_TWO "/cancelled:0", LEDGER_ACCEPTED, 1, 0 } },
		AT_TWO, "changed:1", false, { .edition = 2 }, TOLD_RESTORED },
	{ "another occurrence", { { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_FOUR, "changed:0",
		true, { .edition = 1, .due = true }, TOLD_REMINDER },
	{ "this one", { { AT_TWO "/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_TWO, "cancelled:0", true,
		{ .cancelled = true, .edition = 1 }, TOLD_CANCELLED },
	{ "a day that had no time", { { "2026-03-28/7d", LEDGER_ACCEPTED, 1, 0 } }, AT_TWO,
		"changed:0", false, { .edition = 1 }, TOLD_MOVED },
	{ "several people behind it", { { AT_TWO "/7d/eve", LEDGER_ACCEPTED, 1, 0 } }, AT_FOUR,
		"changed:1", false, { .edition = 2, .due = true }, TOLD_REMINDER },
	{ "another record, whose key goes on behind this one's",
		{ { AT_TWO "/1d", LEDGER_ACCEPTED, 1, 0 },
			{ AT_TWO "/" AT_TWO "/1d", LEDGER_ACCEPTED, 1, 0 } },
		AT_FOUR, "changed:1", false, { .edition = 2 }, TOLD_MOVED },
	{ "keys of something else",
		{ { "7d", LEDGER_ACCEPTED, 1, 0 }, { "", LEDGER_ACCEPTED, 1, 0 },
			{ AT_TWO "/", LEDGER_ACCEPTED, 1, 0 } },
		AT_FOUR, "changed:1", false, { 0 }, TOLD_NOTHING },
};

static void check_case(const struct told_case *one)
{
	static const char prefix[] = "talk/ann/";
	struct told told = { .prefix = sizeof(prefix) - 1,
		.start = one->start,
		.lead = one->lead,
		.series = one->series };
	for (size_t i = 0; i < MOST_ROWS && one->rows[i].key; i++) {
		char key[64];
		snprintf(key, sizeof(key), "%s%s", prefix, one->rows[i].key);
		const struct ledger_deed row = { .key = key,
			.key_length = strlen(key),
			.state = one->rows[i].state,
			.edition = one->rows[i].edition,
			.moment = one->rows[i].moment,
			.number = (int64_t)i + 1 };
		told_take(&told, &row);
	}
	told_conclude(&told);
	const enum told_verdict verdict = told_judge(&told, &one->now);
	if (verdict != one->verdict)
		fail_msg("%s: %d instead of %d", one->what, (int)verdict, (int)one->verdict);
}

static void test_verdicts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check_case(&cases[i]);
}

/* How often a correction was told before it was told anew that it is not so: rows of "cancelled:0",
 * of reminders and of "changed:0", as (number, state), the longest unchanged first. */
static void check_times(const char *leads, const int *numbers, uint32_t times, bool waits)
{
	struct told told = { .start = AT_TWO, .lead = "cancelled:0" };
	for (size_t i = 0; leads[i]; i++) {
		static const char *const words[] = { ['r'] = "1d",
			['c'] = "cancelled:0",
			['d'] = "cancelled:0.1",
			['p'] = "cancelled:0.1",
			['l'] = "cancelled:0",
			['n'] = "cancelled:01",
			['b'] = "changed:0" };
		char key[64];
		snprintf(key, sizeof(key), AT_TWO "/%s", words[(int)leads[i]]);
		const struct ledger_deed row = { .key = key,
			.key_length = strlen(key),
			.state = leads[i] == 'p'   ? LEDGER_DEFERRED
				 : leads[i] == 'l' ? LEDGER_LAPSED
						   : LEDGER_ACCEPTED,
			.number = numbers[i] };
		told_take(&told, &row);
	}
	told_conclude(&told);
	assert_int_equal(told.times, times);
	assert_int_equal(told.waits, waits);
}

static void test_told_again(void **state)
{
	(void)state;
	static const int rising[] = { 1, 2, 3, 4, 5 };
	static const int set_back[] = { 2, 1 }; /* the reminder's time is later than it was */
	check_times("r", rising, 0, false);
	check_times("rn", rising, 0, false);
	check_times("rc", rising, 0, true);
	check_times("rcb", rising, 1, false);
	check_times("rl", rising, 0, true);
	check_times("rlb", rising, 1, false);
	check_times("rlbp", rising, 1, true);
	check_times("rcbp", rising, 1, true);
	check_times("rcbd", rising, 1, true);
	check_times("rcbdb", rising, 2, false);
	check_times("cr", set_back, 0, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_told_again) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
