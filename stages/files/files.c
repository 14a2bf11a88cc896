/* The source `files`: every regular file below the roots that the patterns let through. */

#include "stages/files/files.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/support/clock.h"
#include "pipeline/support/text.h"
#include "stages/files/check.h"
#include "stages/files/glob.h"
#include "stages/files/roots.h"
#include "stages/files/walk.h"

static const char *const files_link_words[] = { "ignore", "follow", NULL };
static const char *const files_empty_words[] = { "error", "ok", NULL };

#define SETTINGS struct files_settings
static const struct option files_options[] = {
	{ "roots", LIST(roots),
		.help = "Folders whose files are the items. None may lie in another. Each item has "
			"the "
			"slots {path}, {root} (the root's own name), {dir} (the folder below the "
			"root), "
			"{name} (with its extension), {stem} (without) and {ext}." },
	{ "include", LIST(include), .fallback = "[\"**\"]",
		.help = "Patterns of which a file's path below its root must match one. `*`, `?` "
			"and `[a-z]` stay within a folder, `**` crosses folders, `{a,b}` are "
			"alternatives." },
	{ "exclude", LIST(exclude), .fallback = "[]",
		.help = "Patterns of files and folders to leave out; nothing below such a folder "
			"is looked at." },
	{ "hidden", BOOLEAN(hidden), .fallback = "no",
		.help = "Also files and folders whose names start with a dot." },
	{ "links", CHOICE(links, files_link_words), .fallback = "ignore",
		.help = "Symbolic links below the roots: ignored, or followed to what lies below "
			"the same root. A root itself may always be one." },
	{ "min_size", BYTES(min_size), .fallback = "0B", .help = "Leaves out smaller files." },
	{ "max_size", BYTES(max_size), .fallback = "0B",
		.help = "Leaves out larger files; 0B is no limit." },
	{ "min_age", DURATION(min_age), .fallback = "0s",
		.help = "Leaves out files modified less than this ago, which may not be complete "
			"yet." },
	{ "max_age", DURATION(max_age), .fallback = "0s",
		.help = "Leaves out files modified longer than this ago; 0s is no limit." },
	{ "empty", CHOICE(empty, files_empty_words), .fallback = "error",
		.help = "A root with nothing in it, or a run without any file: an error, because "
			"a disk may not be mounted, or all right." },
	{ .name = NULL },
};
#undef SETTINGS

static const char *const files_fields[] = {
	[FILES_ROOT] = "root",
	[FILES_PATH] = "path",
	[FILES_DIR] = "dir",
	[FILES_NAME] = "name",
	[FILES_STEM] = "stem",
	[FILES_EXT] = "ext",
	[FILES_SLOTS] = NULL,
};

struct files_reader {
	const struct files_settings *settings;
	struct source_counts counts;
	struct glob *include, *exclude;
	struct walk_rules rules;
	struct walk *walk;
	struct roots roots;
	size_t next_root;       /* number of the one to be walked after this */
	int64_t oldest, newest; /* modification times that are let through */
};

static struct option_list files_roots(const void *settings)
{
	return ((const struct files_settings *)settings)->roots;
}

static bool files_links(const void *settings)
{
	return ((const struct files_settings *)settings)->links == FILES_LINKS_FOLLOW;
}

static void files_close(void *source)
{
	struct files_reader *reader = source;
	if (!reader)
		return;
	walk_free(reader->walk);
	roots_close(&reader->roots);
	free(reader->rules.skip);
	glob_free(reader->include);
	glob_free(reader->exclude);
	free(reader);
}

static int64_t files_before(int64_t now, int64_t micros)
{
	int64_t nanos = 0, then = 0;
	if (__builtin_mul_overflow(micros, 1000, &nanos) ||
		__builtin_sub_overflow(now, nanos, &then))
		return INT64_MIN;
	return then;
}

static void files_set_ages(struct files_reader *reader, bool any_age)
{
	const int64_t min_age = reader->settings->min_age.micros;
	const int64_t max_age = reader->settings->max_age.micros;
	const int64_t now = clock_wall_nanos();
	reader->newest = min_age && !any_age ? files_before(now, min_age) : INT64_MAX;
	reader->oldest = max_age && !any_age ? files_before(now, max_age) : INT64_MIN;
}

static void files_set_rules(struct files_reader *reader, const struct source_setup *setup)
{
	reader->rules = (struct walk_rules){
		.include = reader->include,
		.exclude = reader->exclude,
		.hidden = reader->settings->hidden,
		.links = reader->settings->links == FILES_LINKS_FOLLOW,
		.skip = memory_zeroed(setup->skip_count, sizeof(struct walk_skip)),
		.skip_count = setup->skip_count,
		.setup = setup,
		.counts = &reader->counts,
	};
	for (size_t i = 0; i < setup->skip_count; i++)
		reader->rules.skip[i].path = setup->skip[i];
}

static bool files_open(
	const void *settings, const struct source_setup *setup, void **source, struct error *err)
{
	const struct files_settings *wanted = settings;
	struct files_reader *reader = memory_zeroed(1, sizeof(*reader));
	reader->settings = wanted;
	if (!glob_compile(wanted->include.items, wanted->include.count, &reader->include, err) ||
		!glob_compile(wanted->exclude.items, wanted->exclude.count, &reader->exclude, err))
		goto out;
	files_set_ages(reader, setup->any_age);
	files_set_rules(reader, setup);
	if (!roots_open(wanted->roots, &reader->rules, wanted->empty == FILES_EMPTY_OK,
		    &reader->roots, err))
		goto out;
	reader->walk = walk_new(&reader->rules);
	*source = reader;
	return true;
out:
	files_close(reader);
	return false;
}

/* Where the extension's dot stands in a name, or its length: leading dots and one at the end are
 * none. */
static size_t files_dot(const char *name, size_t length)
{
	size_t first = 0;
	while (first < length && name[first] == '.')
		first++;
	for (size_t at = length; at-- > first;) {
		if (name[at] == '.')
			return at + 1 < length ? at : length;
	}
	return length;
}

static struct slot files_slot(const char *data, size_t length)
{
	return (struct slot){ .data = data, .length = (uint32_t)length };
}

static void files_fill_slots(
	struct slot *slots, const struct root *root, const char *path, const struct walk_file *file)
{
	const char *below = path + root->length + 1;
	const char *name = below + file->name;
	const size_t length = file->length - file->name;
	const size_t dot = files_dot(name, length);
	const size_t extension = dot < length ? dot + 1 : length;
	slots[FILES_ROOT] = files_slot(root->name, strlen(root->name));
	slots[FILES_PATH] = files_slot(path, root->length + 1 + file->length);
	slots[FILES_DIR] = files_slot(below, file->name ? file->name - 1 : 0);
	slots[FILES_NAME] = files_slot(name, length);
	slots[FILES_STEM] = files_slot(name, dot);
	slots[FILES_EXT] = files_slot(name + extension, length - extension);
}

static uint64_t files_strict(const struct stat *status)
{
	const uint64_t facts[] = { (uint64_t)clock_nanos(&status->st_ctim), status->st_ino };
	return digest_of(facts, sizeof(facts)).low;
}

static void files_add(
	struct files_reader *reader, const struct walk_file *file, struct batch *batch)
{
	const struct root *root = &reader->roots.list[reader->next_root - 1];
	const size_t length = root->length + 1 + file->length;
	char *path = arena_alloc(&batch->arena, length + 1);
	memcpy(path, root->path, root->length);
	path[root->length] = '/';
	memcpy(path + root->length + 1, file->path, file->length);
	struct slot *slots = arena_alloc(&batch->arena, FILES_SLOTS * sizeof(*slots));
	files_fill_slots(slots, root, path, file);
	const uint64_t size = (uint64_t)file->status.st_size;
	batch->items[batch->count++] = (struct item){
		.validator = {
			.size = size,
			.mtime_nanos = clock_nanos(&file->status.st_mtim),
			.strict = reader->rules.setup->strict ? files_strict(&file->status) : 0,
		},
		.bytes = size,
		.key = path,
		.key_length = length,
		.slots = slots,
		.slot_count = FILES_SLOTS,
	};
	reader->counts.items++;
	reader->counts.bytes += size;
}

static void files_count_young(struct files_reader *reader, int64_t modified)
{
	struct source_counts *counts = &reader->counts;
	int64_t until;
	if (__builtin_mul_overflow(reader->settings->min_age.micros, 1000, &until) ||
		__builtin_add_overflow(modified, until, &until))
		until = INT64_MAX;
	counts->young++;
	if (until > counts->young_until_nanos)
		counts->young_until_nanos = until;
}

/* Counts what is not. */
static bool files_wanted(struct files_reader *reader, const struct stat *status)
{
	const struct files_settings *settings = reader->settings;
	const int64_t modified = clock_nanos(&status->st_mtim);
	const bool fits =
		status->st_size >= settings->min_size.bytes &&
		(!settings->max_size.bytes || status->st_size <= settings->max_size.bytes) &&
		modified >= reader->oldest;
	if (fits && modified > reader->newest)
		files_count_young(reader, modified);
	else if (!fits)
		reader->counts.filtered++;
	return fits && modified <= reader->newest;
}

/* The next file of any root; false at the end. */
static bool files_next(struct files_reader *reader, struct walk_file *file)
{
	while (reader->next_root == 0 || !walk_next(reader->walk, file)) {
		if (reader->next_root == reader->roots.count)
			return false;
		const struct root *root = &reader->roots.list[reader->next_root++];
		walk_start(reader->walk, root->length ? root->path : "", root->folder);
	}
	return true;
}

static void files_list(struct text *text, struct option_list list)
{
	for (size_t i = 0; i < list.count; i++)
		text_addf(text, "%s'%s'", i ? ", " : "", list.items[i]);
}

static bool files_fail_empty(const struct files_reader *reader, struct error *err)
{
	const struct source_counts *counts = &reader->counts;
	struct text text = { 0 };
	text_add_string(&text, "no file in ");
	files_list(&text, reader->settings->roots);
	text_add_string(&text, " (include: ");
	files_list(&text, reader->settings->include);
	text_addf(&text,
		"): %" PRIu64 " left out, %" PRIu64 " ignored, %" PRIu64 " folders not readable",
		counts->filtered, counts->ignored, counts->unreadable);
	fail(err, ERROR_MISSING, "%s", text.data);
	text_finish(&text);
	return false;
}

static bool files_step(void *source, struct batch *batch, struct error *err)
{
	struct files_reader *reader = source;
	struct walk_file file;
	batch->count = 0;
	walk_resume(reader->walk);
	while (batch->count < ITEM_STEP && files_next(reader, &file)) {
		if (files_wanted(reader, &file.status))
			files_add(reader, &file, batch);
	}
	walk_pause(reader->walk);
	/* What is too young is there: no disk is missing. */
	if (reader->counts.items == 0 && reader->counts.young == 0 &&
		reader->settings->empty == FILES_EMPTY_ERROR)
		return files_fail_empty(reader, err);
	return true;
}

static bool files_gone(const void *source, const char *key, size_t length)
{
	(void)source;
	char path[PATH_MAX];
	struct stat status;
	if (length >= sizeof(path))
		return false;
	memcpy(path, key, length);
	path[length] = '\0';
	return lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

static const struct source_counts *files_counts(const void *source)
{
	return &((const struct files_reader *)source)->counts;
}

const struct source_plugin files_source = {
	.plugin = { "files", "Every regular file below one or more folders.", files_options,
		sizeof(struct files_settings) },
	.fields = files_fields,
	.validates = true,
	.check = check_settings,
	.roots = files_roots,
	.links = files_links,
	.open = files_open,
	.step = files_step,
	.gone = files_gone,
	.counts = files_counts,
	.close = files_close,
};
