#include "stages/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"
#include "pipeline/support/text.h"
#include "stages/files/names.h"

enum { WALK_BUFFER_BYTES = 64 * 1024 };

/* A folder on the way down whose own folders are not all done. */
struct walk_level {
	size_t first, next; /* in walk.folders; they end where those of the next level start */
	size_t length;      /* of its path */
	dev_t device;
	ino_t inode;
};

struct walk {
	struct walk_rules rules;
	const char *root;
	int root_folder;
	bool started;

	char path[PATH_MAX]; /* of `folder`, below the root; "" is the root */
	size_t length;       /* of path without the name of a file behind it */
	int folder;          /* whose files are being given; -1: none */
	struct names files;
	size_t next_file;

	struct names folders; /* of all levels */
	struct walk_level *levels;
	size_t level_count, level_room;

	struct glob_state include, exclude; /* in front of a name in `folder` */
	bool all_included, none_excluded;   /* whatever the name */

	struct text shown;
	char buffer[WALK_BUFFER_BYTES] __attribute__((aligned(8)));
};

struct walk *walk_new(const struct walk_rules *rules)
{
	struct walk *walk = memory_zeroed(1, sizeof(*walk));
	walk->rules = *rules;
	walk->folder = -1;
	walk->root_folder = -1;
	return walk;
}

static void walk_leave(struct walk *walk)
{
	if (walk->folder >= 0)
		close(walk->folder);
	walk->folder = -1;
	names_cut(&walk->files, 0);
	walk->next_file = 0;
}

void walk_start(struct walk *walk, const char *root, int folder)
{
	walk_leave(walk);
	names_cut(&walk->folders, 0);
	walk->level_count = 0;
	walk->root = root;
	walk->root_folder = folder;
	walk->started = false;
}

void walk_free(struct walk *walk)
{
	if (!walk)
		return;
	walk_leave(walk);
	names_finish(&walk->files);
	names_finish(&walk->folders);
	text_finish(&walk->shown);
	free(walk->levels);
	free(walk);
}

/* Complains about the current folder, or about `name` in it. */
static void walk_complain(struct walk *walk, const char *name, const struct error *err)
{
	const struct source_setup *setup = walk->rules.setup;
	if (!setup->complain)
		return;
	text_clear(&walk->shown);
	text_add_string(&walk->shown, walk->root);
	if (walk->length)
		text_addf(&walk->shown, "/%.*s", (int)walk->length, walk->path);
	if (name)
		text_addf(&walk->shown, "/%s", name);
	setup->complain(setup->context, walk->shown.data, err);
}

static void walk_unreadable(struct walk *walk, int number)
{
	struct error err;
	fail_errno(&err, number, "cannot list the folder");
	walk->rules.counts->unreadable++;
	walk_complain(walk, NULL, &err);
}

/* Puts `name` behind the folder's path. False where the kernel takes no path that long. */
static bool walk_append(struct walk *walk, const char *name, size_t length, size_t *whole)
{
	const size_t start = walk->length ? walk->length + 1 : 0;
	if (start + length >= sizeof(walk->path))
		return false;
	if (start)
		walk->path[start - 1] = '/';
	memcpy(walk->path + start, name, length);
	walk->path[start + length] = '\0';
	*whole = start + length;
	return true;
}

/* The file or folder that a link leads to, as long as it lies below the root. */
static bool walk_follow(struct walk *walk, struct stat *status)
{
	const int target = files_open_below(walk->root_folder, walk->path, O_PATH, 0, true);
	if (target < 0)
		return false;
	const bool known = !fstat(target, status);
	close(target);
	return known;
}

static bool walk_excluded(const struct walk *walk, const char *name, size_t length, bool folder)
{
	const struct glob *exclude = walk->rules.exclude;
	if (walk->none_excluded)
		return false;
	struct glob_state state;
	glob_feed(exclude, &walk->exclude, name, length, &state);
	if (glob_matches(exclude, &state))
		return true;
	if (!folder)
		return false;
	glob_feed(exclude, &state, "/", 1, &state);
	return glob_everything(exclude, &state);
}

static bool walk_included(const struct walk *walk, const char *name, size_t length, bool folder)
{
	const struct glob *include = walk->rules.include;
	if (walk->all_included)
		return true;
	struct glob_state state;
	glob_feed(include, &walk->include, name, length, &state);
	if (!folder)
		return glob_matches(include, &state);
	glob_feed(include, &state, "/", 1, &state);
	return !glob_dead(include, &state);
}

static void walk_add(struct walk *walk, const char *name, bool folder, bool link)
{
	struct source_counts *counts = walk->rules.counts;
	const size_t length = strlen(name);
	if (!walk_included(walk, name, length, folder) ||
		walk_excluded(walk, name, length, folder)) {
		counts->filtered++;
		return;
	}
	names_add(folder ? &walk->folders : &walk->files, name, length, link);
}

static void walk_too_long(struct walk *walk, const char *name)
{
	struct error err;
	fail(&err, ERROR_UNSUPPORTED, "path is longer than %d bytes below its root", PATH_MAX - 1);
	walk->rules.counts->ignored++;
	walk_complain(walk, name, &err);
}

/* What the listing does not tell: the type behind a link, or any type on some file systems. */
static void walk_look(struct walk *walk, const char *name)
{
	struct source_counts *counts = walk->rules.counts;
	struct stat status;
	if (fstatat(walk->folder, name, &status, AT_SYMLINK_NOFOLLOW)) {
		counts->ignored += errno != ENOENT;
		return;
	}
	const bool link = S_ISLNK(status.st_mode);
	if (link && (!walk->rules.links || !walk_follow(walk, &status))) {
		counts->ignored++;
		return;
	}
	if (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode))
		walk_add(walk, name, S_ISDIR(status.st_mode), link);
	else
		counts->ignored++;
}

/* Temporary folders of any config are never sources. */
static bool walk_is_ours(const char *name, unsigned type)
{
	return (type == DT_DIR || type == DT_UNKNOWN) &&
	       !strncmp(name, ".nightmill-", strlen(".nightmill-"));
}

static void walk_sort_out(struct walk *walk, const char *name, unsigned type)
{
	struct source_counts *counts = walk->rules.counts;
	size_t whole;
	if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
		return;
	if ((name[0] == '.' && !walk->rules.hidden) || walk_is_ours(name, type))
		counts->filtered++;
	else if (!walk_append(walk, name, strlen(name), &whole))
		walk_too_long(walk, name);
	else if (type == DT_REG || type == DT_DIR)
		walk_add(walk, name, type == DT_DIR, false);
	else if (type == DT_UNKNOWN || (type == DT_LNK && walk->rules.links))
		walk_look(walk, name);
	else
		counts->ignored++;
}

/* Reads the whole listing of walk->folder. A folder that was removed meanwhile is empty. */
static void walk_list(struct walk *walk)
{
	ssize_t got;
	while ((got = getdents64(walk->folder, walk->buffer, sizeof(walk->buffer))) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *entry = (const void *)(walk->buffer + at);
			walk_sort_out(walk, entry->d_name, entry->d_type);
			at += entry->d_reclen;
		}
	}
	walk->path[walk->length] = '\0';
	if (got < 0 && errno != ENOENT)
		walk_unreadable(walk, errno);
}

static void walk_start_globs(struct walk *walk)
{
	const struct walk_rules *rules = &walk->rules;
	glob_start(rules->include, &walk->include);
	glob_start(rules->exclude, &walk->exclude);
	if (walk->length) {
		glob_feed(rules->include, &walk->include, walk->path, walk->length, &walk->include);
		glob_feed(rules->include, &walk->include, "/", 1, &walk->include);
		glob_feed(rules->exclude, &walk->exclude, walk->path, walk->length, &walk->exclude);
		glob_feed(rules->exclude, &walk->exclude, "/", 1, &walk->exclude);
	}
	walk->all_included = glob_everything(rules->include, &walk->include);
	walk->none_excluded = glob_dead(rules->exclude, &walk->exclude);
}

bool walk_skips(const struct walk_rules *rules, const struct stat *status)
{
	for (size_t i = 0; i < rules->skip_count; i++) {
		struct walk_skip *skip = &rules->skip[i];
		struct stat found;
		if (!skip->known && !stat(skip->path, &found)) {
			skip->known = true;
			skip->device = found.st_dev;
			skip->inode = found.st_ino;
		}
		if (skip->known && skip->device == status->st_dev && skip->inode == status->st_ino)
			return true;
	}
	return false;
}

/* A link that leads to a folder above itself. */
static bool walk_loops(const struct walk *walk, const struct stat *status)
{
	for (size_t i = 0; i < walk->level_count; i++) {
		const struct walk_level *level = &walk->levels[i];
		if (level->device == status->st_dev && level->inode == status->st_ino)
			return true;
	}
	return false;
}

/* False where the folder at walk->path is not to be read. */
static bool walk_open(struct walk *walk, struct stat *status)
{
	const char *path = walk->length ? walk->path : ".";
	const int flags = O_RDONLY | O_DIRECTORY;
	struct source_counts *counts = walk->rules.counts;
	walk->folder = files_open_below(walk->root_folder, path, flags, 0, walk->rules.links);
	if (walk->folder < 0 || fstat(walk->folder, status)) {
		/* Removed, or replaced by something else, since its parent was listed. */
		const int number = errno;
		if (number != ENOENT && number != ENOTDIR && number != ELOOP && number != EXDEV)
			walk_unreadable(walk, number);
		return false;
	}
	const bool loops = walk->rules.links && walk_loops(walk, status);
	const bool skipped = walk->length && walk_skips(&walk->rules, status);
	counts->ignored += loops;
	counts->filtered += skipped;
	return !loops && !skipped;
}

static void walk_push(struct walk *walk, size_t first, const struct stat *status)
{
	if (walk->level_count == walk->level_room) {
		walk->level_room = 2 * walk->level_room + 16;
		walk->levels =
			memory_resize(walk->levels, walk->level_room * sizeof(*walk->levels));
	}
	walk->levels[walk->level_count++] = (struct walk_level){
		.first = first,
		.next = first,
		.length = walk->length,
		.device = status->st_dev,
		.inode = status->st_ino,
	};
}

/* Reads the folder at walk->path. */
static void walk_enter(struct walk *walk)
{
	struct stat status;
	if (!walk_open(walk, &status)) {
		walk_leave(walk);
		return;
	}
	walk_start_globs(walk);
	const size_t first = walk->folders.count;
	walk_list(walk);
	names_sort(&walk->files, 0);
	names_sort(&walk->folders, first);
	walk_push(walk, first, &status);
}

/* Goes on to the next folder; false where there is none. */
static bool walk_move(struct walk *walk)
{
	walk_leave(walk);
	while (walk->level_count > 0) {
		struct walk_level *level = &walk->levels[walk->level_count - 1];
		walk->length = level->length;
		if (level->next < walk->folders.count) {
			const struct name *name = &walk->folders.list[level->next++];
			walk_append(walk, names_text(&walk->folders, name), name->length,
				&walk->length);
			walk_enter(walk);
			return true;
		}
		names_cut(&walk->folders, level->first);
		walk->level_count--;
	}
	return false;
}

/* No file in a folder that may be listed but not searched can be had. */
static void walk_stat_failed(struct walk *walk, const struct name *name, int number)
{
	struct error err;
	if (number == ENOENT)
		return;
	if (number == EACCES) {
		walk_unreadable(walk, number);
		walk->next_file = walk->files.count;
		return;
	}
	fail_errno(&err, number, "cannot look at the file");
	walk->rules.counts->ignored++;
	walk_complain(walk, names_text(&walk->files, name), &err);
}

static bool walk_stat(struct walk *walk, const struct name *name, struct stat *status)
{
	const char *text = names_text(&walk->files, name);
	if (!name->link && fstatat(walk->folder, text, status, AT_SYMLINK_NOFOLLOW)) {
		walk_stat_failed(walk, name, errno);
		return false;
	}
	if ((name->link && !walk_follow(walk, status)) || !S_ISREG(status->st_mode)) {
		walk->rules.counts->ignored++;
		return false;
	}
	return true;
}

bool walk_next(struct walk *walk, struct walk_file *file)
{
	if (!walk->started) {
		walk->started = true;
		walk->length = 0;
		walk_enter(walk);
	}
	do {
		while (walk->next_file < walk->files.count) {
			const struct name *name = &walk->files.list[walk->next_file++];
			const char *text = names_text(&walk->files, name);
			walk_append(walk, text, name->length, &file->length);
			if (!walk_stat(walk, name, &file->status))
				continue;
			file->path = walk->path;
			file->name = file->length - name->length;
			return true;
		}
	} while (walk_move(walk));
	return false;
}
