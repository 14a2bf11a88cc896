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

/* `"date" >= ?1 AND "date" < ?2`: the column as it is, for its index. */
static size_t statement_add_range(struct text *sql, const char *column,
	const struct store_filter *filter, size_t parameter, const char *mark)
{
	statement_add_name(sql, column);
	text_addf(sql, " >= %s%zu", mark, parameter++);
	if (!filter->before)
		return parameter;
	text_add_string(sql, " AND ");
	statement_add_name(sql, column);
	text_addf(sql, " < %s%zu", mark, parameter++);
	return parameter;
}

static size_t statement_add_list(struct text *sql, const char *column,
	const struct store_filter *filter, size_t parameter,
	const struct statement_dialect *dialect)
{
	/* A NULL is in no list and out of none: it counts as an empty text. */
	text_add_string(sql, "coalesce(");
	statement_add_name(sql, column);
	text_addf(sql, "%s, '') %s (", dialect->as_text, filter->negate ? "NOT IN" : "IN");
	for (size_t k = 0; k < filter->values.count; k++)
		text_addf(sql, "%s%s%zu", k ? ", " : "", dialect->mark, parameter++);
	text_add_string(sql, ")");
	return parameter;
}

void statement_add_filters(struct text *sql, const struct store_columns *columns,
	const struct store_query *query, size_t parameter, const struct statement_dialect *dialect)
{
	for (size_t i = 0; i < query->filter_count; i++) {
		const struct store_filter *filter = &query->filters[i];
		const char *column = columns->list[filter->column].name;
		text_add_string(sql, parameter == 1 ? " WHERE " : " AND ");
		parameter =
			filter->from
				? statement_add_range(sql, column, filter, parameter, dialect->mark)
				: statement_add_list(sql, column, filter, parameter, dialect);
	}
}

static size_t statement_value_count(const struct store_filter *filter)
{
	return filter->from ? 1 + (filter->before != NULL) : filter->values.count;
}

const char *statement_filter_value(const struct store_query *query, size_t index)
{
	for (size_t i = 0; i < query->filter_count; i++) {
		const struct store_filter *filter = &query->filters[i];
		const size_t count = statement_value_count(filter);
		if (index < count && filter->from)
			return index ? filter->before : filter->from;
		if (index < count)
			return filter->values.items[index];
		index -= count;
	}
	return NULL;
}
