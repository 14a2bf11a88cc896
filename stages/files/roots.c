#include "stages/files/roots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"

static char *roots_normal(const char *path)
{
	char *normal = memory_alloc(strlen(path) + 2);
	files_normal_path(path, normal);
	return normal;
}

static bool roots_lies_in(const char *inner, const char *outer)
{
	const size_t length = strlen(outer);
	if (!strcmp(outer, "."))
		return *inner != '/' && strcmp(inner, "..") && strncmp(inner, "../", 3);
	if (!strcmp(outer, "/"))
		return *inner == '/';
	return !strncmp(inner, outer, length) && (inner[length] == '/' || inner[length] == '\0');
}

const char *roots_overlap(const char *second, const char *first)
{
	char *a = roots_normal(first);
	char *b = roots_normal(second);
	const char *how = !strcmp(a, b)         ? "is the same as"
			  : roots_lies_in(b, a) ? "lies in"
			  : roots_lies_in(a, b) ? "contains"
						: NULL;
	free(a);
	free(b);
	return how;
}

static char *roots_name(const char *path)
{
	char *real = NULL;
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	if (!strcmp(last, ".") || !strcmp(last, "..")) {
		real = realpath(path, NULL);
		slash = real ? strrchr(real, '/') : NULL;
		last = slash ? slash + 1 : "";
	}
	const size_t bytes = strlen(last) + 1;
	char *name = memcpy(memory_alloc(bytes), last, bytes);
	free(real);
	return name;
}

/* A folder that cannot be listed is no concern of this function: the walk reports it. */
static bool roots_holds_nothing(const char *path)
{
	DIR *listing = opendir(path);
	if (!listing)
		return false;
	size_t count = 0;
	errno = 0;
	while (count < 3 && readdir(listing))
		count++;
	const bool nothing = count < 3 && errno == 0;
	closedir(listing);
	return nothing;
}

static bool roots_check(
	const struct roots *roots, const struct walk_rules *rules, bool empty, struct error *err)
{
	const struct root *root = &roots->list[roots->count - 1];
	struct stat status;
	if (fstat(root->folder, &status))
		return fail_errno(err, errno, "cannot open the root '%.300s'", root->path);
	for (const struct root *other = roots->list; other < root; other++) {
		struct stat before;
		if (!fstat(other->folder, &before) && before.st_dev == status.st_dev &&
			before.st_ino == status.st_ino)
			return fail(err, ERROR_USAGE,
				"roots '%.200s' and '%.200s' are the same folder", other->path,
				root->path);
	}
	if (walk_skips(rules, &status))
		return fail(err, ERROR_USAGE, "root '%.300s' is an output folder too", root->path);
	if (!empty && roots_holds_nothing(root->path))
		return fail(err, ERROR_MISSING,
			"nothing in the root '%.300s'; is its disk mounted?", root->path);
	return true;
}

static bool roots_add(struct roots *roots, const char *path, struct error *err)
{
	struct root *root = &roots->list[roots->count];
	const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return fail_errno(err, errno, "cannot open the root '%.300s'", path);
	root->path = roots_normal(path);
	root->length = strcmp(root->path, "/") ? strlen(root->path) : 0;
	root->name = roots_name(root->path);
	root->folder = folder;
	roots->count++;
	return true;
}

bool roots_open(struct option_list paths, const struct walk_rules *rules, bool empty,
	struct roots *roots, struct error *err)
{
	struct roots opened = { .list = memory_zeroed(paths.count, sizeof(*opened.list)) };
	for (size_t i = 0; i < paths.count; i++) {
		if (!roots_add(&opened, paths.items[i], err) ||
			!roots_check(&opened, rules, empty, err)) {
			roots_close(&opened);
			return false;
		}
	}
	*roots = opened;
	return true;
}

void roots_close(struct roots *roots)
{
	for (size_t i = 0; i < roots->count; i++) {
		free(roots->list[i].path);
		free(roots->list[i].name);
		close(roots->list[i].folder);
	}
	free(roots->list);
	*roots = (struct roots){ 0 };
}
