/* The store `postgres`: all rows, one after the other. */

#include <stdio.h>

#include "pipeline/stores/postgres_private.h"

enum { POSTGRES_FETCH = 2048 };

/* In the order of the key, so that it can go on behind the last one after the server was away. */
static void postgres_write_scan(struct postgres_query *query)
{
	const struct postgres *postgres = query->postgres;
	const char *key = postgres->columns.list[query->query->key].name;
	text_clear(&query->scan);
	text_addf(&query->scan, "DECLARE %s NO SCROLL CURSOR FOR ", query->name);
	statement_add_select(&query->scan, postgres->table, &postgres->columns, query->query);
	if (query->resumed) {
		text_add_string(&query->scan, " WHERE ");
		statement_add_name(&query->scan, key);
		text_add_string(&query->scan, " > $1");
	}
	statement_add_filters(&query->scan, &postgres->columns, query->query,
		query->resumed ? 2 : 1, &postgres_dialect);
	text_add_string(&query->scan, " ORDER BY ");
	statement_add_name(&query->scan, key);
}

/* Within a transaction of its own, so that it sees one moment. */
static bool postgres_run(
	struct postgres_query *query, const char *sql, bool *lost, struct error *err)
{
	const struct link_query statement = { .sql = sql };
	PGresult *result = link_query(&query->postgres->link, &statement, lost, err);
	pq.clear(result);
	return result != NULL;
}

static bool postgres_declare(struct postgres_query *query, bool *lost, struct error *err)
{
	postgres_write_scan(query);
	query->parameters[0] = query->resumed ? query->last.data : NULL;
	const struct link_query declare = {
		.sql = query->scan.data,
		.values = query->parameters + !query->resumed,
		.count = query->parameter_count + query->resumed,
	};
	if (!postgres_run(query, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", lost, err))
		return false;
	PGresult *result = link_query(&query->postgres->link, &declare, lost, err);
	pq.clear(result);
	return result != NULL;
}

static bool postgres_fetch_once(struct postgres_query *query, bool *lost, struct error *err)
{
	char sql[96];
	if (!query->scanning && !postgres_declare(query, lost, err))
		return false;
	query->scanning = true;
	snprintf(sql, sizeof(sql), "FETCH %d FROM %s", POSTGRES_FETCH, query->name);
	const struct link_query fetch = { .sql = sql };
	pq.clear(query->rows);
	query->next = 0;
	query->rows = link_query(&query->postgres->link, &fetch, lost, err);
	return query->rows != NULL;
}

/* The next rows of the scan. A connection that broke took the cursor with it: a new one goes on
 * behind the last key, in the rows as they are then. */
static bool postgres_fetch(struct postgres_query *query, struct error *err)
{
	bool lost = false;
	while (!postgres_fetch_once(query, &lost, err)) {
		if (!lost)
			return false;
		lost = query->scanning = false;
		query->resumed = query->last.length > 0;
	}
	return true;
}

static bool postgres_end(struct postgres_query *query, struct error *err)
{
	bool lost = false;
	pq.clear(query->rows);
	query->rows = NULL;
	query->scanning = query->resumed = false;
	text_clear(&query->last);
	return postgres_run(query, "COMMIT", &lost, err) || lost;
}

bool postgres_scan(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err)
{
	struct postgres_query *query = prepared;
	for (size_t i = 0; i < most; i++) {
		bool empty = !query->rows || query->next == pq.ntuples(query->rows);
		if (empty && !postgres_fetch(query, err))
			return false;
		*more = pq.ntuples(query->rows) > 0;
		if (!*more)
			return postgres_end(query, err);
		struct slot key = postgres_value(query->rows, query->next, 0);
		query->from = query->rows;
		text_clear(&query->last);
		text_add(&query->last, key.data, key.data ? key.length : 0);
		if (!postgres_give(query, query->next++, 0, sink, err))
			return false;
	}
	return true;
}
