#ifndef NIGHTMILL_SUPPORT_AHEAD_H
#define NIGHTMILL_SUPPORT_AHEAD_H

/* Threads that look at files and folders before a walk comes to them, where each look waits for a
 * server or a disk. What they find is used by the walk's thread, in the walk's order. What they
 * cannot find out that thread asks for once more by itself, so that what becomes of failures is
 * decided in one place.
 *
 *     ahead_place, ahead_add        for each file, as long as not ahead_is_full
 *     ahead_first, ahead_drop       the same files in the same order, looked at
 *     ahead_expect, ahead_announce  for folders to come, in any order
 *     ahead_enter                   when the walk has come to one
 *
 * All functions are for the walk's thread. The threads make system calls and take one lock: they
 * allocate nothing, so that the process may fork at any time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "pipeline/support/text.h"

enum {
	AHEAD_THREADS = 16,
	AHEAD_FILES = 512,               /* that wait to be taken, at most */
	AHEAD_LEVELS = 4,                /* of folders, for whose */
	AHEAD_SIBLINGS = 16,             /* next ones there is room */
	AHEAD_LISTING_BYTES = 32 * 1024, /* of one folder's listing */
};

struct ahead_file {
	void *owner;      /* the caller's */
	int folder;       /* an open folder, the caller's, until ahead_drop */
	struct text path; /* below the root */
	size_t name;      /* where in path the name in `folder` starts */
	bool link;        /* to be followed, as far as it stays below the root */
	bool known;       /* it was found: `status` is valid */
	bool done;        /* under the lock until ahead_first has given the file */
	struct stat status;
};

/* Tells a folder from all others. */
struct ahead_key {
	uint64_t parent; /* any number that no other has; not 0 */
	size_t level;    /* how deep it lies */
	size_t index;    /* among those of its parent, in the order of the walk */
};

/* A folder that was opened, and its listing as far as there was room. */
struct ahead_folder {
	int descriptor; /* the caller's to close; at the end of what is in `listing` */
	struct stat status;
	const char *listing; /* records of getdents64; valid until the next ahead_expect */
	size_t length;
	bool whole; /* there are no more */
};

struct ahead;

/* Starts threads for a walk below `root`, an open folder that is borrowed until ahead_close. NULL
 * where there can be none, or fewer than 256 descriptors are free. */
struct ahead *ahead_open(int root, bool links);

bool ahead_is_full(const struct ahead *ahead);

/* The place for the next file; to be filled in, `path` added to, and handed over by ahead_add. */
struct ahead_file *ahead_place(struct ahead *ahead);
void ahead_add(struct ahead *ahead);

/* The first file that was added and not dropped, looked at; waits for that. NULL: there is none. */
struct ahead_file *ahead_first(struct ahead *ahead);
void ahead_drop(struct ahead *ahead);

/* The walk will come to this folder: gives the place for its path, to be handed over by
 * ahead_announce; NULL where it is known already, or there is no room. Of folders that share a
 * place the one that was announced last is kept. */
struct text *ahead_expect(struct ahead *ahead, const struct ahead_key *key);
void ahead_announce(struct ahead *ahead, const struct ahead_key *key);

/* True where the folder was announced and ahead_enter would not wait. */
bool ahead_is_ready(struct ahead *ahead, const struct ahead_key *key);

/* Waits for a folder that was announced. False where it was not, or could not be read. */
bool ahead_enter(struct ahead *ahead, const struct ahead_key *key, struct ahead_folder *folder);

/* Ends the threads; ahead_first gives what is left without waiting. */
void ahead_stop(struct ahead *ahead);

/* After ahead_stop. Closes folders that nobody entered. NULL is allowed. */
void ahead_close(struct ahead *ahead);

#endif
