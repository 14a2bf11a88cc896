#ifndef NIGHTMILL_PROGRESS_PRIVATE_H
#define NIGHTMILL_PROGRESS_PRIVATE_H

/* What the files of progress.h share. A style is one way to tell; all of them compose in
 * progress->line and write it at once, so that lines of several programs in one log stay whole. */

#include <stdio.h>

#include "pipeline/progress.h"
#include "pipeline/support/text.h"

/* Where progress goes and what time it is: standard error and clock_micros, or those of a test. */
struct progress_outlet {
	FILE *file;
	bool terminal;    /* lines can be drawn over */
	unsigned columns; /* of the terminal; 0: ask it whenever the bar is drawn */
	int64_t (*clock)(void);
};

/* progress_open for another outlet. */
struct progress *progress_open_on(enum progress_mode mode, const struct progress_setup *setup,
	const struct progress_outlet *outlet);

enum { PROGRESS_SLOWEST = 5, PROGRESS_CUT_BYTES = 200, PROGRESS_LEAVE_OUT = 3 };

/* A copy of a key or text, cut so that memory does not grow with the number of failures. */
struct progress_cut {
	char bytes[PROGRESS_CUT_BYTES];
	size_t length;
	bool shortened;
};

struct progress_slow {
	int64_t micros;
	struct progress_cut key;
};

/* What failed with one error code: how often, and the first of them. */
struct progress_kind {
	uint64_t count;
	struct progress_cut key, text;
};

/* Every function may be NULL: nothing is told then. */
struct progress_style {
	int64_t interval_micros; /* between two calls of draw */
	void (*start)(struct progress *progress);
	void (*walked)(struct progress *progress);
	void (*outcome)(struct progress *progress, const struct item *item,
		const struct outcome *outcome, bool again);
	void (*workers)(struct progress *progress, const char *why);
	void (*note)(struct progress *progress, const char *what, const struct error *err);
	void (*draw)(struct progress *progress);
	void (*close)(struct progress *progress, const struct source_counts *source);
};

extern const struct progress_style progress_bar, progress_plain, progress_quiet, progress_json,
	progress_none;

struct progress {
	struct progress_setup setup;
	struct progress_outlet outlet;
	const struct progress_style *style;
	struct text line;
	struct text workers;     /* how many and why, as last told */
	uint32_t worker_changes; /* of that */
	struct text spent;       /* where the time went; "" */
	int64_t opened_micros;
	int64_t drawn_micros;
	int64_t worked_from_micros; /* when the first item was begun; 0: none was finished yet */
	struct source_counts found;
	const struct cache_counts *lookups[PROGRESS_LOOKUPS];
	size_t lookup_count;
	bool walked;
	bool bar_shown;
	uint64_t finished;                              /* outcomes that will not be tried again */
	uint64_t finished_bytes;                        /* of their item.bytes */
	uint64_t failures;                              /* of those */
	struct progress_slow slowest[PROGRESS_SLOWEST]; /* slowest first; micros 0: none */
	struct progress_kind kinds[ERROR_CODES];
};

/* Writes progress->line and empties it. */
void progress_write(struct progress *progress);

/* Writes a line for an item that newly failed. */
void progress_failure_line(struct progress *progress, const struct item *item,
	const struct outcome *outcome, bool again);

/* Writes a line for another number of workers. */
void progress_workers_line(struct progress *progress, const char *why);

/* Writes a line for a problem that is not an item's. */
void progress_note_line(struct progress *progress, const char *what, const struct error *err);

/* Items of which it is known what becomes of them. */
uint64_t progress_done(const struct progress *progress);

/* How many items there will be, as far as is known. */
uint64_t progress_expected(const struct progress *progress);

/* The time that is left; false where it cannot be told. */
bool progress_left(const struct progress *progress, int64_t *micros);

/* Adds "1234/5678, 35.2 items/s, 412 MP/s, 2 failed, ETA 1 min 20 s" with `separator`. `leave_out`
 * 1 goes without MP/s, 2 without items/s too, 3 (PROGRESS_LEAVE_OUT) without the time left too. */
void progress_add_status(struct progress *progress, const char *separator, int leave_out);

/* Adds a number that people read: one decimal below 100. */
void progress_add_rate(struct text *text, double per_second, const char *unit);

/* Adds a cut text so that a terminal is safe from it, with "..." where something was cut. */
void progress_add_cut(struct text *text, const struct progress_cut *cut);

/* Adds the closing summary to progress->line. */
void summary_add(struct progress *progress, const struct source_counts *source);

/* Adds what the lookups were: three lines each at most. */
void summary_add_lookups(struct progress *progress);

/* A line of the summary begins: its label, and room up to the text. */
void summary_add_label(struct text *line, const char *label);

/* The same in the few lines that a mail of cron should have. */
void summary_add_short(struct progress *progress);

#endif
