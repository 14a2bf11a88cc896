#ifndef NIGHTMILL_STAGES_CALENDAR_TIMES_H
#define NIGHTMILL_STAGES_CALENDAR_TIMES_H

/* Dates and times of iCalendar, and the zones that its files name. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/zone.h"
#include "stages/calendar/lines.h"

enum times_kind {
	TIMES_DATE,     /* a day, wherever one is */
	TIMES_FLOATING, /* a time, by whatever clock one has */
	TIMES_ZONED,    /* a time in a zone; UTC is one */
};

struct times {
	enum times_kind kind;
	int64_t local;           /* what the clock shows, see days.h */
	const struct zone *zone; /* ZONED */
};

/* A TZID of a file and the zone that is meant, as its VTIMEZONE says. */
struct times_name {
	const char *tzid, *location; /* location: NULL: it does not say */
};

/* Of one file. */
struct times_names {
	struct times_name *list;
	size_t count, room;
	struct arena arena;
	struct zones *zones; /* borrowed */
};

/* Notes what a VTIMEZONE says of itself; both are copied, `location` may be NULL. */
void times_add_name(struct times_names *names, const char *tzid, const char *location);

/* Forgets all names; for the next file. */
void times_clear(struct times_names *names);

void times_finish(struct times_names *names);

/* Reads the value of a property ("20260328", "20260328T143000", "20260328T143000Z") up to a comma
 * or slash; its TZID counts. An error names the property and quotes the value. */
bool times_read(
	const struct line *line, struct times_names *names, struct times *times, struct error *err);

/* Reads "P1DT2H30M" as seconds; negative ones and anything else are false. */
bool times_read_duration(const char *text, int64_t *seconds);

/* The moment, for what is ZONED; a gap is left on its later side, of two the first is meant. */
int64_t times_utc(const struct times *times);

/* What the clock of `start` shows at `times`; where one of the two has no zone, what `times` shows.
 */
int64_t times_local_at(const struct times *times, const struct times *start);

#endif
