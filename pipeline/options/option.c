#include "pipeline/options/option.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/options/value.h"

static const struct {
	const char *one;  /* what a row of the type takes */
	const char *many; /* the noun for its range, where that counts elements */
} option_words[] = {
	[OPTION_INTEGER] = { "integer", NULL },
	[OPTION_REAL] = { "number", NULL },
	[OPTION_BOOLEAN] = { "yes or no", NULL },
	[OPTION_TEXT] = { "text", NULL },
	[OPTION_FIELD] = { "name of a field", NULL },
	[OPTION_TEMPLATE] = { "text with {slots}", NULL },
	[OPTION_PATH] = { "path", NULL },
	[OPTION_BYTES] = { "size such as 64MiB", NULL },
	[OPTION_DURATION] = { "duration such as 30s or 1h30m", NULL },
	[OPTION_NUMBER_OR_WORD] = { "integer", NULL },
	[OPTION_SHARE] = { "percentage such as 5%, or a count", NULL },
	[OPTION_CHOICE] = { "one of: ", NULL },
	[OPTION_LIST] = { "text or list of texts", "texts" },
	[OPTION_GROUPS] = { "list of mappings", "mappings" },
	[OPTION_GROUP] = { "mapping", NULL },
	[OPTION_PLUGIN] = { "mapping with one key out of: ", NULL },
	[OPTION_PLUGINS] = { "list of mappings, each with one key out of: ", "elements" },
	[OPTION_NAMED_PLUGINS] = { "mapping from names to mappings, each with one key out of: ",
		"names" },
};

static void option_range_text(const struct option *row, struct text *text)
{
	if (row->least == 0 && row->most == 0)
		return;
	const char *many = option_words[row->type].many;
	text_add_string(text, value_is_scalar(row->type) ? " from " : ", ");
	value_write_bound(row, row->least, text);
	text_add_string(text, " to ");
	value_write_bound(row, row->most, text);
	if (many)
		text_addf(text, " %s", many);
}

void option_type_text(const struct option *row, struct text *text)
{
	text_add_string(text, option_words[row->type].one);
	if (row->type == OPTION_CHOICE)
		value_write_words(row->words, text);
	if (row->plugins)
		value_write_plugins(row->plugins, text);
	option_range_text(row, text);
	if (row->type == OPTION_NUMBER_OR_WORD) {
		text_add_string(text, ", or ");
		value_write_words(row->words, text);
	}
	if (row->unit)
		text_addf(text, " (%s)", row->unit);
}

const struct option *option_find(const struct option *rows, const char *name)
{
	for (const struct option *row = rows; row->name; row++)
		if (!strcmp(row->name, name))
			return row;
	return NULL;
}

static const struct yaml_node *option_child(const struct yaml_node *node, const char *part)
{
	if (node->kind != YAML_LIST)
		return yaml_get(node, part);
	char *end;
	unsigned long number = strtoul(part, &end, 10);
	return *part && !*end && number < node->count ? node->values[number] : NULL;
}

void option_complain(struct problems *problems, const struct yaml_node *node, struct place around,
	const char *path, const char *format, ...)
{
	struct text parts = { 0 }, message = { 0 };
	text_add_string(&parts, path);
	char *rest = parts.data;
	while (node && rest && *rest) {
		const struct yaml_node *child = option_child(node, strsep(&rest, "."));
		around = child ? child->place : node->place;
		node = child;
	}
	va_list list;
	va_start(list, format);
	text_addv(&message, format, list);
	va_end(list);
	problems_add(problems, around, "%s", message.data ? message.data : "");
	text_finish(&message);
	text_finish(&parts);
}
