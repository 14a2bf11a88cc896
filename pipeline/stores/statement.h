#ifndef NIGHTMILL_STORES_STATEMENT_H
#define NIGHTMILL_STORES_STATEMENT_H

/* The SQL that the stores of databases have in common. Names of tables and columns are quoted;
 * values are parameters, never text. */

#include <stddef.h>

#include "pipeline/store.h"
#include "pipeline/support/text.h"

/* How a database writes what they don't all write alike. */
struct statement_dialect {
	const char *mark;    /* of a parameter: "?" or "$" */
	const char *as_text; /* behind a column that is to be compared as text: "" or "::text" */
};

/* Adds a name in double quotation marks. */
void statement_add_name(struct text *sql, const char *name);

/* Adds a name for an index, "table_column". */
void statement_add_index(struct text *sql, const char *table, const char *column);

/* Adds `SELECT "key", "a", "b" FROM table`; `table` is quoted already. */
void statement_add_select(struct text *sql, const char *table, const struct store_columns *columns,
	const struct store_query *query);

/* Adds the query's filters as conditions whose values are parameters from number `parameter` on, in
 * the order of statement_filter_value; the first is behind WHERE where that is 1, else behind AND.
 */
void statement_add_filters(struct text *sql, const struct store_columns *columns,
	const struct store_query *query, size_t parameter, const struct statement_dialect *dialect);

/* The value of the query's parameter number `index` (from 0), NULL behind the last. */
const char *statement_filter_value(const struct store_query *query, size_t index);

#endif
