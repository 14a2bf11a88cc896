#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/progress_private.h"

/* One event a line, described in PROGRESS.md. */

enum { JSON_INTERVAL_MICROS = 1000000 };

static const char *json_blame(enum blame blame)
{
	static const char *const words[] = {
		[BLAME_NONE] = "none",
		[BLAME_ITEM] = "item",
		[BLAME_MOMENT] = "moment",
		[BLAME_PLACE] = "place",
	};
	return blame < sizeof(words) / sizeof(*words) ? words[blame] : "unknown";
}

static void json_begin(struct progress *progress, const char *event)
{
	text_addf(&progress->line, "{\"event\":\"%s\",\"at_micros\":%" PRId64, event,
		progress->outlet.clock() - progress->opened_micros);
}

static void json_end(struct progress *progress)
{
	text_add_string(&progress->line, "}\n");
	progress_write(progress);
}

static void json_count(struct text *line, const char *name, uint64_t value)
{
	text_addf(line, ",\"%s\":%" PRIu64, name, value);
}

static void json_flag(struct text *line, const char *name, bool value)
{
	text_addf(line, ",\"%s\":%s", name, value ? "true" : "false");
}

static void json_bytes(struct text *line, const char *name, const char *data, size_t length)
{
	text_addf(line, ",\"%s\":", name);
	text_add_json(line, data, length);
}

static void json_string(struct text *line, const char *name, const char *string)
{
	json_bytes(line, name, string ? string : "", string ? strlen(string) : 0);
}

static bool json_is_text(const char *data, size_t length)
{
	size_t step = 1;
	for (size_t i = 0; i < length && step; i += step)
		step = text_utf8((const unsigned char *)data + i, length - i);
	return step > 0;
}

/* A key that JSON cannot hold stands there once more, exactly, as hexadecimal digits. */
static void json_key(struct text *line, const char *key, size_t length)
{
	json_bytes(line, "key", key, length);
	if (json_is_text(key, length))
		return;
	text_add_string(line, ",\"key_hex\":\"");
	for (size_t i = 0; i < length; i++)
		text_addf(line, "%02x", (unsigned char)key[i]);
	text_add_string(line, "\"");
}

static void json_error(struct text *line, const struct error *err)
{
	if (!err || err->code == ERROR_NONE) {
		text_add_string(line, ",\"error\":null");
		return;
	}
	text_addf(line, ",\"error\":{\"code\":\"%s\",\"blame\":\"%s\"", error_word(err->code),
		json_blame(err->blame));
	json_bytes(line, "text", err->text, strnlen(err->text, sizeof(err->text)));
	text_add_string(line, "}");
}

static void json_source(struct text *line, const struct source_counts *source)
{
	json_count(line, "found", source->items);
	json_count(line, "found_bytes", source->bytes);
	json_count(line, "special", source->ignored);
	json_count(line, "filtered", source->filtered);
	json_count(line, "young", source->young);
	json_count(line, "unreadable", source->unreadable);
	json_count(line, "duplicates", source->duplicates);
}

static void json_run(struct text *line, const struct state_run *run)
{
	json_count(line, "items", run->items);
	json_count(line, "made", run->made);
	json_count(line, "unchanged", run->unchanged);
	json_count(line, "up_to_date", run->up_to_date);
	json_count(line, "ignored", run->ignored);
	json_count(line, "failed", run->failed);
	json_count(line, "known_failures", run->known_failures);
	json_count(line, "cancelled", run->cancelled);
	json_count(line, "outputs", run->parts);
	json_count(line, "bytes_read", run->bytes_read);
	json_count(line, "bytes_written", run->bytes_written);
	json_count(line, "pixels", run->pixels);
}

static void json_start(struct progress *progress)
{
	const struct progress_setup *setup = &progress->setup;
	struct text *line = &progress->line;
	json_begin(progress, "start");
	json_string(line, "name", setup->name);
	json_string(line, "config", setup->config);
	json_string(line, "executor", setup->executor);
	json_string(line, "workers", setup->why_workers);
	json_flag(line, "dry_run", setup->dry_run);
	json_count(line, "run", (uint64_t)setup->now->number);
	text_addf(line, ",\"started_nanos\":%" PRId64, setup->now->started_nanos);
	json_end(progress);
}

static void json_workers(struct progress *progress, const char *why)
{
	json_begin(progress, "workers");
	text_addf(&progress->line, ",\"workers\":%lu", strtoul(why, NULL, 10));
	json_string(&progress->line, "why", why);
	json_end(progress);
}

static void json_walk(struct progress *progress)
{
	json_begin(progress, "walk");
	json_source(&progress->line, &progress->found);
	json_end(progress);
}

static void json_item(struct progress *progress, const struct item *item,
	const struct outcome *outcome, bool again)
{
	struct text *line = &progress->line;
	json_begin(progress, "item");
	json_string(line, "status", outcome_word(outcome->status));
	json_key(line, item->key, item->key_length);
	json_count(line, "attempt", outcome->attempt);
	json_flag(line, "again", again);
	json_count(line, "worker", outcome->worker);
	json_count(line, "stage", outcome->stage);
	text_addf(line, ",\"micros\":%" PRId64, outcome->micros);
	json_count(line, "bytes_read", outcome->bytes_read);
	json_count(line, "bytes_written", outcome->bytes_written);
	json_count(line, "pixels", outcome->pixels);
	json_error(line, &outcome->error);
	json_end(progress);
}

static void json_note(struct progress *progress, const char *what, const struct error *err)
{
	json_begin(progress, "note");
	json_string(&progress->line, "what", what);
	json_error(&progress->line, err);
	json_end(progress);
}

static void json_progress(struct progress *progress)
{
	struct text *line = &progress->line;
	int64_t left;
	json_begin(progress, "progress");
	json_run(line, progress->setup.now);
	json_source(line, &progress->found);
	json_flag(line, "walked", progress->walked);
	json_count(line, "done", progress_done(progress));
	json_count(line, "expected", progress_expected(progress));
	if (progress_left(progress, &left))
		text_addf(line, ",\"left_micros\":%" PRId64, left);
	else
		text_add_string(line, ",\"left_micros\":null");
	json_end(progress);
}

static void json_shared(struct text *line, const struct cache_counts_shared *shared)
{
	if (!shared->name) {
		text_add_string(line, ",\"behind\":null");
		return;
	}
	text_add_string(line, ",\"behind\":{\"cache\":");
	text_add_json(line, shared->name, strlen(shared->name));
	json_count(line, "hits", shared->hits);
	json_count(line, "misses", shared->misses);
	json_count(line, "unreadable", shared->unreadable);
	json_count(line, "changed", shared->changed);
	json_count(line, "expired", shared->expired);
	json_count(line, "secret", shared->secret);
	json_count(line, "puts", shared->puts);
	json_count(line, "calls", shared->calls);
	json_count(line, "failures", shared->failures);
	text_addf(line, ",\"micros\":%" PRId64 "}", shared->micros);
}

static void json_lookup(struct text *line, const struct cache_counts *counts)
{
	text_add_string(line, "{\"as\":");
	text_add_json(line, counts->as, strlen(counts->as));
	json_string(line, "store", counts->name);
	json_string(line, "cache", counts->cache);
	json_count(line, "records", counts->records);
	json_count(line, "keys", counts->keys);
	json_count(line, "hits", counts->hits);
	json_count(line, "negative_hits", counts->negative_hits);
	json_count(line, "stale_serves", counts->stale_serves);
	json_count(line, "misses", counts->misses);
	json_count(line, "loads", counts->loads);
	json_count(line, "loaded_keys", counts->loaded_keys);
	json_count(line, "failed_loads", counts->failed_loads);
	json_count(line, "evictions", counts->evictions);
	json_count(line, "revalidations", counts->revalidations);
	json_count(line, "changes", counts->changes);
	json_count(line, "entries", counts->entries);
	json_count(line, "bytes", counts->bytes);
	json_count(line, "sampled_keys", counts->sampled_keys);
	json_shared(line, &counts->shared);
	text_addf(line,
		",\"sampled_micros\":%" PRId64 ",\"load_micros\":%" PRId64
		",\"age_sum_micros\":%" PRId64 ",\"age_most_micros\":%" PRId64
		",\"saved_micros\":%" PRId64 "}",
		counts->sampled_micros, counts->load_micros, counts->age_sum_micros,
		counts->age_most_micros, cache_saved_micros(counts));
}

static void json_lookups(struct progress *progress)
{
	text_add_string(&progress->line, ",\"lookups\":[");
	for (size_t i = 0; i < progress->lookup_count; i++) {
		text_add_string(&progress->line, i ? "," : "");
		json_lookup(&progress->line, progress->lookups[i]);
	}
	text_add_string(&progress->line, "]");
}

static void json_slowest(struct progress *progress)
{
	struct text *line = &progress->line;
	text_add_string(line, ",\"slowest\":[");
	for (size_t i = 0; i < PROGRESS_SLOWEST && progress->slowest[i].micros; i++) {
		const struct progress_slow *slow = &progress->slowest[i];
		text_addf(line, "%s{\"micros\":%" PRId64, i ? "," : "", slow->micros);
		json_key(line, slow->key.bytes, slow->key.length);
		text_add_string(line, "}");
	}
	text_add_string(line, "]");
}

static void json_kinds(struct progress *progress)
{
	struct text *line = &progress->line;
	const char *comma = "";
	text_add_string(line, ",\"failures\":[");
	for (size_t i = 0; i < ERROR_CODES; i++) {
		const struct progress_kind *kind = &progress->kinds[i];
		if (!kind->count)
			continue;
		text_addf(line, "%s{\"code\":\"%s\"", comma, error_word((enum error_code)i));
		json_count(line, "count", kind->count);
		json_key(line, kind->key.bytes, kind->key.length);
		json_bytes(line, "text", kind->text.bytes, kind->text.length);
		text_add_string(line, "}");
		comma = ",";
	}
	text_add_string(line, "]");
}

static void json_close(struct progress *progress, const struct source_counts *source)
{
	const struct state_run *now = progress->setup.now;
	struct text *line = &progress->line;
	json_begin(progress, "end");
	json_run(line, now);
	json_source(line, source);
	text_addf(line, ",\"exit_status\":%d,\"micros\":%" PRId64 ",\"cpu_micros\":%" PRId64,
		now->exit_status, now->micros, now->cpu_micros);
	json_count(line, "peak_bytes", now->peak_bytes);
	json_string(line, "workers", progress->workers.data);
	json_count(line, "worker_changes", progress->worker_changes);
	json_string(line, "spent", progress->spent.length ? progress->spent.data : "");
	json_lookups(progress);
	json_slowest(progress);
	json_kinds(progress);
	json_end(progress);
}

const struct progress_style progress_json = {
	.interval_micros = JSON_INTERVAL_MICROS,
	.start = json_start,
	.walked = json_walk,
	.outcome = json_item,
	.workers = json_workers,
	.note = json_note,
	.draw = json_progress,
	.close = json_close,
};
