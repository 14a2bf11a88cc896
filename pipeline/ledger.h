#ifndef NIGHTMILL_LEDGER_H
#define NIGHTMILL_LEDGER_H

/* What was done to the world outside and cannot be made again: facts, found by scope and key. A
 * SQLite database (WAL, mode 0600) beside the state, to be kept and backed up. A sealed fact is
 * encrypted (ledger_seal.h) under a key file beside it, mode 0600: no one reads it by
 * accident, but whoever has both files can. Main's thread only, and only while the state's lock is
 * held or for reading. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/error.h"

struct ledger;

enum ledger_mode {
	LEDGER_WRITE, /* makes the file where there is none */
	LEDGER_READ,  /* nothing is written; a missing file is an empty ledger */
};

/* A fact. `value` is any bytes. */
struct ledger_fact {
	const char *scope, *key; /* NUL-terminated */
	const void *value;       /* from ledger_get: in the arena; NULL: there is no such fact */
	size_t length;
	bool sealed;
	int64_t written_nanos; /* wall time; filled in by the ledger */
};

/* The path of the ledger of the state at `state`, "state/santa.ledger" for "state/santa.db"; in
 * `arena`. */
char *ledger_path(const char *state, struct arena *arena);

/* The path of its key, "state/santa.key" likewise. */
char *ledger_key_path(const char *state, struct arena *arena);

/* Opens the ledger at `path`, whose key is at the same path with .key for .ledger. A file that is
 * no ledger, one of a later version, or one that others may read, is an error that says what to do.
 */
bool ledger_open(
	const char *path, enum ledger_mode mode, struct ledger **ledger, struct error *err);

/* Rolls back what is not committed. NULL is allowed. */
void ledger_close(struct ledger *ledger);

/* Looks up the fact of fact->scope and fact->key and fills in the rest; the value, in `arena`, is
 * NULL where there is no such fact. A sealed one needs the key file it was sealed with. */
bool ledger_get(
	struct ledger *ledger, struct ledger_fact *fact, struct arena *arena, struct error *err);

/* Writes a fact, over the one with its scope and key where there is one. The first sealed one makes
 * the key file. */
bool ledger_put(struct ledger *ledger, const struct ledger_fact *fact, struct error *err);

struct ledger_facts {
	struct ledger_fact *list;
	size_t count;
};

/* The keys of all facts of a scope, the last written first, each with its time but without its
 * value; in `arena`. */
bool ledger_list(struct ledger *ledger, const char *scope, struct arena *arena,
	struct ledger_facts *facts, struct error *err);

/* All that was put since the last commit becomes durable together. */
bool ledger_commit(struct ledger *ledger, struct error *err);

/* Forgets what was put since the last commit. */
void ledger_rollback(struct ledger *ledger);

#endif
