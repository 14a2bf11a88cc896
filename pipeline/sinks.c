#include "pipeline/sinks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/files.h"

enum { SINKS_MODE = 0666 };

/* A file can be made there: tried by one without a name, which leaves nothing behind. */
static bool sinks_folder_takes(const char *folder)
{
	int file = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, SINKS_MODE);
	if (file >= 0)
		return close(file) == 0;
	return (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) &&
	       access(folder, W_OK | X_OK) == 0;
}

static bool sinks_check_one(const char *option, const char *path, struct error *err)
{
	struct stat status;
	struct arena arena = { 0 };
	const char *slash = strrchr(path, '/');
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return fail(err, ERROR_USAGE, "--%s '%s': there is something that is no file",
			option, path);
	if (*path == '\0' || path[strlen(path) - 1] == '/')
		return fail(
			err, ERROR_USAGE, "--%s '%s': expected the name of a file", option, path);
	const char *folder = !slash ? "." : slash == path ? "/" : NULL;
	if (!folder)
		folder = arena_copy(&arena, path, (size_t)(slash - path));
	bool fine = sinks_folder_takes(folder);
	int number = errno;
	arena_finish(&arena);
	return fine || fail(err, ERROR_USAGE, "--%s '%s' cannot be written: %s", option, path,
			       strerror(number));
}

bool sinks_check(const char *const paths[SINKS], bool dry_run, struct error *err)
{
	for (size_t i = 0; i < SINKS; i++) {
		if (!paths[i])
			continue;
		if (dry_run && sinks[i]->counts)
			return fail(err, ERROR_USAGE,
				"--%s counts what was made, and --dry-run makes nothing: leave one "
				"of them out",
				sinks[i]->name);
		for (size_t j = 0; j < i; j++)
			if (paths[j] && strcmp(paths[i], paths[j]) == 0)
				return fail(err, ERROR_USAGE,
					"--%s and --%s are to be the same file, '%s'",
					sinks[j]->name, sinks[i]->name, paths[i]);
		if (!sinks_check_one(sinks[i]->name, paths[i], err))
			return false;
	}
	return true;
}

bool sinks_trace(const char *const paths[SINKS])
{
	bool trace = false;
	for (size_t i = 0; i < SINKS; i++)
		trace |= paths[i] && sinks[i]->traces;
	return trace;
}

bool sinks_write(const char *const paths[SINKS], const struct sink_facts *facts, struct error *err)
{
	struct text text = { 0 };
	bool fine = true;
	for (size_t i = 0; i < SINKS; i++) {
		if (!paths[i])
			continue;
		text_clear(&text);
		sinks[i]->write(facts, &text);
		fine &= files_replace(
			paths[i], text.data, text.length, SINKS_MODE, fine ? err : NULL);
	}
	text_finish(&text);
	return fine;
}
