#include "stages/calendar/event.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { EVENT_SHOWN = 60 /* bytes of a value in a message */ };

void events_start(struct events *events, FILE *file, struct times_names *names)
{
	*events = (struct events){ .names = names };
	lines_start(&events->lines, file);
}

void events_finish(struct events *events)
{
	lines_finish(&events->lines);
}

static void event_clear(struct event *event)
{
	arena_reset(&event->arena);
	for (size_t i = 0; i < EVENT_TEXTS; i++) {
		text_clear(&event->texts[i]);
		text_add_string(&event->texts[i], "");
	}
	event->has_start = event->has_stop = event->changes = event->broken = false;
	event->length = -1;
	event->rule_count = event->added.count = event->left_out.count = 0;
}

bool event_repeats(const struct event *event)
{
	return event->rule_count > 0 || event->added.count > 0;
}

void event_finish(struct event *event)
{
	for (size_t i = 0; i < EVENT_TEXTS; i++)
		text_finish(&event->texts[i]);
	free((void *)event->rules);
	free(event->added.list);
	free(event->left_out.list);
	arena_finish(&event->arena);
}

/* The first thing that is wrong counts. */
static void event_break(struct event *event, const struct error *why)
{
	if (!event->broken)
		event->why = *why;
	event->broken = true;
}

static void event_unsupported(struct event *event, const struct line *line, const char *what)
{
	struct error why;
	fail(&why, ERROR_UNSUPPORTED, "%s is not supported: %.*s", what, EVENT_SHOWN, line->value);
	event_break(event, &why);
}

static bool event_is_text(const char *value)
{
	const size_t length = strlen(value);
	for (size_t at = 0; at < length;) {
		const size_t step = text_utf8((const unsigned char *)value + at, length - at);
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

static void event_take_text(struct event *event, enum event_text which, const struct line *line)
{
	struct text *text = &event->texts[which];
	struct error why;
	if (!event_is_text(line->value)) {
		fail(&why, ERROR_DAMAGED, "its %s is no UTF-8", line->name);
		event_break(event, &why);
		return;
	}
	text_clear(text);
	line_add_text(text, line->value);
	if (which == EVENT_STATUS)
		text_lower(text->data, text->length);
}

static const char *event_address(const struct line *line)
{
	static const char scheme[] = "mailto:";
	const bool has = strncasecmp(line->value, scheme, sizeof(scheme) - 1) == 0;
	return has ? line->value + sizeof(scheme) - 1 : line->value;
}

static bool event_declined(const struct line *line)
{
	static const char declined[] = "DECLINED";
	size_t length;
	const char *part = line_parameter(line, "PARTSTAT", &length);
	return part && length == sizeof(declined) - 1 && strncasecmp(part, declined, length) == 0;
}

/* An address with a semicolon would be two. */
static void event_take_attendee(struct event *event, const struct line *line)
{
	struct text *all = &event->texts[EVENT_PARTICIPANTS];
	const char *address = event_address(line);
	if (event_declined(line) || !*address || strchr(address, ';') || !event_is_text(address))
		return;
	if (all->length)
		text_add_string(all, "; ");
	text_add_string(all, address);
}

static void event_take_rule(struct event *event, const struct line *line)
{
	if (event->rule_count == event->rule_room) {
		event->rule_room = event->rule_room ? event->rule_room * 2 : 4;
		event->rules = memory_resize(
			(void *)event->rules, event->rule_room * sizeof(*event->rules));
	}
	event->rules[event->rule_count++] =
		arena_copy(&event->arena, line->value, strlen(line->value));
}

static void event_take_time(struct events *events, struct event *event, const struct line *line,
	struct times *times, bool *has)
{
	struct error why;
	*has = times_read(line, events->names, times, &why);
	if (!*has)
		event_break(event, &why);
}

/* "20260328T143000,20260329T143000/PT1H": of a period its begin. */
static void event_take_times(struct events *events, struct event *event, const struct line *line,
	struct event_list *list)
{
	struct error why;
	struct line one = *line;
	while (*one.value) {
		struct times times;
		if (!times_read(&one, events->names, &times, &why)) {
			event_break(event, &why);
			return;
		}
		if (list->count == list->room) {
			list->room = list->room ? list->room * 2 : 16;
			list->list = memory_resize(list->list, list->room * sizeof(*list->list));
		}
		list->list[list->count++] = times;
		one.value += strcspn(one.value, ",");
		one.value += *one.value == ',';
	}
}

static void event_take_duration(struct event *event, const struct line *line)
{
	struct error why;
	if (times_read_duration(line->value, &event->length))
		return;
	event->length = -1;
	fail(&why, ERROR_DAMAGED, "its DURATION is '%.*s': expected a time such as PT1H30M",
		EVENT_SHOWN, line->value);
	event_break(event, &why);
}

static void event_take_recurrence(
	struct events *events, struct event *event, const struct line *line)
{
	size_t length;
	if (line_parameter(line, "RANGE", &length))
		event_unsupported(
			event, line, "a change of an occurrence and all behind it (RANGE)");
	event_take_time(events, event, line, &event->recurrence, &event->changes);
}

/* Properties of text, by their names. */
static const struct {
	const char *name;
	enum event_text text;
} event_text_names[] = {
	{ "UID", EVENT_UID },
	{ "SUMMARY", EVENT_TITLE },
	{ "DESCRIPTION", EVENT_DESCRIPTION },
	{ "LOCATION", EVENT_LOCATION },
	{ "STATUS", EVENT_STATUS },
	{ "URL", EVENT_URL },
	{ "SEQUENCE", EVENT_SEQUENCE },
};

static void event_take_other(struct events *events, struct event *event, const struct line *line)
{
	const char *name = line->name;
	if (strcmp(name, "ATTENDEE") == 0)
		event_take_attendee(event, line);
	else if (strcmp(name, "RRULE") == 0)
		event_take_rule(event, line);
	else if (strcmp(name, "EXRULE") == 0)
		event_unsupported(event, line, "EXRULE");
	else if (strcmp(name, "RDATE") == 0)
		event_take_times(events, event, line, &event->added);
	else if (strcmp(name, "EXDATE") == 0)
		event_take_times(events, event, line, &event->left_out);
	else if (strcmp(name, "RECURRENCE-ID") == 0)
		event_take_recurrence(events, event, line);
	else if (strcmp(name, "DTSTART") == 0)
		event_take_time(events, event, line, &event->start, &event->has_start);
	else if (strcmp(name, "DTEND") == 0)
		event_take_time(events, event, line, &event->stop, &event->has_stop);
	else if (strcmp(name, "DURATION") == 0)
		event_take_duration(event, line);
}

static void event_take(struct events *events, struct event *event, const struct line *line)
{
	struct line address = *line;
	for (size_t i = 0; i < sizeof(event_text_names) / sizeof(*event_text_names); i++)
		if (strcmp(line->name, event_text_names[i].name) == 0) {
			event_take_text(event, event_text_names[i].text, line);
			return;
		}
	if (strcmp(line->name, "ORGANIZER") == 0) {
		address.value = event_address(line);
		event_take_text(event, EVENT_ORGANIZER, &address);
		return;
	}
	event_take_other(events, event, line);
}

static void event_check(struct event *event)
{
	struct error why;
	if (event->texts[EVENT_UID].length == 0)
		fail(&why, ERROR_DAMAGED, "it has no UID");
	else if (!event->has_start)
		fail(&why, ERROR_DAMAGED, "it has no DTSTART");
	else {
		if (event->has_stop)
			event->length =
				times_local_at(&event->stop, &event->start) - event->start.local;
		return;
	}
	event_break(event, &why);
}

static bool event_begins(const struct line *line)
{
	return strcmp(line->name, "BEGIN") == 0;
}

static bool event_ends(const struct line *line)
{
	return strcmp(line->name, "END") == 0;
}

static bool events_cut(const struct events *events, const char *what, struct error *err)
{
	return fail(err, ERROR_DAMAGED, "line %llu: it ends within %s: cut short",
		(unsigned long long)events->lines.number, what);
}

/* Behind BEGIN:VEVENT, to its END. What is within something within it (an alarm) is none of its. */
static bool events_read_event(struct events *events, struct event *event, struct error *err)
{
	struct line line;
	unsigned inner = 0;
	struct error why = { .code = ERROR_NONE };
	event_clear(event);
	event->line = events->lines.first;
	while (lines_next(&events->lines, &line, &why)) {
		if (event_ends(&line) && inner == 0) {
			event_check(event);
			return true;
		}
		if (event_begins(&line))
			inner++;
		else if (event_ends(&line))
			inner--;
		else if (inner == 0)
			event_take(events, event, &line);
	}
	return why.code ? fail(err, why.code, "%s", why.text) : events_cut(events, "an event", err);
}

static bool events_read_zone(struct events *events, struct error *err)
{
	struct text tzid = { 0 }, location = { 0 };
	struct line line;
	struct error why = { .code = ERROR_NONE };
	unsigned inner = 0;
	bool ended = false;
	while (!ended && lines_next(&events->lines, &line, &why)) {
		ended = event_ends(&line) && inner == 0;
		inner += event_begins(&line);
		inner -= event_ends(&line) && !ended;
		if (strcmp(line.name, "TZID") == 0 && inner == 0)
			text_add_string(&tzid, line.value);
		else if (strcmp(line.name, "X-LIC-LOCATION") == 0)
			text_add_string(&location, line.value);
	}
	if (ended && tzid.length)
		times_add_name(events->names, tzid.data, location.length ? location.data : NULL);
	text_finish(&tzid);
	text_finish(&location);
	if (ended)
		return true;
	return why.code ? fail(err, why.code, "%s", why.text) : events_cut(events, "a zone", err);
}

bool events_next(struct events *events, struct event *event, bool *end, struct error *err)
{
	struct line line;
	struct error why = { .code = ERROR_NONE };
	*end = false;
	while (lines_next(&events->lines, &line, &why)) {
		if (!events->started &&
			(!event_begins(&line) || strcasecmp(line.value, "VCALENDAR")))
			break;
		events->started = true;
		if (event_begins(&line) && strcasecmp(line.value, "VEVENT") == 0)
			return events_read_event(events, event, err);
		if (event_begins(&line) && strcasecmp(line.value, "VTIMEZONE") == 0) {
			if (!events_read_zone(events, err))
				return false;
			continue;
		}
		events->depth += event_begins(&line);
		events->depth -= event_ends(&line) && events->depth > 0;
	}
	*end = true;
	if (why.code)
		return fail(err, why.code, "%s", why.text);
	if (!events->started)
		return fail(err, ERROR_DAMAGED, "it is no iCalendar file");
	return events->depth == 0 || events_cut(events, "a calendar", err);
}
