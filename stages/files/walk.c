#include "stages/files/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"
#include "stages/files/walk_private.h"

enum { WALK_FOLDER_LOOKS = 3 /* to open it, to ask what it is, to list it */ };

struct walk *walk_new(const struct walk_rules *rules)
{
	struct walk *walk = memory_zeroed(1, sizeof(*walk));
	walk->rules = *rules;
	walk->root_folder = -1;
	return walk;
}

void walk_release(struct walk_folder *folder)
{
	if (!folder || --folder->users)
		return;
	close(folder->descriptor);
	--*folder->open;
	free(folder);
}

static void walk_leave(struct walk *walk)
{
	walk_release(walk->folder);
	walk->folder = NULL;
	names_cut(&walk->files, 0);
	walk->next_file = 0;
}

void walk_start(struct walk *walk, const char *root, int folder)
{
	walk_go_alone(walk);
	walk_leave(walk);
	names_cut(&walk->folders, 0);
	walk->level_count = 0;
	walk->planned = walk->given = 0;
	walk->root = root;
	walk->root_folder = folder;
	walk->started = false;
	walk->latency = (struct latency){ 0 };
	walk_resume(walk); /* which may be under way: then for this root, from here */
}

void walk_free(struct walk *walk)
{
	if (!walk)
		return;
	walk_go_alone(walk);
	walk_leave(walk);
	names_finish(&walk->files);
	names_finish(&walk->folders);
	text_finish(&walk->shown);
	free(walk->told);
	free(walk->levels);
	free(walk);
}

void walk_complain(struct walk *walk, const char *path, size_t length, const char *name,
	const struct error *err)
{
	const struct source_setup *setup = walk->rules.setup;
	if (!setup->complain)
		return;
	text_clear(&walk->shown);
	text_add_string(&walk->shown, walk->root);
	if (length)
		text_addf(&walk->shown, "/%.*s", (int)length, path);
	if (name)
		text_addf(&walk->shown, "/%s", name);
	if ((walk->planned > walk->given || walk->told_count) && !walk->giving)
		walk_keep_told(walk, walk->shown.data, err);
	else
		setup->complain(setup->context, walk->shown.data, err);
}

void walk_unreadable(struct walk *walk, const char *path, size_t length, int number)
{
	struct error err;
	fail_errno(&err, number, "cannot list the folder");
	walk->rules.counts->unreadable++;
	walk_complain(walk, path, length, NULL, &err);
}

bool walk_append(struct walk *walk, const char *name, size_t length, size_t *whole)
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

bool walk_follow(const struct walk *walk, const char *path, struct stat *status)
{
	const int target = files_open_below(walk->root_folder, path, O_PATH, 0, true);
	if (target < 0)
		return false;
	const bool known = !fstat(target, status);
	close(target);
	return known;
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

/* The folder at walk->path; -1 and errno. */
static int walk_open(const struct walk *walk, struct stat *status)
{
	const char *path = walk->length ? walk->path : ".";
	const int flags = O_RDONLY | O_DIRECTORY;
	const int folder = files_open_below(walk->root_folder, path, flags, 0, walk->rules.links);
	if (folder < 0 || !fstat(folder, status))
		return folder;
	const int number = errno;
	close(folder);
	errno = number;
	return -1;
}

/* False where the folder is not to be read. */
static bool walk_wants(const struct walk *walk, const struct stat *status)
{
	struct source_counts *counts = walk->rules.counts;
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
		.serial = ++walk->serial,
	};
}

/* Reads the folder at walk->path. `found`: it was opened already; NULL: it was not. */
static void walk_enter(struct walk *walk, const struct ahead_folder *found)
{
	struct stat status;
	const int folder = found ? found->descriptor : walk_open(walk, &status);
	walk->looks += WALK_FOLDER_LOOKS;
	if (folder < 0) {
		/* Removed, or replaced by something else, since its parent was listed. */
		const int number = errno;
		if (number != ENOENT && number != ENOTDIR && number != ELOOP && number != EXDEV)
			walk_unreadable(walk, walk->path, walk->length, number);
		return;
	}
	walk->folder = memory_zeroed(1, sizeof(*walk->folder));
	*walk->folder = (struct walk_folder){ folder, 1, false, &walk->open };
	walk->open++;
	if (found)
		status = found->status;
	if (!walk_wants(walk, &status)) {
		walk_leave(walk);
		return;
	}
	const size_t first = walk->folders.count;
	walk_list(walk, found);
	names_sort(&walk->files, 0);
	names_sort(&walk->folders, first);
	walk_push(walk, first, &status);
}

static void walk_enter_next(struct walk *walk, const struct ahead_key *key)
{
	struct ahead_folder found;
	if (!walk->ahead) {
		walk_enter(walk, NULL);
		return;
	}
	walk_enter(walk, ahead_enter(walk->ahead, key, &found) ? &found : NULL);
	walk_expect(walk);
}

bool walk_move(struct walk *walk)
{
	walk_leave(walk);
	while (walk->level_count > 0) {
		struct walk_level *level = &walk->levels[walk->level_count - 1];
		walk->length = level->length;
		if (level->next < walk->folders.count) {
			const struct ahead_key key =
				walk_key(walk, walk->level_count - 1, level->next);
			const struct name *name = &walk->folders.list[level->next++];
			walk_append(walk, names_text(&walk->folders, name), name->length,
				&walk->length);
			walk_enter_next(walk, &key);
			return true;
		}
		names_cut(&walk->folders, level->first);
		walk->level_count--;
	}
	return false;
}

/* No file in a folder that may be listed but not searched can be had. */
static void walk_stat_failed(struct walk *walk, const struct walk_place *place, int number)
{
	struct error err;
	const size_t folder = place->name ? place->name - 1 : 0;
	if (number == ENOENT)
		return;
	if (number == EACCES) {
		place->folder->denied = true;
		walk_unreadable(walk, place->path, folder, number);
		return;
	}
	fail_errno(&err, number, "cannot look at the file");
	walk->rules.counts->ignored++;
	walk_complain(walk, place->path, folder, place->path + place->name, &err);
}

static bool walk_stat(struct walk *walk, const struct walk_place *place, struct stat *status)
{
	walk->looks++;
	if (place->link)
		return walk_follow(walk, place->path, status);
	const char *name = place->path + place->name;
	return !fstatat(place->folder->descriptor, name, status, AT_SYMLINK_NOFOLLOW);
}

bool walk_give(
	struct walk *walk, const struct walk_place *place, bool known, struct walk_file *file)
{
	if (!known && !walk_stat(walk, place, &file->status)) {
		const int number = errno;
		if (place->link)
			walk->rules.counts->ignored++;
		else
			walk_stat_failed(walk, place, number);
		return false;
	}
	if (!S_ISREG(file->status.st_mode)) {
		walk->rules.counts->ignored++;
		return false;
	}
	file->path = place->path;
	file->length = place->length;
	file->name = place->name;
	return true;
}

bool walk_next_place(struct walk *walk, struct walk_place *place)
{
	if (!walk->folder || walk->folder->denied || walk->next_file == walk->files.count)
		return false;
	const struct name *name = &walk->files.list[walk->next_file++];
	*place = (struct walk_place){ walk->folder, walk->path, 0, 0, name->link };
	walk_append(walk, names_text(&walk->files, name), name->length, &place->length);
	place->name = place->length - name->length;
	return true;
}

static bool walk_next_alone(struct walk *walk, struct walk_file *file)
{
	struct walk_place place;
	do {
		while (walk_next_place(walk, &place))
			if (walk_give(walk, &place, false, file))
				return true;
	} while (walk_move(walk));
	return false;
}

bool walk_next(struct walk *walk, struct walk_file *file)
{
	if (!walk->started) {
		walk->started = true;
		walk->length = 0;
		walk_enter(walk, NULL);
	}
	return walk->ahead ? walk_next_ahead(walk, file) : walk_next_alone(walk, file);
}

void walk_resume(struct walk *walk)
{
	walk->looks = 0;
	latency_resume(&walk->latency);
}

void walk_pause(struct walk *walk)
{
	if (walk->ahead || !walk->level_count)
		return;
	latency_pause(&walk->latency, walk->looks);
	if (latency_is_high(&walk->latency))
		walk->ahead = ahead_open(walk->root_folder, walk->rules.links);
	if (walk->ahead)
		walk_expect(walk);
}
