#include <inttypes.h>
#include <string.h>

#include "pipeline/progress_private.h"
#include "pipeline/support/clock.h"

/* What the lookups of a run were, and what their caches were worth. */

static void lookups_add_duration(struct text *line, int64_t micros)
{
	char duration[CLOCK_TEXT_BYTES];
	if (micros < 1000)
		text_addf(line, "%" PRId64 " us", micros);
	else if (micros < 100000)
		text_addf(line, "%.1f ms", (double)micros / 1e3);
	else {
		clock_duration_text(micros, duration);
		text_add_string(line, duration);
	}
}

static void lookups_add_loads(struct text *line, const struct cache_counts *counts)
{
	text_addf(line, "%" PRIu64 " load%s", counts->loads, counts->loads == 1 ? "" : "s");
	if (counts->loads) {
		text_add_string(line, " of ");
		lookups_add_duration(line, counts->load_micros / (int64_t)counts->loads);
	}
	if (counts->failed_loads)
		text_addf(line, ", %" PRIu64 " failed", counts->failed_loads);
}

static void lookups_add_answers(struct text *line, const struct cache_counts *counts)
{
	uint64_t answered = counts->hits + counts->negative_hits + counts->stale_serves;
	summary_add_label(line, "lookup");
	text_addf(line, "%s (%s, %s): %" PRIu64 " keys of %" PRIu64 " records", counts->as,
		counts->name, counts->cache, counts->keys, counts->records);
	if (strcmp(counts->cache, "none") != 0 && counts->keys)
		text_addf(line, ", %.1f %% from the cache",
			100 * (double)answered / (double)counts->keys);
	text_add_string(line, ", ");
	lookups_add_loads(line, counts);
	text_add_string(line, "\n");
}

static void lookups_add_cache(struct text *line, const struct cache_counts *counts)
{
	uint64_t hits = counts->hits + counts->negative_hits + counts->shared.hits;
	summary_add_label(line, "");
	text_addf(line,
		"%" PRIu64 " hits, %" PRIu64 " without a row, %" PRIu64 " stale, %" PRIu64
		" evicted; ",
		counts->hits, counts->negative_hits, counts->stale_serves, counts->evictions);
	text_add_bytes(line, (double)counts->bytes);
	text_addf(line, " in %" PRIu64 " entries; age ", counts->entries);
	lookups_add_duration(line, hits ? counts->age_sum_micros / (int64_t)hits : 0);
	text_add_string(line, ", ");
	lookups_add_duration(line, counts->age_most_micros);
	text_add_string(line, " at most\n");
}

static void lookups_add_some(struct text *line, uint64_t count, const char *what)
{
	if (count)
		text_addf(line, ", %" PRIu64 " %s", count, what);
}

static void lookups_add_shared(struct text *line, const struct cache_counts_shared *shared)
{
	uint64_t asked = shared->hits + shared->misses + shared->unreadable + shared->changed +
			 shared->expired;
	summary_add_label(line, "");
	text_addf(line, "behind it %s had %" PRIu64 " of %" PRIu64 " keys", shared->name,
		shared->hits, asked);
	lookups_add_some(line, shared->unreadable, "unreadable");
	lookups_add_some(line, shared->changed, "of another version");
	lookups_add_some(line, shared->expired, "too old");
	lookups_add_some(line, shared->secret, "kept from it");
	text_addf(line, ", and was given %" PRIu64 "; %" PRIu64 " call%s", shared->puts,
		shared->calls, shared->calls == 1 ? "" : "s");
	if (shared->calls) {
		text_add_string(line, " of ");
		lookups_add_duration(line, shared->micros / (int64_t)shared->calls);
	}
	lookups_add_some(line, shared->failures, "failed");
	text_add_string(line, "\n");
}

static void lookups_add_saved(struct text *line, const struct cache_counts *counts)
{
	int64_t saved = cache_saved_micros(counts);
	summary_add_label(line, "");
	text_add_string(line, saved < 0 ? "lost about " : "saved about ");
	lookups_add_duration(line, saved < 0 ? -saved : saved);
	text_addf(line, ", by the loads that were measured%s\n",
		counts->sampled_keys ? " without it" : "");
}

void summary_add_lookups(struct progress *progress)
{
	for (size_t i = 0; i < progress->lookup_count; i++) {
		const struct cache_counts *counts = progress->lookups[i];
		lookups_add_answers(&progress->line, counts);
		if (strcmp(counts->cache, "none") == 0)
			continue;
		lookups_add_cache(&progress->line, counts);
		if (counts->shared.name)
			lookups_add_shared(&progress->line, &counts->shared);
		lookups_add_saved(&progress->line, counts);
	}
}
