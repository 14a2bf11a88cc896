/* What of a folder's listing is for the walk. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/types.h>

#include "stages/files/walk_private.h"

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

/* Temporary folders of any config are never sources. */
static bool walk_is_ours(const char *name, bool folder, bool link)
{
	return folder && !link && !strncmp(name, ".nightmill-", strlen(".nightmill-"));
}

static void walk_add(struct walk *walk, const char *name, bool folder, bool link)
{
	struct source_counts *counts = walk->rules.counts;
	const size_t length = strlen(name);
	if (walk_is_ours(name, folder, link) || !walk_included(walk, name, length, folder) ||
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
	walk_complain(walk, walk->path, walk->length, name, &err);
}

/* What the listing does not tell: the type behind a link, or any type on some file systems. */
static void walk_look(struct walk *walk, const char *name)
{
	struct source_counts *counts = walk->rules.counts;
	struct stat status;
	walk->looks++;
	if (fstatat(walk->folder->descriptor, name, &status, AT_SYMLINK_NOFOLLOW)) {
		counts->ignored += errno != ENOENT;
		return;
	}
	const bool link = S_ISLNK(status.st_mode);
	if (link && (!walk->rules.links || !walk_follow(walk, walk->path, &status))) {
		counts->ignored++;
		return;
	}
	if (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode))
		walk_add(walk, name, S_ISDIR(status.st_mode), link);
	else
		counts->ignored++;
}

static void walk_sort_out(struct walk *walk, const char *name, unsigned type)
{
	struct source_counts *counts = walk->rules.counts;
	size_t whole;
	if (name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0')))
		return;
	if (name[0] == '.' && !walk->rules.hidden)
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

static void walk_sort_out_all(struct walk *walk, const char *listing, size_t length)
{
	for (size_t at = 0; at < length;) {
		const struct dirent64 *entry = (const void *)(listing + at);
		walk_sort_out(walk, entry->d_name, entry->d_type);
		at += entry->d_reclen;
	}
}

static void walk_enter_glob(
	const struct walk *walk, const struct glob *glob, struct glob_state *state)
{
	if (!walk->length)
		return;
	glob_feed(glob, state, walk->path, walk->length, state);
	glob_feed(glob, state, "/", 1, state);
}

/* What includes all, or excludes nothing, before the first byte does so anywhere. */
static void walk_start_globs(struct walk *walk)
{
	const struct walk_rules *rules = &walk->rules;
	glob_start(rules->include, &walk->include);
	glob_start(rules->exclude, &walk->exclude);
	walk->all_included = glob_everything(rules->include, &walk->include);
	walk->none_excluded = glob_dead(rules->exclude, &walk->exclude);
	if (!walk->all_included) {
		walk_enter_glob(walk, rules->include, &walk->include);
		walk->all_included = glob_everything(rules->include, &walk->include);
	}
	if (!walk->none_excluded) {
		walk_enter_glob(walk, rules->exclude, &walk->exclude);
		walk->none_excluded = glob_dead(rules->exclude, &walk->exclude);
	}
}

/* A folder that was removed meanwhile is empty. */
void walk_list(struct walk *walk, const struct ahead_folder *found)
{
	ssize_t got = found && found->whole ? 0 : 1;
	walk_start_globs(walk);
	if (found)
		walk_sort_out_all(walk, found->listing, found->length);
	while (got > 0) {
		got = getdents64(walk->folder->descriptor, walk->buffer, sizeof(walk->buffer));
		if (got > 0)
			walk_sort_out_all(walk, walk->buffer, (size_t)got);
	}
	walk->path[walk->length] = '\0';
	if (got < 0 && errno != ENOENT)
		walk_unreadable(walk, walk->path, walk->length, errno);
}
