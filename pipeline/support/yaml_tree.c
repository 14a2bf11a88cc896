#include "pipeline/support/yaml_tree.h"

#include <string.h>

struct yaml_node *yaml_node_new(struct yaml_tree *tree, enum yaml_kind kind, struct place place)
{
	if (++tree->nodes > YAML_NODES) {
		problems_add(tree->problems, place,
			"too large: at most %d values are allowed, aliases included", YAML_NODES);
		return NULL;
	}
	struct yaml_node *node = arena_alloc(tree->arena, sizeof(*node));
	*node = (struct yaml_node){ .kind = kind, .place = place, .text = "" };
	return node;
}

/* Doubled at every power of two, so that no room need be noted. */
static struct yaml_node **yaml_grow(struct arena *arena, struct yaml_node **old, size_t count)
{
	if (count & (count - 1))
		return old;
	size_t kept = old ? count : 0;
	struct yaml_node **grown = arena_alloc(arena, (2 * kept + 1) * sizeof(*grown));
	for (size_t i = 0; i < kept; i++)
		grown[i] = old[i];
	return grown;
}

void yaml_node_append(
	struct arena *arena, struct yaml_node *node, struct yaml_node *key, struct yaml_node *value)
{
	node->values = yaml_grow(arena, node->values, node->count);
	node->values[node->count] = value;
	if (key) {
		node->keys = yaml_grow(arena, node->keys, node->count);
		node->keys[node->count] = key;
	}
	node->count++;
}

struct yaml_node *yaml_node_copy(struct yaml_tree *tree, const struct yaml_node *node, int depth)
{
	if (depth > YAML_DEPTH) {
		problems_add(tree->problems, node->place,
			"nested too deep: at most %d levels are allowed", YAML_DEPTH);
		return NULL;
	}
	struct yaml_node *copy = yaml_node_new(tree, node->kind, node->place);
	if (!copy)
		return NULL;
	*copy = *node;
	copy->count = 0;
	copy->keys = copy->values = NULL;
	for (size_t i = 0; i < node->count; i++) {
		struct yaml_node *value = yaml_node_copy(tree, node->values[i], depth + 1);
		if (!value)
			return NULL;
		yaml_node_append(tree->arena, copy, node->keys ? node->keys[i] : NULL, value);
	}
	return copy;
}

bool yaml_is_null(const char *text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcmp(text, words[i]))
			return true;
	return false;
}

struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
	if (!map || map->kind != YAML_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (!strcmp(map->keys[i]->text, key))
			return map->values[i];
	return NULL;
}
