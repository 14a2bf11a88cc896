#ifndef NIGHTMILL_STORES_SQLITE_PRIVATE_H
#define NIGHTMILL_STORES_SQLITE_PRIVATE_H

/* What the rooms of the store `sqlite` share. */

#include <sqlite3.h>

#include "pipeline/store.h"

struct sqlite_settings {
	const char *path, *table;
};

struct sqlite {
	const struct sqlite_settings *settings;
	sqlite3 *db;
	struct arena arena; /* owns the columns and the table's name */
	const char *table;  /* quoted */
	struct store_columns columns;
};

/* False, with what SQLite says of its last call. */
bool sqlite_fail(const struct sqlite *sqlite, struct error *err);

/* A statement, to be finalized; NULL and `err` where it makes no sense. */
sqlite3_stmt *sqlite_statement(struct sqlite *sqlite, const char *sql, struct error *err);

/* See store.h for what these do. */
bool sqlite_put_check(void *store, const struct store_put *put, struct error *err);
bool sqlite_put_begin(void *store, const struct store_put *put, void **putting, struct error *err);
bool sqlite_put_many(
	void *putting, const struct store_change *changes, size_t count, struct error *err);
bool sqlite_put_commit(void *putting, uint64_t *changed, struct error *err);
void sqlite_put_end(void *putting);

#endif
