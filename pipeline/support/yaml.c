#include "pipeline/support/yaml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/support/text.h"
#include "pipeline/support/yaml_tree.h"

struct place yaml_place(const struct yaml_reader *reader, yaml_mark_t mark)
{
	return (struct place){ reader->name, (int)mark.line + 1, (int)mark.column + 1 };
}

/* Line and column of a byte, for what libyaml's reader refuses. */
static struct place yaml_place_of(const struct yaml_reader *reader, size_t offset)
{
	struct place place = { reader->name, 1, 1 };
	for (size_t i = 0; i < offset && i < reader->length; i++) {
		bool next = reader->data[i] == '\n';
		bool inside = (reader->data[i] & 0xC0) == 0x80;
		place.line += next;
		place.column = next ? 1 : place.column + !inside;
	}
	return place;
}

static void yaml_complain_bytes(struct yaml_reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	struct place place = yaml_place_of(reader, parser->problem_offset);
	if (parser->problem && strstr(parser->problem, "UTF-8"))
		problems_add(reader->tree.problems, place, "not valid UTF-8: %s", parser->problem);
	else
		problems_add(reader->tree.problems, place,
			"character U+%04X is not allowed in YAML", (unsigned)parser->problem_value);
}

/* What libyaml says of a tab in front of a line makes no one think of tabs. */
static bool yaml_is_tab(const yaml_parser_t *parser)
{
	const unsigned char *at = parser->buffer.pointer;
	return parser->error == YAML_SCANNER_ERROR && at && *at == '\t';
}

static void yaml_complain_syntax(struct yaml_reader *reader)
{
	const yaml_parser_t *parser = &reader->parser;
	struct problems *problems = reader->tree.problems;
	struct place place = yaml_place(reader, parser->problem_mark);
	if (parser->error == YAML_READER_ERROR)
		yaml_complain_bytes(reader);
	else if (yaml_is_tab(parser))
		problems_add(problems, place, "a tab where YAML wants spaces");
	else if (parser->context && strstr(parser->context, "scanning an alias"))
		problems_add(problems, yaml_place(reader, parser->context_mark),
			"a text that starts with '*' must stand in quotation marks");
	else if (parser->context && parser->problem)
		problems_add(problems, place, "not valid YAML: %s %s (started in line %zu)",
			parser->problem, parser->context, parser->context_mark.line + 1);
	else
		problems_add(problems, place, "not valid YAML: %s",
			parser->problem ? parser->problem : "out of memory");
}

bool yaml_next(struct yaml_reader *reader, yaml_event_t *event)
{
	if (yaml_parser_parse(&reader->parser, event))
		return true;
	yaml_complain_syntax(reader);
	return false;
}

/* The one document of a stream. */
static struct yaml_node *yaml_read_root(struct yaml_reader *reader)
{
	struct yaml_node *root = NULL;
	bool more = true;
	for (int documents = 0; more;) {
		yaml_event_t event;
		if (!yaml_next(reader, &event))
			return NULL;
		struct place place = yaml_place(reader, event.start_mark);
		more = event.type != YAML_STREAM_END_EVENT;
		documents += event.type == YAML_DOCUMENT_START_EVENT;
		if (documents > 1) {
			problems_add(reader->tree.problems, place,
				"a second document starts here; one is allowed");
			more = false;
		} else if (event.type == YAML_STREAM_END_EVENT && documents == 0) {
			problems_add(reader->tree.problems, place, "empty: nothing is given");
		} else if (!root && event.type >= YAML_ALIAS_EVENT) {
			root = yaml_read_node(reader, &event, 1);
			more = root;
		}
		yaml_event_delete(&event);
	}
	return root;
}

static size_t yaml_mark_bytes(const char *data, size_t length)
{
	static const char mark[] = "\xEF\xBB\xBF";
	return length >= 3 && !memcmp(data, mark, 3) ? 3 : 0;
}

struct yaml_node *yaml_parse(struct arena *arena, const char *name, const char *data, size_t length,
	struct problems *problems)
{
	data = data ? data : "";
	size_t skip = yaml_mark_bytes(data, length);
	struct yaml_reader reader = {
		.tree = { .arena = arena, .problems = problems },
		.name = name,
		.data = (const unsigned char *)data + skip,
		.length = length - skip,
	};
	if (length > YAML_BYTES) {
		problems_add(problems, (struct place){ name, 0, 0 },
			"too large: at most %d bytes are allowed", YAML_BYTES);
		return NULL;
	}
	if (!yaml_parser_initialize(&reader.parser)) {
		problems_add(problems, (struct place){ name, 0, 0 }, "out of memory");
		return NULL;
	}
	yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&reader.parser, reader.data, reader.length);
	struct yaml_node *root = yaml_read_root(&reader);
	yaml_parser_delete(&reader.parser);
	return root;
}

/* Reads one byte more than allowed at most; false and errno where it cannot. */
static bool yaml_load(FILE *file, struct text *text)
{
	char block[16 * 1024];
	size_t length = 1;
	while (length > 0 && text->length <= YAML_BYTES) {
		length = fread(block, 1, sizeof(block), file);
		text_add(text, block, length);
	}
	return !ferror(file);
}

struct yaml_node *yaml_read(struct arena *arena, const char *path, struct problems *problems)
{
	bool is_input = !strcmp(path, "-");
	struct text text = { 0 };
	struct yaml_node *root = NULL;
	const char *name = is_input ? "standard input" : path;
	FILE *file = is_input ? stdin : fopen(path, "re");
	if (!file || !yaml_load(file, &text))
		problems_add(problems, (struct place){ name, 0, 0 }, "cannot be read: %s",
			strerror(errno));
	else
		root = yaml_parse(arena, name, text.data, text.length, problems);
	if (file && !is_input)
		fclose(file);
	text_finish(&text);
	return root;
}
