#include "pipeline/stores/statement.h"

#include <string.h>

void statement_add_name(struct text *sql, const char *name)
{
	text_add_string(sql, "\"");
	for (; *name; name++) {
		if (*name == '"')
			text_add_string(sql, "\"");
		text_add(sql, name, 1);
	}
	text_add_string(sql, "\"");
}

void statement_add_index(struct text *sql, const char *table, const char *column)
{
	struct text name = { 0 };
	text_addf(&name, "%s_%s", table, column);
	statement_add_name(sql, name.data);
	text_finish(&name);
}

void statement_add_select(struct text *sql, const char *table, const struct store_columns *columns,
	const struct store_query *query)
{
	text_add_string(sql, "SELECT ");
	statement_add_name(sql, columns->list[query->key].name);
	for (size_t i = 0; i < query->column_count; i++) {
		text_add_string(sql, ", ");
		statement_add_name(sql, columns->list[query->columns[i]].name);
	}
	text_addf(sql, " FROM %s", table);
}

void statement_add_filters(struct text *sql, const struct store_columns *columns,
	const struct store_query *query, size_t parameter, const struct statement_dialect *dialect)
{
	for (size_t i = 0; i < query->filter_count; i++) {
		const struct store_filter *filter = &query->filters[i];
		text_addf(sql, " %s coalesce(", parameter == 1 ? "WHERE" : "AND");
		statement_add_name(sql, columns->list[filter->column].name);
		/* A NULL is in no list and out of none: it counts as an empty text. */
		text_addf(sql, "%s, '') %s (", dialect->as_text, filter->negate ? "NOT IN" : "IN");
		for (size_t k = 0; k < filter->values.count; k++)
			text_addf(sql, "%s%s%zu", k ? ", " : "", dialect->mark, parameter++);
		text_add_string(sql, ")");
	}
}

const char *statement_filter_value(const struct store_query *query, size_t index)
{
	for (size_t i = 0; i < query->filter_count; i++) {
		const struct option_list *values = &query->filters[i].values;
		if (index < values->count)
			return values->items[index];
		index -= values->count;
	}
	return NULL;
}
