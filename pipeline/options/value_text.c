/* How values are put in words: quotation marks, lists of names, what was found. */

#include "pipeline/options/value.h"

#include <string.h>
#include <strings.h>

enum { VALUE_SHOWN_BYTES = 60 };

static const char value_letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char value_plain[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";

static bool value_is_word(const char *string)
{
	static const char *const words[] = { "null", "true", "false", "yes", "no", "on", "off", "y",
		"n" };
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(string, words[i]))
			return true;
	return false;
}

/* Nothing that any reader of YAML takes for a number, a date, a boolean or syntax. */
static bool value_may_be_plain(const char *string)
{
	bool path = *string == '/' || !strncmp(string, "./", 2) || !strncmp(string, "../", 3);
	if (!*string || (!path && *string != '_' && !strchr(value_letters, *string)))
		return false;
	return !string[strspn(string, value_plain)] && !value_is_word(string);
}

static uint32_t value_character(const unsigned char *bytes, size_t length)
{
	uint32_t character = length > 1 ? bytes[0] & (0xFFU >> (length + 1)) : bytes[0];
	for (size_t i = 1; i < length; i++)
		character = character << 6 | (bytes[i] & 0x3FU);
	return character;
}

/* Control characters, line ends of Unicode and what YAML does not allow as it is. */
static bool value_needs_escape(uint32_t character)
{
	return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x2028 ||
	       character == 0x2029 || character == 0xFEFF || (character & 0xFFFE) == 0xFFFE;
}

static void value_write_character(const unsigned char *bytes, size_t length, struct text *text)
{
	uint32_t character = value_character(bytes, length ? length : 1);
	if (character == '"' || character == '\\')
		text_addf(text, "\\%c", (int)character);
	else if (character == '\n')
		text_add_string(text, "\\n");
	else if (character == '\t')
		text_add_string(text, "\\t");
	else if (length == 0 || (value_needs_escape(character) && character < 0x100))
		text_addf(text, "\\x%02X", character);
	else if (value_needs_escape(character))
		text_addf(text, "\\U%08X", character);
	else
		text_add(text, bytes, length);
}

void value_write_text(const char *string, struct text *text)
{
	const unsigned char *bytes = (const unsigned char *)string;
	if (value_may_be_plain(string)) {
		text_add_string(text, string);
		return;
	}
	text_add_string(text, "\"");
	for (size_t left = strlen(string); left > 0;) {
		size_t length = text_utf8(bytes, left);
		if (bytes[0] == '$' && bytes[1] == '{')
			text_add_string(text, "$");
		value_write_character(bytes, length, text);
		bytes += length ? length : 1;
		left -= length ? length : 1;
	}
	text_add_string(text, "\"");
}

void value_write_words(const char *const *words, struct text *text)
{
	for (size_t i = 0; words[i]; i++)
		text_addf(text, "%s%s", i ? ", " : "", words[i]);
}

void value_write_plugins(const struct plugin *const *plugins, struct text *text)
{
	for (size_t i = 0; plugins[i]; i++)
		text_addf(text, "%s%s", i ? ", " : "", plugins[i]->name);
}

void value_write_nearest(
	const char *word, const char *const *names, const char *otherwise, struct text *text)
{
	size_t count = 0;
	while (names[count])
		count++;
	const char *nearest = text_nearest(word, names, count);
	if (nearest)
		text_addf(text, " (did you mean '%s'?)", nearest);
	if (nearest || !otherwise)
		return;
	text_addf(text, "%s: ", otherwise);
	value_write_words(names, text);
}

/* The start of a long text, cut between two characters. */
static size_t value_shown(const char *string)
{
	size_t length = strlen(string), shown = 0;
	while (shown < length && shown < VALUE_SHOWN_BYTES) {
		size_t step = text_utf8((const unsigned char *)string + shown, length - shown);
		shown += step ? step : 1;
	}
	return shown;
}

void value_write_found(const struct yaml_node *node, struct text *text)
{
	static const char *const kinds[] = {
		[YAML_NULL] = "nothing",
		[YAML_LIST] = "a list",
		[YAML_MAP] = "a mapping",
	};
	if (node->secret) {
		text_add_string(text, "***");
	} else if (node->kind != YAML_SCALAR) {
		text_add_string(text, kinds[node->kind]);
	} else {
		size_t shown = value_shown(node->text);
		text_add_string(text, "'");
		text_add(text, node->text, shown);
		text_add_string(text, node->text[shown] ? "...'" : "'");
	}
}

/* A text is rarely meant as YAML: "{path}" is no mapping, and "**" no alias. */
static bool value_is_meant(const struct option *row, const struct yaml_node *node)
{
	if (value_is_text(row->type))
		return node->kind == YAML_SCALAR;
	return row->type != OPTION_LIST || node->kind == YAML_SCALAR || node->kind == YAML_LIST;
}

static struct yaml_node *value_literal(const struct option *row, struct arena *arena)
{
	bool is_scalar = value_is_text(row->type) || row->type == OPTION_PLUGIN ||
			 (row->type == OPTION_LIST && *row->fallback);
	struct yaml_node *node = arena_alloc(arena, sizeof(*node));
	*node = (struct yaml_node){
		.kind = is_scalar ? YAML_SCALAR : YAML_NULL,
		.place = { "(default)", 1, 1 },
		.quoted = true,
		.text = row->fallback,
	};
	return node;
}

struct yaml_node *value_fallback(const struct option *row, struct arena *arena)
{
	const char *source = row->fallback;
	if (!*source)
		return value_literal(row, arena);
	struct problems problems = { 0 };
	struct yaml_node *node = yaml_parse(arena, "(default)", source, strlen(source), &problems);
	bool literal = problems.count > 0 || !node || !value_is_meant(row, node);
	problems_finish(&problems);
	if (!literal)
		return node;
	return value_is_text(row->type) || row->type == OPTION_LIST ? value_literal(row, arena)
								    : NULL;
}
