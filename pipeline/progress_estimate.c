#include <inttypes.h>

#include "pipeline/progress_private.h"
#include "pipeline/support/clock.h"

enum { MICROS = 1000000 };

uint64_t progress_done(const struct progress *progress)
{
	const struct state_run *now = progress->setup.now;
	return now->made + now->unchanged + now->up_to_date + now->ignored + now->failed +
	       now->known_failures;
}

uint64_t progress_expected(const struct progress *progress)
{
	uint64_t found = progress->found.items;
	const struct state_run *last = &progress->setup.last;
	return !progress->walked && last->number && last->items > found ? last->items : found;
}

static double estimate_seconds(const struct progress *progress)
{
	if (!progress->worked_from_micros)
		return 0;
	return (double)(progress->outlet.clock() - progress->worked_from_micros) / MICROS;
}

/* The walk is complete, so what can be skipped is known: the rest takes as long as its bytes tell.
 * Skipped items are taken to have the usual size. */
static double estimate_by_bytes(const struct progress *progress, double seconds)
{
	uint64_t done = progress_done(progress);
	uint64_t skipped = done > progress->finished ? done - progress->finished : 0;
	double usual = (double)progress->found.bytes / (double)progress->found.items;
	double gone = (double)progress->finished_bytes + (double)skipped * usual;
	double left = (double)progress->found.bytes - gone;
	return left > 0 ? left * seconds / (double)progress->finished_bytes : 0;
}

static double estimate_by_items(uint64_t done, uint64_t expected, double seconds)
{
	return done < expected ? (double)(expected - done) * seconds / (double)done : 0;
}

bool progress_left(const struct progress *progress, int64_t *micros)
{
	double worked = estimate_seconds(progress);
	double whole = (double)(progress->outlet.clock() - progress->opened_micros) / MICROS;
	uint64_t done = progress_done(progress);
	double left;
	if (worked < 1 || done == 0)
		return false;
	if (progress->walked && progress->found.items && progress->finished_bytes)
		left = estimate_by_bytes(progress, worked);
	else if (progress->walked || progress_expected(progress) > progress->found.items)
		left = estimate_by_items(done, progress_expected(progress), whole);
	else
		return false;
	*micros = (int64_t)(left * MICROS);
	return true;
}

void progress_add_rate(struct text *text, double per_second, const char *unit)
{
	text_addf(text, per_second < 100 ? "%.1f %s" : "%.0f %s", per_second, unit);
}

void progress_add_status(struct progress *progress, const char *separator, int leave_out)
{
	struct text *line = &progress->line;
	const struct state_run *now = progress->setup.now;
	double seconds = estimate_seconds(progress);
	int64_t left;
	text_addf(line, "%" PRIu64 "/%" PRIu64 "%s", progress_done(progress),
		progress_expected(progress), progress->walked ? "" : "+");
	if (seconds >= 1 && leave_out < 2) {
		text_add_string(line, separator);
		progress_add_rate(line, (double)progress->finished / seconds, "items/s");
	}
	if (seconds >= 1 && now->pixels && leave_out < 1) {
		text_add_string(line, separator);
		progress_add_rate(line, (double)now->pixels / 1e6 / seconds, "MP/s");
	}
	if (progress->failures)
		text_addf(line, "%s%" PRIu64 " failed", separator, progress->failures);
	if (leave_out < PROGRESS_LEAVE_OUT && progress_left(progress, &left)) {
		char duration[CLOCK_TEXT_BYTES];
		clock_duration_text(left, duration);
		text_addf(line, "%sETA %s", separator, duration);
	}
}
