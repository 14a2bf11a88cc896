/* The store `postgres`, written: all rows are copied into a temporary table, and from there by two
 * statements into the table, in one transaction. */

#include <stdlib.h>
#include <string.h>

#include "pipeline/stores/postgres_private.h"

struct postgres_put {
	struct postgres *postgres;
	const struct store_put *put;
	bool begun;       /* a transaction */
	struct text rows; /* on their way */
};

static void postgres_put_add_name(
	const struct postgres_put *put, struct text *sql, const char *before, size_t column)
{
	text_add_string(sql, before);
	statement_add_name(sql, put->postgres->columns.list[column].name);
}

static void postgres_put_add_names(
	const struct postgres_put *put, struct text *sql, const char *before)
{
	postgres_put_add_name(put, sql, before, put->put->key);
	for (size_t i = 0; i < put->put->column_count; i++) {
		text_add_string(sql, ", ");
		postgres_put_add_name(put, sql, before, put->put->columns[i]);
	}
}

/* Its columns have the types of the table's, so that values are checked on their way in, and an
 * index by the key serves. */
static void postgres_put_write_table(const struct postgres_put *put, struct text *sql)
{
	text_add_string(sql, "CREATE TEMPORARY TABLE nightmill_put ON COMMIT DROP AS SELECT ");
	postgres_put_add_names(put, sql, "");
	text_addf(sql, " FROM %s WITH NO DATA", put->postgres->table);
}

/* Rows that have these values already are left alone. */
static void postgres_put_write_update(const struct postgres_put *put, struct text *sql)
{
	text_addf(sql, "UPDATE %s t SET ", put->postgres->table);
	for (size_t i = 0; i < put->put->column_count; i++) {
		postgres_put_add_name(put, sql, i ? ", " : "", put->put->columns[i]);
		postgres_put_add_name(put, sql, " = s.", put->put->columns[i]);
	}
	postgres_put_add_name(put, sql, " FROM pg_temp.nightmill_put s WHERE t.", put->put->key);
	postgres_put_add_name(put, sql, " = s.", put->put->key);
	for (size_t i = 0; i < put->put->column_count; i++) {
		postgres_put_add_name(put, sql, i ? " OR coalesce(t." : " AND (coalesce(t.",
			put->put->columns[i]);
		postgres_put_add_name(put, sql, "::text, '') <> coalesce(s.", put->put->columns[i]);
		text_add_string(sql, "::text, '')");
	}
	text_add_string(sql, ")");
}

static void postgres_put_write_insert(const struct postgres_put *put, struct text *sql)
{
	text_addf(sql, "INSERT INTO %s (", put->postgres->table);
	postgres_put_add_names(put, sql, "");
	text_add_string(sql, ") SELECT ");
	postgres_put_add_names(put, sql, "s.");
	text_addf(sql, " FROM pg_temp.nightmill_put s WHERE NOT EXISTS (SELECT FROM %s t WHERE ",
		put->postgres->table);
	postgres_put_add_name(put, sql, "t.", put->put->key);
	postgres_put_add_name(put, sql, " = s.", put->put->key);
	text_add_string(sql, ")");
}

/* Within a transaction: where the connection breaks, all of it is to be done again. */
static bool postgres_put_run(
	struct postgres_put *put, const char *sql, uint64_t *rows, struct error *err)
{
	const struct link_query query = { .sql = sql };
	bool lost = false;
	PGresult *result = link_query(&put->postgres->link, &query, &lost, err);
	if (!result)
		return lost ? fail(err, ERROR_READ, "PostgreSQL: the connection broke") : false;
	if (rows)
		*rows += strtoull(pq.cmdTuples(result), NULL, 10);
	pq.clear(result);
	return true;
}

static bool postgres_put_written(struct postgres_put *put, const char *before,
	void (*write)(const struct postgres_put *put, struct text *sql), uint64_t *rows,
	struct error *err)
{
	struct text sql = { 0 };
	text_add_string(&sql, before);
	write(put, &sql);
	bool fine = postgres_put_run(put, sql.data, rows, err);
	text_finish(&sql);
	return fine;
}

static bool postgres_put_open(struct postgres_put *put, struct error *err)
{
	if (!postgres_put_run(put, "BEGIN", NULL, err))
		return false;
	put->begun = true;
	return postgres_put_written(put, "", postgres_put_write_table, NULL, err);
}

void postgres_put_end(void *putting)
{
	struct postgres_put *put = putting;
	struct error err;
	if (!put)
		return;
	/* A new connection knows nothing of it, which is as good. */
	if (put->begun && pq.status(put->postgres->link.connection) == CONNECTION_OK)
		postgres_put_run(put, "ROLLBACK", NULL, &err);
	text_finish(&put->rows);
	free(put);
}

/* To explain a statement is to check names, types and rights. */
bool postgres_put_check(void *store, const struct store_put *asked, struct error *err)
{
	struct postgres_put *put = memory_zeroed(1, sizeof(*put));
	put->postgres = store;
	put->put = asked;
	bool fine = postgres_put_open(put, err) &&
		    postgres_put_written(put, "EXPLAIN ", postgres_put_write_update, NULL, err) &&
		    (!asked->add || postgres_put_written(
					    put, "EXPLAIN ", postgres_put_write_insert, NULL, err));
	postgres_put_end(put);
	return fine;
}

bool postgres_put_begin(
	void *store, const struct store_put *asked, void **putting, struct error *err)
{
	struct postgres_put *put = memory_zeroed(1, sizeof(*put));
	put->postgres = store;
	put->put = asked;
	if (postgres_put_open(put, err) && link_copy_begin(&put->postgres->link,
						   "COPY pg_temp.nightmill_put FROM STDIN", err)) {
		*putting = put;
		return true;
	}
	postgres_put_end(put);
	return false;
}

static void postgres_put_value(struct text *rows, const struct slot *value)
{
	static const char special[] = "\\\n\r\t", letters[] = "\\nrt";
	if (!value->data) {
		text_add_string(rows, "\\N");
		return;
	}
	for (size_t i = 0; i < value->length; i++) {
		const char *found = value->data[i] ? strchr(special, value->data[i]) : NULL;
		if (found)
			text_add_string(rows, "\\");
		text_add(rows, found ? &letters[found - special] : &value->data[i], 1);
	}
}

bool postgres_put_many(
	void *putting, const struct store_change *changes, size_t count, struct error *err)
{
	struct postgres_put *put = putting;
	text_clear(&put->rows);
	for (size_t i = 0; i < count; i++) {
		postgres_put_value(&put->rows, &changes[i].key);
		for (size_t k = 0; k < put->put->column_count; k++) {
			text_add_string(&put->rows, "\t");
			postgres_put_value(&put->rows, &changes[i].values[k]);
		}
		text_add_string(&put->rows, "\n");
	}
	return count == 0 || link_copy_add(&put->postgres->link, &put->rows, err);
}

bool postgres_put_commit(void *putting, uint64_t *changed, struct error *err)
{
	struct postgres_put *put = putting;
	*changed = 0;
	if (!link_copy_end(&put->postgres->link, err) ||
		!postgres_put_run(put, "ANALYZE pg_temp.nightmill_put", NULL, err) ||
		!postgres_put_written(put, "", postgres_put_write_update, changed, err) ||
		(put->put->add &&
			!postgres_put_written(put, "", postgres_put_write_insert, changed, err)) ||
		!postgres_put_run(put, "COMMIT", NULL, err))
		return false;
	put->begun = false;
	return true;
}
