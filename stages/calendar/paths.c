#include "stages/calendar/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/text.h"

enum { PATHS_DEPTH = 16 };

static void paths_add(struct calendar_paths *paths, const char *path)
{
	const size_t bytes = strlen(path) + 1;
	if (paths->count == paths->room) {
		paths->room = paths->room ? paths->room * 2 : 16;
		paths->list = memory_resize(paths->list, paths->room * sizeof(*paths->list));
	}
	paths->list[paths->count] = memory_alloc(bytes);
	memcpy(paths->list[paths->count++], path, bytes);
}

static bool paths_is_calendar(const char *name)
{
	const size_t length = strlen(name);
	return length > 4 && strcasecmp(name + length - 4, ".ics") == 0;
}

static bool paths_walk(
	struct calendar_paths *paths, const char *folder, int depth, struct error *err);

static bool paths_take(struct calendar_paths *paths, const char *path, int depth, struct error *err)
{
	struct stat status;
	if (lstat(path, &status) != 0)
		return fail_errno(err, errno, "'%s'", path);
	if (S_ISDIR(status.st_mode))
		return depth == PATHS_DEPTH || paths_walk(paths, path, depth + 1, err);
	if (S_ISREG(status.st_mode) && paths_is_calendar(path))
		paths_add(paths, path);
	return true;
}

static bool paths_walk(
	struct calendar_paths *paths, const char *folder, int depth, struct error *err)
{
	struct dirent **entries;
	const int count = scandir(folder, &entries, NULL, alphasort);
	bool fine = true;
	if (count < 0)
		return fail_errno(err, errno, "'%s'", folder);
	for (int i = 0; i < count; i++) {
		struct text path = { 0 };
		text_addf(&path, "%s/%s", folder, entries[i]->d_name);
		if (fine && entries[i]->d_name[0] != '.')
			fine = paths_take(paths, path.data, depth, err);
		text_finish(&path);
		free(entries[i]);
	}
	free(entries);
	return fine;
}

bool calendar_paths_find(
	struct calendar_paths *paths, const struct option_list *named, struct error *err)
{
	for (size_t i = 0; i < named->count; i++) {
		const size_t before = paths->count;
		struct stat status;
		if (stat(named->items[i], &status) != 0)
			return fail_errno(err, errno, "'%s'", named->items[i]);
		if (!S_ISDIR(status.st_mode))
			paths_add(paths, named->items[i]);
		else if (!paths_walk(paths, named->items[i], 0, err))
			return false;
		if (paths->count == before)
			return fail(err, ERROR_MISSING, "'%s' holds no .ics file", named->items[i]);
	}
	return true;
}

FILE *calendar_paths_open(const char *path, struct error *err)
{
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *opened = NULL;
	if (file < 0) {
		fail_errno(err, errno, "'%s'", path);
		return NULL;
	}
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
		fail(err, ERROR_UNSUPPORTED, "'%s' is no regular file", path);
	else if (!(opened = fdopen(file, "r")))
		fail_errno(err, errno, "'%s'", path);
	if (!opened)
		close(file);
	return opened;
}

void calendar_paths_finish(struct calendar_paths *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		free(paths->list[i]);
	free(paths->list);
}
