#include "pipeline/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/progress_private.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"

enum { MICROS = 1000000, PLAIN_INTERVAL_MICROS = 10 * MICROS };

const char *const progress_modes[] = { "auto", "plain", "json", "none", NULL };

void progress_write(struct progress *progress)
{
	if (progress->line.length)
		fwrite(progress->line.data, 1, progress->line.length, progress->outlet.file);
	fflush(progress->outlet.file);
	text_clear(&progress->line);
}

static size_t progress_text_length(const struct error *err)
{
	return strnlen(err->text, sizeof(err->text));
}

void progress_failure_line(struct progress *progress, const struct item *item,
	const struct outcome *outcome, bool again)
{
	if (outcome->status != OUTCOME_FAILED || again)
		return;
	struct text *line = &progress->line;
	text_add_string(line, "failed: ");
	text_add_safe(line, item->key, item->key_length);
	text_add_string(line, ": ");
	text_add_safe(line, outcome->error.text, progress_text_length(&outcome->error));
	text_addf(line, " (%s)\n", error_word(outcome->error.code));
	progress_write(progress);
}

void progress_note_line(struct progress *progress, const char *what, const struct error *err)
{
	struct text *line = &progress->line;
	text_add_string(line, "nightmill: ");
	text_add_safe(line, what, strlen(what));
	if (err && *err->text) {
		text_add_string(line, ": ");
		text_add_safe(line, err->text, progress_text_length(err));
	}
	text_add_string(line, "\n");
	progress_write(progress);
}

void progress_workers_line(struct progress *progress, const char *why)
{
	text_addf(&progress->line, "%s: %s\n", progress->setup.name, why);
	progress_write(progress);
}

static void progress_start_line(struct progress *progress)
{
	const struct progress_setup *setup = &progress->setup;
	text_addf(&progress->line, "%s: executor %s, %s%s\n", setup->name, setup->executor,
		setup->why_workers, setup->dry_run ? ", dry run" : "");
	progress_write(progress);
}

static void progress_status_line(struct progress *progress)
{
	text_addf(&progress->line, "%s: ", progress->setup.name);
	progress_add_status(progress, ", ", 0);
	text_add_string(&progress->line, "\n");
	progress_write(progress);
}

static void progress_plain_close(struct progress *progress, const struct source_counts *source)
{
	summary_add(progress, source);
	progress_write(progress);
}

static void progress_quiet_close(struct progress *progress, const struct source_counts *source)
{
	(void)source;
	bool fine = progress->failures == 0 && progress->setup.now->exit_status == 0;
	if (fine && !progress->setup.dry_run)
		return;
	summary_add_short(progress);
	progress_write(progress);
}

const struct progress_style progress_plain = {
	.interval_micros = PLAIN_INTERVAL_MICROS,
	.start = progress_start_line,
	.outcome = progress_failure_line,
	.workers = progress_workers_line,
	.note = progress_note_line,
	.draw = progress_status_line,
	.close = progress_plain_close,
};

const struct progress_style progress_quiet = {
	.outcome = progress_failure_line,
	.note = progress_note_line,
	.close = progress_quiet_close,
};

const struct progress_style progress_none = {
	.note = progress_note_line,
};

static const struct progress_style *progress_style(enum progress_mode mode, bool terminal)
{
	switch (mode) {
	case PROGRESS_PLAIN:
		return &progress_plain;
	case PROGRESS_JSON:
		return &progress_json;
	case PROGRESS_NONE:
		return &progress_none;
	default:
		return terminal ? &progress_bar : &progress_quiet;
	}
}

struct progress *progress_open_on(enum progress_mode mode, const struct progress_setup *setup,
	const struct progress_outlet *outlet)
{
	struct progress *progress = memory_zeroed(1, sizeof(*progress));
	progress->setup = *setup;
	progress->outlet = *outlet;
	progress->style = progress_style(mode, outlet->terminal);
	progress->opened_micros = outlet->clock();
	progress->drawn_micros = progress->opened_micros;
	text_add_string(&progress->workers, setup->why_workers ? setup->why_workers : "");
	if (progress->style->start)
		progress->style->start(progress);
	/* Needed at the start alone, where a caller may have them on its stack. */
	progress->setup.why_workers = NULL;
	progress->setup.last.name = NULL;
	progress->setup.last.executor = NULL;
	return progress;
}

struct progress *progress_open(enum progress_mode mode, const struct progress_setup *setup)
{
	const char *term = getenv("TERM");
	const struct progress_outlet outlet = {
		.file = stderr,
		.terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
		.clock = clock_micros,
	};
	return progress_open_on(mode, setup, &outlet);
}

void progress_lookups(
	struct progress *progress, const struct cache_counts *const *counts, size_t count)
{
	progress->lookup_count = count < PROGRESS_LOOKUPS ? count : PROGRESS_LOOKUPS;
	for (size_t i = 0; i < progress->lookup_count; i++)
		progress->lookups[i] = counts[i];
}

void progress_spent(struct progress *progress, const char *line)
{
	text_clear(&progress->spent);
	text_add_string(&progress->spent, line);
}

void progress_workers(struct progress *progress, const char *why)
{
	progress->worker_changes++;
	text_clear(&progress->workers);
	text_add_string(&progress->workers, why);
	if (progress->style->workers)
		progress->style->workers(progress, why);
}

void progress_source(struct progress *progress, const struct source_counts *counts, bool complete)
{
	bool first = complete && !progress->walked;
	progress->found = *counts;
	progress->walked = complete;
	if (first && progress->style->walked)
		progress->style->walked(progress);
}

static struct progress_cut progress_cut(const char *data, size_t length)
{
	struct progress_cut cut = { .length = length };
	if (length > sizeof(cut.bytes)) {
		cut.shortened = true;
		cut.length = sizeof(cut.bytes);
		for (int i = 0; i < 3 && ((unsigned char)data[cut.length] & 0xC0) == 0x80; i++)
			cut.length--;
	}
	if (cut.length)
		memcpy(cut.bytes, data, cut.length);
	return cut;
}

static void progress_keep_slow(struct progress *progress, const struct item *item, int64_t micros)
{
	struct progress_slow *list = progress->slowest;
	size_t at = PROGRESS_SLOWEST;
	while (at > 0 && micros > list[at - 1].micros)
		at--;
	if (at == PROGRESS_SLOWEST)
		return;
	memmove(&list[at + 1], &list[at], (PROGRESS_SLOWEST - 1 - at) * sizeof(*list));
	list[at].micros = micros;
	list[at].key = progress_cut(item->key, item->key_length);
}

static void progress_keep_kind(
	struct progress *progress, const struct item *item, const struct error *err)
{
	struct progress_kind *kind =
		&progress->kinds[err->code < ERROR_CODES ? err->code : ERROR_INTERNAL];
	if (kind->count++ > 0)
		return;
	kind->key = progress_cut(item->key, item->key_length);
	kind->text = progress_cut(err->text, progress_text_length(err));
}

static void progress_keep(
	struct progress *progress, const struct item *item, const struct outcome *outcome)
{
	progress->finished++;
	progress->finished_bytes += item->bytes;
	if (!progress->worked_from_micros) {
		int64_t from = progress->outlet.clock() - outcome->micros;
		bool late = from > progress->opened_micros;
		progress->worked_from_micros = late ? from : progress->opened_micros;
	}
	progress_keep_slow(progress, item, outcome->micros);
	if (outcome->status != OUTCOME_FAILED)
		return;
	progress->failures++;
	progress_keep_kind(progress, item, &outcome->error);
}

void progress_outcome(struct progress *progress, const struct item *item,
	const struct outcome *outcome, bool again)
{
	if (!again && outcome->status != OUTCOME_CANCELLED)
		progress_keep(progress, item, outcome);
	if (progress->style->outcome)
		progress->style->outcome(progress, item, outcome, again);
}

void progress_note(struct progress *progress, const char *what, const struct error *err)
{
	progress->style->note(progress, what, err);
}

void progress_tell(struct progress *progress, const char *what, const struct error *err)
{
	if (progress->style != &progress_quiet && progress->style != &progress_none)
		progress_note(progress, what, err);
}

void progress_tick(struct progress *progress)
{
	if (!progress->style->draw)
		return;
	int64_t now = progress->outlet.clock();
	if (now - progress->drawn_micros < progress->style->interval_micros)
		return;
	progress->drawn_micros = now;
	progress->style->draw(progress);
}

void progress_close(struct progress *progress, const struct source_counts *source)
{
	if (!progress)
		return;
	if (progress->style->close)
		progress->style->close(progress, source);
	text_finish(&progress->workers);
	text_finish(&progress->spent);
	text_finish(&progress->line);
	free(progress);
}
