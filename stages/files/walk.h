#ifndef NIGHTMILL_STAGES_FILES_WALK_H
#define NIGHTMILL_STAGES_FILES_WALK_H

/* Walks through the folders below a root: the files of a folder in the order of their bytes, then
 * its folders in theirs. Opens no file. Memory is that of the folders' listings on the way down,
 * not of the tree; descriptors are two, however deep it goes. Where looks at files and folders wait
 * for a server or a disk, threads look ahead: 16 of them, at no more than 512 files in 64 folders
 * and at 64 folders to come: 128 descriptors and 2 MiB more. What is given, complained of and
 * counted is the same. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "pipeline/source.h"
#include "stages/files/glob.h"

/* A folder that is not to be walked into, whatever name leads there. */
struct walk_skip {
	const char *path; /* borrowed */
	bool known;       /* it was there when it was last looked for: device and inode are valid */
	dev_t device;
	ino_t inode;
};

/* Borrowed as long as the walk lives. */
struct walk_rules {
	const struct glob *include, *exclude;
	bool hidden;            /* also names that start with a dot */
	bool links;             /* follow symbolic links that stay below the root */
	struct walk_skip *skip; /* updated: an output folder may be made at any time */
	size_t skip_count;
	const struct source_setup *setup; /* for complain */
	struct source_counts *counts;     /* ignored, filtered and unreadable are counted */
};

/* A regular file; valid until the next call. */
struct walk_file {
	const char *path; /* below the root, NUL-terminated */
	size_t length;    /* of path */
	size_t name;      /* where in path its last component starts */
	struct stat status;
};

struct walk;

struct walk *walk_new(const struct walk_rules *rules);

/* Starts over at `root`: an open folder, borrowed until the walk's end, and its path for messages.
 */
void walk_start(struct walk *walk, const char *root, int folder);

/* Between the two, calls of walk_next follow each other closely: it is judged by the time that they
 * take whether threads are to look ahead from then on, until this root's end. */
void walk_resume(struct walk *walk);
void walk_pause(struct walk *walk);

/* The next file; false at the end. */
bool walk_next(struct walk *walk, struct walk_file *file);

/* True, and counted nowhere, where the folder is one to be skipped. */
bool walk_skips(const struct walk_rules *rules, const struct stat *status);

/* NULL is allowed. */
void walk_free(struct walk *walk);

#endif
