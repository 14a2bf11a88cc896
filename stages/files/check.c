#include "stages/files/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "pipeline/support/error.h"
#include "pipeline/support/text.h"
#include "stages/files/files.h"
#include "stages/files/glob.h"
#include "stages/files/roots.h"

enum { CHECK_PATH_BYTES = 64 };

struct check {
	const struct option_plugin *self;
	struct problems *problems;
};

__attribute__((format(printf, 3, 4))) static void check_complain(
	const struct check *check, const char *path, const char *format, ...)
{
	const struct yaml_node *node = check->self->node;
	const struct place around = node ? node->place : (struct place){ 0 };
	struct text text = { 0 };
	va_list list;
	va_start(list, format);
	text_addv(&text, format, list);
	va_end(list);
	option_complain(check->problems, node, around, path, "%s", text.data);
	text_finish(&text);
}

static bool check_glob(
	const struct check *check, const char *path, const char *const *patterns, size_t count)
{
	struct error err = { 0 };
	struct glob *glob = NULL;
	const bool valid = glob_compile(patterns, count, &glob, &err);
	glob_free(glob);
	if (!valid)
		check_complain(check, path, "%s", err.text);
	return valid;
}

/* Each alone, so that every wrong one is named, then the set, which may be too large together. */
static void check_globs(const struct check *check, const char *name, struct option_list list)
{
	bool all = true;
	for (size_t i = 0; i < list.count; i++) {
		char path[CHECK_PATH_BYTES];
		snprintf(path, sizeof(path), "%s.%zu", name, i);
		all = check_glob(check, path, &list.items[i], 1) && all;
	}
	if (all)
		check_glob(check, name, list.items, list.count);
}

static void check_root(const struct check *check, struct option_list roots, size_t number)
{
	const char *root = roots.items[number];
	char path[CHECK_PATH_BYTES];
	snprintf(path, sizeof(path), "roots.%zu", number);
	if (!*root) {
		check_complain(check, path, "root '' has no name; '.' is the folder of the start");
		return;
	}
	if (option_is_home(root))
		check_complain(check, path, "root '%s': %s", root, OPTION_HOME_HINT);
	for (size_t i = 0; i < number; i++) {
		const char *how = *roots.items[i] ? roots_overlap(root, roots.items[i]) : NULL;
		if (how)
			check_complain(
				check, path, "root '%s' %s root '%s'", root, how, roots.items[i]);
	}
}

void check_settings(const struct option_plugin *self, struct problems *problems)
{
	const struct check check = { self, problems };
	const struct files_settings *settings = self->settings;
	const int64_t max_size = settings->max_size.bytes, max_age = settings->max_age.micros;
	if (settings->roots.count == 0)
		check_complain(&check, "roots", "no root is given");
	for (size_t i = 0; i < settings->roots.count; i++)
		check_root(&check, settings->roots, i);
	if (settings->include.count == 0)
		check_complain(&check, "include", "no pattern, so that no file is let through");
	check_globs(&check, "include", settings->include);
	check_globs(&check, "exclude", settings->exclude);
	if (max_size && settings->min_size.bytes > max_size)
		check_complain(&check, "min_size", "min_size is larger than max_size");
	if (max_age && settings->min_age.micros > max_age)
		check_complain(&check, "min_age", "min_age is longer than max_age");
}
