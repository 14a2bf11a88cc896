#ifndef NIGHTMILL_SUPPORT_DAYS_H
#define NIGHTMILL_SUPPORT_DAYS_H

/* Days of the Gregorian calendar as numbers, and wall clock time as seconds: what a clock shows,
 * counted as if it were UTC. Where on earth is no matter here; see zone.h. Years 1 to 9999. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DAYS_SECONDS = 86400, DAYS_TEXT_BYTES = 32 };

struct civil {
	int year, month, day; /* month and day from 1 */
};

/* Days since 1970-01-01, negative before. Days past the end of the month go on into the next. */
int64_t days_of(struct civil civil);

struct civil days_civil(int64_t days);

/* From Monday, 0. */
int days_weekday(int64_t days);

int days_in_month(int year, int month);

/* The day on which these seconds (since 1970) fall, before 1970 too. */
int64_t days_of_seconds(int64_t seconds);

/* The same day `months` later; the last of the month where the month has no such day. */
struct civil days_add_months(struct civil civil, int months);

/* A date, or a date with a time, as a person or a database writes it. */
struct days_read {
	int64_t seconds; /* wall clock; the beginning of the day where there is no time */
	int32_t offset;  /* east of UTC, seconds; valid where has_offset */
	bool has_time, has_offset;
};

/* Reads "2026-03-28", "2026-03-28T14:30", "2026-03-28 14:30:15.5+01:00", "...Z". The seconds'
 * fraction is dropped. False where it is anything else, or a day that there is not. */
bool days_read(const char *data, size_t length, struct days_read *read);

/* Reads "14:30" or "14:30:15" as seconds since midnight; "24:00" is none. */
bool days_read_time(const char *data, size_t length, int32_t *seconds);

/* Writes "2026-03-28 14:30". */
void days_text(int64_t seconds, char text[DAYS_TEXT_BYTES]);

#endif
