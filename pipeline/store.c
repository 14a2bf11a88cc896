#include "pipeline/store.h"

#include <string.h>

bool store_find_column(
	const struct store_columns *columns, const char *name, size_t *column, struct error *err)
{
	struct arena arena = { 0 };
	const char **names = arena_alloc(&arena, (columns->count + 1) * sizeof(*names));
	for (size_t i = 0; i < columns->count; i++)
		names[i] = columns->list[i].name;
	const struct fields known = { .names = names, .count = columns->count };
	bool found = fields_find(&known, name, column, err);
	arena_finish(&arena);
	return found;
}

bool store_filter_passes(const struct store_filter *filter, const struct slot *value)
{
	bool among = false;
	size_t length = value->data ? value->length : 0;
	for (size_t i = 0; i < filter->values.count && !among; i++) {
		const char *wanted = filter->values.items[i];
		among = strlen(wanted) == length &&
			(length == 0 || memcmp(wanted, value->data, length) == 0);
	}
	return among != filter->negate;
}
