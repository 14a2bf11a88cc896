/* The source `calendar`: every occurrence of the meetings in iCalendar files. */

#include "stages/calendar/calendar.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/support/days.h"
#include "stages/calendar/changes.h"
#include "stages/calendar/event.h"
#include "stages/calendar/paths.h"
#include "stages/calendar/recur.h"

enum { CALENDAR_MICROS = 1000000, CALENDAR_SHOWN = 100, CALENDAR_EDITIONS = 1000000000 };

struct calendar_settings {
	struct option_list paths;
	struct option_duration horizon, past;
	bool cancelled;
};

#define SETTINGS struct calendar_settings
static const struct option calendar_options[] = {
	{ "paths", LIST(paths), RANGE(1, 1000),
		.help = "Files, and folders with *.ics files in them. Each occurrence of a meeting "
			"is an item with the slots {uid}, {occurrence}, {title}, {description}, "
			"{location}, {status}, {url}, {organizer}, {participants} (addresses with "
			"semicolons between them, without those who declined), {sequence}, {date}, "
			"{time} (blank: all day), {zone} (blank: floating, or all day), {end} and "
			"{file}." },
	{ "horizon", DURATION(horizon), RANGE(0, 315360000), .fallback = "60d",
		.help = "Occurrences up to so long from now. More than the longest lead." },
	{ "past", DURATION(past), RANGE(0, 315360000), .fallback = "1d",
		.help = "And those that began so long ago at most." },
	{ "cancelled", BOOLEAN(cancelled), .fallback = "no",
		.help = "Also what is cancelled, or was left out of its series (EXDATE): {status} "
			"is "
			"\"cancelled\"." },
	{ .name = NULL },
};
#undef SETTINGS

enum calendar_field {
	CALENDAR_TEXTS, /* those of enum event_text */
	CALENDAR_OCCURRENCE = EVENT_TEXTS,
	CALENDAR_DATE,
	CALENDAR_TIME,
	CALENDAR_ZONE,
	CALENDAR_END,
	CALENDAR_FILE,
	CALENDAR_FIELDS
};

static const char *const calendar_fields[CALENDAR_FIELDS + 1] = {
	[EVENT_UID] = "uid",
	[EVENT_TITLE] = "title",
	[EVENT_DESCRIPTION] = "description",
	[EVENT_LOCATION] = "location",
	[EVENT_STATUS] = "status",
	[EVENT_URL] = "url",
	[EVENT_ORGANIZER] = "organizer",
	[EVENT_PARTICIPANTS] = "participants",
	[EVENT_SEQUENCE] = "sequence",
	[CALENDAR_OCCURRENCE] = "occurrence",
	[CALENDAR_DATE] = "date",
	[CALENDAR_TIME] = "time",
	[CALENDAR_ZONE] = "zone",
	[CALENDAR_END] = "end",
	[CALENDAR_FILE] = "file",
};

struct calendar {
	const struct calendar_settings *settings;
	const struct source_setup *setup;
	struct calendar_paths paths;
	size_t next;       /* of the paths */
	FILE *file;        /* the one before it; NULL: none is open */
	int64_t window[2]; /* of what clocks may show, in some zone */
	struct zones zones;
	struct times_names names;
	struct changes changes;
	struct events events;
	struct event event;
	struct recur recur; /* of the event */
	size_t given;       /* of them */
	struct source_counts counts;
};

static void calendar_close(void *source)
{
	struct calendar *calendar = source;
	if (!calendar)
		return;
	if (calendar->file)
		fclose(calendar->file);
	events_finish(&calendar->events);
	event_finish(&calendar->event);
	recur_finish(&calendar->recur);
	changes_finish(&calendar->changes);
	times_finish(&calendar->names);
	zones_finish(&calendar->zones);
	calendar_paths_finish(&calendar->paths);
	free(calendar);
}

static bool calendar_open(
	const void *settings, const struct source_setup *setup, void **source, struct error *err)
{
	struct calendar *calendar = memory_zeroed(1, sizeof(*calendar));
	calendar->settings = settings;
	calendar->setup = setup;
	calendar->names.zones = &calendar->zones;
	calendar->window[0] = setup->now_seconds - DAYS_SECONDS -
			      calendar->settings->past.micros / CALENDAR_MICROS;
	calendar->window[1] = setup->now_seconds + DAYS_SECONDS +
			      calendar->settings->horizon.micros / CALENDAR_MICROS;
	if (!calendar_paths_find(&calendar->paths, &calendar->settings->paths, err)) {
		calendar_close(calendar);
		return false;
	}
	*source = calendar;
	return true;
}

static const char *calendar_path(const struct calendar *calendar)
{
	return calendar->paths.list[calendar->next - 1];
}

/* An event is left out, or a file from here on. */
static void calendar_refuse(const struct calendar *calendar, uint64_t line, const struct error *why)
{
	struct text what = { 0 };
	text_add_string(&what, calendar_path(calendar));
	if (line)
		text_addf(&what, ", line %" PRIu64, line);
	calendar->setup->complain(calendar->setup->context, what.data, why);
	text_finish(&what);
}

static void calendar_refuse_event(const struct calendar *calendar, const struct error *why)
{
	const struct text *uid = &calendar->event.texts[EVENT_UID];
	const int length = uid->length < CALENDAR_SHOWN ? (int)uid->length : CALENDAR_SHOWN;
	struct error whole = *why;
	error_where(&whole, "event '%.*s' is left out", length, uid->data);
	calendar_refuse(calendar, calendar->event.line, &whole);
}

/* Which occurrences have events of their own, and what the zones are called, has to be known before
 * the first event: both may stand behind it. What is wrong is told of by the second reading. */
static void calendar_look_ahead(struct calendar *calendar)
{
	struct event *event = &calendar->event;
	struct error ignored;
	bool end = false;
	calendar->changes.count = 0;
	times_clear(&calendar->names);
	events_start(&calendar->events, calendar->file, &calendar->names);
	while (events_next(&calendar->events, event, &end, &ignored) && !end)
		if (event->changes)
			changes_add(&calendar->changes, event);
	events_finish(&calendar->events);
	changes_sort(&calendar->changes);
	rewind(calendar->file);
	events_start(&calendar->events, calendar->file, &calendar->names);
}

/* The next file that can be opened; false behind the last. */
static bool calendar_next_file(struct calendar *calendar)
{
	struct error why;
	events_finish(&calendar->events);
	if (calendar->file)
		fclose(calendar->file);
	calendar->file = NULL;
	while (!calendar->file && calendar->next < calendar->paths.count) {
		calendar->file = calendar_paths_open(calendar->paths.list[calendar->next++], &why);
		if (!calendar->file)
			calendar_refuse(calendar, 0, &why);
	}
	if (calendar->file)
		calendar_look_ahead(calendar);
	else
		calendar->events = (struct events){ .names = NULL };
	return calendar->file != NULL;
}

static bool calendar_cancelled(const struct event *event)
{
	return strcmp(event->texts[EVENT_STATUS].data, "cancelled") == 0;
}

/* The occurrences of the event at hand. */
static void calendar_unroll(struct calendar *calendar)
{
	struct event *event = &calendar->event;
	struct error why;
	calendar->given = calendar->recur.count = calendar->recur.gone_count = 0;
	if (event->broken) {
		calendar_refuse_event(calendar, &event->why);
		return;
	}
	if (calendar_cancelled(event) && !calendar->settings->cancelled) {
		calendar->counts.filtered++;
		return;
	}
	if (event->changes)
		event->rule_count = event->added.count = event->left_out.count = 0;
	if (!recur_fill(&calendar->recur, event, calendar->window[0], calendar->window[1], &why)) {
		calendar_refuse_event(calendar, &why);
		calendar->recur.count = 0;
	}
	if (!calendar->settings->cancelled)
		calendar->recur.gone_count = 0;
}

/* The next event of the files that has occurrences; false behind the last. */
static bool calendar_next_event(struct calendar *calendar)
{
	struct error why;
	bool end = !calendar->file;
	do {
		if (end && !calendar_next_file(calendar))
			return false;
		if (!events_next(&calendar->events, &calendar->event, &end, &why)) {
			calendar_refuse(calendar, 0, &why);
			end = true;
		}
		if (!end)
			calendar_unroll(calendar);
	} while (end || calendar->recur.count + calendar->recur.gone_count == 0);
	return true;
}

/* "20260328T143000", or the day alone: of a change the occurrence that it is the change of. */
static const char *calendar_occurrence(
	const struct event *event, struct arena *arena, int64_t local)
{
	if (event->changes)
		local = times_local_at(&event->recurrence, &event->start);
	const int64_t day = days_of_seconds(local);
	const struct civil civil = days_civil(day);
	const int seconds = (int)(local - day * DAYS_SECONDS);
	const char *date = arena_printf(arena, "%04d%02d%02d", civil.year, civil.month, civil.day);
	if ((event->changes ? &event->recurrence : &event->start)->kind == TIMES_DATE)
		return date;
	return arena_printf(
		arena, "%sT%02d%02d%02d", date, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void calendar_fill_slot(struct slot *slot, const char *text)
{
	slot->data = text && *text ? text : NULL;
	slot->length = slot->data ? (uint32_t)strlen(text) : 0;
}

static void calendar_fill_times(
	const struct event *event, int64_t local, struct arena *arena, struct slot *slots)
{
	char text[DAYS_TEXT_BYTES], end[DAYS_TEXT_BYTES];
	const bool day = event->start.kind == TIMES_DATE;
	days_text(local, text);
	days_text(local + event->length, end);
	calendar_fill_slot(&slots[CALENDAR_DATE], arena_printf(arena, "%.10s", text));
	if (!day)
		calendar_fill_slot(&slots[CALENDAR_TIME], arena_printf(arena, "%s", text + 11));
	if (event->start.kind == TIMES_ZONED)
		calendar_fill_slot(&slots[CALENDAR_ZONE],
			arena_printf(arena, "%s", zone_name(event->start.zone)));
	if (event->length >= 0)
		calendar_fill_slot(
			&slots[CALENDAR_END], arena_printf(arena, "%.*s", day ? 10 : 16, end));
}

/* The number of a series counts what is changed in any of its occurrences: of those that have no
 * event of their own it tells nothing. */
static uint32_t calendar_edition(const struct event *event)
{
	const char *sequence = event->texts[EVENT_SEQUENCE].data;
	const unsigned long number = strtoul(sequence, NULL, 10);
	if (!event->changes && event_repeats(event))
		return 1;
	return number < CALENDAR_EDITIONS ? (uint32_t)number + 1 : CALENDAR_EDITIONS;
}

static void calendar_give(struct calendar *calendar, int64_t local, bool gone, struct batch *batch)
{
	const struct event *event = &calendar->event;
	struct arena *arena = &batch->arena;
	struct item *item = &batch->items[batch->count++];
	struct slot *slots = arena_alloc(arena, CALENDAR_FIELDS * sizeof(*slots));
	const char *occurrence = calendar_occurrence(event, arena, local);
	const bool *used = calendar->setup->fields->used;
	for (size_t i = 0; i < EVENT_TEXTS; i++) {
		const struct text *text = &event->texts[i];
		if (!used || used[i])
			calendar_fill_slot(&slots[i], arena_copy(arena, text->data, text->length));
	}
	if (gone)
		calendar_fill_slot(&slots[EVENT_STATUS], "cancelled");
	calendar_fill_slot(&slots[CALENDAR_OCCURRENCE], occurrence);
	calendar_fill_times(event, local, arena, slots);
	calendar_fill_slot(
		&slots[CALENDAR_FILE], arena_printf(arena, "%s", calendar_path(calendar)));
	/* What takes place once stays the same wherever it is moved. */
	const char *key =
		event->changes || event_repeats(event)
			? arena_printf(arena, "%s/%s", event->texts[EVENT_UID].data, occurrence)
			: arena_copy(arena, event->texts[EVENT_UID].data,
				  event->texts[EVENT_UID].length);
	*item = (struct item){
		.key = key,
		.key_length = strlen(key),
		.slots = slots,
		.slot_count = CALENDAR_FIELDS,
		.edition = calendar_edition(event),
	};
	calendar->counts.items++;
}

static bool calendar_step(void *source, struct batch *batch, struct error *err)
{
	(void)err;
	struct calendar *calendar = source;
	while (batch->count < ITEM_STEP) {
		const struct recur *recur = &calendar->recur;
		if (calendar->given == recur->count + recur->gone_count &&
			!calendar_next_event(calendar))
			return true;
		const size_t at = calendar->given++;
		const bool gone = at >= recur->count;
		const int64_t local = gone ? recur->gone[at - recur->count] : recur->list[at];
		if (calendar->event.changes ||
			!changes_has(&calendar->changes, &calendar->event, local))
			calendar_give(calendar, local, gone, batch);
	}
	return true;
}

static const struct source_counts *calendar_counts(const void *source)
{
	return &((const struct calendar *)source)->counts;
}

const struct source_plugin calendar_source = {
	.plugin = { "calendar", "Every occurrence of the meetings in iCalendar files.",
		calendar_options, sizeof(struct calendar_settings) },
	.fields = calendar_fields,
	.open = calendar_open,
	.step = calendar_step,
	.counts = calendar_counts,
	.close = calendar_close,
};
