#include "pipeline/times.h"

#include <string.h>

/* The few purposes that most of the time went to. */

enum { SUMMARY_MOST = 3, SUMMARY_LEAST_PERCENT = 5 };

/* Less than that is not worth a line. */
static const int64_t summary_least_nanos = 100000000;

struct summary {
	const struct times_row *rows;
	size_t count;
	bool worker;
	int64_t total;
	const char *told[SUMMARY_MOST];
};

/* Of all purposes of that name: a store may be behind several lookups. */
static int64_t summary_nanos(const struct summary *summary, const char *name)
{
	int64_t nanos = 0;
	for (size_t i = 0; i < summary->count; i++)
		if (strcmp(summary->rows[i].name, name) == 0)
			nanos += summary->rows[i].self_nanos;
	return nanos;
}

static bool summary_was_told(const struct summary *summary, const char *name)
{
	for (size_t i = 0; i < SUMMARY_MOST; i++)
		if (summary->told[i] && strcmp(summary->told[i], name) == 0)
			return true;
	return false;
}

/* The purpose with most time among those that were not told yet. */
static const struct times_row *summary_next(const struct summary *summary, int64_t *nanos)
{
	const struct times_row *best = NULL;
	*nanos = 0;
	for (size_t i = 0; i < summary->count; i++) {
		const struct times_row *row = &summary->rows[i];
		if (row->worker != summary->worker || summary_was_told(summary, row->name))
			continue;
		int64_t own = summary_nanos(summary, row->name);
		if (own <= *nanos)
			continue;
		*nanos = own;
		best = row;
	}
	return best;
}

static void summary_add_group(struct summary *summary, const char *label, struct text *text)
{
	int64_t nanos;
	const struct times_row *row;
	memset(summary->told, 0, sizeof(summary->told));
	for (size_t i = 0; i < SUMMARY_MOST && (row = summary_next(summary, &nanos)) != NULL; i++) {
		int percent = (int)((100 * nanos + summary->total / 2) / summary->total);
		if (percent < SUMMARY_LEAST_PERCENT)
			break;
		text_addf(text, "%s%d %% %s", i ? ", " : label, percent, row->name);
		summary->told[i] = row->name;
	}
}

void times_summary(struct times *times, struct text *text)
{
	struct summary summary = { .count = 0 };
	summary.rows = times_rows(times, &summary.count);
	summary.total = summary.rows[TIMES_RUN].all_nanos;
	if (summary.total < summary_least_nanos)
		return;
	summary_add_group(&summary, "main: ", text);
	summary.worker = true;
	summary.total = summary.rows[TIMES_IDLE].all_nanos;
	if (summary.total >= summary_least_nanos)
		summary_add_group(&summary, "; workers: ", text);
}
