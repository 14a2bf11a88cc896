#include "stages/due/rules.h"

#include "pipeline/support/days.h"

enum {
	RULES_CLOSED_DAYS = 366, /* looked through for one that is open */
	RULES_SLACK_DAYS = 2,    /* for zones, and quiet hours that move something */
	RULES_WEEK_BITS = 0x7f,
};

const char *const rules_closed_words[] = { "skip", "before", "after", NULL };

static const struct zone_policy rules_policy = { ZONE_GAP_LATER, ZONE_OVERLAP_FIRST };

/* Never fails: a gap is left on its later side. */
static int64_t rules_utc(const struct zone *zone, int64_t local)
{
	int64_t utc = local;
	zone_utc(zone, local, &rules_policy, &utc);
	return utc;
}

static bool rules_holiday(const struct rules *rules, int64_t day)
{
	const struct civil civil = days_civil(day);
	size_t low = 0, high = rules->holiday_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (rules->holidays[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return rules->yearly[civil.month - 1][civil.day - 1] ||
	       (low < rules->holiday_count && rules->holidays[low] == day);
}

static bool rules_open(const struct rules *rules, int64_t day)
{
	return rules->days >> days_weekday(day) & 1 && !rules_holiday(rules, day);
}

/* The nearest open day in one direction; false where there is none within a year. */
static bool rules_walk(const struct rules *rules, int64_t *day, int step)
{
	for (int i = 0; i < RULES_CLOSED_DAYS; i++, *day += step)
		if (rules_open(rules, *day))
			return true;
	return false;
}

static bool rules_days_moment(const struct rules *rules, const struct zone *zone,
	const struct rules_start *start, const struct rules_lead *lead, int64_t *moment)
{
	const int64_t wanted = start->day - lead->amount;
	int64_t day = wanted;
	if (!rules_open(rules, day)) {
		if (rules->closed == RULES_SKIP)
			return false;
		bool found = rules_walk(rules, &day, rules->closed == RULES_AFTER ? 1 : -1);
		if (found && rules_utc(zone, day * DAYS_SECONDS + rules->at) >= start->last) {
			day = wanted;
			found = rules_walk(rules, &day, -1);
		}
		if (!found)
			return false;
	}
	*moment = rules_utc(zone, day * DAYS_SECONDS + rules->at);
	return true;
}

/* The quiet hours around a moment, which may lie in them. */
struct rules_quiet {
	bool in;
	int64_t from, to;
};

static struct rules_quiet rules_quiet_at(
	const struct rules *rules, const struct zone *zone, int64_t moment)
{
	struct rules_quiet quiet = { .in = false };
	if (rules->quiet == rules->awake)
		return quiet;
	const int64_t local = zone_local(zone, moment);
	const int64_t midnight = days_of_seconds(local) * DAYS_SECONDS;
	const int64_t length = (rules->awake - rules->quiet + DAYS_SECONDS) % DAYS_SECONDS;
	int64_t from = midnight + rules->quiet;
	if (from > local)
		from -= DAYS_SECONDS;
	quiet.in = local < from + length;
	quiet.from = rules_utc(zone, from);
	quiet.to = rules_utc(zone, from + length);
	return quiet;
}

/* Out of the quiet hours: to their end, or where that is too late to their begin. */
static int64_t rules_not_quiet(const struct rules *rules, const struct zone *zone,
	const struct rules_start *start, int64_t moment)
{
	const struct rules_quiet quiet = rules_quiet_at(rules, zone, moment);
	if (!quiet.in)
		return moment;
	return quiet.to < start->last ? quiet.to : quiet.from;
}

bool rules_hold(const struct rules *rules, const struct zone *zone, const struct rules_start *start,
	int64_t now)
{
	const struct rules_quiet quiet = rules_quiet_at(rules, zone, now);
	return quiet.in && quiet.to < start->last;
}

bool rules_judge(const struct rules *rules, const struct zone *zone,
	const struct rules_start *start, int64_t now, struct rules_due *due)
{
	due->lead = NULL;
	if (now >= start->last)
		return false;
	for (size_t i = 0; i < rules->lead_count; i++) {
		const struct rules_lead *lead = &rules->leads[i];
		int64_t moment = start->utc - lead->amount;
		if (lead->days && !rules_days_moment(rules, zone, start, lead, &moment))
			continue;
		moment = rules_not_quiet(rules, zone, start, moment);
		if (moment <= now && (!due->lead || moment >= due->moment))
			*due = (struct rules_due){ lead, moment };
	}
	return due->lead && due->moment >= now - rules->catch_up &&
	       !rules_hold(rules, zone, start, now);
}

int64_t rules_reach(const struct rules *rules)
{
	const bool moves = rules->closed == RULES_BEFORE || rules->closed == RULES_AFTER;
	const bool closes = rules->days != RULES_WEEK_BITS || rules->holiday_count > 0;
	int64_t most = 0;
	for (size_t i = 0; i < rules->lead_count; i++) {
		const struct rules_lead *lead = &rules->leads[i];
		const int64_t days = lead->days ? lead->amount : lead->amount / DAYS_SECONDS + 1;
		most = days > most ? days : most;
	}
	return most + RULES_SLACK_DAYS + (moves && closes ? RULES_CLOSED_DAYS : 0);
}
