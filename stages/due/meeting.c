#include "stages/due/meeting.h"

#include <strings.h>

#include "pipeline/support/days.h"

enum {
	MEETING_SHOWN = 100, /* bytes of a value in a message */
	MEETING_DIGITS = 9,
};

static const struct zone_policy meeting_midnight = { ZONE_GAP_LATER, ZONE_OVERLAP_FIRST };

void meeting_expand(struct meeting *meeting, const struct meeting_template templates[MEETING_ASKS],
	const struct slot *slots, size_t slot_count)
{
	meeting->secret = false;
	for (size_t i = 0; i < MEETING_ASKS; i++) {
		const struct template *template = &templates[i].template;
		text_clear(&meeting->texts[i]);
		template_expand(template, slots, slot_count, NULL, &meeting->texts[i]);
		for (size_t k = 0; k < template->count; k++) {
			const struct template_piece *piece = &template->pieces[k];
			if (!piece->text && piece->slot < slot_count && slots[piece->slot].secret)
				meeting->secret = true;
		}
	}
}

static bool meeting_wrong(const struct meeting *meeting, const struct meeting_template *template,
	size_t ask, const char *expected, struct error *err)
{
	const struct text *text = &meeting->texts[ask];
	const size_t length = text->length < MEETING_SHOWN ? text->length : MEETING_SHOWN;
	return fail(err, ERROR_DAMAGED, "%s (%s) is '%.*s': expected %s", template->option,
		template->source, meeting->secret ? 3 : (int)length,
		meeting->secret ? "***" : text->data, expected);
}

static bool meeting_read_date(struct meeting *meeting,
	const struct meeting_template templates[MEETING_ASKS], struct error *err)
{
	const struct text *date = &meeting->texts[MEETING_DATE],
			  *time = &meeting->texts[MEETING_TIME];
	struct days_read read;
	if (date->length == 0)
		return fail(
			err, ERROR_MISSING, "date (%s) is blank", templates[MEETING_DATE].source);
	if (!days_read(date->data, date->length, &read))
		return meeting_wrong(meeting, &templates[MEETING_DATE], MEETING_DATE,
			"a date such as 2026-03-28", err);
	meeting->series.first = days_of_seconds(read.seconds);
	meeting->time = (int32_t)(read.seconds - meeting->series.first * DAYS_SECONDS);
	meeting->has_offset = read.has_offset;
	meeting->offset = read.offset;
	meeting->all_day = !read.has_time && time->length == 0;
	if (time->length > 0 && !days_read_time(time->data, time->length, &meeting->time))
		return meeting_wrong(meeting, &templates[MEETING_TIME], MEETING_TIME,
			"a time such as 14:30", err);
	return true;
}

static bool meeting_read_zone(struct meeting *meeting, const struct meeting_template *template,
	enum meeting_ask ask, struct zones *zones, struct error *err)
{
	const struct text *text = &meeting->texts[ask];
	const struct zone **zone = ask == MEETING_ZONE ? &meeting->zone : &meeting->recipient;
	struct error why;
	*zone = NULL;
	if (text->length == 0 || zones_find(zones, text->data, text->length, zone, &why))
		return true;
	if (why.code == ERROR_MISSING)
		return meeting_wrong(meeting, template, ask,
			"a zone of the tz database such as Europe/Berlin", err);
	return fail(err, why.code, "%s (%s): %s", template->option, template->source, why.text);
}

/* Where one of the two zones is blank the other stands for it. */
static bool meeting_read_zones(struct meeting *meeting,
	const struct meeting_template templates[MEETING_ASKS], struct zones *zones,
	struct error *err)
{
	for (int ask = MEETING_ZONE; ask <= MEETING_RECIPIENT; ask++)
		if (!meeting_read_zone(meeting, &templates[ask], (enum meeting_ask)ask, zones, err))
			return false;
	if (!meeting->recipient)
		meeting->recipient = meeting->zone;
	if (!meeting->zone)
		meeting->zone = meeting->recipient;
	if (meeting->zone)
		return true;
	if (meeting->has_offset)
		return zones_find(zones, "UTC", 3, &meeting->recipient, err);
	return fail(err, ERROR_DAMAGED, "zone (%s) is blank", templates[MEETING_ZONE].source);
}

static bool meeting_read_series(struct meeting *meeting,
	const struct meeting_template templates[MEETING_ASKS], struct error *err)
{
	const struct text *every = &meeting->texts[MEETING_EVERY];
	const struct text *until = &meeting->texts[MEETING_UNTIL];
	struct days_read read;
	if (!series_read(&meeting->series, every->data, every->length))
		return meeting_wrong(meeting, &templates[MEETING_EVERY], MEETING_EVERY,
			"day, week, month or year, with a number in front or without", err);
	meeting->series.last = INT64_MAX;
	if (until->length == 0)
		return true;
	if (!days_read(until->data, until->length, &read))
		return meeting_wrong(meeting, &templates[MEETING_UNTIL], MEETING_UNTIL,
			"a date such as 2026-03-28", err);
	meeting->series.last = days_of_seconds(read.seconds);
	return true;
}

static bool meeting_read_sequence(struct meeting *meeting,
	const struct meeting_template templates[MEETING_ASKS], struct error *err)
{
	const struct text *text = &meeting->texts[MEETING_SEQUENCE];
	meeting->sequence = 0;
	for (size_t i = 0; i < text->length; i++) {
		const unsigned digit = (unsigned)text->data[i] - '0';
		if (digit > 9 || text->length > MEETING_DIGITS)
			return meeting_wrong(meeting, &templates[MEETING_SEQUENCE],
				MEETING_SEQUENCE, "a number such as 2", err);
		meeting->sequence = meeting->sequence * 10 + digit;
	}
	return true;
}

/* "cancelled", in one spelling or the other; any other status is none. */
static void meeting_read_status(struct meeting *meeting)
{
	const struct text *text = &meeting->texts[MEETING_STATUS];
	meeting->cancelled = text->length > 0 && (strcasecmp(text->data, "cancelled") == 0 ||
							 strcasecmp(text->data, "canceled") == 0);
}

uint32_t meeting_edition(const struct meeting *meeting)
{
	return meeting->texts[MEETING_SEQUENCE].length ? meeting->sequence + 1 : 0;
}

bool meeting_read(struct meeting *meeting, const struct meeting_template templates[MEETING_ASKS],
	struct zones *zones, struct error *err)
{
	meeting_read_status(meeting);
	return meeting_read_date(meeting, templates, err) &&
	       meeting_read_zones(meeting, templates, zones, err) &&
	       meeting_read_sequence(meeting, templates, err) &&
	       meeting_read_series(meeting, templates, err);
}

static int64_t meeting_begin(const struct zone *zone, int64_t day)
{
	int64_t utc = 0;
	zone_utc(zone, day * DAYS_SECONDS, &meeting_midnight, &utc);
	return utc;
}

bool meeting_start(const struct meeting *meeting, int64_t day, const struct zone_policy *policy,
	struct rules_start *start)
{
	const int64_t local = day * DAYS_SECONDS + meeting->time;
	if (meeting->all_day) {
		*start = (struct rules_start){
			.utc = meeting_begin(meeting->recipient, day),
			.last = meeting_begin(meeting->recipient, day + 1),
			.day = day,
		};
		return true;
	}
	if (meeting->has_offset)
		start->utc = local - meeting->offset;
	else if (!zone_utc(meeting->zone, local, policy, &start->utc))
		return false;
	start->last = start->utc;
	start->day = days_of_seconds(zone_local(meeting->recipient, start->utc));
	return true;
}

void meeting_finish(struct meeting *meeting)
{
	for (size_t i = 0; i < MEETING_ASKS; i++)
		text_finish(&meeting->texts[i]);
}
