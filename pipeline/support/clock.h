#ifndef NIGHTMILL_SUPPORT_CLOCK_H
#define NIGHTMILL_SUPPORT_CLOCK_H

/* Time: monotonic for durations and deadlines, wall clock only for what people read and for file
 * times. */

#include <stddef.h>
#include <stdint.h>

struct timespec;

/* Microseconds since some fixed moment; never goes back. */
int64_t clock_micros(void);

/* The same clock in nanoseconds. */
int64_t clock_now_nanos(void);

/* Nanoseconds since 1970 UTC, of the same (coarse) clock that the kernel stamps files with. */
int64_t clock_wall_nanos(void);

/* Nanoseconds since 1970 UTC of a file time. */
int64_t clock_nanos(const struct timespec *time);

enum { CLOCK_TEXT_BYTES = 32 };

/* Writes a wall time (nanoseconds) as local "2026-03-28 03:30:12" to `text`. */
void clock_text(int64_t wall_nanos, char text[CLOCK_TEXT_BYTES]);

/* Writes a duration for people: "0.42 s", "12.3 s", "4 min 07 s", "2 h 03 min". */
void clock_duration_text(int64_t micros, char text[CLOCK_TEXT_BYTES]);

#endif
