/* A walk before which others look. */

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "stages/files/walk_private.h"

enum {
	WALK_OPEN_MOST = 64,  /* folders whose files wait to be looked at */
	WALK_TOLD_MOST = 512, /* complaints that wait, with those told since all were */
};

void walk_keep_told(struct walk *walk, const char *what, const struct error *err)
{
	if (walk->told_count == walk->told_room) {
		walk->told_room = 2 * walk->told_room + 16;
		walk->told = memory_resize(walk->told, walk->told_room * sizeof(*walk->told));
	}
	const size_t bytes = strlen(what) + 1;
	walk->told[walk->told_count++] = (struct walk_told){
		.files = walk->planned,
		.what = memcpy(memory_alloc(bytes), what, bytes),
		.err = *err,
	};
}

/* Complains of what is due before file number `files`. */
static void walk_tell(struct walk *walk, uint64_t files)
{
	const struct source_setup *setup = walk->rules.setup;
	for (; walk->told_first < walk->told_count; walk->told_first++) {
		struct walk_told *told = &walk->told[walk->told_first];
		if (told->files > files)
			return;
		setup->complain(setup->context, told->what, &told->err);
		free(told->what);
	}
	walk->told_first = walk->told_count = 0;
}

static void walk_forget_told(struct walk *walk)
{
	for (size_t i = walk->told_first; i < walk->told_count; i++)
		free(walk->told[i].what);
	walk->told_first = walk->told_count = 0;
}

/* The file that was given, or what else became of it, is not needed any more. */
static void walk_drop(struct walk *walk)
{
	if (!walk->giving)
		return;
	walk_release(ahead_first(walk->ahead)->owner);
	ahead_drop(walk->ahead);
	walk->given++;
	walk->giving = false;
}

void walk_go_alone(struct walk *walk)
{
	walk_forget_told(walk);
	if (!walk->ahead)
		return;
	ahead_stop(walk->ahead);
	while (ahead_first(walk->ahead)) {
		walk->giving = true;
		walk_drop(walk);
	}
	ahead_close(walk->ahead);
	walk->ahead = NULL;
}

/* Where the folders of a level end. */
static size_t walk_level_end(const struct walk *walk, size_t level)
{
	return level + 1 < walk->level_count ? walk->levels[level + 1].first : walk->folders.count;
}

struct ahead_key walk_key(const struct walk *walk, size_t level, size_t folder)
{
	const struct walk_level *parent = &walk->levels[level];
	return (struct ahead_key){ parent->serial, level, folder - parent->first };
}

static void walk_expect_one(struct walk *walk, size_t level, size_t folder)
{
	const struct name *name = &walk->folders.list[folder];
	const struct ahead_key key = walk_key(walk, level, folder);
	struct text *path = ahead_expect(walk->ahead, &key);
	if (!path)
		return;
	text_add(path, walk->path, walk->levels[level].length);
	if (path->length)
		text_add_string(path, "/");
	text_add(path, names_text(&walk->folders, name), name->length);
	ahead_announce(walk->ahead, &key);
}

/* The farthest first: the last that is announced is the first to be looked at. */
void walk_expect(struct walk *walk)
{
	const size_t levels = walk->level_count;
	for (size_t i = levels > AHEAD_LEVELS ? levels - AHEAD_LEVELS : 0; i < levels; i++) {
		const size_t next = walk->levels[i].next;
		size_t end = walk_level_end(walk, i);
		if (end > next + AHEAD_SIBLINGS)
			end = next + AHEAD_SIBLINGS;
		while (end > next)
			walk_expect_one(walk, i, --end);
	}
}

static bool walk_folder_is_ready(const struct walk *walk)
{
	for (size_t i = walk->level_count; i-- > 0;) {
		const size_t next = walk->levels[i].next;
		if (next == walk_level_end(walk, i))
			continue;
		const struct ahead_key key = walk_key(walk, i, next);
		return ahead_is_ready(walk->ahead, &key);
	}
	return false;
}

static void walk_add_ahead(struct walk *walk, const struct walk_place *place)
{
	struct ahead_file *file = ahead_place(walk->ahead);
	file->owner = place->folder;
	file->folder = place->folder->descriptor;
	file->name = place->name;
	file->link = place->link;
	text_add(&file->path, place->path, place->length);
	place->folder->users++;
	walk->planned++;
	ahead_add(walk->ahead);
}

static bool walk_may_move(const struct walk *walk)
{
	return walk->open < WALK_OPEN_MOST && walk->told_count < WALK_TOLD_MOST &&
	       walk_folder_is_ready(walk);
}

/* As much as there is room for, and as can be done without waiting. */
static void walk_plan(struct walk *walk)
{
	struct walk_place place;
	while (!ahead_is_full(walk->ahead)) {
		if (walk_next_place(walk, &place))
			walk_add_ahead(walk, &place);
		else if (!walk_may_move(walk) || !walk_move(walk))
			return;
	}
}

static bool walk_give_first(struct walk *walk, struct ahead_file *first, struct walk_file *file)
{
	struct walk_folder *folder = first->owner;
	const struct walk_place place = {
		.folder = folder,
		.path = first->path.data,
		.length = first->path.length,
		.name = first->name,
		.link = first->link,
	};
	walk->giving = true;
	walk_tell(walk, walk->given);
	if (folder->denied)
		return false;
	file->status = first->status;
	return walk_give(walk, &place, first->known, file);
}

bool walk_next_ahead(struct walk *walk, struct walk_file *file)
{
	struct ahead_file *first;
	do {
		walk_drop(walk);
		walk_plan(walk);
		first = ahead_first(walk->ahead);
		if (first && walk_give_first(walk, first, file))
			return true;
		if (!first)
			walk_tell(walk, walk->given);
	} while (first || walk_move(walk));
	walk_go_alone(walk);
	return false;
}
