/* profile: the callgrind format, for KCachegrind and callgrind_annotate. What the config asks for
 * is a function each, at the line where it stands. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/sink.h"
#include "pipeline/support/arena.h"

extern const struct sink sink_profile;

enum { NANOS_PER_MICRO = 1000 };

/* The two events of the file, with all that was entered. */
struct profile_cost {
	int64_t work_nanos, wait_nanos;
};

struct profile {
	const struct times_row *rows;
	size_t count;
	struct profile_cost *all; /* one for each row */
};

static void profile_sum(struct profile *profile)
{
	for (size_t i = profile->count; i-- > 0;) {
		const struct times_row *row = &profile->rows[i];
		struct profile_cost *all = &profile->all[i];
		*(row->waits ? &all->wait_nanos : &all->work_nanos) += row->self_nanos;
		if (row->parent == i)
			continue;
		profile->all[row->parent].work_nanos += all->work_nanos;
		profile->all[row->parent].wait_nanos += all->wait_nanos;
	}
}

static void profile_add_cost(struct text *text, int line, struct profile_cost cost)
{
	text_addf(text, "%d %" PRId64 " %" PRId64 "\n", line, cost.work_nanos / NANOS_PER_MICRO,
		cost.wait_nanos / NANOS_PER_MICRO);
}

static void profile_add_function(const struct profile *profile, size_t index, struct text *text)
{
	const struct times_row *row = &profile->rows[index];
	const struct profile_cost own = {
		.work_nanos = row->waits ? 0 : row->self_nanos,
		.wait_nanos = row->waits ? row->self_nanos : 0,
	};
	text_addf(text, "\nfn=%s\n", row->name);
	profile_add_cost(text, row->line, own);
	for (size_t i = index + 1; i < profile->count; i++) {
		const struct times_row *called = &profile->rows[i];
		if (called->parent != index || called->times == 0)
			continue;
		text_addf(text, "cfn=%s\ncalls=%" PRIu64 " %d\n", called->name, called->times,
			called->line);
		profile_add_cost(text, row->line, profile->all[i]);
	}
}

static void profile_add_head(
	const struct sink_facts *facts, struct profile_cost total, struct text *text)
{
	text_add_string(text,
		"# callgrind format\nversion: 1\ncreator: nightmill " NIGHTMILL_VERSION
		"\npid: 1\ncmd: nightmill run ");
	text_add_safe(text, facts->config, strlen(facts->config));
	text_addf(text,
		"\ndesc: Run: %" PRId64 " of %s, %u workers\n"
		"desc: Unit: microseconds, of main and all workers together\n"
		"positions: line\nevents: Work Wait\n",
		facts->run->number, facts->job, facts->run->workers);
	text_add_string(text, "summary: ");
	text_addf(text, "%" PRId64 " %" PRId64 "\n\nfl=", total.work_nanos / NANOS_PER_MICRO,
		total.wait_nanos / NANOS_PER_MICRO);
	text_add_safe(text, facts->config, strlen(facts->config));
	text_add_string(text, "\n");
}

static void profile_write(const struct sink_facts *facts, struct text *text)
{
	struct profile profile = { .count = 0 };
	struct profile_cost total = { 0 };
	profile.rows = times_rows(facts->times, &profile.count);
	profile.all = memory_zeroed(profile.count, sizeof(*profile.all));
	profile_sum(&profile);
	for (size_t i = 0; i < profile.count; i++) {
		if (profile.rows[i].parent != i)
			continue;
		total.work_nanos += profile.all[i].work_nanos;
		total.wait_nanos += profile.all[i].wait_nanos;
	}
	profile_add_head(facts, total, text);
	for (size_t i = 0; i < profile.count; i++)
		if (profile.rows[i].times > 0)
			profile_add_function(&profile, i, text);
	free(profile.all);
}

const struct sink sink_profile = {
	.name = "profile",
	.write = profile_write,
};
