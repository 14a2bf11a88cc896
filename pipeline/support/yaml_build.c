/* From libyaml's events to nodes. */

#include "pipeline/support/yaml_tree.h"

#include <string.h>

/* Reads the next event, and the node that starts with it. NULL with `*ended` set at the end of the
 * collection, NULL without it on failure. */
static struct yaml_node *yaml_read_child(struct yaml_reader *reader, int depth, bool *ended)
{
	yaml_event_t event;
	*ended = false;
	if (!yaml_next(reader, &event))
		return NULL;
	*ended = event.type == YAML_SEQUENCE_END_EVENT || event.type == YAML_MAPPING_END_EVENT;
	struct yaml_node *node = *ended ? NULL : yaml_read_node(reader, &event, depth);
	yaml_event_delete(&event);
	return node;
}

static bool yaml_fill_list(struct yaml_reader *reader, struct yaml_node *list, int depth)
{
	bool ended;
	struct yaml_node *value;
	while ((value = yaml_read_child(reader, depth + 1, &ended)))
		yaml_node_append(reader->tree.arena, list, NULL, value);
	return ended;
}

static void yaml_complain_key(
	struct yaml_reader *reader, const struct yaml_node *map, const struct yaml_node *key)
{
	struct problems *problems = reader->tree.problems;
	for (size_t i = 0; i < map->count; i++) {
		if (strcmp(map->keys[i]->text, key->text))
			continue;
		problems_add(problems, key->place, "'%s' is given a second time; first in line %d",
			key->text, map->keys[i]->place.line);
		return;
	}
	problems_add(problems, key->place,
		key->secret ? "a key cannot come from the environment" : "a key must be a word");
}

static bool yaml_is_merge(const struct yaml_node *key)
{
	return !key->quoted && !strcmp(key->text, "<<");
}

static bool yaml_read_pair(struct yaml_reader *reader, struct yaml_node *map,
	struct yaml_node *merges, int depth, bool *ended)
{
	struct yaml_node *key = yaml_read_child(reader, depth + 1, ended);
	struct yaml_node *value = key ? yaml_read_child(reader, depth + 1, ended) : NULL;
	if (!value)
		return false;
	if (map->count >= YAML_KEYS) {
		problems_add(reader->tree.problems, key->place,
			"too large: at most %d keys are allowed in a mapping", YAML_KEYS);
		return false;
	}
	if (key->kind != YAML_SCALAR || key->secret || yaml_get(map, key->text))
		yaml_complain_key(reader, map, key);
	else if (yaml_is_merge(key))
		yaml_node_append(reader->tree.arena, merges, NULL, value);
	else
		yaml_node_append(reader->tree.arena, map, key, value);
	return true;
}

static bool yaml_merge_map(
	struct yaml_tree *tree, struct yaml_node *map, const struct yaml_node *from)
{
	if (from->kind != YAML_MAP) {
		if (!from->broken)
			problems_add(tree->problems, from->place,
				"'<<' needs a mapping or a list of mappings");
		return true;
	}
	for (size_t i = 0; i < from->count; i++) {
		if (yaml_get(map, from->keys[i]->text))
			continue;
		if (map->count >= YAML_KEYS) {
			problems_add(tree->problems, map->place,
				"too large: at most %d keys are allowed in a mapping", YAML_KEYS);
			return false;
		}
		yaml_node_append(tree->arena, map, from->keys[i], from->values[i]);
	}
	return true;
}

/* Own keys and those of earlier mappings win. */
static bool yaml_merge(struct yaml_tree *tree, struct yaml_node *map, const struct yaml_node *from)
{
	if (from->kind != YAML_LIST)
		return yaml_merge_map(tree, map, from);
	for (size_t i = 0; i < from->count; i++)
		if (!yaml_merge_map(tree, map, from->values[i]))
			return false;
	return true;
}

static bool yaml_fill_map(struct yaml_reader *reader, struct yaml_node *map, int depth)
{
	bool ended;
	struct yaml_node merges = { .kind = YAML_LIST };
	while (yaml_read_pair(reader, map, &merges, depth, &ended))
		;
	for (size_t i = 0; ended && i < merges.count; i++)
		ended = yaml_merge(&reader->tree, map, merges.values[i]);
	return ended;
}

static struct yaml_node *yaml_read_alias(
	struct yaml_reader *reader, const yaml_event_t *event, int depth)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct yaml_anchor *anchor = reader->anchors;
	while (anchor && strcmp(anchor->name, name))
		anchor = anchor->older;
	if (anchor)
		return yaml_node_copy(&reader->tree, anchor->node, depth);
	struct place place = yaml_place(reader, event->start_mark);
	problems_add(
		reader->tree.problems, place, "no anchor '&%s' stands before this alias", name);
	struct yaml_node *node = yaml_node_new(&reader->tree, YAML_NULL, place);
	if (node)
		node->broken = true;
	return node;
}

static void yaml_keep_anchor(
	struct yaml_reader *reader, const unsigned char *name, const struct yaml_node *node)
{
	if (!name)
		return;
	struct yaml_anchor *anchor = arena_alloc(reader->tree.arena, sizeof(*anchor));
	anchor->name = arena_copy(reader->tree.arena, name, strlen((const char *)name));
	anchor->node = node;
	anchor->older = reader->anchors;
	reader->anchors = anchor;
}

static void yaml_check_tag(
	struct yaml_reader *reader, struct yaml_node *node, const unsigned char *tag)
{
	if (!tag)
		return;
	bool is_text = node->kind <= YAML_SCALAR && !strcmp((const char *)tag, YAML_STR_TAG);
	node->quoted |= is_text;
	node->kind = is_text ? YAML_SCALAR : node->kind;
	if (!is_text)
		problems_add(reader->tree.problems, node->place,
			"tag '%s' is not supported; leave it out", (const char *)tag);
}

static struct yaml_node *yaml_read_scalar(struct yaml_reader *reader, const yaml_event_t *event)
{
	const char *value = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	bool quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	enum yaml_kind kind = !quoted && yaml_is_null(value) ? YAML_NULL : YAML_SCALAR;
	struct place place = yaml_place(reader, event->start_mark);
	struct yaml_node *node = yaml_node_new(&reader->tree, kind, place);
	if (!node)
		return NULL;
	node->quoted = quoted;
	node->text = arena_copy(reader->tree.arena, value, length);
	node->broken = strlen(node->text) != length;
	if (node->broken)
		problems_add(reader->tree.problems, place, "a NUL character is not allowed");
	yaml_expand(&reader->tree, node);
	yaml_check_tag(reader, node, event->data.scalar.tag);
	yaml_keep_anchor(reader, event->data.scalar.anchor, node);
	return node;
}

static struct yaml_node *yaml_read_collection(
	struct yaml_reader *reader, const yaml_event_t *event, int depth)
{
	bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
	struct place place = yaml_place(reader, event->start_mark);
	enum yaml_kind kind = is_list ? YAML_LIST : YAML_MAP;
	struct yaml_node *node = yaml_node_new(&reader->tree, kind, place);
	if (!node)
		return NULL;
	bool filled =
		is_list ? yaml_fill_list(reader, node, depth) : yaml_fill_map(reader, node, depth);
	if (!filled)
		return NULL;
	yaml_check_tag(reader, node,
		is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag);
	yaml_keep_anchor(reader,
		is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor,
		node);
	return node;
}

struct yaml_node *yaml_read_node(struct yaml_reader *reader, const yaml_event_t *event, int depth)
{
	if (depth > YAML_DEPTH) {
		problems_add(reader->tree.problems, yaml_place(reader, event->start_mark),
			"nested too deep: at most %d levels are allowed", YAML_DEPTH);
		return NULL;
	}
	if (event->type == YAML_ALIAS_EVENT)
		return yaml_read_alias(reader, event, depth);
	if (event->type == YAML_SCALAR_EVENT)
		return yaml_read_scalar(reader, event);
	return yaml_read_collection(reader, event, depth);
}
