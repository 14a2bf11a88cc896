#ifndef NIGHTMILL_PROGRESS_H
#define NIGHTMILL_PROGRESS_H

/* What a run tells while it runs and when it ends, on standard error: a bar, plain lines, JSON
 * lines, or nothing but new failures. Main's thread only; called often, prints seldom. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/cache.h"
#include "pipeline/item.h"
#include "pipeline/source.h"
#include "pipeline/state.h"

enum progress_mode { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };
extern const char *const progress_modes[]; /* the words for --progress, NULL-terminated */

enum { PROGRESS_LOOKUPS = 16 }; /* that are told of at most */

struct progress;

struct progress_setup {
	const char *name;   /* of the plan */
	const char *config; /* path of the config, for the commands that the summary suggests */
	const char *command, *failures; /* these: to run it again ("run"), to see what failed */
	bool acts; /* on the world: what is done has been accepted by it, not made */
	const char *executor;
	const char *why_workers; /* "2 workers: 2 cpus" */
	bool dry_run;
	struct state_run last; /* the last finished run, number 0: none; for the first estimate of
				  the time left */
	const struct state_run *now; /* counts so far, updated by main; borrowed */
};

/* PROGRESS_AUTO is a bar where standard error is a terminal, else silence but for new failures. */
struct progress *progress_open(enum progress_mode mode, const struct progress_setup *setup);

/* What the source has found so far; `complete` when its walk is done. */
void progress_source(struct progress *progress, const struct source_counts *counts, bool complete);

/* Figures of the lookups, borrowed until close; their owner brings them up to date. */
void progress_lookups(
	struct progress *progress, const struct cache_counts *const *counts, size_t count);

/* Where the time went, in a line, for the summary. */
void progress_spent(struct progress *progress, const char *line);

/* A new outcome (not for up-to-date items). `again`: it will be tried again in this run. */
void progress_outcome(struct progress *progress, const struct item *item,
	const struct outcome *outcome, bool again);

/* With `workers: auto`, another number of workers from now on, and why: "2 workers instead of 4:
 * ..." */
void progress_workers(struct progress *progress, const char *why);

/* A problem that is not an item's: a folder that could not be read, a halt and its reason, a
 * signal. Shown in every mode; PROGRESS_NONE too. */
void progress_note(struct progress *progress, const char *what, const struct error *err);

/* The same for what is as it should be: not said where success is silent. */
void progress_tell(struct progress *progress, const char *what, const struct error *err);

/* To be called now and then; draws at most ten times a second (bar), or prints a line every ten
 * seconds (plain). */
void progress_tick(struct progress *progress);

/* The closing summary: counts, time, throughput, the five slowest items, each kind of failure with
 * its count and an example, what to run next. In AUTO mode without a terminal only where something
 * new failed. `source` as at the end. Clears the bar. */
void progress_close(struct progress *progress, const struct source_counts *source);

#endif
