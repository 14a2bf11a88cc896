#include "stages/due/reminder.h"

#include <inttypes.h>
#include <string.h>

#include "pipeline/support/days.h"
#include "stages/due/words.h"

enum {
	MINUTE = 60,
	MOST_HOURS = 48, /* that are told as hours */
	MOST_HOURS_OF_CORRECTION = 12,
};

const char *const reminder_fields[REMINDER_ADDED] = { "lead", "left", "days", "start", "time",
	"zone", "utc", "when", "change", "was", "cancelled", "tells" };

/* "tomorrow" for what is counted in days, "in 2 hours" for what is near. */
static char *reminder_left(
	const struct reminder_place *place, const struct reminder *reminder, int64_t days)
{
	const struct meeting *meeting = place->meeting;
	const struct text *tag = &meeting->texts[MEETING_LANGUAGE];
	const size_t language = words_language(tag->data, tag->length);
	const int64_t minutes = (reminder->start.utc - place->now + MINUTE / 2) / MINUTE;
	const int64_t hours = (minutes + MINUTE / 2) / MINUTE;
	const int64_t most = reminder->correction ? MOST_HOURS_OF_CORRECTION : MOST_HOURS;
	struct text left = { 0 };
	if (reminder->due.lead->days || meeting->all_day || hours > most)
		words_add_left(&left, language, WORDS_DAYS, days);
	else if (minutes < 90)
		words_add_left(&left, language, WORDS_MINUTES, minutes);
	else
		words_add_left(&left, language, WORDS_HOURS, hours);
	char *copy = arena_copy(place->arena, left.data, left.length);
	text_finish(&left);
	return copy;
}

/* "2026-03-28T13:30:00Z" */
static char *reminder_utc(const struct reminder_place *place, int64_t utc)
{
	char text[DAYS_TEXT_BYTES];
	days_text(utc, text);
	return arena_printf(place->arena, "%.10sT%sZ", text, text + 11);
}

/* Local time in the recipient's zone. */
static char *reminder_start(const struct reminder_place *place, int64_t utc, bool day)
{
	char text[DAYS_TEXT_BYTES];
	days_text(zone_local(place->meeting->recipient, utc), text);
	return arena_printf(place->arena, "%.*s", day ? 10 : DAYS_TEXT_BYTES, text);
}

static void reminder_fill_change(const struct reminder_place *place,
	const struct reminder *reminder, const char *texts[REMINDER_ADDED])
{
	static const enum words_change changes[] = {
		[TOLD_MOVED] = WORDS_MOVED,
		[TOLD_CHANGED] = WORDS_CHANGED,
		[TOLD_CANCELLED] = WORDS_CANCELLED,
		[TOLD_RESTORED] = WORDS_RESTORED,
	};
	const struct correction *correction = reminder->correction;
	const struct text *tag = &place->meeting->texts[MEETING_LANGUAGE];
	const char *change =
		words_change(words_language(tag->data, tag->length), changes[correction->verdict]);
	const bool cancelled = correction->verdict == TOLD_CANCELLED;
	texts[REMINDER_CHANGE] = change;
	texts[REMINDER_WAS] = reminder_start(place, correction->was, correction->was_day);
	texts[REMINDER_CANCELLED] = cancelled ? "yes" : NULL;
	texts[REMINDER_TELLS] =
		cancelled ? change
			  : arena_printf(place->arena, "%s, %s", change, texts[REMINDER_LEFT]);
}

void reminder_fill(const struct reminder_place *place, const struct reminder *reminder,
	struct slot added[REMINDER_ADDED])
{
	const struct meeting *meeting = place->meeting;
	const struct zone *zone = meeting->recipient;
	const int64_t today = days_of_seconds(zone_local(zone, place->now));
	const int64_t days = reminder->start.day - today;
	char start[DAYS_TEXT_BYTES], when[DAYS_TEXT_BYTES];
	days_text(zone_local(zone, reminder->start.utc), start);
	days_text(zone_local(zone, reminder->due.moment), when);
	const char *left = reminder_left(place, reminder, days);
	const char *texts[REMINDER_ADDED] = {
		[REMINDER_LEAD] = reminder->due.lead->text,
		[REMINDER_LEFT] = left,
		[REMINDER_TELLS] = left,
		[REMINDER_DAYS] = arena_printf(place->arena, "%" PRId64, days < 0 ? 0 : days),
		[REMINDER_START] = reminder_start(place, reminder->start.utc, meeting->all_day),
		[REMINDER_TIME] =
			meeting->all_day ? NULL : arena_printf(place->arena, "%s", start + 11),
		[REMINDER_ZONE] = zone_abbreviation(zone, reminder->start.utc),
		[REMINDER_UTC] = reminder_utc(place, reminder->start.utc),
		[REMINDER_WHEN] = arena_printf(place->arena, "%s", when),
	};
	if (reminder->correction)
		reminder_fill_change(place, reminder, texts);
	for (size_t i = 0; i < REMINDER_ADDED; i++)
		added[i] = (struct slot){
			.data = texts[i],
			.length = texts[i] ? (uint32_t)strlen(texts[i]) : 0,
			.secret = meeting->secret,
		};
}
