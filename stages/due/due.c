/* The head stage `due`: of each record the reminder that is due now, if there is one. */

#include "stages/due/due.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/head.h"
#include "pipeline/support/days.h"
#include "stages/due/correction.h"
#include "stages/due/meeting.h"
#include "stages/due/reminder.h"
#include "stages/due/rules.h"

enum { DUE_MICROS = 1000000 };

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
	bool corrections;
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
	{ "sequence", TEMPLATE(texts[MEETING_SEQUENCE]), .fallback = "\"\"",
		.affects = AFFECTS_BYTES,
		.help = "Which version of it this is, \"{sequence}\" from a calendar: a number "
			"that "
			"goes up with every change. Blank: only another start is a change." },
	{ "status", TEMPLATE(texts[MEETING_STATUS]), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "Where this is \"cancelled\" (\"{status}\" from a calendar that gives what "
			"is cancelled too) no one is reminded." },
	{ "corrections", BOOLEAN(corrections), .fallback = "no",
		.help = "Tell those who were told, as the ledger knows, that it is moved, changed, "
			"cancelled or on again. Each record has to be of one recipient: `split` "
			"goes before." },
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
			"called; {AS.utc} the start in UTC, {AS.when} since when it is due. Of a "
			"correction {AS.lead} is \"changed:2\" or \"cancelled:2\", {AS.change} "
			"what "
			"has happened (\"moved\"), {AS.was} the start that was told, "
			"{AS.cancelled} yes where it is; of a reminder these are blank. {AS.tells} "
			"is {AS.left} behind {AS.change}, for a subject." },
	{ .name = NULL },
};
#undef SETTINGS

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
	const struct head_place *place;
	bool any;         /* something was handed on of this record */
	bool told_shared; /* that there can be no corrections has been said */
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
	for (size_t i = 0; i < REMINDER_ADDED; i++) {
		const char *name =
			arena_printf(setup->arena, "%s.%s", due->settings->as, reminder_fields[i]);
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
	self->place = place;
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

/* The source may know better than the number that a record has. */
static uint32_t due_edition(const struct due_state *self, const struct item *item)
{
	return item->edition ? item->edition : meeting_edition(&self->meeting);
}

/* The key tells occurrences and leads apart: "standup/2026-03-28T14:30/1d". */
static void due_give(struct due_state *self, const struct item *item, const char *start,
	const struct reminder *reminder, struct head_out *out)
{
	const char *lead = reminder->due.lead->text;
	const struct reminder_place place = { &self->meeting, self->now, &self->arena };
	struct slot added[REMINDER_ADDED];
	struct item one = *item;
	head_extend_key(&one, start, strlen(start), &self->arena);
	const struct digest group = digest_of(one.key, one.key_length);
	head_extend_key(&one, lead, strlen(lead), &self->arena);
	one.group = group;
	one.rank = reminder->rank;
	one.edition = due_edition(self, item);
	reminder_fill(&place, reminder, added);
	head_give(out, &one, added);
}

/* Once a run. */
static void due_complain_shared(struct due_state *self)
{
	struct error why;
	if (self->told_shared)
		return;
	self->told_shared = true;
	fail(&why, ERROR_USAGE,
		"there are no corrections, since several people stand behind a record: put `split` "
		"before `due`");
	self->place->complain(self->place->context, "due", &why);
}

/* What is to be told of one start by what was told before; false where it is nothing. */
static bool due_correct(struct due_state *self, const struct item *item, const char *start,
	struct reminder *reminder, struct error *err)
{
	struct rules_lead *lead = arena_alloc(&self->arena, sizeof(*lead));
	struct correction *correction = arena_alloc(&self->arena, sizeof(*correction));
	const bool due = reminder->due.lead != NULL;
	const struct correction_case judged = { self->place->ledger, self->place->job, item,
		&self->meeting, &self->due->settings->policy, start, self->now,
		due_edition(self, item), due ? &reminder->due : NULL };
	if (!correction_judge(&judged, correction, err))
		return false;
	if (correction->shared)
		due_complain_shared(self);
	if (correction->verdict == TOLD_NOTHING)
		reminder->due.lead = NULL;
	if (correction->verdict <= TOLD_REMINDER)
		return true;
	*lead = (struct rules_lead){ .text = correction->lead };
	reminder->due = (struct rules_due){ lead, self->now };
	reminder->rank = correction->since;
	reminder->correction = correction;
	if (rules_hold(&self->due->rules, self->meeting.recipient, &reminder->start, self->now))
		reminder->due.lead = NULL;
	return true;
}

/* What is to be told on a day of the series. */
static bool due_day(struct due_state *self, const struct item *item, int64_t day,
	struct head_out *out, struct error *err)
{
	const struct due *due = self->due;
	const struct meeting *meeting = &self->meeting;
	struct reminder reminder = { .day = day };
	char start[DAYS_TEXT_BYTES];
	if (!meeting_start(meeting, day, &due->settings->policy, &reminder.start) ||
		self->now >= reminder.start.last)
		return true;
	if (!rules_judge(
		    &due->rules, meeting->recipient, &reminder.start, self->now, &reminder.due))
		reminder.due.lead = NULL;
	else
		reminder.rank = reminder.due.moment;
	days_text(day * DAYS_SECONDS + meeting->time, start);
	start[10] = meeting->all_day ? '\0' : 'T';
	if (self->place->ledger && due->settings->corrections) {
		if (!due_correct(self, item, start, &reminder, err))
			return false;
	} else if (meeting->cancelled) {
		reminder.due.lead = NULL;
	}
	if (!reminder.due.lead)
		return true;
	due_give(self, item, start, &reminder, out);
	self->any = true;
	return true;
}

/* All days of the series that could have a reminder now; of what is corrected, its only one,
 * however far away. */
static bool due_give_all(
	struct due_state *self, const struct item *item, struct head_out *out, struct error *err)
{
	const struct series *series = &self->meeting.series;
	const int64_t today = days_of_seconds(self->now);
	const bool once = series->step_days == 0 && series->step_months == 0;
	const int64_t last =
		self->due->settings->corrections && once ? INT64_MAX : today + self->due->reach;
	int64_t day;
	self->any = false;
	for (int64_t from = today - 2; series_next(series, from, &day) && day <= last;
		from = day + 1)
		if (!due_day(self, item, day, out, err))
			return false;
	if (!self->any)
		head_drop(out);
	return true;
}

static bool due_record(
	struct due_state *self, const struct item *item, struct head_out *out, struct error *err)
{
	const struct due *due = self->due;
	struct error why;
	meeting_expand(&self->meeting, due->templates, item->slots, item->slot_count);
	if (meeting_read(&self->meeting, due->templates, &self->zones, &why))
		return due_give_all(self, item, out, err);
	if (self->meeting.texts[MEETING_DATE].length == 0 && due->settings->missing == DUE_SKIP) {
		head_drop(out);
	} else {
		head_refuse(out, item, &why);
	}
	return true;
}

static bool due_step(void *state, const struct item *records, size_t count, struct head_out *out,
	struct error *err)
{
	struct due_state *self = state;
	for (size_t i = 0; i < count; i++) {
		arena_reset(&self->arena);
		if (!due_record(self, &records[i], out, err))
			return false;
	}
	return true;
}

static bool due_reads_deeds(const void *prepared)
{
	return ((const struct due *)prepared)->settings->corrections;
}

static const struct head_stage due_head = {
	.reads_deeds = due_reads_deeds,
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
