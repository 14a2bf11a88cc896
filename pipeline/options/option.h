#ifndef NIGHTMILL_OPTIONS_OPTION_H
#define NIGHTMILL_OPTIONS_OPTION_H

/* One row describes one option and drives everything that is done with it: parsing, default, range,
 * help, JSON Schema, reference, canonical text. A plugin's rows are an array that ends with a row
 * without a name:
 *
 *     #define SETTINGS struct resize_settings
 *     static const struct option options[] = {
 *             { "width", INTEGER(width), RANGE(1, 65500), .unit = "px", .help = "Width of the box."
 * }, { "fit", CHOICE(fit, fits), .fallback = "inside", .help = "How the picture meets the box." },
 *             { .name = NULL },
 *     };
 *     #undef SETTINGS
 *
 * A row whose field has another type than the kind needs does not compile. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"
#include "pipeline/support/problems.h"
#include "pipeline/support/text.h"
#include "pipeline/support/yaml.h"

enum option_type {
	OPTION_INTEGER,        /* int */
	OPTION_REAL,           /* double */
	OPTION_BOOLEAN,        /* bool: yes|no|true|false|on|off */
	OPTION_TEXT,           /* const char * */
	OPTION_FIELD,          /* const char *, the name of a record's field */
	OPTION_TEMPLATE,       /* const char *, a text with {slots} */
	OPTION_PATH,           /* const char *, a file or folder */
	OPTION_BYTES,          /* struct option_bytes, "64MiB" */
	OPTION_DURATION,       /* struct option_duration, "30s" */
	OPTION_NUMBER_OR_WORD, /* struct option_number, 4 or auto */
	OPTION_SHARE,          /* struct option_share, 5% or 20 */
	OPTION_CHOICE,         /* int, index into words */
	OPTION_LIST,    /* struct option_list, scalars of text; one scalar alone is a list of one */
	OPTION_GROUPS,  /* struct option_groups, mappings with rows of their own */
	OPTION_GROUP,   /* the struct itself, one nested mapping with rows of its own */
	OPTION_PLUGIN,  /* struct option_plugin, a mapping with one key out of a table */
	OPTION_PLUGINS, /* struct option_plugins, a list of such */
	OPTION_NAMED_PLUGINS, /* struct option_plugins, a mapping from names to such */
};

struct option_bytes {
	int64_t bytes;
};

struct option_duration {
	int64_t micros;
};

struct option_number {
	int64_t number; /* valid where word is negative */
	int word;       /* index into the row's words, or -1 */
};

struct option_share {
	double percent; /* valid where is_percent */
	int64_t count;  /* valid elsewhere */
	bool is_percent;
};

struct option_list {
	const char **items;
	size_t count;
};

struct option_groups {
	void *items;                    /* `count` structs, each of the row's group_bytes */
	const struct yaml_node **nodes; /* where each stood */
	size_t count;
};

struct plugin;

struct option_plugin {
	const struct plugin
		*plugin; /* NULL where parsing failed or the option is absent by default */
	void *settings;  /* of the plugin's settings_bytes */
	const struct yaml_node *node; /* its mapping of options, an empty one where none were given;
					 NULL with plugin */
	const char *name;             /* NAMED_PLUGINS: the user's name for it */
	struct place place;           /* where the plugin is named; a default: what is around */
};

struct option_plugins {
	struct option_plugin *items;
	size_t count;
};

/* What a change of the value changes. */
enum option_affects {
	AFFECTS_NOTHING, /* speed, reporting, where things are read */
	AFFECTS_BYTES,   /* the output: part of the recipe */
	AFFECTS_LIMIT,   /* which items are refused: part of the verdict, not of the recipe */
};

struct option {
	const char *name;
	enum option_type type;
	size_t offset;      /* of the field in the settings */
	double least, most; /* both 0: no range. Inclusive; bytes, seconds for durations, elements
			       for lists */
	const char *const *words;  /* CHOICE, NUMBER_OR_WORD: NULL-terminated */
	const struct option *rows; /* GROUP, GROUPS */
	size_t group_bytes;        /* GROUPS: of one struct */
	const struct plugin *const
		*plugins;     /* PLUGIN, PLUGINS, NAMED_PLUGINS: NULL-terminated table */
	const char *fallback; /* the default as a user would type it, in YAML; NULL: required */
	const char *unit;     /* for help, e.g. "px"; may be NULL */
	const char *help;     /* one or two sentences */
	enum option_affects affects;
};

/* The common head of everything that a config selects by name. */
struct plugin {
	const char *name;
	const char *summary;          /* one sentence */
	const struct option *options; /* ends with a row without a name */
	size_t settings_bytes;
};

#define OPTION_AT(type, field) _Generic(((SETTINGS *)0)->field, type : offsetof(SETTINGS, field))
#define INTEGER(field) .type = OPTION_INTEGER, .offset = OPTION_AT(int, field)
#define REAL(field) .type = OPTION_REAL, .offset = OPTION_AT(double, field)
#define BOOLEAN(field) .type = OPTION_BOOLEAN, .offset = OPTION_AT(bool, field)
#define TEXT(field) .type = OPTION_TEXT, .offset = OPTION_AT(const char *, field)
#define FIELD_NAME(field) .type = OPTION_FIELD, .offset = OPTION_AT(const char *, field)
#define TEMPLATE(field) .type = OPTION_TEMPLATE, .offset = OPTION_AT(const char *, field)
#define FILE_PATH(field) .type = OPTION_PATH, .offset = OPTION_AT(const char *, field)
#define BYTES(field) .type = OPTION_BYTES, .offset = OPTION_AT(struct option_bytes, field)
#define DURATION(field) .type = OPTION_DURATION, .offset = OPTION_AT(struct option_duration, field)
#define NUMBER_OR_WORD(field, choices)                                                   \
	.type = OPTION_NUMBER_OR_WORD, .offset = OPTION_AT(struct option_number, field), \
	.words = (choices)
#define SHARE(field) .type = OPTION_SHARE, .offset = OPTION_AT(struct option_share, field)
#define CHOICE(field, choices) \
	.type = OPTION_CHOICE, .offset = OPTION_AT(int, field), .words = (choices)
#define LIST(field) .type = OPTION_LIST, .offset = OPTION_AT(struct option_list, field)
#define GROUPS(field, its_rows, bytes)                                           \
	.type = OPTION_GROUPS, .offset = OPTION_AT(struct option_groups, field), \
	.rows = (its_rows), .group_bytes = (bytes)
#define GROUP(field, its_rows) \
	.type = OPTION_GROUP, .offset = offsetof(SETTINGS, field), .rows = (its_rows)
#define PLUGIN(field, table) \
	.type = OPTION_PLUGIN, .offset = OPTION_AT(struct option_plugin, field), .plugins = (table)
#define PLUGINS(field, table)                                                      \
	.type = OPTION_PLUGINS, .offset = OPTION_AT(struct option_plugins, field), \
	.plugins = (table)
#define NAMED_PLUGINS(field, table)                                                      \
	.type = OPTION_NAMED_PLUGINS, .offset = OPTION_AT(struct option_plugins, field), \
	.plugins = (table)
#define RANGE(low, high) .least = (low), .most = (high)

/* Parses the mapping `map` (NULL: nothing given) by `rows` into `settings` (zeroed by the caller),
 * whose texts and lists `arena` owns. Unknown and missing options, wrong types and values out of
 * range are added to `problems`, each where it stands; `place` is where a missing option is
 * reported. False where a problem was added. */
bool option_parse(const struct option *rows, const struct yaml_node *map, struct place place,
	void *settings, struct arena *arena, struct problems *problems);

/* True for "~" and what begins with "~/": a shell would put the own folder there, here it would be
 * one of that name. OPTION_HOME_HINT says what to write. */
bool option_is_home(const char *path);
#define OPTION_HOME_HINT "'~' stands for nothing here, write ${HOME}"

/* A problem with one value of a plugin, found by its path below the plugin's mapping
 * ("sizes.1.height", "to"); where nothing stands there, the nearest place around it. For checks
 * that go beyond a single row. */
void option_complain(struct problems *problems, const struct yaml_node *node, struct place around,
	const char *path, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Adds the canonical text of `settings`, defaults included: YAML, one option a line behind `indent`
 * spaces. Parsing it again gives the same settings. `node` is the mapping that they were parsed
 * from (NULL: nothing was given): values in it that came from the environment are shown as ***. */
void option_canonical(const struct option *rows, const void *settings, const struct yaml_node *node,
	int indent, struct text *text);

/* The digest of the canonical texts of those options that affect what is asked for: AFFECTS_BYTES
 * alone, or with `limits` those and AFFECTS_LIMIT. Secrets take part with their true value. Values
 * that are those of the default do not take part, so that an option that is added later changes no
 * digest; a default that is changed needs a new version of what it belongs to. */
struct digest option_digest(const struct option *rows, const void *settings, bool limits);

/* Adds the help of a plugin for a terminal of 80 columns: summary, then an option a paragraph with
 * type, range, default and help. */
void option_help(const struct plugin *plugin, struct text *text);

/* Adds the same as a Markdown section for the reference; `level` is the depth of its heading. */
void option_reference(const struct plugin *plugin, int level, struct text *text);

/* Adds the JSON Schema (2020-12) of an object with these rows. */
void option_schema(const struct option *rows, struct text *text);

/* Words for a row's type and range as help and messages say it: "integer from 1 to 65500 (px)". */
void option_type_text(const struct option *row, struct text *text);

/* The row called `name`, or NULL. */
const struct option *option_find(const struct option *rows, const char *name);

#endif
