#ifndef NIGHTMILL_STAGES_FILES_WALK_PRIVATE_H
#define NIGHTMILL_STAGES_FILES_WALK_PRIVATE_H

/* What the files of walk.h share. */

#include <limits.h>
#include <stdint.h>
#include <sys/stat.h>

#include "pipeline/support/latency.h"
#include "pipeline/support/text.h"
#include "pipeline/support/ahead.h"
#include "stages/files/names.h"
#include "stages/files/walk.h"

enum { WALK_BUFFER_BYTES = 64 * 1024 };

/* A folder on the way down whose own folders are not all done. */
struct walk_level {
	size_t first, next; /* in walk.folders; they end where those of the next level start */
	size_t length;      /* of its path */
	dev_t device;
	ino_t inode;
	uint64_t serial; /* from 1: which folder this is of all that the walk has entered */
};

/* A folder whose files are being given. */
struct walk_folder {
	int descriptor;
	size_t users; /* the walk, while it is there, and each file that waits for a look */
	bool denied;  /* nothing in it can be looked at */
	size_t *open; /* of the walk: how many such folders there are */
};

/* A file to be looked at. */
struct walk_place {
	struct walk_folder *folder;
	const char *path; /* below the root, with the name from `name` on */
	size_t length, name;
	bool link; /* to be followed */
};

/* A complaint that is not due before the files in front of it were given. */
struct walk_told {
	uint64_t files; /* so many of those that were planned */
	char *what;
	struct error err;
};

struct walk {
	struct walk_rules rules;
	const char *root;
	int root_folder;
	bool started;

	char path[PATH_MAX];        /* of `folder`, below the root; "" is the root */
	size_t length;              /* of path without the name of a file behind it */
	struct walk_folder *folder; /* whose files are being given; NULL: none */
	struct names files;
	size_t next_file;

	struct names folders; /* of all levels */
	struct walk_level *levels;
	size_t level_count, level_room;
	uint64_t serial; /* of the last level */

	struct glob_state include, exclude; /* in front of a name in `folder` */
	bool all_included, none_excluded;   /* whatever the name */

	/* Where looks wait for a server or a disk, others look ahead: then the folder above is
	 * where files are planned, and those that are given come behind. */
	struct ahead *ahead;     /* NULL: not so */
	uint64_t planned, given; /* files, since the start */
	size_t open;             /* folders with users */
	bool giving;             /* the first of those that were planned is being given */
	struct walk_told *told;
	size_t told_first, told_count, told_room;

	uint64_t looks;         /* at files and folders, since walk_resume */
	struct latency latency; /* of this root */

	struct text shown;
	char buffer[WALK_BUFFER_BYTES] __attribute__((aligned(8)));
};

/* walk.c */

/* Puts `name` behind the folder's path. False where the kernel takes no path that long. */
bool walk_append(struct walk *walk, const char *name, size_t length, size_t *whole);

/* The file or folder that the link at `path` leads to, as long as it lies below the root. */
bool walk_follow(const struct walk *walk, const char *path, struct stat *status);

/* Complains about `name` in the folder whose path has `length` bytes, or, with NULL, about that. */
void walk_complain(struct walk *walk, const char *path, size_t length, const char *name,
	const struct error *err);

/* Of a folder that cannot be listed; `number` is errno. */
void walk_unreadable(struct walk *walk, const char *path, size_t length, int number);

/* One user less. NULL is allowed. */
void walk_release(struct walk_folder *folder);

/* Goes on to the next folder; false where there is none. */
bool walk_move(struct walk *walk);

/* The next file of the folder; false where there is none. Valid until the next call. */
bool walk_next_place(struct walk *walk, struct walk_place *place);

/* Fills in the file; `known`: its status is there already. False where it is none. */
bool walk_give(
	struct walk *walk, const struct walk_place *place, bool known, struct walk_file *file);

/* walk_list.c */

/* Adds what is in walk->folder, and passes the rules, to the files and folders. `found`: what is
 * known of its listing already; NULL: nothing. */
void walk_list(struct walk *walk, const struct ahead_folder *found);

/* walk_ahead.c */

/* walk_next, where others look ahead. */
bool walk_next_ahead(struct walk *walk, struct walk_file *file);

/* A folder of a level, by its number in walk.folders. */
struct ahead_key walk_key(const struct walk *walk, size_t level, size_t folder);

/* Tells those who look ahead which folders come next. */
void walk_expect(struct walk *walk);

/* Keeps a complaint until what was planned before it has been given. */
void walk_keep_told(struct walk *walk, const char *what, const struct error *err);

/* Nobody looks ahead any more; what was planned and not given is forgotten. */
void walk_go_alone(struct walk *walk);

#endif
