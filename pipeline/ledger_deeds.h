#ifndef NIGHTMILL_LEDGER_DEEDS_H
#define NIGHTMILL_LEDGER_DEEDS_H

/* The deeds of the ledger, for those who read them: head stages and verbs. A deed is known by its
 * job (the config's name) and the id of its item, and is written by main alone (deeds.h).
 *
 *     planned -> sending -> accepted | deferred | failed | in doubt
 *
 * Main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/ledger.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"
#include "pipeline/support/error.h"

enum ledger_state {
	LEDGER_NONE,     /* there is no such deed */
	LEDGER_PLANNED,  /* to be done, not begun */
	LEDGER_SENDING,  /* begun; where no run is under way: in doubt */
	LEDGER_ACCEPTED, /* done */
	LEDGER_DEFERRED, /* not done: to be tried again */
	LEDGER_FAILED,   /* not done, and not to be */
	LEDGER_DOUBT,    /* begun, and nobody knows how it ended */
	LEDGER_LAPSED,   /* was planned, and is not wanted any more */
	LEDGER_STATES
};

/* The words of a deed that was in doubt and that someone has settled. */
#define LEDGER_RESOLVED "was in doubt, settled by hand"

/* And of one that has lapsed so: it may have been done. */
#define LEDGER_SUPERSEDED "in doubt, and a later one took its place"

/* A row. Texts are NUL-terminated. */
struct ledger_deed {
	struct digest id;
	enum ledger_state state;
	const char *key; /* of the item; any bytes */
	size_t key_length;
	const char *label;  /* to whom or what; "" */
	const char *name;   /* what the world knows it by; "" */
	const char *words;  /* what the world said last, or why it is in doubt; "" */
	struct digest what; /* of what it was made of when it was last planned */
	uint32_t attempts;  /* begun so far */
	uint32_t code;      /* of the world's last reply; 0: none */
	int64_t next_nanos; /* deferred: not before; wall time */
	int64_t planned_nanos, changed_nanos; /* wall time, first and last */
	uint32_t edition; /* of the item when it was last planned; 0: it had none */
	int64_t moment;   /* of the run that planned it first: seconds, what --now said */
	int64_t number;   /* in the order in which they were first planned, from 1 */
};

/* "planned", "sending", "accepted", "deferred", "failed", "in doubt", "lapsed"; "none". */
const char *ledger_state_word(enum ledger_state state);

/* Looks up the deed of the item whose id is row->id and fills in the rest, texts in `arena`;
 * row->state is LEDGER_NONE where there is none. */
bool ledger_deed(struct ledger *ledger, const char *job, struct ledger_deed *row,
	struct arena *arena, struct error *err);

/* Which deeds are wanted. All zero but for `job`: all of them. */
struct ledger_filter {
	const char *job;
	uint32_t states;    /* a bit for each, 1u << LEDGER_DOUBT; 0: any */
	const char *prefix; /* of the key; NULL: any */
	size_t prefix_length;
	const char *
		word; /* label (without regard to case), name, key or id in hex digits; NULL: any */
};

/* Calls `each` for every deed of the filter, the longest unchanged first, until it returns false.
 * The row and its texts are valid during the call. Nothing may be written meanwhile. */
bool ledger_walk(struct ledger *ledger, const struct ledger_filter *filter,
	bool (*each)(void *context, const struct ledger_deed *row), void *context,
	struct error *err);

/* How many deeds of a job are in each state. */
bool ledger_counts(
	struct ledger *ledger, const char *job, uint64_t counts[LEDGER_STATES], struct error *err);

/* Settles a deed that is in doubt: `to` is LEDGER_ACCEPTED (it was done), LEDGER_PLANNED (it was
 * not, and is to be) or LEDGER_FAILED (it is not to be). An error where it is not in doubt. To be
 * committed by the caller, with the state's lock held. */
bool ledger_resolve(struct ledger *ledger, const char *job, struct digest id, enum ledger_state to,
	struct error *err);

#endif
