/* From a YAML tree to settings. */

#include "pipeline/options/option.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/options/value.h"

struct parse {
	struct arena *arena;
	struct problems *problems;
	/* Whose options are parsed, and its table; NULL outside a plugin. */
	const struct plugin *plugin;
	const struct plugin *const *table;
};

static bool parse_value(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, void *field);

static bool parse_rows(const struct parse *parse, const struct option *rows,
	const struct yaml_node *map, struct place place, char *settings);

/* "'width': expected integer from 1 to 9, found 'x'" and what may be added. Silent where the value
 * was complained about before. */
static bool parse_refuse(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, const char *more)
{
	if (node->broken)
		return false;
	struct text text = { 0 };
	text_addf(&text, "'%s': expected ", row->name);
	option_type_text(row, &text);
	text_add_string(&text, "; found ");
	value_write_found(node, &text);
	text_add_string(&text, more);
	problems_add(parse->problems, node->place, "%s", text.data);
	text_finish(&text);
	return false;
}

static bool parse_scalar(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, void *field)
{
	enum value_fit fit = value_read(row, node, field);
	if (fit == VALUE_QUOTED)
		return parse_refuse(parse, row, node, " in quotation marks, which make it a text");
	if (fit == VALUE_FITS)
		return true;
	struct text nearest = { 0 };
	text_add(&nearest, "", 0);
	if (row->type == OPTION_CHOICE && node->kind == YAML_SCALAR && !node->secret)
		value_write_nearest(node->text, row->words, NULL, &nearest);
	if (row->type == OPTION_PATH && node->kind == YAML_SCALAR && option_is_home(node->text))
		text_add_string(&nearest, "; " OPTION_HOME_HINT);
	parse_refuse(parse, row, node, nearest.data);
	text_finish(&nearest);
	return false;
}

/* The number of elements against the row's range. */
static bool parse_count(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, size_t count)
{
	if ((row->least == 0 && row->most == 0) ||
		((double)count >= row->least && (double)count <= row->most))
		return true;
	char found[64];
	snprintf(found, sizeof(found), " of %zu", count);
	return parse_refuse(parse, row, node, node->kind == YAML_SCALAR ? "" : found);
}

static bool parse_list(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, struct option_list *list)
{
	if (node->kind == YAML_MAP || node->broken)
		return parse_refuse(parse, row, node, "");
	size_t count = node->kind == YAML_LIST ? node->count : node->kind == YAML_SCALAR;
	list->items = arena_alloc(parse->arena, (count + 1) * sizeof(*list->items));
	bool fits = true;
	for (size_t i = 0; i < count; i++) {
		const struct yaml_node *item = node->kind == YAML_LIST ? node->values[i] : node;
		list->items[i] = item->text;
		if (item->kind != YAML_SCALAR || item->broken)
			fits = parse_refuse(parse, row, item, "");
	}
	list->count = count;
	return parse_count(parse, row, node, count) && fits;
}

static bool parse_groups(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, struct option_groups *groups)
{
	if (node->kind != YAML_LIST && node->kind != YAML_NULL)
		return parse_refuse(parse, row, node, "");
	char *items = arena_alloc(parse->arena, node->count * row->group_bytes);
	groups->items = items;
	groups->nodes = arena_alloc(parse->arena, node->count * sizeof(*groups->nodes));
	groups->count = node->count;
	bool fits = !node->broken;
	for (size_t i = 0; i < node->count; i++) {
		const struct yaml_node *item = node->values[i];
		char *group = items + i * row->group_bytes;
		groups->nodes[i] = item;
		if (item->kind != YAML_MAP)
			fits = parse_refuse(parse, row, item, "");
		else
			fits &= parse_rows(parse, row->rows, item, item->place, group);
	}
	return parse_count(parse, row, node, node->count) && fits;
}

static const struct plugin *parse_find(const struct plugin *const *plugins, const char *name)
{
	for (; *plugins; plugins++)
		if (!strcmp((*plugins)->name, name))
			return *plugins;
	return NULL;
}

/* Names the nearest plugin, or all. */
static bool parse_unknown_plugin(
	const struct parse *parse, const struct option *row, const struct yaml_node *word)
{
	size_t count = 0;
	while (row->plugins[count])
		count++;
	const char **names = arena_alloc(parse->arena, (count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = row->plugins[i]->name;
	struct text text = { 0 };
	text_addf(&text, "unknown '%s' for '%s'", word->secret ? "***" : word->text, row->name);
	value_write_nearest(word->secret ? "" : word->text, names, "; known are", &text);
	problems_add(parse->problems, word->place, "%s", text.data);
	text_finish(&text);
	return false;
}

/* A stand-in for options that were not written, so that every plugin has a place. */
static struct yaml_node *parse_empty_map(const struct parse *parse, struct place place)
{
	struct yaml_node *map = arena_alloc(parse->arena, sizeof(*map));
	*map = (struct yaml_node){ .kind = YAML_MAP, .place = place, .text = "" };
	return map;
}

/* `word` stands where the plugin is named, `options` is the mapping behind it (NULL: none). */
static bool parse_named(const struct parse *parse, const struct option *row,
	const struct yaml_node *word, const struct yaml_node *options, struct option_plugin *field)
{
	const struct plugin *plugin = parse_find(row->plugins, word->text);
	if (!plugin)
		return parse_unknown_plugin(parse, row, word);
	if (options && options->broken)
		return false;
	if (!options || options->kind == YAML_NULL)
		options = parse_empty_map(parse, word->place);
	if (options->kind != YAML_MAP) {
		struct text found = { 0 };
		value_write_found(options, &found);
		problems_add(parse->problems, options->place,
			"'%s': expected a mapping of its options; found %s", plugin->name,
			found.data);
		text_finish(&found);
		return false;
	}
	void *settings = arena_alloc(parse->arena, plugin->settings_bytes);
	struct parse inner = *parse;
	inner.plugin = plugin;
	inner.table = row->plugins;
	if (!parse_rows(&inner, plugin->options, options, word->place, settings))
		return false;
	field->plugin = plugin;
	field->settings = settings;
	field->node = options;
	field->place = word->place;
	return true;
}

static bool parse_plugin(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, struct option_plugin *field)
{
	if (node->kind == YAML_SCALAR && !*node->text && row->fallback && !*row->fallback)
		return true;
	if (node->kind == YAML_SCALAR && !node->broken)
		return parse_named(parse, row, node, NULL, field);
	if (node->kind == YAML_MAP && node->count == 1)
		return parse_named(parse, row, node->keys[0], node->values[0], field);
	char found[64] = "";
	if (node->kind == YAML_MAP)
		snprintf(found, sizeof(found), " of %zu keys", node->count);
	return parse_refuse(parse, row, node, found);
}

static bool parse_plugins(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, struct option_plugins *plugins)
{
	enum yaml_kind kind = row->type == OPTION_PLUGINS ? YAML_LIST : YAML_MAP;
	if (node->kind != kind && (node->kind != YAML_NULL || node->broken))
		return parse_refuse(parse, row, node, "");
	plugins->items = arena_alloc(parse->arena, node->count * sizeof(*plugins->items));
	plugins->count = node->count;
	bool fits = true;
	for (size_t i = 0; i < node->count; i++) {
		plugins->items[i].name = node->keys ? node->keys[i]->text : NULL;
		fits &= parse_plugin(parse, row, node->values[i], &plugins->items[i]);
	}
	return parse_count(parse, row, node, node->count) && fits;
}

static bool parse_group(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, void *field)
{
	if ((node->kind != YAML_MAP && node->kind != YAML_NULL) || node->broken)
		return parse_refuse(parse, row, node, "");
	return parse_rows(parse, row->rows, node, node->place, field);
}

static bool parse_value(const struct parse *parse, const struct option *row,
	const struct yaml_node *node, void *field)
{
	switch (row->type) {
	case OPTION_LIST:
		return parse_list(parse, row, node, field);
	case OPTION_GROUPS:
		return parse_groups(parse, row, node, field);
	case OPTION_GROUP:
		return parse_group(parse, row, node, field);
	case OPTION_PLUGIN:
		return parse_plugin(parse, row, node, field);
	case OPTION_PLUGINS:
	case OPTION_NAMED_PLUGINS:
		return parse_plugins(parse, row, node, field);
	default:
		return parse_scalar(parse, row, node, field);
	}
}

static bool parse_missing(const struct parse *parse, const struct option *row, struct place place)
{
	struct text text = { 0 };
	option_type_text(row, &text);
	problems_add(parse->problems, place, "option '%s' is missing: %s", row->name, text.data);
	text_finish(&text);
	return false;
}

/* It stands nowhere. */
static bool parse_default_plugin(const struct parse *parse, const struct option *row,
	struct place place, const struct yaml_node *node, struct option_plugin *field)
{
	const bool fits = parse_plugin(parse, row, node, field);
	field->place = place;
	return fits;
}

static bool parse_default(
	const struct parse *parse, const struct option *row, struct place place, void *field)
{
	if (!row->fallback)
		return parse_missing(parse, row, place);
	const struct yaml_node *node = value_fallback(row, parse->arena);
	if (node && row->type == OPTION_PLUGIN)
		return parse_default_plugin(parse, row, place, node, field);
	if (node)
		return parse_value(parse, row, node, field);
	problems_add(parse->problems, place, "the default of '%s' is no YAML: %s", row->name,
		row->fallback);
	return false;
}

/* ": forked has it": other plugins of the table whose option it is. False where there is none.
 */
static bool parse_write_owners(const struct parse *parse, const char *name, struct text *text)
{
	size_t owners = 0;
	for (const struct plugin *const *other = parse->table; *other; other++) {
		if (!option_find((*other)->options, name))
			continue;
		text_addf(text, "%s%s", owners++ ? " and " : ": ", (*other)->name);
	}
	text_add_string(text, owners > 1 ? " have it" : " has it");
	return owners > 0;
}

static void parse_unknown_option(
	const struct parse *parse, const struct option *rows, const struct yaml_node *key)
{
	size_t count = 0;
	while (rows[count].name)
		count++;
	const char **names = arena_alloc(parse->arena, (count + 1) * sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = rows[i].name;
	struct text text = { 0 };
	bool own = parse->plugin && rows == parse->plugin->options;
	if (own)
		text_addf(&text, "%s has no option '%s'", parse->plugin->name, key->text);
	if (!own || !parse_write_owners(parse, key->text, &text)) {
		text_clear(&text);
		text_addf(&text, "unknown option '%s'", key->text);
		value_write_nearest(key->text, names, "; known are", &text);
	}
	problems_add(parse->problems, key->place, "%s", text.data);
	text_finish(&text);
}

static bool parse_rows(const struct parse *parse, const struct option *rows,
	const struct yaml_node *map, struct place place, char *settings)
{
	bool fits = true;
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->count; i++) {
		if (option_find(rows, map->keys[i]->text))
			continue;
		parse_unknown_option(parse, rows, map->keys[i]);
		fits = false;
	}
	for (const struct option *row = rows; row->name; row++) {
		const struct yaml_node *node = yaml_get(map, row->name);
		void *field = settings + row->offset;
		fits &= node ? parse_value(parse, row, node, field)
			     : parse_default(parse, row, place, field);
	}
	return fits;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are option.h's. */
bool option_parse(const struct option *rows, const struct yaml_node *map, struct place place,
	void *settings, struct arena *arena, struct problems *problems)
{
	const struct parse parse = { .arena = arena, .problems = problems };
	if (!map || map->kind == YAML_MAP || map->kind == YAML_NULL)
		return parse_rows(&parse, rows, map, place, settings);
	struct text found = { 0 };
	value_write_found(map, &found);
	problems_add(problems, map->place, "expected a mapping of options; found %s", found.data);
	text_finish(&found);
	return false;
}
