/* What a plugin takes, for people: on a terminal and in the reference. */

#include "pipeline/options/option.h"

#include <string.h>

#include "pipeline/options/value.h"

enum { HELP_COLUMNS = 80, HELP_INDENT = 4 };

/* Columns that `length` bytes take, one a character. */
static size_t help_width(const char *string, size_t length)
{
	size_t width = 0;
	for (size_t i = 0; i < length; i++)
		width += ((unsigned char)string[i] & 0xC0) != 0x80;
	return width;
}

/* Adds `string` in lines of at most HELP_COLUMNS, every one but the first behind `indent` spaces;
 * the first starts at column `at`. */
static void help_wrap(const char *string, size_t at, size_t indent, struct text *text)
{
	const char *between = "";
	for (const char *word = string; *word;) {
		size_t length = strcspn(word, " "), width = help_width(word, length);
		if (*between && at + 1 + width > HELP_COLUMNS) {
			text_addf(text, "\n%*s", (int)indent, "");
			at = indent;
			between = "";
		}
		text_add_string(text, between);
		text_add(text, word, length);
		at += width + strlen(between);
		between = " ";
		word += length + strspn(word + length, " ");
	}
	text_add_string(text, "\n");
}

/* "integer from 1 to 9 (px); default 4". A plugin's default is absent where it is empty. */
static void help_value(const struct option *row, struct text *text)
{
	option_type_text(row, text);
	if (!row->fallback)
		text_add_string(text, "; required");
	else if (!*row->fallback)
		text_add_string(text, "; optional");
	else if (row->type != OPTION_GROUP)
		text_addf(text, "; default %s", row->fallback);
}

static void help_rows(const struct option *rows, size_t indent, struct text *text)
{
	for (const struct option *row = rows; row->name; row++) {
		struct text value = { 0 };
		help_value(row, &value);
		text_addf(text, "\n%*s%s  ", (int)indent, "", row->name);
		help_wrap(
			value.data, indent + strlen(row->name) + 2, indent + 2 * HELP_INDENT, text);
		text_addf(text, "%*s", (int)indent + HELP_INDENT, "");
		help_wrap(row->help ? row->help : "", indent + HELP_INDENT, indent + HELP_INDENT,
			text);
		if (row->rows)
			help_rows(row->rows, indent + HELP_INDENT, text);
		text_finish(&value);
	}
}

void option_help(const struct plugin *plugin, struct text *text)
{
	struct text summary = { 0 };
	text_addf(&summary, "%s: %s", plugin->name, plugin->summary);
	help_wrap(summary.data, 0, 0, text);
	text_finish(&summary);
	if (!plugin->options->name)
		text_add_string(text, "\nIt has no options.\n");
	help_rows(plugin->options, 2, text);
}

/* A vertical bar would end the cell. */
static void help_cell(const char *string, struct text *text)
{
	for (; *string; string++)
		text_addf(text, *string == '|' ? "\\%c" : "%c", *string);
}

static void help_default_cell(const struct option *row, struct text *text)
{
	if (!row->fallback)
		text_add_string(text, "required");
	else if (*row->fallback && row->type != OPTION_GROUP) {
		text_add_string(text, "`");
		help_cell(row->fallback, text);
		text_add_string(text, "`");
	}
}

static void help_table_rows(const struct option *rows, const char *prefix, struct text *text)
{
	static const char *const affects[] = {
		[AFFECTS_NOTHING] = "",
		[AFFECTS_BYTES] = "outputs",
		[AFFECTS_LIMIT] = "limits",
	};
	for (const struct option *row = rows; row->name; row++) {
		struct text value = { 0 }, name = { 0 };
		option_type_text(row, &value);
		text_addf(text, "| `%s%s` | ", prefix, row->name);
		help_cell(value.data, text);
		text_add_string(text, " | ");
		help_default_cell(row, text);
		text_addf(text, " | %s | ", affects[row->affects]);
		help_cell(row->help ? row->help : "", text);
		text_add_string(text, " |\n");
		text_addf(&name, "%s%s%s.", prefix, row->name,
			row->type == OPTION_GROUPS ? "[]" : "");
		if (row->rows)
			help_table_rows(row->rows, name.data, text);
		text_finish(&name);
		text_finish(&value);
	}
}

void option_reference(const struct plugin *plugin, int level, struct text *text)
{
	for (int i = 0; i < level; i++)
		text_add_string(text, "#");
	text_addf(text, " `%s`\n\n%s\n\n", plugin->name, plugin->summary);
	if (!plugin->options->name) {
		text_add_string(text, "No options.\n\n");
		return;
	}
	text_add_string(text, "| option | value | default | affects | meaning |\n"
			      "|---|---|---|---|---|\n");
	help_table_rows(plugin->options, "", text);
	text_add_string(text, "\n");
}
