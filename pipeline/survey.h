#ifndef NIGHTMILL_SURVEY_H
#define NIGHTMILL_SURVEY_H

/* The walk over the source that judges each item: what is due, and why. `run` gives what is due to
 * an executor, `explain` and `--dry-run` only tell, `prune` looks at the paths. Main's thread only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/deeds.h"
#include "pipeline/flow.h"
#include "pipeline/freshness.h"
#include "pipeline/outputs.h"
#include "pipeline/plan.h"
#include "pipeline/salt.h"
#include "pipeline/source.h"
#include "pipeline/state.h"

struct survey_options {
	bool force;        /* everything is due */
	bool retry_failed; /* known failures are due */
	bool look_only;    /* nothing is made, locked or swept */
	bool any_age;      /* also what the source leaves out for the time being */
	void (*complain)(void *context, const char *what, const struct error *err);
	void (*note)(void *context, const char *what, const struct error *err); /* may be NULL */
	bool (*wait)(void *context, int64_t micros); /* see struct store_setup */
	void *context;
	struct stopwatch *watch; /* where time goes; NULL: no one wants to know */
};

struct survey {
	const struct plan *plan;
	struct survey_options options;
	struct state *state;
	struct deeds deeds;           /* of a plan that acts */
	struct outputs **outputs;     /* one for each stage of the tail; NULL: makes no files */
	const char *skip[ITEM_PARTS]; /* the output roots */
	struct source_setup setup;
	struct flow *flow;
	struct text scratch;
	struct salt salt; /* of validators of what is secret */
	struct batch batch;
	size_t expected; /* of the batch's items, whose outputs' folders are being read */
	enum freshness
		verdicts[ITEM_STEP]; /* of the batch's items, whose due and known are filled in */
	bool complete;               /* there are no more */
};

/* Opens state (with the lock, unless look_only), the deeds of a plan that acts, outputs (swept) and
 * source. */
bool survey_open(struct survey *survey, const struct plan *plan,
	const struct survey_options *options, struct error *err);

/* The next items into survey->batch, judged. There may be none although more are to come. */
bool survey_step(struct survey *survey, struct error *err);

/* The outputs object that part number `part` belongs to. */
struct outputs *survey_outputs_of(const struct survey *survey, size_t part);

/* Adds the verdicts on the current batch to the counts of a run: items, up to date, known failures,
 * ignored before. What is due is not counted. */
void survey_count(const struct survey *survey, struct state_run *counts);

/* May be called after a failed open, and twice. */
void survey_close(struct survey *survey);

#endif
