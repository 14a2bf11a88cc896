#include "stages/mail/posting.h"

#include <time.h>

#include "pipeline/support/clock.h"

const char *const posting_spendings[] = { "send", NULL };

bool posting_open(struct posting *posting, const struct transport_chosen *way,
	const struct workplace *place, struct error *err)
{
	*posting = (struct posting){ .place = place };
	if (!way->plugin->open(way->prepared, &posting->state, err))
		return false;
	posting->plugin = way->plugin;
	return true;
}

static void posting_add_date(struct text *text)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	const time_t now = (time_t)(clock_wall_nanos() / 1000000000);
	struct tm tm;
	gmtime_r(&now, &tm);
	text_addf(text, "Date: %s, %02d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void posting_send(
	struct posting *posting, const struct letter *letter, bool dated, struct outcome *outcome)
{
	struct letter sent = *letter;
	if (!dated) {
		text_clear(&posting->dated);
		posting_add_date(&posting->dated);
		text_add(&posting->dated, letter->bytes, letter->length);
		sent.bytes = posting->dated.data;
		sent.length = posting->dated.length;
	}
	if (posting->place)
		stage_spend(posting->place, 0);
	posting->plugin->send(posting->state, &sent, outcome);
	if (posting->place)
		stage_spend(posting->place, STAGE_OWN);
	outcome->bytes_written += sent.length;
}

void posting_close(struct posting *posting)
{
	if (posting->plugin && posting->state)
		posting->plugin->close(posting->state);
	text_finish(&posting->dated);
	*posting = (struct posting){ 0 };
}
