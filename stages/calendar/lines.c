#include "stages/calendar/lines.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void lines_start(struct lines *lines, FILE *file)
{
	*lines = (struct lines){ .file = file, .next = getc(file) };
}

void lines_finish(struct lines *lines)
{
	text_finish(&lines->text);
}

static void lines_take(struct lines *lines)
{
	if (lines->next == '\n')
		lines->number++;
	lines->next = getc(lines->file);
}

/* To the end of the line in the file; NULs, which no text has, and carriage returns are dropped. */
static void lines_add_part(struct lines *lines)
{
	while (lines->next != '\n' && lines->next != EOF) {
		const char byte = (char)lines->next;
		if (byte && byte != '\r' && lines->text.length < LINES_BYTES)
			text_add(&lines->text, &byte, 1);
		lines_take(lines);
	}
	if (lines->next == '\n')
		lines_take(lines);
}

/* The colon that is not between quotation marks; NULL: there is none. */
static char *lines_colon(char *at)
{
	bool quoted = false;
	for (; *at; at++) {
		if (*at == '"')
			quoted = !quoted;
		else if (*at == ':' && !quoted)
			return at;
	}
	return NULL;
}

static bool lines_split(struct lines *lines, struct line *line)
{
	char *text = lines->text.data, *colon = lines_colon(text);
	if (!colon)
		return false;
	*colon = '\0';
	line->value = colon + 1;
	line->name = text;
	char *parameters = strchr(text, ';');
	line->parameters = parameters ? parameters + 1 : colon;
	if (parameters)
		*parameters = '\0';
	for (; *text; text++)
		*text = (char)toupper((unsigned char)*text);
	return true;
}

bool lines_next(struct lines *lines, struct line *line, struct error *err)
{
	while (lines->next != EOF) {
		text_clear(&lines->text);
		text_add_string(&lines->text, "");
		lines->first = lines->number + 1;
		lines_add_part(lines);
		while (lines->next == ' ' || lines->next == '\t') {
			lines_take(lines);
			lines_add_part(lines);
		}
		if (lines_split(lines, line))
			return true;
	}
	if (ferror(lines->file))
		fail(err, ERROR_READ, "it could not be read");
	return false;
}

const char *line_parameter(const struct line *line, const char *name, size_t *length)
{
	const size_t wanted = strlen(name);
	const char *at = line->parameters;
	while (*at) {
		const bool found = strncasecmp(at, name, wanted) == 0 && at[wanted] == '=';
		const char *value = strchr(at, '=');
		bool quoted = false;
		for (; *at && (quoted || *at != ';'); at++)
			quoted ^= *at == '"';
		if (found) {
			value++;
			*length = (size_t)(at - value);
			if (*length >= 2 && *value == '"' && at[-1] == '"') {
				value++;
				*length -= 2;
			}
			return value;
		}
		at += *at == ';';
	}
	return NULL;
}

void line_add_text(struct text *text, const char *value)
{
	for (; *value; value++) {
		if (*value == '\\' && value[1]) {
			value++;
			const char byte = *value == 'n' || *value == 'N' ? '\n' : *value;
			text_add(text, &byte, 1);
		} else {
			text_add(text, value, 1);
		}
	}
}
