#include "stages/due/correction.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/ledger_deeds.h"
#include "pipeline/support/days.h"

static bool correction_take(void *context, const struct ledger_deed *row)
{
	told_take(context, row);
	return true;
}

static bool correction_ask(const struct correction_case *judged, struct told *told,
	struct text *prefix, struct error *err)
{
	text_add(prefix, judged->item->key, judged->item->key_length);
	text_add_string(prefix, "/");
	told->prefix = prefix->length;
	const struct ledger_filter filter = {
		.job = judged->job, .prefix = prefix->data, .prefix_length = prefix->length
	};
	return ledger_walk(judged->ledger, &filter, correction_take, told, err);
}

/* When what was told last would start by the record as it is now: the ledger knows no zone. */
static bool correction_was(const struct correction_case *judged, const struct told *told,
	struct correction *found, int64_t *last)
{
	struct meeting meeting = *judged->meeting;
	struct rules_start start;
	struct days_read read;
	if (!days_read(told->last, strlen(told->last), &read))
		return false;
	const int64_t day = days_of_seconds(read.seconds);
	meeting.all_day = !read.has_time;
	meeting.time = (int32_t)(read.seconds - day * DAYS_SECONDS);
	if (!meeting_start(&meeting, day, judged->policy, &start))
		return false;
	found->was = start.utc;
	found->was_day = meeting.all_day;
	*last = start.last;
	return true;
}

/* It was told before: another deed. */
static void correction_count(struct correction *found, uint32_t times)
{
	const size_t length = strlen(found->lead);
	snprintf(found->lead + length, sizeof(found->lead) - length, ".%" PRIu32, times);
}

bool correction_judge(
	const struct correction_case *judged, struct correction *found, struct error *err)
{
	const struct meeting *meeting = judged->meeting;
	struct text prefix = { 0 };
	int64_t last = 0;
	*found = (struct correction){ .verdict = TOLD_NOTHING };
	snprintf(found->lead, sizeof(found->lead), "%s:%" PRIu32,
		meeting->cancelled ? "cancelled" : "changed", meeting->sequence);
	struct told told = {
		.start = judged->start,
		.lead = found->lead,
		.series = meeting->series.step_days || meeting->series.step_months,
	};
	const bool fine = correction_ask(judged, &told, &prefix, err);
	text_finish(&prefix);
	if (!fine)
		return false;
	told_conclude(&told);
	if (told.times > 0)
		correction_count(found, told.times);
	if (told.any && (!correction_was(judged, &told, found, &last) || last <= judged->now))
		told.any = false;
	const struct told_now now = {
		.cancelled = meeting->cancelled,
		.edition = judged->edition,
		.due = judged->due != NULL,
		.moment = judged->due ? judged->due->moment : 0,
	};
	found->verdict = told_judge(&told, &now);
	found->shared = told.shared;
	found->since = told.waits ? told.waits_at : judged->now;
	return true;
}
