#include "pipeline/support/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { NANOS_PER_MICRO = 1000, MICROS_PER_SECOND = 1000000, NANOS_PER_SECOND = 1000000000 };

int64_t clock_nanos(const struct timespec *time)
{
	return (int64_t)time->tv_sec * NANOS_PER_SECOND + time->tv_nsec;
}

int64_t clock_now_nanos(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return clock_nanos(&now);
}

int64_t clock_micros(void)
{
	return clock_now_nanos() / NANOS_PER_MICRO;
}

int64_t clock_wall_nanos(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return clock_nanos(&now);
}

void clock_text(int64_t wall_nanos, char text[CLOCK_TEXT_BYTES])
{
	time_t seconds = wall_nanos / NANOS_PER_SECOND;
	struct tm parts;
	if (!localtime_r(&seconds, &parts) ||
		!strftime(text, CLOCK_TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &parts))
		snprintf(text, CLOCK_TEXT_BYTES, "?");
}

void clock_duration_text(int64_t micros, char text[CLOCK_TEXT_BYTES])
{
	int64_t seconds = micros / MICROS_PER_SECOND;
	if (seconds < 10)
		snprintf(text, CLOCK_TEXT_BYTES, "%.2f s", (double)micros / MICROS_PER_SECOND);
	else if (seconds < 60)
		snprintf(text, CLOCK_TEXT_BYTES, "%.1f s", (double)micros / MICROS_PER_SECOND);
	else if (seconds < 3600)
		snprintf(text, CLOCK_TEXT_BYTES, "%" PRId64 " min %02" PRId64 " s", seconds / 60,
			seconds % 60);
	else
		snprintf(text, CLOCK_TEXT_BYTES, "%" PRId64 " h %02" PRId64 " min", seconds / 3600,
			seconds / 60 % 60);
}
