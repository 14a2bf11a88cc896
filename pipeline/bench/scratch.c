#include "pipeline/bench/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/files.h"

/* Cuts `path` down to the nearest folder that is there and opens it. */
static int scratch_open_above(struct text *path, struct error *err)
{
	for (;;) {
		const char *folder = path->length > 0 ? path->data : ".";
		int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (opened >= 0)
			return opened;
		if (errno != ENOENT || path->length == 0) {
			fail_errno(err, errno, "cannot open the folder '%.300s'", folder);
			return -1;
		}
		const char *slash = strrchr(path->data, '/');
		path->length = slash ? (size_t)(slash - path->data) : 0;
		if (slash == path->data)
			path->length = 1;
		path->data[path->length] = '\0';
	}
}

static bool scratch_lock(struct scratch *scratch, struct error *err)
{
	if (flock(scratch->folder, LOCK_EX | LOCK_NB) == 0)
		return true;
	close(scratch->folder);
	scratch->folder = -1;
	return fail(err, ERROR_LOCKED, "another measurement is using '%.300s'", scratch->path.data);
}

bool scratch_open(struct scratch *scratch, const char *root, const char *name, struct error *err)
{
	*scratch = (struct scratch){ .above = -1, .folder = -1 };
	text_add_string(&scratch->path, root);
	scratch->above = scratch_open_above(&scratch->path, err);
	if (scratch->above < 0)
		return false;
	bool inner = scratch->path.length > 0 && strcmp(scratch->path.data, "/") != 0;
	size_t folder = scratch->path.length + (inner ? 1 : 0);
	text_addf(&scratch->path, "%s.nightmill-bench-%s", inner ? "/" : "", name);
	const char *last = scratch->path.data + folder;
	if (mkdirat(scratch->above, last, 0700) && errno != EEXIST) {
		fail_errno(err, errno, "cannot make the folder '%.300s'", scratch->path.data);
		return false;
	}
	scratch->folder = files_open_below(scratch->above, last, O_RDONLY | O_DIRECTORY, 0, false);
	if (scratch->folder < 0)
		return fail_errno(
			err, errno, "cannot open the folder '%.300s'", scratch->path.data);
	return scratch_lock(scratch, err) && scratch_empty(scratch, err);
}

bool scratch_empty(struct scratch *scratch, struct error *err)
{
	int again = files_open_below(scratch->folder, ".", O_RDONLY | O_DIRECTORY, 0, false);
	DIR *listing = again >= 0 ? fdopendir(again) : NULL;
	if (!listing)
		return fail_errno(
			err, errno, "cannot list the folder '%.300s'", scratch->path.data);
	bool emptied = true;
	const struct dirent *entry;
	while (emptied && (entry = readdir(listing)))
		emptied = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
			  unlinkat(scratch->folder, entry->d_name, 0) == 0 || errno == ENOENT;
	int number = errno;
	closedir(listing);
	return emptied ||
	       fail_errno(err, number, "cannot empty the folder '%.300s'", scratch->path.data);
}

void scratch_close(struct scratch *scratch)
{
	if (scratch->folder >= 0 && scratch_empty(scratch, NULL))
		unlinkat(scratch->above, strrchr(scratch->path.data, '.'), AT_REMOVEDIR);
	if (scratch->folder >= 0)
		close(scratch->folder);
	if (scratch->above >= 0)
		close(scratch->above);
	text_finish(&scratch->path);
	scratch->folder = scratch->above = -1;
}
