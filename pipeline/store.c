#include "pipeline/store.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

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

void store_add_part(struct text *text, const char *part)
{
	text_add(text, part ? part : "", (part ? strlen(part) : 0) + 1);
}

void store_add_host(struct text *text)
{
	char name[256] = "", id[64] = "";
	int file = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	if (gethostname(name, sizeof(name) - 1) != 0)
		*name = '\0';
	if (file >= 0 && read(file, id, sizeof(id) - 1) < 0)
		*id = '\0';
	if (file >= 0)
		close(file);
	store_add_part(text, name);
	store_add_part(text, id);
}

/* As memcmp, and what goes on is behind what ends. */
static int store_compare(const struct slot *value, const char *bound)
{
	const size_t length = strlen(bound);
	const int order =
		memcmp(value->data, bound, value->length < length ? value->length : length);
	return order ? order : (value->length > length) - (value->length < length);
}

static bool store_range_passes(const struct store_filter *filter, const struct slot *value)
{
	return value->data && store_compare(value, filter->from) >= 0 &&
	       (!filter->before || store_compare(value, filter->before) < 0);
}

bool store_filter_passes(const struct store_filter *filter, const struct slot *value)
{
	if (filter->from)
		return store_range_passes(filter, value);
	bool among = false;
	size_t length = value->data ? value->length : 0;
	for (size_t i = 0; i < filter->values.count && !among; i++) {
		const char *wanted = filter->values.items[i];
		among = strlen(wanted) == length &&
			(length == 0 || memcmp(wanted, value->data, length) == 0);
	}
	return among != filter->negate;
}
