#include "stages/due/told.h"

#include <string.h>

#include "pipeline/support/days.h"

static const char told_changed[] = "changed:", told_cancelled[] = "cancelled:";

/* A piece of a key. */
struct told_piece {
	const char *data;
	size_t length;
};

/* Up to the next slash. */
static struct told_piece told_cut(const struct ledger_deed *row, size_t from)
{
	const char *data = row->key + from;
	const char *end = memchr(data, '/', row->key_length - from);
	return (struct told_piece){ data, end ? (size_t)(end - data) : row->key_length - from };
}

static bool told_is(const struct told_piece *piece, const char *text)
{
	return piece->length == strlen(text) && memcmp(piece->data, text, piece->length) == 0;
}

static bool told_begins(const struct told_piece *piece, const char *text)
{
	return piece->length >= strlen(text) && memcmp(piece->data, text, strlen(text)) == 0;
}

static void told_accept(struct told *told, const struct ledger_deed *row,
	const struct told_piece *start, const struct told_piece *lead)
{
	const bool cancelled = told_begins(lead, told_cancelled);
	told->any = true;
	told->cancelled = cancelled;
	told->last_number = row->number;
	told->edition = row->edition;
	memcpy(told->last, start->data, start->length);
	told->last[start->length] = '\0';
	if (!told_is(start, told->start) || !(cancelled || told_begins(lead, told_changed)))
		return;
	if (!told->corrected || row->moment > told->corrected_at)
		told->corrected_at = row->moment;
	told->corrected = true;
}

/* With the times behind it, or without. */
static bool told_is_lead(const struct told *told, const struct told_piece *lead)
{
	const size_t length = strlen(told->lead);
	return told_begins(lead, told->lead) &&
	       (lead->length == length || lead->data[length] == '.');
}

static void told_take_same(struct told *told, const struct ledger_deed *row)
{
	const bool over = row->state == LEDGER_ACCEPTED || row->state == LEDGER_LAPSED;
	told->times += over;
	if (told->waits && row->number < told->waits_number)
		return;
	told->waits = true;
	told->waits_at = row->moment;
	told->waits_number = row->number;
	told->waits_over = over;
}

void told_take(struct told *told, const struct ledger_deed *row)
{
	if (row->key_length <= told->prefix)
		return;
	const struct told_piece start = told_cut(row, told->prefix);
	const size_t behind = told->prefix + start.length + 1;
	if (behind >= row->key_length || start.length >= TOLD_TEXT_BYTES)
		return;
	const struct told_piece lead = told_cut(row, behind);
	const bool same = told_is(&start, told->start);
	struct days_read read;
	/* Of another record: an occurrence, from when what is once now was a series. */
	if (days_read(lead.data, lead.length, &read))
		return;
	if (behind + lead.length < row->key_length)
		told->shared = true;
	if (same && told_is_lead(told, &lead))
		told_take_same(told, row);
	if (row->state == LEDGER_ACCEPTED && (same || !told->series))
		told_accept(told, row, &start, &lead);
}

/* By numbers: with times, a clock that is set back would have it told again in every run. */
void told_conclude(struct told *told)
{
	if (!told->waits || !told->waits_over)
		return;
	if (told->waits_number < told->last_number)
		told->waits = false;
	else
		told->times--;
}

static enum told_verdict told_wrong(const struct told *told, const struct told_now *now)
{
	const bool moved = told->any && strcmp(told->last, told->start) != 0;
	if (!told->any || told->shared)
		return TOLD_NOTHING;
	if (now->cancelled)
		return told->cancelled ? TOLD_NOTHING : TOLD_CANCELLED;
	if (moved)
		return TOLD_MOVED;
	if (told->cancelled)
		return TOLD_RESTORED;
	return told->edition && now->edition > told->edition ? TOLD_CHANGED : TOLD_NOTHING;
}

enum told_verdict told_judge(const struct told *told, const struct told_now *now)
{
	const enum told_verdict wrong = told_wrong(told, now);
	const bool reminds = now->due && !now->cancelled;
	if (wrong != TOLD_NOTHING)
		return reminds && told->waits && now->moment > told->waits_at ? TOLD_REMINDER
									      : wrong;
	const bool covered = told->corrected && now->moment <= told->corrected_at;
	return reminds && !covered ? TOLD_REMINDER : TOLD_NOTHING;
}
