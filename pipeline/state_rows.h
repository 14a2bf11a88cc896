#ifndef NIGHTMILL_STATE_ROWS_H
#define NIGHTMILL_STATE_ROWS_H

/* What the files of state.h share: the connection, its prepared statements, and how SQLite's errors
 * become ours. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "pipeline/state.h"
#include "pipeline/support/text.h"

/* Each statement is prepared at its first use and kept until the state is closed. */
enum state_statement {
	STATE_FIND,
	STATE_WALK,
	STATE_NUMBER,
	STATE_INSERT,
	STATE_UPDATE,
	STATE_RESERVE,
	STATE_FAILURES,
	STATE_COUNT_ITEMS,
	STATE_COUNT_OUTPUTS,
	STATE_CLAIM,
	STATE_OWNER,
	STATE_TAKE_OVER,
	STATE_WITHDRAW,
	STATE_WITHDRAW_ITEM,
	STATE_RELEASE,
	STATE_PUT_OUTPUT,
	STATE_OUTPUTS,
	STATE_INSERT_RUN,
	STATE_UPDATE_RUN,
	STATE_RUNS,
	STATE_TOTALS,
	STATE_PUT_SPENT,
	STATE_SPENT,
	STATE_FORGET_SPENT,
	STATE_PUT_LOOKUP,
	STATE_LOOKUPS,
	STATE_FORGET_LOOKUPS,
	STATE_EXPECT_ITEM,
	STATE_EXPECT_OUTPUT,
	STATE_EXPECT_PATH,
	STATE_EXPECTED_PATH,
	STATE_LEFT_OUTPUTS,
	STATE_LEFT_LISTED,
	STATE_LEFT_ITEMS,
	STATE_COUNT_LEFT,
	STATE_FORGET_OUTPUT,
	STATE_FORGET_ITEMS,
	STATE_STATEMENTS
};

/* Where state_walk has come to: no row lies between the key that was asked for last and the one
 * that its statement is at. */
struct state_walk {
	bool known; /* all zero: nowhere */
	bool row;   /* it is at a row; else, where known, behind the last */
	bool hit;   /* the row is the one that was asked for */
	bool far;   /* steps have not led to what was asked for */
	struct text from;
};

struct state {
	sqlite3 *db;
	char *path;
	int lock;            /* -1: none */
	bool writes;         /* STATE_WRITE */
	bool begun;          /* a transaction is open */
	bool hasty;          /* the log was empty when it was opened */
	bool unsynced;       /* the database was made, and is perhaps not on the disk yet */
	struct error broken; /* why a transaction was lost; from then on every call fails with it */
	int64_t expecting;   /* the item that state_expect_output belongs to; 0: one that is not
				remembered */
	struct state_walk walk;
	sqlite3_stmt *statements[STATE_STATEMENTS];
};

/* The database's file, by SQLite's own descriptor: to close another would drop its locks. */
sqlite3_file *state_file(struct state *state);

/* Whether transactions from the next on are committed without a sync. None may be open. */
bool state_hurry(struct state *state, bool hurry, struct error *err);

/* Turns the failure `result` of SQLite into an error; `doing` as in "cannot read". Returns false. A
 * lost transaction breaks the state. */
bool state_fail(struct state *state, int result, const char *doing, struct error *err);

/* The statement, ready to be bound, inside a transaction. NULL and `err` on failure. */
sqlite3_stmt *state_statement(
	struct state *state, enum state_statement which, const char *sql, struct error *err);

/* The same for a statement that changes something: fails under STATE_READ. */
sqlite3_stmt *state_change(
	struct state *state, enum state_statement which, const char *sql, struct error *err);

/* One step; `*row` tells whether there is a row. Without one, or on failure, the statement is
 * reset. */
bool state_step(struct state *state, sqlite3_stmt *statement, bool *row, struct error *err);

/* Runs a statement that gives no rows, and resets it. */
bool state_run_through(struct state *state, sqlite3_stmt *statement, struct error *err);

/* Statements without parameters that are run seldom. */
bool state_execute(struct state *state, const char *sql, struct error *err);

/* Ends the walk: before anything is changed, since what a statement that is under way would see of
 * it is undefined. */
void state_walk_leave(struct state *state);

/* The number of the item with this key, 0 where it is not remembered. */
bool state_number(
	struct state *state, const char *key, size_t length, int64_t *number, struct error *err);

/* Binds any bytes, borrowed until the statement has been run. */
void state_bind_bytes(sqlite3_stmt *statement, int column, const void *data, size_t length);

/* Binds a NUL-terminated text as bytes; NULL is NULL. */
void state_bind_name(sqlite3_stmt *statement, int column, const char *name);

/* Binds a digest, borrowed; none is NULL. */
void state_bind_digest(sqlite3_stmt *statement, int column, const struct digest *digest);

/* A copy of the column's bytes in `arena`, NUL-terminated. `length` may be NULL. */
char *state_column_bytes(sqlite3_stmt *statement, int column, struct arena *arena, size_t *length);

struct digest state_column_digest(sqlite3_stmt *statement, int column);

/* Leaves `late` as it is where the column has nothing, or more than there is room for. */
void state_column_late(sqlite3_stmt *statement, int column, char late[ITEM_LATE_BYTES]);

/* Reads path, part, recipe, content, late and late_at from the columns that start at `first`. */
void state_column_output(
	sqlite3_stmt *statement, int first, struct arena *arena, struct state_output *output);

#endif
