/* The rows as JSON Schema 2020-12, for editors that check YAML while it is typed. */

#include "pipeline/options/option.h"

#include <string.h>

#include "pipeline/options/value.h"

#define SCHEMA_NUMBER "[0-9]+(\\\\.[0-9]+)?"

static void schema_string(const char *string, struct text *text)
{
	text_add_json(text, string, strlen(string));
}

/* `, "least": 1, "most": 9` under the names that the type has for them. */
static void schema_range(
	const struct option *row, const char *least, const char *most, struct text *text)
{
	if (row->least == 0 && row->most == 0)
		return;
	text_addf(text, ",\"%s\":%.17g,\"%s\":%.17g", least, row->least, most, row->most);
}

static void schema_words(const char *const *words, struct text *text)
{
	text_add_string(text, "{\"enum\":[");
	for (size_t i = 0; words[i]; i++) {
		text_add_string(text, i ? "," : "");
		schema_string(words[i], text);
	}
	text_add_string(text, "]}");
}

/* A value that the environment gives can be checked by the program alone. */
static void schema_or_variable(struct text *text)
{
	text_add_string(text, ",{\"type\":\"string\",\"pattern\":"
			      "\"\\\\$\\\\{[A-Za-z_][A-Za-z0-9_]*\\\\}\"}]");
}

static void schema_number(const struct option *row, const char *type, struct text *text)
{
	text_addf(text, "\"anyOf\":[{\"type\":\"%s\"", type);
	schema_range(row, "minimum", "maximum", text);
	text_add_string(text, "}");
	if (row->words) {
		text_add_string(text, ",");
		schema_words(row->words, text);
	}
	schema_or_variable(text);
}

/* A whole number or a text of this form. */
/* `bare`: what a number without a unit must be. */
static void schema_measure(const char *bare, const char *pattern, struct text *text)
{
	text_addf(text,
		"\"anyOf\":[{\"type\":\"integer\",%s},"
		"{\"type\":\"string\",\"pattern\":\"%s\"}",
		bare, pattern);
	schema_or_variable(text);
}

/* Readers of YAML 1.2 take yes and no for texts. */
static void schema_boolean(struct text *text)
{
	text_add_string(text, "\"anyOf\":[{\"type\":\"boolean\"},"
			      "{\"enum\":[\"yes\",\"no\",\"on\",\"off\"]}");
	schema_or_variable(text);
}

static void schema_choice(const struct option *row, struct text *text)
{
	text_add_string(text, "\"anyOf\":[");
	schema_words(row->words, text);
	schema_or_variable(text);
}

static void schema_list(const struct option *row, struct text *text)
{
	static const char item[] = "{\"type\":[\"string\",\"number\",\"boolean\"]}";
	text_addf(text, "\"anyOf\":[%s,{\"type\":\"null\"},{\"type\":\"array\",\"items\":%s", item,
		item);
	schema_range(row, "minItems", "maxItems", text);
	text_add_string(text, "}]");
}

static void schema_groups(const struct option *row, struct text *text)
{
	text_add_string(text, "\"type\":[\"array\",\"null\"],\"items\":");
	option_schema(row->rows, text);
	schema_range(row, "minItems", "maxItems", text);
}

static bool schema_needs_options(const struct plugin *plugin)
{
	for (const struct option *row = plugin->options; row->name; row++)
		if (!row->fallback)
			return true;
	return false;
}

/* A mapping whose one key is the plugin's name. */
static void schema_plugin(const struct plugin *plugin, struct text *text)
{
	bool needs = schema_needs_options(plugin);
	text_add_string(text, "{\"type\":\"object\",\"description\":");
	schema_string(plugin->summary, text);
	text_add_string(text, ",\"properties\":{");
	schema_string(plugin->name, text);
	text_add_string(text, needs ? ":" : ":{\"anyOf\":[{\"type\":\"null\"},");
	option_schema(plugin->options, text);
	text_add_string(text, needs ? "},\"required\":[" : "]}},\"required\":[");
	schema_string(plugin->name, text);
	text_add_string(text, "],\"additionalProperties\":false}");
}

/* What stands for one of a table: the word alone where nothing is required, or a mapping with one
 * key. */
static void schema_plugins(const struct plugin *const *plugins, struct text *text)
{
	const char *between = "";
	text_add_string(text, "\"oneOf\":[");
	for (size_t i = 0; plugins[i]; i++) {
		text_add_string(text, between);
		if (!schema_needs_options(plugins[i])) {
			text_add_string(text, "{\"const\":");
			schema_string(plugins[i]->name, text);
			text_add_string(text, "},");
		}
		schema_plugin(plugins[i], text);
		between = ",";
	}
	text_add_string(text, "]");
}

static void schema_plugin_list(const struct option *row, struct text *text)
{
	bool named = row->type == OPTION_NAMED_PLUGINS;
	text_addf(text, "\"type\":\"%s\",\"%s\":{", named ? "object" : "array",
		named ? "additionalProperties" : "items");
	schema_plugins(row->plugins, text);
	text_add_string(text, "}");
	schema_range(row, named ? "minProperties" : "minItems",
		named ? "maxProperties" : "maxItems", text);
}

static void schema_type(const struct option *row, struct text *text)
{
	switch (row->type) {
	case OPTION_INTEGER:
	case OPTION_NUMBER_OR_WORD:
		schema_number(row, "integer", text);
		break;
	case OPTION_REAL:
		schema_number(row, "number", text);
		break;
	case OPTION_BOOLEAN:
		schema_boolean(text);
		break;
	case OPTION_BYTES:
		schema_measure("\"minimum\":0", "^" SCHEMA_NUMBER " ?([KMGT]i?B|kB|B)?$", text);
		break;
	case OPTION_DURATION:
		schema_measure("\"const\":0", "^(0|(" SCHEMA_NUMBER "(us|ms|s|m|h|d))+)$", text);
		break;
	case OPTION_SHARE:
		schema_measure("\"minimum\":0", "^([0-9]+|" SCHEMA_NUMBER "%)$", text);
		break;
	case OPTION_CHOICE:
		schema_choice(row, text);
		break;
	case OPTION_LIST:
		schema_list(row, text);
		break;
	case OPTION_GROUPS:
		schema_groups(row, text);
		break;
	case OPTION_GROUP:
		text_add_string(text, "\"anyOf\":[{\"type\":\"null\"},");
		option_schema(row->rows, text);
		text_add_string(text, "]");
		break;
	case OPTION_PLUGIN:
		schema_plugins(row->plugins, text);
		break;
	case OPTION_PLUGINS:
	case OPTION_NAMED_PLUGINS:
		schema_plugin_list(row, text);
		break;
	default:
		text_add_string(text, "\"type\":[\"string\",\"number\",\"boolean\"]");
	}
}

/* A plain scalar as JSON knows it. */
static void schema_scalar(const struct option *row, const struct yaml_node *node, struct text *text)
{
	bool is_number = row->type == OPTION_INTEGER || row->type == OPTION_REAL ||
			 (row->type == OPTION_NUMBER_OR_WORD &&
				 !node->text[strspn(node->text, "-0123456789")]);
	bool value;
	if (row->type == OPTION_BOOLEAN && value_read(row, node, &value) == VALUE_FITS)
		text_add_string(text, value ? "true" : "false");
	else if (is_number)
		text_add_string(text, node->text);
	else
		schema_string(node->text, text);
}

static void schema_list_default(
	const struct option *row, const struct yaml_node *node, struct text *text)
{
	text_add_string(text, "[");
	for (size_t i = 0; i < node->count; i++) {
		text_add_string(text, i ? "," : "");
		schema_scalar(row, node->values[i], text);
	}
	text_add_string(text, "]");
}

/* `,"default": ...`; what has rows of its own tells its defaults there. */
static void schema_default(const struct option *row, struct text *text)
{
	if (!row->fallback || !*row->fallback || row->rows)
		return;
	struct arena arena = { 0 };
	const struct yaml_node *node = value_fallback(row, &arena);
	bool is_list = node && node->kind == YAML_LIST && row->type == OPTION_LIST;
	if (is_list || (node && node->kind == YAML_SCALAR))
		text_add_string(text, ",\"default\":");
	if (is_list)
		schema_list_default(row, node, text);
	else if (node && node->kind == YAML_SCALAR)
		schema_scalar(row, node, text);
	arena_finish(&arena);
}

static void schema_property(const struct option *row, struct text *text)
{
	schema_string(row->name, text);
	text_add_string(text, ":{\"description\":");
	schema_string(row->help ? row->help : "", text);
	schema_default(row, text);
	text_add_string(text, ",");
	schema_type(row, text);
	text_add_string(text, "}");
}

void option_schema(const struct option *rows, struct text *text)
{
	const char *between = "";
	text_add_string(text, "{\"type\":\"object\",\"properties\":{");
	for (const struct option *row = rows; row->name; row++, between = ",") {
		text_add_string(text, between);
		schema_property(row, text);
	}
	text_add_string(text, "},\"required\":[");
	between = "";
	for (const struct option *row = rows; row->name; row++) {
		if (row->fallback)
			continue;
		text_add_string(text, between);
		schema_string(row->name, text);
		between = ",";
	}
	text_add_string(text, "],\"additionalProperties\":false}");
}
