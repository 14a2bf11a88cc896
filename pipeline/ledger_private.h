#ifndef NIGHTMILL_LEDGER_PRIVATE_H
#define NIGHTMILL_LEDGER_PRIVATE_H

/* What the files of ledger.h, ledger_deeds.h and deeds.h share: the connection, its prepared
 * statements, and how SQLite's errors become ours. */

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "pipeline/ledger.h"
#include "pipeline/ledger_key.h"

/* Each statement is prepared at its first use and kept until the ledger is closed. */
enum ledger_statement {
	LEDGER_SQL_FIND,
	LEDGER_SQL_RESOLVE,
	LEDGER_SQL_PLAN,
	LEDGER_SQL_AGAIN,
	LEDGER_SQL_CLAIM,
	LEDGER_SQL_SETTLE,
	LEDGER_SQL_LATER,
	LEDGER_SQL_LAPSE,
	LEDGER_STATEMENTS
};

struct ledger {
	sqlite3 *db; /* NULL: empty, for reading */
	char *path, *key_path;
	bool has_key, open_transaction;
	bool has_deeds;     /* it is of a version that has their table */
	bool has_editions;  /* and of one whose deeds have them */
	bool has_groups;    /* and groups */
	sqlite3_stmt *walk; /* of the last ledger_walk, for the next; NULL: none */
	sqlite3_stmt *statements[LEDGER_STATEMENTS];
	unsigned char key[LEDGER_KEY_BYTES];
};

/* Turns SQLite's last failure into an error; `doing` as in "cannot read". Returns false. */
bool ledger_fail(const struct ledger *ledger, const char *doing, struct error *err);

/* Runs SQL without parameters. */
bool ledger_execute(struct ledger *ledger, const char *sql, struct error *err);

/* The number that a query without parameters gives; false, and no more said, where it fails. */
bool ledger_number(struct ledger *ledger, const char *sql, int64_t *number);

/* Begins a transaction where none is open. */
bool ledger_begin(struct ledger *ledger, struct error *err);

/* The statement, reset and ready to be bound. NULL and `err` on failure. */
sqlite3_stmt *ledger_prepare(
	struct ledger *ledger, enum ledger_statement which, const char *sql, struct error *err);

/* Runs a statement that gives no rows, and resets it. `*changed` (may be NULL) is the number of
 * rows that it changed. */
bool ledger_run(struct ledger *ledger, sqlite3_stmt *statement, int *changed, struct error *err);

#endif
