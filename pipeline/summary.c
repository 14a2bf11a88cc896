#include <inttypes.h>
#include <string.h>

#include "pipeline/progress_private.h"
#include "pipeline/support/clock.h"

/* What is told when a run has ended. */

enum { SUMMARY_LABEL = 10 };

static void summary_add_duration(struct text *line, int64_t micros)
{
	char duration[CLOCK_TEXT_BYTES];
	clock_duration_text(micros, duration);
	text_add_string(line, duration);
}

void progress_add_cut(struct text *text, const struct progress_cut *cut)
{
	text_add_safe(text, cut->bytes, cut->length);
	if (cut->shortened)
		text_add_string(text, "...");
}

/* Ready to be copied into a shell. */
static void summary_add_config(struct progress *progress)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_@%+=:,./-";
	struct text *line = &progress->line;
	const char *at = progress->setup.config;
	if (*at && at[strspn(at, plain)] == '\0') {
		text_add_string(line, at);
		return;
	}
	text_add_string(line, "'");
	for (; *at; at += strcspn(at, "'")) {
		if (*at == '\'') {
			text_add_string(line, "'\\''");
			at++;
		}
		text_add_safe(line, at, strcspn(at, "'"));
	}
	text_add_string(line, "'");
}

/* `separator` is "" in front of the first one. */
static void summary_count(
	struct text *line, const char **separator, uint64_t count, const char *what)
{
	if (!count)
		return;
	text_addf(line, "%s%" PRIu64 " %s", *separator, count, what);
	*separator = ", ";
}

static void summary_add_counts(struct progress *progress)
{
	const struct state_run *now = progress->setup.now;
	struct text *line = &progress->line;
	const char *separator = "";
	const bool acts = progress->setup.acts;
	const char *made = progress->setup.dry_run ? (acts ? "would go" : "would be made")
			   : acts                  ? "accepted"
						   : "made";
	const char *known = now->known_failures == 1 ? "known failure" : "known failures";
	summary_count(line, &separator, now->made, made);
	summary_count(line, &separator, now->unchanged, "unchanged");
	summary_count(line, &separator, now->up_to_date, "up to date");
	summary_count(line, &separator, now->ignored, "ignored");
	summary_count(line, &separator, now->failed, "failed");
	summary_count(line, &separator, now->known_failures, known);
	summary_count(line, &separator, now->cancelled, "not started");
}

static int64_t summary_micros(const struct progress *progress)
{
	int64_t told = progress->setup.now->micros;
	return told ? told : progress->outlet.clock() - progress->opened_micros;
}

static bool summary_idle(const struct progress *progress)
{
	const struct state_run *now = progress->setup.now;
	return !progress->finished && !now->made && !now->unchanged && !now->failed &&
	       !now->cancelled;
}

static void summary_head(struct progress *progress)
{
	const struct state_run *now = progress->setup.now;
	struct text *line = &progress->line;
	bool idle = summary_idle(progress);
	text_addf(line, "%s: %s%" PRIu64 " item%s", progress->setup.name,
		idle ? "nothing to do: " : "", now->items, now->items == 1 ? "" : "s");
	if (!idle) {
		text_add_string(line, " in ");
		summary_add_duration(line, summary_micros(progress));
	}
	if (idle && now->up_to_date == now->items) {
		text_add_string(line, now->items ? " up to date\n" : "\n");
		return;
	}
	text_add_string(line, ": ");
	summary_add_counts(progress);
	text_add_string(line, "\n");
}

void summary_add_label(struct text *line, const char *label)
{
	text_addf(line, "  %-*s", SUMMARY_LABEL, label);
}

static void summary_speed(struct progress *progress)
{
	const struct state_run *now = progress->setup.now;
	struct text *line = &progress->line;
	double seconds = (double)summary_micros(progress) / 1e6;
	if (!progress->finished || seconds <= 0)
		return;
	summary_add_label(line, "speed");
	progress_add_rate(line, (double)progress->finished / seconds, "items/s");
	if (now->pixels) {
		text_add_string(line, ", ");
		progress_add_rate(line, (double)now->pixels / 1e6 / seconds, "MP/s");
	}
	text_add_string(line, "\n");
}

static void summary_bytes(struct progress *progress)
{
	const struct state_run *now = progress->setup.now;
	struct text *line = &progress->line;
	if (!now->parts && !now->bytes_read && !now->bytes_written)
		return;
	summary_add_label(line, "outputs");
	text_addf(line, "%" PRIu64 ", ", now->parts);
	text_add_bytes(line, (double)now->bytes_written);
	text_add_string(line, " written, ");
	text_add_bytes(line, (double)now->bytes_read);
	text_add_string(line, " read\n");
}

static void summary_used(struct progress *progress)
{
	const struct state_run *now = progress->setup.now;
	struct text *line = &progress->line;
	if (!now->cpu_micros || summary_idle(progress))
		return;
	summary_add_label(line, "used");
	summary_add_duration(line, now->cpu_micros);
	text_add_string(line, " of CPU");
	if (now->peak_bytes) {
		text_add_string(line, ", ");
		text_add_bytes(line, (double)now->peak_bytes);
		text_add_string(line, " of memory at most");
	}
	text_add_string(line, "\n");
}

/* A number that the config gives needs no explanation. */
static void summary_workers(struct progress *progress)
{
	struct text *line = &progress->line;
	if (!progress->workers.length || !strchr(progress->workers.data, ':') ||
		summary_idle(progress))
		return;
	summary_add_label(line, "workers");
	text_add_string(line, progress->workers.data);
	if (progress->worker_changes > 1)
		text_addf(line, "; changed %u times", progress->worker_changes);
	text_add_string(line, "\n");
}

static void summary_spent(struct progress *progress)
{
	struct text *line = &progress->line;
	if (!progress->spent.length || summary_idle(progress))
		return;
	summary_add_label(line, "time");
	text_add_string(line, progress->spent.data);
	text_add_string(line, "\n");
}

static void summary_source(struct text *line, const struct source_counts *source)
{
	const char *separator = "";
	if (!source->filtered && !source->young && !source->ignored && !source->unreadable &&
		!source->duplicates)
		return;
	summary_add_label(line, "source");
	summary_count(line, &separator, source->filtered, "left out by the config");
	if (source->young) {
		char until[CLOCK_TEXT_BYTES];
		clock_text(source->young_until_nanos, until);
		summary_count(line, &separator, source->young, "too young, until ");
		text_add_string(line, until);
	}
	summary_count(line, &separator, source->ignored, "no regular file");
	summary_count(line, &separator, source->unreadable, "not readable");
	summary_count(line, &separator, source->duplicates, "given twice");
	text_add_string(line, "\n");
}

static void summary_slowest(struct progress *progress)
{
	struct text *line = &progress->line;
	for (size_t i = 0; i < PROGRESS_SLOWEST && progress->slowest[i].micros; i++) {
		summary_add_label(line, i ? "" : "slowest");
		summary_add_duration(line, progress->slowest[i].micros);
		text_add_string(line, "  ");
		progress_add_cut(line, &progress->slowest[i].key);
		text_add_string(line, "\n");
	}
}

static void summary_kinds(struct progress *progress)
{
	struct text *line = &progress->line;
	const char *label = "failed";
	for (size_t i = 0; i < ERROR_CODES; i++) {
		const struct progress_kind *kind = &progress->kinds[i];
		if (!kind->count)
			continue;
		summary_add_label(line, label);
		text_addf(
			line, "%" PRIu64 " %s, e.g. ", kind->count, error_word((enum error_code)i));
		progress_add_cut(line, &kind->key);
		text_add_string(line, ": ");
		progress_add_cut(line, &kind->text);
		text_add_string(line, "\n");
		label = "";
	}
}

static void summary_known(struct progress *progress)
{
	struct text *line = &progress->line;
	uint64_t known = progress->setup.now->known_failures;
	if (!known)
		return;
	text_addf(line, "%" PRIu64 " known failure%s (see: nightmill %s ", known,
		known == 1 ? "" : "s", progress->setup.failures);
	summary_add_config(progress);
	text_addf(line, "; try again: nightmill %s ", progress->setup.command);
	summary_add_config(progress);
	text_add_string(line, " --retry-failed)\n");
}

static void summary_command(struct progress *progress, const char *why, const char *command)
{
	text_addf(&progress->line, "%s: nightmill %s ", why, command);
	summary_add_config(progress);
	text_add_string(&progress->line, "\n");
}

static void summary_next(struct progress *progress)
{
	summary_known(progress);
	if (progress->failures)
		summary_command(progress, "all failures", progress->setup.failures);
	if (progress->setup.now->cancelled)
		summary_command(progress, "to go on", progress->setup.command);
	else if (progress->setup.dry_run && progress->setup.now->made)
		summary_command(progress, progress->setup.acts ? "to let them go" : "to make them",
			progress->setup.command);
}

void summary_add(struct progress *progress, const struct source_counts *source)
{
	summary_head(progress);
	summary_bytes(progress);
	summary_speed(progress);
	summary_used(progress);
	summary_workers(progress);
	summary_spent(progress);
	summary_source(&progress->line, source);
	summary_add_lookups(progress);
	summary_slowest(progress);
	summary_kinds(progress);
	summary_next(progress);
}

void summary_add_short(struct progress *progress)
{
	summary_head(progress);
	summary_next(progress);
}
