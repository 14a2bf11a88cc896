#ifndef NIGHTMILL_STAGES_PAIR_ROUND_H
#define NIGHTMILL_STAGES_PAIR_ROUND_H

/* A round's draw: from the ledger where it was drawn before, else drawn now and put there. */

#include <stdbool.h>

#include "pipeline/head.h"
#include "pipeline/ledger.h"
#include "stages/pair/past.h"
#include "stages/pair/people.h"
#include "stages/pair/record.h"
#include "stages/pair/settings.h"

/* Facts of the ledger, each under the round's name. */
#define ROUND_OPEN "pair.round" /* open: people, commitment, method as lines of text */
#define ROUND_DRAW "pair.draw"  /* sealed: the record as it was drawn */
#define ROUND_REPAIRED                                                            \
	"pair.repaired" /* sealed: the record after repairs, where there were any \
			 */

struct round {
	const struct pair *pair;
	const struct head_place *place;
	struct people people; /* sorted */
	struct past past;     /* rounds of a store */
	struct arena arena;   /* owns what a record that was read points to */
};

/* The round's draw as the ledger has it, after repairs, into `record` (the caller's to finish);
 * `*found` is false where it was not drawn yet. */
bool round_load(struct round *round, struct record *record, bool *found, struct error *err);

/* Puts a draw into the ledger under this scope. */
bool round_put(
	struct round *round, const struct record *record, const char *scope, struct error *err);

/* The rules for these people as the config has them, with the history of the rounds before this
 * one. All of `record` but seed and receivers is filled in; it borrows its ids from the people. */
bool round_rules(struct round *round, struct record *record, struct error *err);

/* Draws the round: fills in all of `record`. ERROR_NO_PAIRING says why that cannot be done. Puts it
 * into the ledger unless the place is for looking only. */
bool round_draw(struct round *round, struct record *record, struct error *err);

/* Who is in `record` and not among the people (`gone`), and the other way round (`fresh`), as
 * numbers of record and people; both are the caller's to free. True where there is no one of
 * either. */
struct round_difference {
	uint32_t *gone, gone_count;
	uint32_t *fresh, fresh_count;
};
bool round_same(const struct round *round, const struct record *record,
	struct round_difference *difference);
void round_difference_finish(struct round_difference *difference);

/* An error that says who is gone and new, and names the way out. */
bool round_changed(const struct round *round, const struct record *record,
	const struct round_difference *difference, struct error *err);

#endif
