/* Every row of every real plugin, as data. */

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/commands/tables.h"
#include "pipeline/config.h"

/* Behind error.h: it defines a macro fail(). */
#include <cmocka.h>

/* Rows that are walked, and what they are called in messages. */
struct walk {
	const char *where;
	const struct option *rows;
	size_t bytes;
};

static void each_rows(void (*visit)(const struct walk *walk), const struct walk *walk)
{
	visit(walk);
	for (const struct option *row = walk->rows; row->name; row++) {
		char where[200];
		snprintf(where, sizeof(where), "%s.%s", walk->where, row->name);
		const struct walk inner = { where, row->rows, row->group_bytes };
		if (row->rows)
			each_rows(visit, &inner);
	}
}

static void each(void (*visit)(const struct walk *walk))
{
	const struct walk config = { "config", config_options, sizeof(struct config) };
	each_rows(visit, &config);
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++) {
		for (size_t k = 0; entry.plugins[k]; k++) {
			const struct plugin *plugin = entry.plugins[k];
			const struct walk walk = { plugin->name, plugin->options,
				plugin->settings_bytes };
			each_rows(visit, &walk);
		}
	}
}

static bool is_name(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")];
}

static void visit_words(const struct walk *walk)
{
	for (const struct option *row = walk->rows; row->name; row++) {
		if (!is_name(row->name))
			fail_msg("%s: name '%s'", walk->where, row->name);
		if (!row->help || !isupper((unsigned char)*row->help) ||
			row->help[strlen(row->help) - 1] != '.')
			fail_msg("%s.%s: help is no sentence", walk->where, row->name);
		if (row->least > row->most)
			fail_msg("%s.%s: range", walk->where, row->name);
		if (option_find(walk->rows, row->name) != row)
			fail_msg("%s.%s: twice", walk->where, row->name);
	}
}

static void test_names_help_and_ranges(void **state)
{
	(void)state;
	each(visit_words);
}

static void visit_kinds(const struct walk *walk)
{
	for (const struct option *row = walk->rows; row->name; row++) {
		bool worded = row->type == OPTION_CHOICE || row->type == OPTION_NUMBER_OR_WORD;
		bool grouped = row->type == OPTION_GROUP || row->type == OPTION_GROUPS;
		bool chosen = row->type >= OPTION_PLUGIN;
		if (worded != (row->words != NULL) || grouped != (row->rows != NULL) ||
			chosen != (row->plugins != NULL))
			fail_msg("%s.%s: not all that its type needs", walk->where, row->name);
		if ((row->type == OPTION_GROUPS) != (row->group_bytes > 0))
			fail_msg("%s.%s: group_bytes", walk->where, row->name);
		if (walk->bytes && row->offset >= walk->bytes)
			fail_msg("%s.%s: outside of the settings", walk->where, row->name);
	}
}

static void test_types_have_what_they_need(void **state)
{
	(void)state;
	each(visit_kinds);
}

/* A mapping of all defaults, read, written and read again. */
static void visit_defaults(const struct walk *walk)
{
	for (const struct option *row = walk->rows; row->name; row++) {
		if (!row->fallback)
			continue;
		const struct option one[] = { *row, { .name = NULL } };
		struct arena arena = { 0 };
		struct problems problems = { 0 };
		struct text once = { 0 }, twice = { 0 };
		text_add(&once, "", 0);
		void *settings = arena_alloc(&arena, row->offset + 4096);
		struct place place = { "defaults", 1, 1 };
		if (!option_parse(one, NULL, place, settings, &arena, &problems))
			fail_msg("%s.%s: %s", walk->where, row->name,
				problems.count ? problems.list[0].text : "refused in silence");
		option_canonical(one, settings, NULL, 0, &once);
		struct yaml_node *node = once.length ? yaml_parse(&arena, "canonical", once.data,
							       once.length, &problems)
						     : NULL;
		void *again = arena_alloc(&arena, row->offset + 4096);
		if (!option_parse(one, node, place, again, &arena, &problems))
			fail_msg("%s.%s: %s", walk->where, row->name, problems.list[0].text);
		text_add(&twice, "", 0);
		option_canonical(one, again, NULL, 0, &twice);
		assert_string_equal(once.data, twice.data);
		text_finish(&once);
		text_finish(&twice);
		problems_finish(&problems);
		arena_finish(&arena);
	}
}

static void test_defaults_read_back(void **state)
{
	(void)state;
	each(visit_defaults);
}

static void test_plugins_have_names_and_summaries(void **state)
{
	(void)state;
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++) {
		assert_non_null(entry.plugins[0]);
		for (size_t k = 0; entry.plugins[k]; k++) {
			const struct plugin *plugin = entry.plugins[k];
			assert_int_equal(
				plugin->name[strspn(plugin->name, "abcdefghijklmnopqrstuvwxyz-")],
				'\0');
			assert_int_equal(plugin->summary[strlen(plugin->summary) - 1], '.');
			assert_non_null(plugin->options);
		}
	}
}

static void check_help(const struct plugin *plugin)
{
	struct text text = { 0 };
	option_help(plugin, &text);
	for (const char *line = text.data; *line;) {
		size_t length = strcspn(line, "\n");
		if (length > 80)
			fail_msg("%.*s", (int)length, line);
		line += length + 1;
	}
	text_finish(&text);
}

static void test_help_fits_the_terminal(void **state)
{
	(void)state;
	struct tables_entry entry;
	for (size_t i = 0; (entry = tables_entry(i)).plugins; i++)
		for (size_t k = 0; entry.plugins[k]; k++)
			check_help(entry.plugins[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_help_and_ranges),
		cmocka_unit_test(test_types_have_what_they_need),
		cmocka_unit_test(test_defaults_read_back),
		cmocka_unit_test(test_plugins_have_names_and_summaries),
		cmocka_unit_test(test_help_fits_the_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
