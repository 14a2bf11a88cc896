#include <sys/ioctl.h>

#include "pipeline/progress_private.h"

enum {
	BAR_INTERVAL_MICROS = 100000,
	BAR_COLUMNS = 80, /* where the terminal does not say */
	BAR_MOST = 40,    /* of the bar itself */
	BAR_LEAST = 5,
};

#define BAR_ERASE "\033[K"

static size_t bar_columns(const struct progress *progress)
{
	struct winsize size;
	if (progress->outlet.columns)
		return progress->outlet.columns;
	if (ioctl(fileno(progress->outlet.file), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	return BAR_COLUMNS;
}

static void bar_add(const struct progress *progress, size_t width, struct text *text)
{
	uint64_t done = progress_done(progress), expected = progress_expected(progress);
	bool known = progress->walked || expected > progress->found.items;
	size_t full = 0;
	if (known && expected)
		full = done < expected ? (size_t)((double)width * (double)done / (double)expected)
				       : width;
	text_add_string(text, "[");
	for (size_t i = 0; i < width; i++)
		text_add(text, i < full ? "#" : ".", 1);
	text_add_string(text, "] ");
}

/* The last column stays empty: some terminals would begin a new line. */
static void bar_draw(struct progress *progress)
{
	struct text *line = &progress->line;
	size_t columns = bar_columns(progress) - 1;
	for (int leave_out = 0; leave_out <= PROGRESS_LEAVE_OUT; leave_out++) {
		text_clear(line);
		progress_add_status(progress, "  ", leave_out);
		if (line->length <= columns)
			break;
	}
	size_t length = line->length < columns ? line->length : columns;
	size_t room = columns - length;
	struct text whole = { 0 };
	text_add_string(&whole, "\r");
	if (room >= BAR_LEAST + 3)
		bar_add(progress, room - 3 < BAR_MOST ? room - 3 : BAR_MOST, &whole);
	text_add(&whole, line->data, length);
	text_add_string(&whole, BAR_ERASE);
	text_finish(line);
	*line = whole;
	progress_write(progress);
	progress->bar_shown = true;
}

static void bar_clear(struct progress *progress)
{
	if (progress->bar_shown)
		text_add_string(&progress->line, "\r" BAR_ERASE);
	progress->bar_shown = false;
}

static void bar_outcome(struct progress *progress, const struct item *item,
	const struct outcome *outcome, bool again)
{
	if (outcome->status != OUTCOME_FAILED || again)
		return;
	bar_clear(progress);
	progress_failure_line(progress, item, outcome, again);
}

static void bar_workers(struct progress *progress, const char *why)
{
	bar_clear(progress);
	progress_workers_line(progress, why);
}

static void bar_note(struct progress *progress, const char *what, const struct error *err)
{
	bar_clear(progress);
	progress_note_line(progress, what, err);
}

static void bar_close(struct progress *progress, const struct source_counts *source)
{
	bar_clear(progress);
	summary_add(progress, source);
	progress_write(progress);
}

const struct progress_style progress_bar = {
	.interval_micros = BAR_INTERVAL_MICROS,
	.outcome = bar_outcome,
	.workers = bar_workers,
	.note = bar_note,
	.draw = bar_draw,
	.close = bar_close,
};
