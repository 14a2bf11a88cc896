#include "stages/mail/transports/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/files.h"

enum { SECRET_BYTES = 1024, SECRET_OTHERS = 0077 };

bool secret_from_environment(const struct yaml_node *map, const char *key)
{
	const struct yaml_node *node = yaml_get(map, key);
	return !node || node->secret || node->text[0] == '\0';
}

static bool secret_check(int file, const char *path, struct error *err)
{
	struct stat status;
	if (fstat(file, &status) != 0)
		return fail_errno(err, errno, "'%s'", path);
	if (!S_ISREG(status.st_mode))
		return fail(err, ERROR_USAGE, "'%s' is no regular file", path);
	if (status.st_mode & SECRET_OTHERS)
		return fail(err, ERROR_USAGE, "others may read or write '%s': chmod 600 it", path);
	if (status.st_uid != geteuid() && status.st_uid != 0)
		return fail(err, ERROR_USAGE, "'%s' is someone else's file", path);
	return true;
}

bool secret_from_file(const char *path, struct arena *arena, const char **secret, struct error *err)
{
	char bytes[SECRET_BYTES + 1];
	const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file < 0)
		return fail_errno(err, errno, "'%s'", path);
	bool fine = secret_check(file, path, err);
	const ssize_t length = fine ? files_read_all(file, bytes, SECRET_BYTES) : -1;
	if (fine && length < 0)
		fine = fail_errno(err, errno, "'%s'", path);
	close(file);
	if (!fine)
		return false;
	bytes[length] = '\0';
	const size_t line = strcspn(bytes, "\r\n");
	if (line == 0 || line == SECRET_BYTES)
		return fail(err, ERROR_USAGE,
			"'%s' does not begin with a password of 1 to %d bytes", path,
			SECRET_BYTES - 1);
	*secret = arena_copy(arena, bytes, line);
	return true;
}
