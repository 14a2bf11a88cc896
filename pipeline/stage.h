#ifndef NIGHTMILL_STAGE_H
#define NIGHTMILL_STAGE_H

/* A stage is of the head (see head.h) or of the tail. A tail stage: one item in, one outcome out.
 * `prepare` runs once in main when the plan is made, `outputs` in main for every item, `open`,
 * `process` and `close` in workers, on whatever thread or process the executor has chosen. What
 * prepare returned is read-only from then on and shared by all workers; what open returned belongs
 * to one worker.
 *
 * Files come out whole or not at all: process writes each due part to a temporary file whose name
 * stage_temporary() tells, main renames them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pipeline/item.h"
#include "pipeline/options/option.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"
#include "pipeline/support/stopwatch.h"
#include "pipeline/support/text.h"

struct head_stage;
struct head_words;
struct ledger;
struct stores;
struct stage_adds;

/* What a stage may know of the plan around it when it is prepared. Borrowed for as long as the
 * stage lives. */
struct stage_setup {
	const char *job;                  /* name of the config */
	const struct fields *fields;      /* of the records that reach it. To resolve one (by
					     fields_find or in a template) is to declare that it is
					     read */
	struct stage_adds *adds;          /* see stage_add_field */
	struct stores *stores;            /* of the config, see stores.h; for head stages */
	struct option_list roots;         /* folders below which it may open files */
	bool links;                       /* symbolic links below the roots may be followed */
	struct arena *arena;              /* lives as long as the plan */
	const struct option_plugin *self; /* for option_complain */
	struct problems *problems;
	struct digest upstream; /* of all that the stages of the tail before this one put into the
				   fields that they add: part of the recipe of what is made of
				   them */
};

/* One output of an item. */
struct part {
	struct digest recipe; /* of all that affects its bytes */
	const char *name;     /* "small"; owned by the stage */
	char *path;    /* relative to the start folder, normalised, NUL-terminated; in the arena */
	size_t length; /* of path */
	size_t late;   /* offset in path at which outcome.late is to be put in; SIZE_MAX: none */
};

/* Where a worker finds and puts things. */
struct workplace {
	int temporary;       /* open folder for temporary files */
	uint32_t number;     /* of the worker, from 0 */
	uint32_t first_part; /* number of this stage's first part within the item: its bit in
				item.due */
	/* Where process puts the slots that the stage has declared, in their order, all absent
	 * before. What they point to is the stage's and stays until the next item. */
	struct slot *added;
	/* For stage_spend. */
	struct stopwatch *watch;
	uint32_t first_spending;
};

enum { STAGE_SPENDINGS = 8, STAGE_OWN = UINT32_MAX };

/* From process: the time from now on goes to number `spending` of the stage's `spendings`, or with
 * STAGE_OWN to the stage itself, as at first. Costs one look at the clock. */
void stage_spend(const struct workplace *place, uint32_t spending);

/* Declares a field that the stage adds to its records, behind those that reach it and in the order
 * of the calls; for prepare. `name` is borrowed as long as the plan lives, `option` is where a
 * problem is reported (a path below the stage's mapping). False, with a problem, where a field of
 * that name is there already. */
bool stage_add_field(const struct stage_setup *setup, const char *name, const char *option);

/* Adds a problem with one of the stage's own options. */
void stage_complain(const struct stage_setup *setup, const char *option, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What a stage that acts wants of the engine, as its settings say. */
struct act_rules {
	const char *noun, *plural; /* what a deed is: "mail", "mails" */
	uint64_t most;             /* deeds of one run at most, else it halts; 0: any number */
	uint32_t usual_times;      /* halts too where a run would do more than so many times what is
				      usual; 0: never */
	uint32_t per_minute;       /* deeds begun within any minute at most; 0: any number */
	uint32_t key_per_minute;   /* the same among those of one pace key */
	bool resend;               /* what is in doubt is done again */
	const char *doubts; /* the verb that tells what is in doubt, "sent"; NULL: there is none */
};

/* What is told and kept of a deed. Texts are the stage's or in the arena. */
struct act_about {
	const char *label; /* to whom or what; kept in the ledger and shown as it is, so that no
			      secret slot may be in it */
	const char *name;  /* what the world knows it by (a Message-ID), the same at every attempt;
			      NULL: nothing */
	const char *pace;  /* its pace key (the domain that it goes to); NULL: it has none */
};

/* A tail stage that does something to the world that no one can take back. A plan has one at most,
 * behind all others, and makes no files then. An item of such a plan is a deed, known by the plan's
 * name and the item's id for ever. It is given when the ledger says that it was not done and was
 * not begun, and at the pace of the rules; before it is, its row says `sending`. While it may be on
 * its way, process() has the verdict DEED_DOUBT in the outcome, and ends it by outcome_deed(); an
 * error before that is an ordinary failure and leaves the verdict as it was. All these are called
 * in main. */
struct stage_act {
	/* False: with these settings it makes files (or nothing), as any stage. */
	bool (*live)(const void *prepared);

	void (*rules)(const void *prepared, struct act_rules *rules);

	/* Fills in `about`, all zero before, for an item that has come out of the head. False: an
	 * error of the item, which is not given. */
	bool (*about)(const void *prepared, const struct item *item, struct arena *arena,
		struct act_about *about, struct error *err);
};

/* Where a verb of a tail stage works. Everything is borrowed. */
struct stage_desk {
	const void *prepared;
	const struct option_plugin *self; /* where the config names the stage */
	const char *job, *config;         /* name and path of the config */
	struct ledger *ledger;            /* what was done, see ledger.h */
};

/* What a verb runs in place of the config: plugins that need stand in no table. */
struct stage_derived {
	struct option_plugin source, stage;
	const char *failures; /* the command that tells what failed: "mail sent" */
};

/* A verb of a tail stage's own: `nightmill STAGE VERB CONFIG`. */
struct stage_verb {
	const char *name;    /* NULL ends the list */
	const char *usage;   /* "sent CONFIG [RECIPIENT] [options]" */
	const char *summary; /* one sentence */
	bool writes;         /* to the ledger: committed where it returns true */

	/* Prints its answer to standard output; `*status` is the exit status, 0 before. */
	bool (*run)(const struct stage_desk *desk, const struct head_words *words, int *status,
		struct error *err);

	/* Instead of `run`: the verb is a run of its own, of another source and stage, with the
	 * options of one. It has the config's name and ledger, the config's lock, and a state
	 * called after the verb. Fills in `derived`, which lives in `arena`; desk->ledger is NULL.
	 */
	bool (*derive)(const struct stage_desk *desk, struct arena *arena,
		struct stage_derived *derived, struct error *err);
};

/* What the workers of a stage need of the world beside the source's roots and the folder for
 * temporary files. Lists are the stage's. */
struct stage_needs {
	struct option_list read;  /* folders and files */
	struct option_list write; /* folders in which it makes, writes and removes files */
	bool network, exec;
};

struct stage_plugin {
	struct plugin plugin;
	const struct head_stage *head; /* a head stage: of what follows it has prepare alone. NULL:
					  a tail stage */
	uint32_t version;              /* of the bytes it makes: a change redoes everything */

	/* Resolves slots, checks what rows cannot, compiles templates. `*prepared` lives in
	 * setup->arena. False where a problem was added. */
	bool (*prepare)(const void *settings, const struct stage_setup *setup, void **prepared);

	/* Of all that affects what it puts into the fields it adds, beyond options and version (a
	 * template's text). May be NULL. */
	struct digest (*recipe)(const void *prepared);

	/* How many parts an item has here (0 to ITEM_PARTS); their names are those that outputs()
	 * fills in. */
	size_t (*parts)(const void *prepared);

	/* The literal folder in front of the first slot of its output paths, e.g. "out/thumbnails".
	 * NULL: no parts. */
	const char *(*output_root)(const void *prepared);

	/* Fills parts[0 .. parts()-1] for one item from facts known before a file is opened; paths
	 * in `arena`. Fails where a path cannot be made, e.g. one that would leave the output root:
	 * an error of the item. */
	bool (*outputs)(const void *prepared, const struct item *item, struct arena *arena,
		struct part *parts, struct error *err);

	/* Fills in `needs`, all zero before. NULL: nothing. */
	void (*needs)(const void *prepared, struct stage_needs *needs);

	/* Adds to `path` which file, below a root, process() will read for the item. Called in
	 * main, which asks the kernel for it ahead. False, or NULL: none that is known. */
	bool (*reads)(const void *prepared, const struct item *item, struct text *path);

	/* Per-worker state. `place` is borrowed until close. */
	bool (*open)(const void *prepared, const struct workplace *place, void **worker,
		struct error *err);

	/* Works on the item's due parts and fills in `outcome` (id, attempt, ticket, status MADE
	 * are set already): status, error, made, late, content, opened_nanos, seen, bytes and
	 * pixels. Leaves no temporary file behind unless its bit in outcome->made is set. */
	void (*process)(void *worker, const struct item *item, struct outcome *outcome);

	/* NULL is allowed. */
	void (*close)(void *worker);

	/* What it tells apart of its time, for those who look where time goes: NULL-terminated, at
	 * most STAGE_SPENDINGS words. NULL: nothing. */
	const char *const *spendings;
	uint32_t waits; /* a bit for each of these that is no work but waiting for someone else */

	/* NULL: an item that fails by its own fault leaves no file. Else the path of a small file
	 * that says so (below the output root, in `arena`) and, added to `bytes`, what stands in
	 * it. Called in main; the file is written with the failure and removed with the next
	 * success. False: not for this item. */
	bool (*failure)(const void *prepared, const struct item *item, struct arena *arena,
		char **path, struct text *bytes);

	/* Called in main when a run is over and its outputs are in place, and after `prune` has
	 * removed some: for what is made of them
	 * all together (an index). May be NULL. */
	bool (*conclude)(const void *prepared, struct error *err);

	const struct stage_act *act;    /* NULL: it never acts on the world */
	const struct stage_verb *verbs; /* of a tail stage; NULL: none */
};

enum { STAGE_TEMPORARY_BYTES = 64 };

/* The name, within the temporary folder, of the file for part number `part` of the item with this
 * id and attempt: known to the worker that writes it and to main that renames or removes it. */
void stage_temporary(
	struct digest id, uint32_t attempt, uint32_t part, char name[STAGE_TEMPORARY_BYTES]);

/* What a stage of one part puts into its file. */
struct stage_file {
	const void *data;
	size_t length;
	mode_t mode;       /* less the umask */
	const char *doing; /* for people: "writing a mail" */
};

/* Writes the temporary file of the stage's first part, and counts it in `outcome`; on failure it is
 * gone again, and the error is in `outcome`, whose status is not touched. */
bool stage_write(const struct workplace *place, const struct item *item,
	const struct stage_file *file, struct outcome *outcome);

/* Describes what failed with `number` (errno) in the temporary folder; false. That folder is the
 * same for all, so whatever is wrong with it is no item's fault. */
bool stage_fail_place(int number, const char *doing, struct error *err);

/* The stage whose head `plugin` is. */
static inline const struct stage_plugin *stage_of(const struct plugin *plugin)
{
	return (const struct stage_plugin *)(const void *)plugin;
}

/* stages/table.c, NULL-terminated. */
extern const struct plugin *const stages[];

#endif
