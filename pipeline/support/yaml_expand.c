/* ${NAME} in scalars: values from the environment. */

#include "pipeline/support/yaml_tree.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/text.h"

static bool yaml_is_variable(const char *name, size_t length)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
	return length > 0 && strspn(name, letters) >= length && !(*name >= '0' && *name <= '9');
}

/* Expands the variable at the "${" in front of `at`; returns what follows it, NULL and a problem on
 * failure. */
static const char *yaml_expand_one(
	struct yaml_tree *tree, struct yaml_node *node, const char *at, struct text *text)
{
	const char *name = at + strlen("${"), *end = strchr(name, '}');
	if (!end || !yaml_is_variable(name, (size_t)(end - name))) {
		problems_add(tree->problems, node->place,
			"'${' must be followed by the name of an environment variable and '}'; "
			"write '$${' for the characters themselves");
		return NULL;
	}
	const char *variable = arena_copy(tree->arena, name, (size_t)(end - name));
	const char *value = getenv(variable);
	if (!value) {
		problems_add(tree->problems, node->place, "environment variable '%s' is not set",
			variable);
		return NULL;
	}
	tree->expanded += strlen(value);
	if (tree->expanded > YAML_BYTES) {
		problems_add(tree->problems, node->place,
			"too large: at most %d bytes may come from the environment", YAML_BYTES);
		return NULL;
	}
	text_add_string(text, value);
	node->secret = true;
	return end + 1;
}

void yaml_expand(struct yaml_tree *tree, struct yaml_node *node)
{
	if (!strstr(node->text, "${"))
		return;
	struct text text = { 0 };
	const char *at = node->text;
	while (at && *at) {
		const char *dollar = strchr(at, '$');
		size_t plain = dollar ? (size_t)(dollar - at) : strlen(at);
		text_add(&text, at, plain);
		at += plain;
		if (!strncmp(at, "$${", 3)) {
			text_add_string(&text, "${");
			at += 3;
		} else if (!strncmp(at, "${", 2)) {
			at = yaml_expand_one(tree, node, at, &text);
		} else if (*at) {
			text_add(&text, at++, 1);
		}
	}
	node->broken = !at;
	node->text = at ? arena_copy(tree->arena, text.data, text.length) : "";
	text_finish(&text);
}
