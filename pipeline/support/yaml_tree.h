#ifndef NIGHTMILL_SUPPORT_YAML_TREE_H
#define NIGHTMILL_SUPPORT_YAML_TREE_H

/* How the files behind yaml.h build a tree. Private to them. */

#include <yaml.h>

#include "pipeline/support/yaml.h"

enum { YAML_BYTES = 1024 * 1024, YAML_DEPTH = 32, YAML_KEYS = 1000, YAML_NODES = 100000 };

/* A tree in the making. */
struct yaml_tree {
	struct arena *arena;
	struct problems *problems;
	size_t nodes;    /* made so far, at most YAML_NODES */
	size_t expanded; /* bytes from the environment so far, at most YAML_BYTES */
};

struct yaml_anchor {
	const char *name;
	const struct yaml_node *node;
	struct yaml_anchor *older;
};

/* A file on its way into a tree. */
struct yaml_reader {
	struct yaml_tree tree;
	yaml_parser_t parser;
	const char *name; /* of the file */
	const unsigned char *data;
	size_t length;
	struct yaml_anchor *anchors; /* newest first: a name may be used again */
};

/* The next event, for the caller to delete; false and a problem where the syntax is wrong. */
bool yaml_next(struct yaml_reader *reader, yaml_event_t *event);

/* The node that starts with `event` (which stays the caller's); NULL and a problem on failure. */
struct yaml_node *yaml_read_node(struct yaml_reader *reader, const yaml_event_t *event, int depth);

struct place yaml_place(const struct yaml_reader *reader, yaml_mark_t mark);

/* A node without children; NULL and a problem where the tree has too many. */
struct yaml_node *yaml_node_new(struct yaml_tree *tree, enum yaml_kind kind, struct place place);

/* A copy of all below `node`, which will stand at `depth`; NULL and a problem over a limit. */
struct yaml_node *yaml_node_copy(struct yaml_tree *tree, const struct yaml_node *node, int depth);

/* Appends a child. In a mapping, `key` must not be there yet. */
void yaml_node_append(struct arena *arena, struct yaml_node *node, struct yaml_node *key,
	struct yaml_node *value);

/* True where a plain `text` stands for nothing: empty, ~, null. */
bool yaml_is_null(const char *text);

/* Replaces ${NAME} in a scalar. A variable that is not set is a problem, and the node broken. */
void yaml_expand(struct yaml_tree *tree, struct yaml_node *node);

#endif
