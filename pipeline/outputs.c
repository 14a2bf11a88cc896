#include "pipeline/outputs.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/listing.h"
#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"
#include "pipeline/support/text.h"

enum { OUTPUTS_DEPTH = 32 /* of folders in the temporary folder, where there should be none */ };

struct outputs {
	char *root;         /* normalised */
	size_t root_length; /* 0 for "." and "/" */
	bool look_only;
	int folder;    /* the root; -1: missing */
	int temporary; /* -1: none */
	struct text temporary_path;
	struct listings *listings;
	/* The folder into which the last file was renamed: files come folder by folder. */
	char last[PATH_MAX]; /* below the root; "" : none */
	int last_folder;     /* -1: none */
};

/* Where a file lies below the root. */
struct outputs_place {
	char folder[PATH_MAX]; /* "." is the root */
	const char *name;      /* points into the caller's path */
};

static bool outputs_failed(struct error *err, int number, const char *what, const char *path)
{
	if (number == ELOOP)
		return fail(err, ERROR_DENIED, "cannot %s '%.300s': symbolic link on the way", what,
			path);
	fail_errno(err, number, "cannot %s '%.300s'", what, path);
	if (err && err->code == ERROR_READ)
		err->code = ERROR_WRITE;
	return false;
}

/* Makes the root with all that leads to it. Here links may be followed: the user wrote the path. */
static bool outputs_make_root(const char *root, struct error *err)
{
	struct text path = { 0 };
	bool made = true;
	for (size_t at = 0; made && root[at];) {
		at += strspn(root + at, "/");
		at += strcspn(root + at, "/");
		text_clear(&path);
		text_add(&path, root, at);
		made = !mkdir(path.data, 0777);
		/* Which of the reasons the kernel gives for a folder that is there is its own
		 * affair. */
		const int number = errno;
		made = made || !access(path.data, F_OK);
		if (!made)
			outputs_failed(err, number, "make the output folder", root);
	}
	text_finish(&path);
	return made;
}

static bool outputs_open_root(struct outputs *outputs, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	outputs->folder = open(outputs->root, flags);
	if (outputs->folder >= 0)
		return true;
	if (errno != ENOENT)
		return outputs_failed(err, errno, "open the output folder", outputs->root);
	if (outputs->look_only)
		return true;
	if (!outputs_make_root(outputs->root, err))
		return false;
	outputs->folder = open(outputs->root, flags);
	if (outputs->folder < 0)
		return outputs_failed(err, errno, "open the output folder", outputs->root);
	return true;
}

static const char *outputs_temporary_name(const struct outputs *outputs)
{
	return strrchr(outputs->temporary_path.data, '/') + 1;
}

static bool outputs_open_temporary(struct outputs *outputs, struct error *err)
{
	const char *name = outputs_temporary_name(outputs);
	if (mkdirat(outputs->folder, name, 0700) && errno != EEXIST)
		return outputs_failed(err, errno, "make the folder", outputs->temporary_path.data);
	const int flags = O_RDONLY | O_DIRECTORY;
	outputs->temporary = files_open_below(outputs->folder, name, flags, 0, false);
	if (outputs->temporary < 0)
		return outputs_failed(err, errno, "open the folder", outputs->temporary_path.data);
	/* Two states with the same name and folder would sweep each other's files. A file system
	 * without locks has none. */
	if (flock(outputs->temporary, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return true;
	close(outputs->temporary);
	outputs->temporary = -1; /* not ours to remove */
	return fail(err, ERROR_LOCKED, "another run writes by way of '%s'",
		outputs->temporary_path.data);
}

static void outputs_init(struct outputs *outputs, const char *root, const char *name)
{
	outputs->folder = -1;
	outputs->temporary = -1;
	outputs->last_folder = -1;
	outputs->root = memory_alloc(strlen(root) + 2);
	files_normal_path(root, outputs->root);
	const bool here = !strcmp(outputs->root, ".");
	const bool top = !strcmp(outputs->root, "/");
	outputs->root_length = here || top ? 0 : strlen(outputs->root);
	text_addf(&outputs->temporary_path, "%s/.nightmill-%s", top ? "" : outputs->root, name);
}

bool outputs_open(const char *root, const char *name, bool look_only, struct outputs **outputs,
	struct error *err)
{
	if (!*name || strchr(name, '/'))
		return fail(err, ERROR_USAGE, "'%.300s' cannot be part of a folder's name", name);
	struct outputs *opened = memory_zeroed(1, sizeof(*opened));
	opened->look_only = look_only;
	outputs_init(opened, root, name);
	if (!outputs_open_root(opened, err) ||
		(!look_only && !outputs_open_temporary(opened, err))) {
		outputs_close(opened);
		return false;
	}
	if (opened->folder >= 0)
		opened->listings = listings_new(opened->folder, LISTING_NAMES);
	*outputs = opened;
	return true;
}

static void outputs_leave(struct outputs *outputs)
{
	if (outputs->last_folder >= 0)
		close(outputs->last_folder);
	outputs->last_folder = -1;
}

void outputs_close(struct outputs *outputs)
{
	if (!outputs)
		return;
	outputs_leave(outputs);
	listings_free(outputs->listings);
	if (outputs->temporary >= 0) {
		close(outputs->temporary);
		unlinkat(outputs->folder, outputs_temporary_name(outputs), AT_REMOVEDIR);
	}
	if (outputs->folder >= 0)
		close(outputs->folder);
	text_finish(&outputs->temporary_path);
	free(outputs->root);
	free(outputs);
}

const char *outputs_temporary_path(const struct outputs *outputs)
{
	return outputs->temporary_path.data;
}

int outputs_descriptor(const struct outputs *outputs)
{
	return outputs->folder;
}

static bool outputs_empty(int folder, int depth);

static bool outputs_wipe(int folder, const char *name, int depth)
{
	if (!unlinkat(folder, name, 0) || errno == ENOENT)
		return true;
	if (errno != EISDIR)
		return false;
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	const int inner = openat(folder, name, flags);
	const bool emptied = inner >= 0 && outputs_empty(inner, depth + 1);
	return emptied && !unlinkat(folder, name, AT_REMOVEDIR);
}

/* Removes all that is in `folder`, which is closed. */
static bool outputs_empty(int folder, int depth)
{
	errno = ENOTEMPTY;
	DIR *listing = depth < OUTPUTS_DEPTH ? fdopendir(folder) : NULL;
	if (!listing) {
		const int number = errno;
		close(folder);
		errno = number;
		return false;
	}
	bool emptied = true;
	const struct dirent *entry;
	while (emptied && (entry = readdir(listing))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			emptied = outputs_wipe(dirfd(listing), entry->d_name, depth);
	}
	const int number = errno;
	closedir(listing);
	errno = number;
	return emptied;
}

bool outputs_sweep(struct outputs *outputs, struct error *err)
{
	assert(!outputs->look_only);
	const int flags = O_RDONLY | O_DIRECTORY;
	const int folder = files_open_below(outputs->temporary, ".", flags, 0, false);
	if (folder < 0 || !outputs_empty(folder, 0))
		return outputs_failed(err, errno, "empty the folder", outputs->temporary_path.data);
	return true;
}

/* The rest of `path` behind the root and its slash; NULL where it lies elsewhere. */
static const char *outputs_below(const struct outputs *outputs, const char *path)
{
	const size_t length = outputs->root_length;
	if (length == 0 && *outputs->root == '.') {
		path += strncmp(path, "./", 2) ? 0 : 2;
		return *path && *path != '/' ? path : NULL;
	}
	if (strncmp(path, outputs->root, length) || path[length] != '/' || !path[length + 1])
		return NULL;
	return path + length + 1;
}

static bool outputs_find(const struct outputs *outputs, const char *path,
	struct outputs_place *place, struct error *err)
{
	const char *below = outputs_below(outputs, path);
	if (!below) {
		fail(err, ERROR_INTERNAL, "'%.200s' does not lie below the output folder '%.200s'",
			path, outputs->root);
		return false;
	}
	const char *slash = strrchr(below, '/');
	const size_t length = slash ? (size_t)(slash - below) : 1;
	if (length >= sizeof(place->folder)) {
		outputs_failed(err, ENAMETOOLONG, "write", path);
		return false;
	}
	memcpy(place->folder, slash ? below : ".", length);
	place->folder[length] = '\0';
	place->name = slash ? slash + 1 : below;
	if (*place->name && strcmp(place->name, ".") && strcmp(place->name, ".."))
		return true;
	fail(err, ERROR_INTERNAL, "'%.300s' is no name for a file", path);
	return false;
}

bool outputs_present(struct outputs *outputs, const char *path)
{
	struct outputs_place place;
	return outputs->listings && outputs_find(outputs, path, &place, NULL) &&
	       listings_have(outputs->listings, place.folder, place.name);
}

bool outputs_are_slow(const struct outputs *outputs)
{
	return outputs->listings && listings_are_slow(outputs->listings);
}

bool outputs_expect(struct outputs *outputs, const char *path)
{
	struct outputs_place place;
	return !outputs->listings || !outputs_find(outputs, path, &place, NULL) ||
	       listings_expect(outputs->listings, place.folder);
}

void outputs_expect_none(struct outputs *outputs)
{
	if (outputs->listings)
		listings_expect_none(outputs->listings);
}

/* Opens the folder of a file as outputs->last_folder, making it where it is missing. */
static bool outputs_enter(struct outputs *outputs, const char *folder, struct error *err)
{
	const int flags = O_PATH | O_DIRECTORY;
	if (outputs->last_folder >= 0 && !strcmp(outputs->last, folder))
		return true;
	outputs_leave(outputs);
	int opened = files_open_below(outputs->folder, folder, flags, 0, false);
	if (opened < 0 && errno == ENOENT) {
		if (!files_make_folders(outputs->folder, folder, err))
			return error_where(err, "in the output folder '%.100s'", outputs->root);
		opened = files_open_below(outputs->folder, folder, flags, 0, false);
	}
	if (opened < 0) {
		outputs_failed(err, errno, "open the folder", folder);
		return error_where(err, "in the output folder '%.100s'", outputs->root);
	}
	memcpy(outputs->last, folder, strlen(folder) + 1);
	outputs->last_folder = opened;
	return true;
}

static bool outputs_rename(
	const struct outputs *outputs, const char *name, const struct outputs_place *place)
{
	return !renameat(outputs->temporary, name, outputs->last_folder, place->name);
}

bool outputs_place(struct outputs *outputs, const char *name, const char *path, struct error *err)
{
	assert(!outputs->look_only);
	struct outputs_place place;
	if (!outputs_find(outputs, path, &place, err) || !outputs_enter(outputs, place.folder, err))
		return false;
	bool placed = outputs_rename(outputs, name, &place);
	if (!placed && errno == ENOENT) {
		/* Someone may have removed the folder since the last file went there. */
		outputs_leave(outputs);
		if (!outputs_enter(outputs, place.folder, err))
			return false;
		placed = outputs_rename(outputs, name, &place);
	}
	if (!placed)
		return outputs_failed(err, errno, "write", path);
	listings_add(outputs->listings, place.folder, place.name);
	return true;
}

void outputs_discard(struct outputs *outputs, const char *name)
{
	if (outputs->temporary >= 0)
		unlinkat(outputs->temporary, name, 0);
}

/* Removes `folder` and those above it as long as they are empty; cuts `folder` short on the way. */
static void outputs_remove_folders(struct outputs *outputs, char *folder)
{
	while (strcmp(folder, ".")) {
		char *slash = strrchr(folder, '/');
		const char *name = slash ? slash + 1 : folder;
		char above[PATH_MAX] = ".";
		if (slash) {
			memcpy(above, folder, (size_t)(slash - folder));
			above[slash - folder] = '\0';
		}
		const int flags = O_PATH | O_DIRECTORY;
		const int parent = files_open_below(outputs->folder, above, flags, 0, false);
		const bool removed = parent >= 0 && !unlinkat(parent, name, AT_REMOVEDIR);
		if (parent >= 0)
			close(parent);
		if (!removed)
			return;
		listings_forget(outputs->listings, folder);
		memcpy(folder, above, strlen(above) + 1);
	}
}

bool outputs_remove(struct outputs *outputs, const char *path, struct error *err)
{
	assert(!outputs->look_only);
	struct outputs_place place;
	if (!outputs_find(outputs, path, &place, err))
		return false;
	const int flags = O_PATH | O_DIRECTORY;
	const int folder = files_open_below(outputs->folder, place.folder, flags, 0, false);
	if (folder < 0)
		return errno == ENOENT || outputs_failed(err, errno, "remove", path);
	const bool removed = !unlinkat(folder, place.name, 0) || errno == ENOENT;
	if (!removed)
		outputs_failed(err, errno, "remove", path);
	close(folder);
	listings_forget(outputs->listings, place.folder);
	outputs_leave(outputs);
	if (removed)
		outputs_remove_folders(outputs, place.folder);
	return removed;
}
