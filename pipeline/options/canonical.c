/* Settings as YAML: the same text for the same settings, whatever the user wrote. */

#include "pipeline/options/option.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/options/value.h"

enum canonical_what { CANONICAL_ALL, CANONICAL_RECIPE, CANONICAL_VERDICT };

struct canonical {
	struct text *text;
	enum canonical_what what;
};

static void canonical_flow(const struct canonical *to, const struct option *row, const void *field,
	const struct yaml_node *node);

static const void *canonical_field(const struct option *row, const void *settings)
{
	return (const char *)settings + row->offset;
}

static bool canonical_wants(const struct canonical *to, const struct option *row);

static bool canonical_wants_any(const struct canonical *to, const struct option *rows)
{
	for (const struct option *row = rows; row->name; row++)
		if (canonical_wants(to, row))
			return true;
	return false;
}

/* What a group affects is said by its rows. */
static bool canonical_wants(const struct canonical *to, const struct option *row)
{
	if (to->what == CANONICAL_ALL)
		return true;
	if (row->rows)
		return canonical_wants_any(to, row->rows);
	return row->affects == AFFECTS_BYTES ||
	       (row->affects == AFFECTS_LIMIT && to->what == CANONICAL_VERDICT);
}

/* An absent plugin has no text, nor has a mapping without a name: leaving the option out is how it
 * is written. */
static bool canonical_shows(const struct canonical *to, const struct option *row, const void *field)
{
	bool absent =
		(row->type == OPTION_PLUGIN && !((const struct option_plugin *)field)->plugin) ||
		(row->type == OPTION_NAMED_PLUGINS &&
			!((const struct option_plugins *)field)->count);
	return !absent && canonical_wants(to, row);
}

/* Digests need what the value is; a secret must not differ between two machines without changing
 * them. */
static bool canonical_hides(const struct canonical *to, const struct yaml_node *node)
{
	return to->what == CANONICAL_ALL && node && node->secret;
}

/* Digests leave out what is as it is without being said: an option that is new in a version changes
 * no digest where it is not used. */
static bool canonical_is_usual(const struct canonical *to, const struct option *row, size_t value)
{
	return to->what != CANONICAL_ALL && row->fallback &&
	       strcmp(to->text->data + value, row->fallback) == 0;
}

static void canonical_cut(const struct canonical *to, size_t length)
{
	to->text->length = length;
	to->text->data[length] = '\0';
}

static void canonical_flow_rows(const struct canonical *to, const struct option *rows,
	const void *settings, const struct yaml_node *map)
{
	const char *between = "{ ";
	for (const struct option *row = rows; row->name; row++) {
		const void *field = canonical_field(row, settings);
		if (!canonical_shows(to, row, field))
			continue;
		const size_t before = to->text->length;
		text_addf(to->text, "%s%s: ", between, row->name);
		const size_t value = to->text->length;
		canonical_flow(to, row, field, yaml_get(map, row->name));
		if (canonical_is_usual(to, row, value))
			canonical_cut(to, before);
		else
			between = ", ";
	}
	text_add_string(to->text, *between == '{' ? "{}" : " }");
}

static void canonical_flow_plugin(const struct canonical *to, const struct option_plugin *plugin)
{
	text_addf(to->text, "{ %s: ", plugin->plugin->name);
	canonical_flow_rows(to, plugin->plugin->options, plugin->settings, plugin->node);
	text_add_string(to->text, " }");
}

static void canonical_list(
	const struct canonical *to, const struct option_list *list, const struct yaml_node *node)
{
	text_add_string(to->text, "[");
	for (size_t i = 0; i < list->count; i++) {
		bool is_list = node && node->kind == YAML_LIST && i < node->count;
		text_add_string(to->text, i ? ", " : "");
		if (canonical_hides(to, is_list ? node->values[i] : node))
			text_add_string(to->text, "\"***\"");
		else
			value_write_text(list->items[i], to->text);
	}
	text_add_string(to->text, "]");
}

static void canonical_flow_groups(
	const struct canonical *to, const struct option *row, const struct option_groups *groups)
{
	text_add_string(to->text, "[");
	for (size_t i = 0; i < groups->count; i++) {
		const char *group = (const char *)groups->items + i * row->group_bytes;
		text_add_string(to->text, i ? ", " : "");
		canonical_flow_rows(to, row->rows, group, groups->nodes ? groups->nodes[i] : NULL);
	}
	text_add_string(to->text, "]");
}

static void canonical_flow_plugins(
	const struct canonical *to, const struct option *row, const struct option_plugins *plugins)
{
	bool named = row->type == OPTION_NAMED_PLUGINS;
	text_add_string(to->text, named ? "{" : "[");
	for (size_t i = 0; i < plugins->count; i++) {
		text_add_string(to->text, i ? ", " : "");
		if (named) {
			value_write_text(plugins->items[i].name, to->text);
			text_add_string(to->text, ": ");
		}
		canonical_flow_plugin(to, &plugins->items[i]);
	}
	text_add_string(to->text, named ? "}" : "]");
}

static void canonical_flow(const struct canonical *to, const struct option *row, const void *field,
	const struct yaml_node *node)
{
	switch (row->type) {
	case OPTION_LIST:
		canonical_list(to, field, node);
		break;
	case OPTION_GROUPS:
		canonical_flow_groups(to, row, field);
		break;
	case OPTION_GROUP:
		canonical_flow_rows(to, row->rows, field, node);
		break;
	case OPTION_PLUGIN:
		canonical_flow_plugin(to, field);
		break;
	case OPTION_PLUGINS:
	case OPTION_NAMED_PLUGINS:
		canonical_flow_plugins(to, row, field);
		break;
	default:
		if (canonical_hides(to, node))
			text_add_string(to->text, "\"***\"");
		else
			value_write(row, field, to->text);
	}
}

static void canonical_block_rows(const struct canonical *to, const struct option *rows,
	const void *settings, const struct yaml_node *map, int indent);

static void canonical_indent(const struct canonical *to, int indent)
{
	text_addf(to->text, "%*s", indent, "");
}

/* The plugin's name behind what stands in the line already, its options below. */
static void canonical_block_plugin(
	const struct canonical *to, const struct option_plugin *plugin, int indent)
{
	const struct option *rows = plugin->plugin->options;
	text_addf(to->text, "%s:%s\n", plugin->plugin->name, rows->name ? "" : " {}");
	canonical_block_rows(to, rows, plugin->settings, plugin->node, indent + 2);
}

static void canonical_block_plugins(const struct canonical *to, const struct option *row,
	const struct option_plugins *plugins, int indent)
{
	for (size_t i = 0; i < plugins->count; i++) {
		canonical_indent(to, indent);
		if (row->type == OPTION_NAMED_PLUGINS) {
			value_write_text(plugins->items[i].name, to->text);
			text_add_string(to->text, ":\n");
			canonical_indent(to, indent + 2);
		} else {
			text_add_string(to->text, "- ");
		}
		canonical_block_plugin(to, &plugins->items[i], indent + 2);
	}
}

static void canonical_block_groups(const struct canonical *to, const struct option *row,
	const struct option_groups *groups, int indent)
{
	for (size_t i = 0; i < groups->count; i++) {
		const char *group = (const char *)groups->items + i * row->group_bytes;
		canonical_indent(to, indent);
		text_add_string(to->text, "- ");
		canonical_flow_rows(to, row->rows, group, groups->nodes ? groups->nodes[i] : NULL);
		text_add_string(to->text, "\n");
	}
}

/* True for what is written below its name rather than behind it. */
static bool canonical_is_block(const struct option *row, const void *field)
{
	switch (row->type) {
	case OPTION_GROUPS:
		return ((const struct option_groups *)field)->count > 0;
	case OPTION_PLUGIN:
		return true;
	case OPTION_PLUGINS:
	case OPTION_NAMED_PLUGINS:
		return ((const struct option_plugins *)field)->count > 0;
	default:
		return false;
	}
}

static void canonical_block(
	const struct canonical *to, const struct option *row, const void *field, int indent)
{
	text_add_string(to->text, "\n");
	if (row->type == OPTION_GROUPS) {
		canonical_block_groups(to, row, field, indent + 2);
	} else if (row->type == OPTION_PLUGIN) {
		canonical_indent(to, indent + 2);
		canonical_block_plugin(to, field, indent + 2);
	} else {
		canonical_block_plugins(to, row, field, indent + 2);
	}
}

static void canonical_block_rows(const struct canonical *to, const struct option *rows,
	const void *settings, const struct yaml_node *map, int indent)
{
	for (const struct option *row = rows; row->name; row++) {
		const void *field = canonical_field(row, settings);
		if (!canonical_shows(to, row, field))
			continue;
		canonical_indent(to, indent);
		text_addf(to->text, "%s:", row->name);
		if (canonical_is_block(row, field)) {
			canonical_block(to, row, field, indent);
			continue;
		}
		text_add_string(to->text, " ");
		canonical_flow(to, row, field, yaml_get(map, row->name));
		text_add_string(to->text, "\n");
	}
}

void option_canonical(const struct option *rows, const void *settings, const struct yaml_node *node,
	int indent, struct text *text)
{
	const struct canonical to = { .text = text, .what = CANONICAL_ALL };
	canonical_block_rows(&to, rows, settings, node, indent);
}

struct digest option_digest(const struct option *rows, const void *settings, bool limits)
{
	struct text text = { 0 };
	const struct canonical to = {
		.text = &text,
		.what = limits ? CANONICAL_VERDICT : CANONICAL_RECIPE,
	};
	canonical_flow_rows(&to, rows, settings, NULL);
	struct digest digest = digest_of(text.data, text.length);
	text_finish(&text);
	return digest;
}
