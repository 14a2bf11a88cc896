/* --set: one value changed in a tree. */

#include "pipeline/support/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/text.h"

/* One assignment on its way to where it belongs. */
struct yaml_change {
	struct yaml_tree tree;
	struct place place;
	struct yaml_node *value;
};

static void yaml_mark_set(struct yaml_node *node, struct place place)
{
	node->set = true;
	node->place = place;
	for (size_t i = 0; i < node->count; i++) {
		if (node->keys)
			yaml_mark_set(node->keys[i], place);
		yaml_mark_set(node->values[i], place);
	}
}

/* The slot for element `part` of a list, one behind the last included; NULL and a problem where
 * there is none. */
static struct yaml_node **yaml_find_element(
	struct yaml_change *change, struct yaml_node *list, const char *part)
{
	char *end;
	unsigned long number = strtoul(part, &end, 10);
	if (*part < '0' || *part > '9' || *end || number > list->count) {
		problems_add(change->tree.problems, change->place,
			"no element '%s': elements are numbered from 0 to %zu, and %zu adds one",
			part, list->count ? list->count - 1 : 0, list->count);
		return NULL;
	}
	if (number == list->count)
		yaml_node_append(change->tree.arena, list, NULL,
			yaml_node_new(&change->tree, YAML_NULL, change->place));
	return &list->values[number];
}

/* The slot for `part` in a mapping, made where it is missing. */
static struct yaml_node **yaml_find_key(
	struct yaml_change *change, struct yaml_node *map, const char *part)
{
	for (size_t i = 0; i < map->count; i++)
		if (!strcmp(map->keys[i]->text, part))
			return &map->values[i];
	struct yaml_node *key = yaml_node_new(&change->tree, YAML_SCALAR, change->place);
	key->text = part;
	yaml_node_append(change->tree.arena, map, key,
		yaml_node_new(&change->tree, YAML_NULL, change->place));
	return &map->values[map->count - 1];
}

static struct yaml_node **yaml_find_part(
	struct yaml_change *change, struct yaml_node *node, const char *part)
{
	if (node->kind == YAML_LIST)
		return yaml_find_element(change, node, part);
	if (node->kind == YAML_NULL) {
		node->kind = YAML_MAP;
		node->text = "";
	}
	if (node->kind == YAML_MAP && *part)
		return yaml_find_key(change, node, part);
	problems_add(change->tree.problems, change->place,
		*part ? "no '%s' there: what is around it is a single value"
		      : "a name is missing in the path%s",
		part);
	return NULL;
}

static void yaml_change_apply(struct yaml_change *change, struct yaml_node *root, char *path)
{
	struct yaml_node **slot = &root;
	char *rest = path;
	for (int depth = 0; rest && slot; depth++) {
		const char *part = strsep(&rest, ".");
		if (depth >= YAML_DEPTH) {
			problems_add(change->tree.problems, change->place,
				"nested too deep: at most %d levels are allowed", YAML_DEPTH);
			return;
		}
		slot = yaml_find_part(change, *slot, part);
	}
	if (slot)
		*slot = change->value;
}

void yaml_set(struct arena *arena, struct yaml_node *root, const char *assignment,
	struct problems *problems)
{
	const char *equals = strchr(assignment, '=');
	if (!equals || equals == assignment) {
		struct place nowhere = { "--set", 0, 0 };
		problems_add(problems, nowhere, "'%s' is not of the form path.to.value=YAML",
			assignment);
		return;
	}
	char *path = arena_copy(arena, assignment, (size_t)(equals - assignment));
	const char *name = arena_printf(&problems->arena, "--set %s", path);
	struct yaml_change change = {
		.tree = { .arena = arena, .problems = problems },
		.place = { name, 0, 0 },
	};
	const char *value = equals + 1;
	change.value = *value ? yaml_parse(arena, name, value, strlen(value), problems)
			      : yaml_node_new(&change.tree, YAML_NULL, change.place);
	if (!change.value)
		return;
	yaml_mark_set(change.value, change.place);
	yaml_change_apply(&change, root, path);
}
