/* The head stage `due`: of each record the reminder that is due now, if there is one. */

#include "stages/due/due.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/head.h"
#include "pipeline/support/days.h"
#include "stages/due/meeting.h"
#include "stages/due/rules.h"
#include "stages/due/words.h"

enum { DUE_MICROS = 1000000, DUE_HOUR = 3600, DUE_MINUTE = 60 };

enum due_missing { DUE_FAIL, DUE_SKIP };

static const char *const due_missing_words[] = { "fail", "skip", NULL };

struct due_settings {
	const char *texts[MEETING_ASKS];
	struct option_list leads;
	struct option_duration catch_up;
	const char *at, *quiet, *as;
	struct option_list days, holidays;
	int closed; /* enum rules_closed */
	struct zone_policy policy;
	int missing; /* enum due_missing */
};

#define SETTINGS struct due_settings
static const struct option due_options[] = {
	{ "date", TEMPLATE(texts[MEETING_DATE]), .affects = AFFECTS_BYTES,
		.help = "The day it starts: \"{date}\" gives 2026-03-28. A time may follow behind "
			"a blank or a T, and its offset from UTC, which counts more than `zone`." },
	{ "time", TEMPLATE(texts[MEETING_TIME]), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "The time it starts, 14:30. Blank, where the date has none either: it is "
			"all day, in the recipient's zone." },
	{ "zone", TEMPLATE(texts[MEETING_ZONE]), .affects = AFFECTS_BYTES,
		.help = "The zone that date and time are meant in, by its name in the tz database: "
			"Europe/Berlin. Blank: that of the recipient." },
	{ "recipient_zone", TEMPLATE(texts[MEETING_RECIPIENT]), .fallback = "\"\"",
		.affects = AFFECTS_BYTES,
		.help = "The zone of the one who is reminded, in which days are counted, quiet "
			"hours kept and times told: \"{person.zone}\" behind a lookup. Blank: "
			"`zone`." },
	{ "every", TEMPLATE(texts[MEETING_EVERY]), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "It happens again every day, week, month or year from its date on, or "
			"every \"2 weeks\". A day that a month lacks is its last. Blank: once." },
	{ "until", TEMPLATE(texts[MEETING_UNTIL]), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "The last day on which it may happen again. Blank: no end." },
	{ "language", TEMPLATE(texts[MEETING_LANGUAGE]), .fallback = "en", .affects = AFFECTS_BYTES,
		.help = "Of {AS.left}: en, de, es, fr, it, nl or pt; anything else is en." },
	{ "leads", LIST(leads), RANGE(1, 20), .affects = AFFECTS_BYTES,
		.help = "How long before to remind: 7d, 1w (calendar days of the recipient, from "
			"`at` on), 2h, 30min (as time passes). Of several that have come, one "
			"reminder is made: the latest." },
	{ "catch_up", DURATION(catch_up), RANGE(0, 31536000), .fallback = "1d",
		.help = "How late a reminder may be: more than the time between two runs." },
	{ "at", TEXT(at), .fallback = "\"00:00\"",
		.help = "The hour from which leads of days are due. A nightly run keeps the "
			"default: the day before is the day before from its first minute on." },
	{ "quiet", TEXT(quiet), .fallback = "\"\"",
		.help = "Hours in which nothing goes out, \"22:00-07:00\": what is due in them "
			"waits for their end, or where that is too late goes when they begin." },
	{ "days", LIST(days), RANGE(1, 7), .fallback = "[mo, tu, we, th, fr, sa, su]",
		.help = "Days of the week on which leads of days may be due." },
	{ "holidays", LIST(holidays), .fallback = "[]",
		.help = "Days on which they may not: 2026-12-25, 12-25 for every year, or a file "
			"with one a line, and its name behind it." },
	{ "closed", CHOICE(closed, rules_closed_words), .fallback = "before",
		.help = "What would be due on such a day: skip leaves it out, before makes it the "
			"last day before, after the next one (where that is not too late)." },
	{ "gap", CHOICE(policy.gap, zone_gap_words), .fallback = "later", .affects = AFFECTS_BYTES,
		.help = "A start that the clock skips when it is put forward: later is as much "
			"later (02:30 is 03:30), skip does not happen." },
	{ "overlap", CHOICE(policy.overlap, zone_overlap_words), .fallback = "first",
		.affects = AFFECTS_BYTES,
		.help = "Which start is meant of the two that there are when it is put back." },
	{ "missing", CHOICE(missing, due_missing_words), .fallback = "fail",
		.help = "A blank date: the item fails, or it is left out." },
	{ "as", TEXT(as), .fallback = "due",
		.help = "What the new fields begin with. {AS.lead} is the lead, {AS.left} what is "
			"left until the start (\"tomorrow\", \"in 2 hours\"), {AS.days} the same "
			"in "
			"whole days; {AS.start} date and time in the recipient's zone, {AS.time} "
			"the time alone (blank: all day), {AS.zone} how that zone's time is "
			"called; {AS.utc} the start in UTC, {AS.when} since when it is due." },
	{ .name = NULL },
};
#undef SETTINGS

enum due_added {
	DUE_LEAD,
	DUE_LEFT,
	DUE_DAYS,
	DUE_START,
	DUE_TIME,
	DUE_ZONE,
	DUE_UTC,
	DUE_WHEN,
	DUE_ADDED
};

static const char *const due_added_names[DUE_ADDED] = { "lead", "left", "days", "start", "time",
	"zone", "utc", "when" };

struct due {
	const struct due_settings *settings;
	struct meeting_template templates[MEETING_ASKS];
	struct rules rules;
	int64_t reach;
};

struct due_state {
	const struct due *due;
	struct zones zones;
	int64_t now;
	struct meeting meeting;
	struct arena arena; /* for what is handed on of one record */
};

static bool due_prepare_texts(struct due *due, const struct stage_setup *setup)
{
	bool fine = true;
	for (size_t i = 0; i < MEETING_ASKS; i++) {
		struct meeting_template *template = &due->templates[i];
		struct error err;
		template->option = due_options[i].name;
		template->source = due->settings->texts[i];
		if (template_compile(template->source, setup->fields, NULL, setup->arena,
			    &template->template, &err))
			continue;
		stage_complain(setup, template->option, "%s", err.text);
		fine = false;
	}
	for (size_t i = 0; i < DUE_ADDED; i++) {
		const char *name =
			arena_printf(setup->arena, "%s.%s", due->settings->as, due_added_names[i]);
		fine = stage_add_field(setup, name, "as") && fine;
	}
	return fine;
}

static bool due_prepare_leads(struct due *due, const struct stage_setup *setup)
{
	const struct option_list *leads = &due->settings->leads;
	struct rules *rules = &due->rules;
	bool fine = true;
	rules->leads = arena_alloc(setup->arena, leads->count * sizeof(*rules->leads));
	rules->lead_count = leads->count;
	for (size_t i = 0; i < leads->count; i++) {
		if (rules_read_lead(leads->items[i], &rules->leads[i]))
			continue;
		const char *option = arena_printf(setup->arena, "leads.%zu", i);
		stage_complain(setup, option,
			"'%s': expected a time before such as 7d, 2h or 30min", leads->items[i]);
		fine = false;
	}
	return fine;
}

static bool due_prepare_rules(struct due *due, const struct stage_setup *setup)
{
	const struct due_settings *settings = due->settings;
	const size_t before = setup->problems->count;
	struct rules *rules = &due->rules;
	struct error err;
	size_t wrong;
	rules->catch_up = settings->catch_up.micros / DUE_MICROS;
	rules->closed = settings->closed;
	if (!days_read_time(settings->at, strlen(settings->at), &rules->at))
		stage_complain(setup, "at", "'%s': expected a time such as 08:00", settings->at);
	if (!rules_read_quiet(rules, settings->quiet))
		stage_complain(setup, "quiet", "'%s': expected hours such as 22:00-07:00",
			settings->quiet);
	if (!rules_read_days(rules, &settings->days, &wrong))
		stage_complain(setup, arena_printf(setup->arena, "days.%zu", wrong),
			"'%s': expected mo, tu, we, th, fr, sa or su", settings->days.items[wrong]);
	if (!rules_read_holidays(rules, &settings->holidays, setup->arena, &wrong, &err))
		stage_complain(setup, arena_printf(setup->arena, "holidays.%zu", wrong),
			"neither a date such as 2026-12-25 nor a file of such: %s", err.text);
	return due_prepare_leads(due, setup) && setup->problems->count == before;
}

static bool due_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	struct due *due = arena_alloc(setup->arena, sizeof(*due));
	due->settings = settings;
	*prepared = due;
	const bool texts = due_prepare_texts(due, setup), rules = due_prepare_rules(due, setup);
	if (rules)
		due->reach = rules_reach(&due->rules);
	return texts && rules;
}

static bool due_open(
	const void *prepared, const struct head_place *place, void **state, struct error *err)
{
	(void)err;
	struct due_state *self = memory_zeroed(1, sizeof(*self));
	self->due = prepared;
	self->now = place->now_seconds;
	*state = self;
	return true;
}

static void due_close(void *state)
{
	struct due_state *self = state;
	if (!self)
		return;
	zones_finish(&self->zones);
	meeting_finish(&self->meeting);
	arena_finish(&self->arena);
	free(self);
}

/* What one reminder is made from. */
struct due_found {
	int64_t day; /* of the series */
	struct rules_start start;
	struct rules_due due;
};

/* "tomorrow" for what is counted in days, "in 2 hours" for what is near. */
static char *due_left(struct due_state *self, const struct due_found *found, int64_t days)
{
	const struct meeting *meeting = &self->meeting;
	const struct text *tag = &meeting->texts[MEETING_LANGUAGE];
	const size_t language = words_language(tag->data, tag->length);
	const int64_t minutes = (found->start.utc - self->now + DUE_MINUTE / 2) / DUE_MINUTE;
	const int64_t hours = (minutes + DUE_MINUTE / 2) / DUE_MINUTE;
	struct text left = { 0 };
	if (found->due.lead->days || meeting->all_day || hours > 48)
		words_add_left(&left, language, WORDS_DAYS, days);
	else if (minutes < 90)
		words_add_left(&left, language, WORDS_MINUTES, minutes);
	else
		words_add_left(&left, language, WORDS_HOURS, hours);
	char *copy = arena_copy(&self->arena, left.data, left.length);
	text_finish(&left);
	return copy;
}

/* "2026-03-28T13:30:00Z" */
static char *due_utc(struct due_state *self, int64_t utc)
{
	char text[DAYS_TEXT_BYTES];
	days_text(utc, text);
	return arena_printf(&self->arena, "%.10sT%sZ", text, text + 11);
}

static void due_fill(
	struct due_state *self, const struct due_found *found, struct slot added[DUE_ADDED])
{
	const struct meeting *meeting = &self->meeting;
	const struct zone *zone = meeting->recipient;
	const int64_t today = days_of_seconds(zone_local(zone, self->now));
	const int64_t days = found->start.day - today;
	char start[DAYS_TEXT_BYTES], when[DAYS_TEXT_BYTES];
	days_text(zone_local(zone, found->start.utc), start);
	days_text(zone_local(zone, found->due.moment), when);
	const char *const texts[DUE_ADDED] = {
		[DUE_LEAD] = found->due.lead->text,
		[DUE_LEFT] = due_left(self, found, days),
		[DUE_DAYS] = arena_printf(&self->arena, "%" PRId64, days < 0 ? 0 : days),
		[DUE_START] = arena_printf(
			&self->arena, "%.*s", meeting->all_day ? 10 : DAYS_TEXT_BYTES, start),
		[DUE_TIME] = meeting->all_day ? NULL : arena_printf(&self->arena, "%s", start + 11),
		[DUE_ZONE] = zone_abbreviation(zone, found->start.utc),
		[DUE_UTC] = due_utc(self, found->start.utc),
		[DUE_WHEN] = arena_printf(&self->arena, "%s", when),
	};
	for (size_t i = 0; i < DUE_ADDED; i++)
		added[i] = (struct slot){
			.data = texts[i],
			.length = texts[i] ? (uint32_t)strlen(texts[i]) : 0,
			.secret = meeting->secret,
		};
}

/* The key tells occurrences and leads apart: "standup/2026-03-28T14:30/1d". */
static void due_give(struct due_state *self, const struct item *item, const struct due_found *found,
	struct head_out *out)
{
	const struct meeting *meeting = &self->meeting;
	struct slot added[DUE_ADDED];
	struct item one = *item;
	char occurrence[DAYS_TEXT_BYTES];
	days_text(found->day * DAYS_SECONDS + meeting->time, occurrence);
	occurrence[10] = meeting->all_day ? '\0' : 'T';
	head_extend_key(&one, occurrence, strlen(occurrence), &self->arena);
	head_extend_key(&one, found->due.lead->text, strlen(found->due.lead->text), &self->arena);
	due_fill(self, found, added);
	head_give(out, &one, added);
}

/* All days of the series that could have a reminder now. */
static bool due_give_all(struct due_state *self, const struct item *item, struct head_out *out)
{
	const struct due *due = self->due;
	const struct meeting *meeting = &self->meeting;
	const int64_t today = days_of_seconds(self->now);
	struct due_found found;
	bool any = false;
	for (int64_t from = today - 2;
		series_next(&meeting->series, from, &found.day) && found.day <= today + due->reach;
		from = found.day + 1) {
		if (!meeting_start(meeting, found.day, &due->settings->policy, &found.start) ||
			!rules_judge(&due->rules, meeting->recipient, &found.start, self->now,
				&found.due))
			continue;
		due_give(self, item, &found, out);
		any = true;
	}
	return any;
}

static void due_record(struct due_state *self, const struct item *item, struct head_out *out)
{
	const struct due *due = self->due;
	struct error why;
	meeting_expand(&self->meeting, due->templates, item->slots, item->slot_count);
	if (meeting_read(&self->meeting, due->templates, &self->zones, &why)) {
		if (!due_give_all(self, item, out))
			head_drop(out);
	} else if (self->meeting.texts[MEETING_DATE].length == 0 &&
		   due->settings->missing == DUE_SKIP) {
		head_drop(out);
	} else {
		head_refuse(out, item, &why);
	}
}

static bool due_step(void *state, const struct item *records, size_t count, struct head_out *out,
	struct error *err)
{
	(void)err;
	struct due_state *self = state;
	for (size_t i = 0; i < count; i++) {
		arena_reset(&self->arena);
		due_record(self, &records[i], out);
	}
	return true;
}

static const struct head_stage due_head = {
	.open = due_open,
	.step = due_step,
	.close = due_close,
};

const struct stage_plugin due_stage = {
	.plugin = { "due", "Of each record the reminder that is due now, if there is one.",
		due_options, sizeof(struct due_settings) },
	.head = &due_head,
	.prepare = due_prepare,
};
