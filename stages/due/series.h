#ifndef NIGHTMILL_STAGES_DUE_SERIES_H
#define NIGHTMILL_STAGES_DUE_SERIES_H

/* The days of what happens again and again by a plain rule: every two weeks, every year. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct series {
	int64_t first, last; /* days since 1970; of what happens once the same */
	int step_days;       /* 0: counted in months */
	int step_months;     /* both 0: it happens once */
};

/* Reads "", "day", "week", "month", "year" or with a number in front, "2 weeks", into the steps of
 * `series`. */
bool series_read(struct series *series, const char *text, size_t length);

/* The first day of the series that is not before `from`; false where there is none. A day that a
 * month lacks is its last. */
bool series_next(const struct series *series, int64_t from, int64_t *day);

#endif
