#ifndef NIGHTMILL_HEAD_H
#define NIGHTMILL_HEAD_H

/* A head stage runs in main, between the source and the executor: it may drop records, multiply
 * them, add slots to them and ask stores. It is a struct stage_plugin whose `head` is set; its
 * prepare() declares the fields that it reads (by resolving them) and adds (by stage_add_field).
 *
 *     source -> step -> step -> ... -> judgement -> executor
 *
 * Each stage gets records a window at a time: HEAD_WINDOW of them, fewer only behind the last. What
 * it is to hand on it gives to head_give, which copies it; so records may be put together from
 * anything that lives until the call ends.
 *
 * A stage that needs every record before it can give the first (`pair`) keeps what it needs of
 * them in step() (hoard.h packs them), gives none, and gives them all in finish(), a window a call.
 * Everything here is called from main's thread only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/cache.h"
#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/stopwatch.h"

enum { HEAD_WINDOW = 256 };

/* Where a stage runs; borrowed until close. */
struct head_place {
	const struct fields *fields; /* of the records that reach it. `used` is final now: true
					where this stage, a later one or the tail reads the field */
	const struct stores *stores;
	const char *job;       /* the config's name: whose deeds are whose */
	struct ledger *ledger; /* see ledger.h; NULL where the stage did not ask for it */
	int64_t now_seconds;   /* since 1970 UTC: the moment of the run, or what --now says */
	bool look_only;        /* --dry-run, explain, bench: it must not act on the world */
	bool measure;          /* for advise(): the work of a run, measured rather than spared */
	/* Something went wrong that is no record's; the stage goes on with the rest. `what` names
	 * it. Makes the run end with status 3. */
	void (*complain)(void *context, const char *what, const struct error *err);
	/* Something that people should know, and no failure; with ERROR_NONE it is as it should be,
	 * and not said where success is silent. */
	void (*note)(void *context, const char *what, const struct error *err);
	bool (*wait)(void *context, int64_t micros); /* see struct store_setup */
	void *context;
	/* Where its time goes; NULL: no one wants to know. `spending` is the stage's own purpose,
	 * which is entered already; the next two are for the cache and the store that it uses. */
	struct stopwatch *watch;
	uint32_t spending;
};

/* What of the config a stage asks. */
struct head_uses {
	const struct option_plugin *cache;
	const char *store; /* its name */
};

/* Where a stage puts what it hands on. */
struct head_out;

/* What a verb of a stage was told on the command line, behind the config. */
struct head_words {
	const char *operand;                    /* NULL: none */
	const char *const *add, *const *remove; /* --add and --remove, as often as given */
	size_t add_count, remove_count;
	const char *as, *to; /* --as, --to; NULL: not given */
	uint64_t limit;      /* --limit; 0: none */
	bool yes;
};

/* A verb of a stage's own: `nightmill STAGE VERB CONFIG`. It gets the stage's state after the last
 * record has gone through step(); finish() is not called. */
struct head_verb {
	const char *name;    /* NULL ends the list */
	const char *usage;   /* "verify CONFIG [options]" */
	const char *summary; /* one sentence */
	bool writes;         /* to the ledger: committed where it returns true */

	/* Prints its answer to standard output; `*status` is the exit status, 0 before. */
	bool (*run)(void *state, const struct head_words *words, int *status, struct error *err);
};

struct head_stage {
	bool ledger; /* it reads the ledger and, unless look_only, puts facts there; they are
			committed before what it hands on goes any further */

	/* True where, as it is configured, it reads the deeds of the ledger (ledger_deeds.h): it
	 * gets place->ledger, and puts nothing there. May be NULL. */
	bool (*reads_deeds)(const void *prepared);

	/* Adds lines on what is right but slow, for `check`; each ends in a newline. May be NULL.
	 */
	bool (*check)(const void *prepared, struct text *notes, struct error *err);

	/* `*state` is the caller's to close. `prepared` is what prepare() left. */
	bool (*open)(const void *prepared, const struct head_place *place, void **state,
		struct error *err);

	/* Takes a window of records, which are valid until it returns. False ends the run: what
	 * was given before stands, the rest is left for the next run. */
	bool (*step)(void *state, const struct item *records, size_t count, struct head_out *out,
		struct error *err);

	/* Behind the last record: hands on what was held back, about HEAD_WINDOW records a call,
	 * and sets `*more` to false once there is nothing left. NULL: it holds nothing back. */
	bool (*finish)(void *state, struct head_out *out, bool *more, struct error *err);

	/* After a run in which every record has gone through, and come to its end in the tail, well
	 * or not: does to the world what was held back until then. Not called where the run was
	 * halted, stopped or limited, so that a run that is killed before is simply run again.
	 * Never called under look_only. May be NULL. */
	bool (*commit)(void *state, struct error *err);

	/* After all records, opened to `measure`: adds what would be better, and why. May be NULL.
	 */
	bool (*advise)(void *state, struct text *advice, struct error *err);

	/* Figures of its lookups so far, valid until close. NULL: it has none. */
	const struct cache_counts *(*lookups)(void *state);

	/* Fills in the cache and the store that it asks. NULL: it has none. */
	void (*uses)(const void *prepared, struct head_uses *uses);

	/* NULL is allowed. */
	void (*close)(void *state);

	const struct head_verb *verbs; /* NULL: none */
};

/* Hands a record on: a copy of `record` with `added` behind its slots, as many as prepare()
 * declared. Where a stage multiplies records, each one's key is to be another (head_extend_key);
 * its id follows from the key. Only a record's key, slots, validator and bytes count. */
void head_give(struct head_out *out, const struct item *record, const struct slot *added);

/* Hands a record on as a failure of this item: no later stage gets it, and the run records it with
 * this error, which blames the item. */
void head_refuse(struct head_out *out, const struct item *record, const struct error *err);

/* Counts a record that is not handed on, because the config wants it so. */
void head_drop(struct head_out *out);

/* Counts a record that is not handed on, because it is there already. */
void head_drop_duplicate(struct head_out *out);

/* Makes the key of one of several records that come of one: "KEY/PART", with % and / within the
 * part as %25 and %2F, so that no two of them are alike. The new key lives in `arena`. Where the
 * record is in a group, so each gets one of its own. */
void head_extend_key(struct item *record, const char *part, size_t length, struct arena *arena);

#endif
