#ifndef NIGHTMILL_STAGES_CALENDAR_EVENT_H
#define NIGHTMILL_STAGES_CALENDAR_EVENT_H

/* The events of an iCalendar file, one at a time, each as it stands: a meeting with its rules, or
 * one changed instance of it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "stages/calendar/lines.h"
#include "stages/calendar/times.h"

/* Texts that are handed on as they are. */
enum event_text {
	EVENT_UID,
	EVENT_TITLE,
	EVENT_DESCRIPTION,
	EVENT_LOCATION,
	EVENT_STATUS, /* in lower case */
	EVENT_URL,
	EVENT_ORGANIZER,    /* an address */
	EVENT_PARTICIPANTS, /* addresses, "; " between them; who declined is none */
	EVENT_SEQUENCE,
	EVENT_TEXTS
};

struct event_list {
	struct times *list;
	size_t count, room;
};

struct event {
	struct arena arena; /* owns the rules */
	uint64_t line;      /* where it begins in its file */
	struct text texts[EVENT_TEXTS];
	struct times start, recurrence;    /* recurrence: of which occurrence it is the change */
	struct times stop;                 /* DTEND */
	bool has_start, has_stop, changes; /* changes: it has a recurrence */
	int64_t length;                    /* seconds; -1: it does not say */
	const char **rules;
	size_t rule_count, rule_room;
	struct event_list added, left_out; /* RDATE, EXDATE */
	bool broken;                       /* see why */
	struct error why;                  /* the first thing that is wrong with it */
};

/* Reads a file's events. */
struct events {
	struct lines lines;
	struct times_names *names; /* borrowed; VTIMEZONEs are added */
	bool started;              /* BEGIN:VCALENDAR was met */
	unsigned depth;            /* of components */
};

/* Starts to read `file` (borrowed), from its beginning. */
void events_start(struct events *events, FILE *file, struct times_names *names);

/* The next event into `event`, which is used over and over (all zero at first); `*end` behind the
 * last. One that makes no sense has `broken` set. An error is the file's: it could not be read, is
 * none, or ends in the middle of something. */
bool events_next(struct events *events, struct event *event, bool *end, struct error *err);

/* It takes place more than once, as far as it says itself. */
bool event_repeats(const struct event *event);

void events_finish(struct events *events);
void event_finish(struct event *event);

#endif
