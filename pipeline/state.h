#ifndef NIGHTMILL_STATE_H
#define NIGHTMILL_STATE_H

/* What is remembered from run to run: items, the outputs that they own, runs. A SQLite database
 * (WAL, mode 0600, local disk) that may be deleted at any time: everything is made again. Main's
 * thread only, main's process only. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/item.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

struct state;

enum state_mode {
	STATE_WRITE, /* takes the lock (ERROR_LOCKED names the holder), makes the file */
	STATE_READ,  /* no lock, nothing written; a missing file is an empty state */
};

/* Opens NAME.db at `path`; its folder is made with mode 0777 less the umask. The lock is flock on
 * `path`.lock (mode 0600; it holds pid, host and start of the holder as text, and stays when the
 * run ends). Network file systems are refused for WRITE. A file that is no state, or a state of a
 * later version, is an error that says what to do; an earlier version is migrated or made anew. */
bool state_open(const char *path, enum state_mode mode, struct state **state, struct error *err);

/* Rolls back what is not committed. NULL is allowed. */
void state_close(struct state *state);

/* All changes since the last commit become durable together. Begins the next transaction by itself
 * when needed. */
bool state_commit(struct state *state, struct error *err);

/* What is remembered of one item. */
struct state_item {
	int64_t number;  /* its row; 0: not remembered */
	uint32_t status; /* enum outcome_status; OUTCOME_CANCELLED: claimed, but never finished */
	struct validator validator; /* as the source gave it, or VALIDATOR_UNTRUSTED */
	struct digest content;      /* hash of the source at the last success; none */
	struct digest verdict;      /* of what a failure or "ignored" depended on; none */
	struct digest recipe; /* of all its outputs in place (paths and recipes, in order); none */
	char late[ITEM_LATE_BYTES];
	uint32_t code;        /* enum error_code */
	uint32_t blame;       /* enum blame */
	uint32_t runs_failed; /* in a row */
	int64_t run;          /* the run that wrote it */
	int64_t micros;       /* what it took */
	const char *error;    /* text, in the arena given to find; "" */
};

/* Looks an item up by its key. `found` is all zero but for error "" where it is not remembered. */
bool state_find(struct state *state, const char *key, size_t length, struct arena *arena,
	struct state_item *found, struct error *err);

/* The same for many keys in turn: fast where they are nearly in ascending order (by bytes) and
 * nothing is changed meanwhile. Of an item whose status is MADE, verdict, code, blame, runs_failed,
 * run, micros and error stay 0 and "". */
bool state_walk(struct state *state, const char *key, size_t length, struct arena *arena,
	struct state_item *found, struct error *err);

/* Writes (inserts or replaces by key) an item; item->number is filled in. */
bool state_put(struct state *state, const char *key, size_t length, struct state_item *item,
	struct error *err);

/* An output that an item owns. */
struct state_output {
	const char *path; /* with `late` left out, as the plan makes it; NUL-terminated */
	const char *part;
	struct digest recipe;  /* none: claimed, not (or not certainly) as it should be */
	struct digest content; /* of the source it was made from; none: never made */
	const char *late;      /* "" or what stands at `late_at` in the real path */
	size_t late_at;        /* SIZE_MAX: nowhere */
};

/* Whom an output path belongs to. */
struct state_owner {
	const char *key; /* in the arena; NULL: the item that asked */
	size_t length;
	bool made; /* the output was made once; else it is only claimed */
};

/* Claims `path` for item `number`, or finds whom it belongs to. A claim is kept until prune. */
bool state_claim(struct state *state, int64_t number, const char *path, const char *part,
	struct arena *arena, struct state_owner *owner, struct error *err);

/* Makes `path` this item's, whoever had it: the owner is gone. */
bool state_take_over(
	struct state *state, int64_t number, const char *path, const char *part, struct error *err);

/* Gives up what the item has claimed and never made. */
bool state_release(struct state *state, int64_t number, struct error *err);

/* An output is about to be replaced: from now on, and after a crash, neither it nor its item counts
 * as being as it should be. `*changed` is set to true where that was so before; it is left alone
 * elsewhere. */
bool state_withdraw(
	struct state *state, int64_t number, const char *path, bool *changed, struct error *err);

/* Makes sure that an item that is not remembered yet has a row (status CANCELLED) to claim for. */
bool state_reserve(
	struct state *state, const char *key, size_t length, int64_t *number, struct error *err);

/* Records that an output is in place. */
bool state_put_output(
	struct state *state, int64_t number, const struct state_output *output, struct error *err);

/* All outputs of an item, in `arena`, ordered by path. */
bool state_outputs(struct state *state, int64_t number, struct arena *arena,
	struct state_output **outputs, size_t *count, struct error *err);

/* One run of the config. Times are wall time in nanoseconds. */
struct state_run {
	int64_t number;
	int64_t started_nanos, finished_nanos; /* finished 0: it was killed, or still runs */
	const char *name, *executor;           /* borrowed; from state_runs in the arena */
	uint32_t workers;
	int exit_status;
	uint64_t items, made, unchanged, up_to_date, ignored, failed, known_failures, cancelled;
	uint64_t parts, bytes_read, bytes_written, pixels;
	int64_t micros, cpu_micros;
	uint64_t peak_bytes; /* of memory, of the largest process */
};

/* Writes a row for a run that begins (run->number is filled in), before anything else is changed:
 * readers see it, and a kill leaves it. It waits for no disk, since nothing depends on it: a power
 * cut before the next commit may leave no trace of the run. */
bool state_begin_run(struct state *state, struct state_run *run, struct error *err);

/* Writes what is known of a run now (without a number: it begins, and run->number is filled in). */
bool state_put_run(struct state *state, struct state_run *run, struct error *err);

/* All runs that have ended, together. */
struct state_totals {
	uint64_t runs;
	int64_t succeeded_nanos; /* wall time at which the last one ended whose status was 0; 0:
				    none */
	struct state_run sums;   /* counts, micros and cpu_micros; all else is 0 */
};
bool state_totals(struct state *state, struct state_totals *totals, struct error *err);

/* The last `most` runs, newest first. */
bool state_runs(struct state *state, size_t most, struct arena *arena, struct state_run **runs,
	size_t *count, struct error *err);

/* Where the time of a run went: what is asked for by one line of its config. */
struct state_spent {
	const char *what; /* borrowed; from state_spent in the arena */
	int line;
	bool worker, waits; /* workers' time, not main's; waiting, not work */
	uint64_t times;
	int64_t micros;
};

/* What a lookup of a run was: the counts of cache.h. */
struct state_lookup {
	const char *name, *store, *cache; /* borrowed; from state_lookups in the arena */
	uint64_t records, keys, hits, negative_hits, stale, misses, loads;
	int64_t load_micros, saved_micros;
};

bool state_put_spent(
	struct state *state, int64_t run, const struct state_spent *spent, struct error *err);
bool state_put_lookup(
	struct state *state, int64_t run, const struct state_lookup *lookup, struct error *err);

/* Both are kept for the last runs before `run` only. */
bool state_forget_spent(struct state *state, int64_t run, struct error *err);

/* Those of a run: main's before the workers', most time first; lookups in their order. */
bool state_spent(struct state *state, int64_t run, struct arena *arena, struct state_spent **spent,
	size_t *count, struct error *err);
bool state_lookups(struct state *state, int64_t run, struct arena *arena,
	struct state_lookup **lookups, size_t *count, struct error *err);

/* Calls `each` for every item whose status is FAILED, ordered by key; stops where it returns false.
 */
bool state_failures(struct state *state,
	bool (*each)(void *context, const char *key, size_t length, const struct state_item *item),
	void *context, struct error *err);

/* Counts of remembered items with this status, and of outputs in place. */
bool state_counts(struct state *state, uint64_t items[OUTCOME_CANCELLED + 1], uint64_t *outputs,
	struct error *err);

/* prune: state_expect_begin, then state_expect_item for every item that the source still gives and
 * state_expect_output for each path that the plan makes of it (as claimed, and as it really is
 * called). state_unexpected lists what is left: outputs first, then items without any (path NULL);
 * the outputs may be forgotten while they are listed. state_expected_path tells whether a real path
 * is expected under another claim: then only the row may go. Everything expected lives in temporary
 * tables. */
bool state_expect_begin(struct state *state, struct error *err);
bool state_expect_item(struct state *state, const char *key, size_t length, struct error *err);
bool state_expect_output(
	struct state *state, const char *path, const char *real, struct error *err);
bool state_expected_path(struct state *state, const char *real, bool *expected, struct error *err);
bool state_unexpected(struct state *state,
	bool (*each)(
		void *context, const struct state_output *output, const char *key, size_t length),
	void *context, uint64_t *outputs, uint64_t *items, struct error *err);
bool state_forget_output(struct state *state, const char *path, struct error *err);
bool state_forget_unexpected_items(struct state *state, uint64_t *count, struct error *err);

#endif
