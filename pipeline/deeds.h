#ifndef NIGHTMILL_DEEDS_H
#define NIGHTMILL_DEEDS_H

/* The deeds of a plan that acts on the world, as main writes them: each is begun once at most for
 * each time that the world has said that it was not done. README.md has the table of states.
 *
 *     deeds_open, deeds_stock                       what a run before has left
 *     deeds_plan for each item, deeds_planned       the first walk: all are on record
 *     deeds_guard                                   may so many go?
 *     deeds_judge for each item                     the second walk: what is to be given?
 *     deeds_settle, deeds_claim, deeds_commit       outcomes, what is given next; then the give
 *
 * Times are wall time in nanoseconds, given by the caller. Main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/freshness.h"
#include "pipeline/item.h"
#include "pipeline/ledger_deeds.h"
#include "pipeline/plan.h"
#include "pipeline/state.h"

enum {
	DEEDS_EXAMPLES = 5,
	DEEDS_PATIENCE_SECONDS = 15 * 60, /* that a run waits for a deed that was put off */
};

struct deeds {
	const struct plan *plan;
	const char *job;
	struct act_rules rules;
	struct ledger *ledger;
	struct state *state; /* of the plan, to be set before the first walk; borrowed */
	struct arena scratch;
	bool look_only, retry_failed;
	bool planned;    /* the first walk is over: what is not on record is not given */
	int64_t started; /* of this run */
	int64_t mark;    /* on what the first walk has seen, and on nothing else that is open */
	uint64_t due;    /* that this run would begin */
	uint64_t lost;   /* of those, done before as the state says, but not the ledger */
	struct arena examples;
	const char *labels[DEEDS_EXAMPLES]; /* of the first that are due */
};

/* Opens the ledger of a plan that acts. `look_only`: nothing is written, a missing ledger is an
 * empty one. `retry_failed`: what failed is due again. */
bool deeds_open(struct deeds *deeds, const struct plan *plan, bool look_only, bool retry_failed,
	struct error *err);

/* Closing what is not open is allowed. */
void deeds_close(struct deeds *deeds);

/* What a run before has left in `sending` is in doubt; with the rule `resend` what is in doubt is
 * planned again. Committed. */
bool deeds_stock(struct deeds *deeds, int64_t now, struct error *err);

/* What a run at `now` has to do with an item, whose validator is filled in. */
bool deeds_judge(struct deeds *deeds, const struct item *item, int64_t now, enum freshness *verdict,
	struct error *err);

/* Before when a deed that was put off is not to be tried again; wall time, 0: at any. */
bool deeds_next(struct deeds *deeds, struct digest id, int64_t *next, struct error *err);

/* Puts an item on record, with what the stage says about it, unless it is done, in doubt or failed
 * for good, or a later one of its group was begun; earlier ones of its group lapse. Counts what is
 * due. An item of which the stage says nothing is left out. */
bool deeds_plan(struct deeds *deeds, const struct item *item, int64_t now, struct error *err);

/* The first walk is over; commits. `whole`: it saw all there is, so that what is planned or
 * deferred and was not seen has lapsed. */
bool deeds_planned(struct deeds *deeds, bool whole, int64_t now, struct error *err);

/* Begins a deed: it is `sending` from the commit on. `*claimed` is false where it is neither
 * planned nor deferred, so that it is not to be given. */
bool deeds_claim(
	struct deeds *deeds, struct digest id, int64_t now, bool *claimed, struct error *err);

/* How a deed that was claimed has ended. */
struct deeds_end {
	struct digest id;
	enum ledger_state state;
	uint32_t code;
	int64_t next; /* deferred: not before; wall time */
	char words[sizeof(((struct error *)0)->text)];
};

/* What an outcome means for the ledger, where main did not kill its worker. `end->next` is 0. */
void deeds_end_of(const struct deeds *deeds, const struct outcome *outcome, struct deeds_end *end);

bool deeds_settle(struct deeds *deeds, const struct deeds_end *end, int64_t now, struct error *err);

/* All claims and ends so far become durable together. */
bool deeds_commit(struct deeds *deeds, struct error *err);

/* How many are in doubt. */
bool deeds_in_doubt(struct deeds *deeds, uint64_t *count, struct error *err);

#endif
