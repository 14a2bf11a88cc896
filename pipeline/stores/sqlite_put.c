/* The store `sqlite`, written: one transaction, a row after the other. */

#include <stdlib.h>

#include "pipeline/stores/sqlite_private.h"
#include "pipeline/stores/statement.h"

struct sqlite_put {
	struct sqlite *sqlite;
	const struct store_put *put;
	sqlite3_stmt *update, *look, *insert;
	uint64_t changed;
};

static void sqlite_put_add_name(const struct sqlite_put *put, struct text *sql, size_t column)
{
	statement_add_name(sql, put->sqlite->columns.list[column].name);
}

static sqlite3_stmt *sqlite_put_statement(
	const struct sqlite_put *put, struct text *sql, struct error *err)
{
	sqlite3_stmt *statement = sqlite_statement(put->sqlite, sql->data, err);
	text_finish(sql);
	return statement;
}

/* Rows that have these values already are left alone. */
static sqlite3_stmt *sqlite_put_update(const struct sqlite_put *put, struct error *err)
{
	struct text sql = { 0 };
	text_addf(&sql, "UPDATE %s SET ", put->sqlite->table);
	for (size_t i = 0; i < put->put->column_count; i++) {
		text_add_string(&sql, i ? ", " : "");
		sqlite_put_add_name(put, &sql, put->put->columns[i]);
		text_addf(&sql, " = ?%zu", i + 2);
	}
	text_add_string(&sql, " WHERE ");
	sqlite_put_add_name(put, &sql, put->put->key);
	text_add_string(&sql, " = ?1 AND (");
	for (size_t i = 0; i < put->put->column_count; i++) {
		text_add_string(&sql, i ? " OR (" : "(");
		sqlite_put_add_name(put, &sql, put->put->columns[i]);
		text_addf(&sql, " IS NOT ?%zu AND NOT (?%zu IS NULL AND ", i + 2, i + 2);
		sqlite_put_add_name(put, &sql, put->put->columns[i]);
		text_add_string(&sql, " = ''))");
	}
	text_add_string(&sql, ")");
	return sqlite_put_statement(put, &sql, err);
}

static sqlite3_stmt *sqlite_put_look(const struct sqlite_put *put, struct error *err)
{
	struct text sql = { 0 };
	text_addf(&sql, "SELECT 1 FROM %s WHERE ", put->sqlite->table);
	sqlite_put_add_name(put, &sql, put->put->key);
	text_add_string(&sql, " = ?1 LIMIT 1");
	return sqlite_put_statement(put, &sql, err);
}

static sqlite3_stmt *sqlite_put_insert(const struct sqlite_put *put, struct error *err)
{
	struct text sql = { 0 };
	text_addf(&sql, "INSERT INTO %s (", put->sqlite->table);
	sqlite_put_add_name(put, &sql, put->put->key);
	for (size_t i = 0; i < put->put->column_count; i++) {
		text_add_string(&sql, ", ");
		sqlite_put_add_name(put, &sql, put->put->columns[i]);
	}
	text_add_string(&sql, ") VALUES (?1");
	for (size_t i = 0; i < put->put->column_count; i++)
		text_addf(&sql, ", ?%zu", i + 2);
	text_add_string(&sql, ")");
	return sqlite_put_statement(put, &sql, err);
}

void sqlite_put_end(void *putting)
{
	struct sqlite_put *put = putting;
	if (!put)
		return;
	sqlite3_finalize(put->update);
	sqlite3_finalize(put->look);
	sqlite3_finalize(put->insert);
	if (!sqlite3_get_autocommit(put->sqlite->db))
		sqlite3_exec(put->sqlite->db, "ROLLBACK", NULL, NULL, NULL);
	free(put);
}

static struct sqlite_put *sqlite_put_prepare(
	struct sqlite *sqlite, const struct store_put *asked, struct error *err)
{
	struct sqlite_put *put = memory_zeroed(1, sizeof(*put));
	put->sqlite = sqlite;
	put->put = asked;
	put->update = sqlite_put_update(put, err);
	put->look = put->update ? sqlite_put_look(put, err) : NULL;
	put->insert = put->look && asked->add ? sqlite_put_insert(put, err) : NULL;
	if (put->insert || (put->look && !asked->add))
		return put;
	sqlite_put_end(put);
	return NULL;
}

bool sqlite_put_check(void *store, const struct store_put *asked, struct error *err)
{
	struct sqlite *sqlite = store;
	if (sqlite3_db_readonly(sqlite->db, "main") == 1)
		return fail(err, ERROR_DENIED, "'%s' may not be written", sqlite->settings->path);
	struct sqlite_put *put = sqlite_put_prepare(sqlite, asked, err);
	bool fine = put != NULL;
	sqlite_put_end(put);
	return fine;
}

bool sqlite_put_begin(void *store, const struct store_put *asked, void **putting, struct error *err)
{
	struct sqlite *sqlite = store;
	struct sqlite_put *put = sqlite_put_prepare(sqlite, asked, err);
	if (!put)
		return false;
	if (sqlite3_exec(sqlite->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
		sqlite_fail(sqlite, err);
		sqlite_put_end(put);
		return false;
	}
	*putting = put;
	return true;
}

static void sqlite_put_bind(
	const struct sqlite_put *put, sqlite3_stmt *to, const struct store_change *change)
{
	sqlite3_bind_text(to, 1, change->key.data, (int)change->key.length, SQLITE_STATIC);
	for (size_t i = 0; i < put->put->column_count; i++) {
		const struct slot *value = &change->values[i];
		int length = value->data ? (int)value->length : 0;
		sqlite3_bind_text(to, (int)i + 2, value->data, length, SQLITE_STATIC);
	}
}

/* One step; `*row` where it gave one. */
static bool sqlite_put_step(
	struct sqlite_put *put, sqlite3_stmt *statement, bool *row, struct error *err)
{
	int code = sqlite3_step(statement);
	*row = code == SQLITE_ROW;
	bool fine = *row || code == SQLITE_DONE || sqlite_fail(put->sqlite, err);
	sqlite3_reset(statement);
	return fine;
}

static bool sqlite_put_one(
	struct sqlite_put *put, const struct store_change *change, struct error *err)
{
	bool row;
	sqlite_put_bind(put, put->update, change);
	if (!sqlite_put_step(put, put->update, &row, err))
		return false;
	uint64_t changed = (uint64_t)sqlite3_changes(put->sqlite->db);
	put->changed += changed;
	if (changed || !put->insert)
		return true;
	sqlite3_bind_text(put->look, 1, change->key.data, (int)change->key.length, SQLITE_STATIC);
	if (!sqlite_put_step(put, put->look, &row, err))
		return false;
	if (row)
		return true;
	put->changed++;
	sqlite_put_bind(put, put->insert, change);
	return sqlite_put_step(put, put->insert, &row, err);
}

bool sqlite_put_many(
	void *putting, const struct store_change *changes, size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!sqlite_put_one(putting, &changes[i], err))
			return false;
	return true;
}

bool sqlite_put_commit(void *putting, uint64_t *changed, struct error *err)
{
	struct sqlite_put *put = putting;
	*changed = put->changed;
	return sqlite3_exec(put->sqlite->db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ||
	       sqlite_fail(put->sqlite, err);
}
