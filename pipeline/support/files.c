#include "pipeline/support/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/openat2.h>

enum {
	/* openat2 says EAGAIN where a rename or a mount elsewhere came in between. */
	FILES_TRIES = 16,
	FILES_TEMPORARY_BYTES = 64,
	FILES_NUMBERS = 10000000, /* more than there are threads */
};

size_t files_normal_path(const char *path, char *normal)
{
	size_t length = 0;
	if (*path == '/')
		normal[length++] = '/';
	const size_t start = length;
	while (*path) {
		const size_t part = strcspn(path, "/");
		const bool keep = part > 0 && !(part == 1 && *path == '.');
		if (keep && length > start)
			normal[length++] = '/';
		if (keep) {
			memcpy(normal + length, path, part);
			length += part;
		}
		path += part;
		path += strspn(path, "/");
	}
	if (length == 0)
		normal[length++] = '.';
	normal[length] = '\0';
	return length;
}

int files_open_folder(const char *path, struct error *err)
{
	const int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		fail_errno(err, errno, "cannot open the folder '%.300s'", path);
	return folder;
}

/* What openat2 allows inside, but our contract does not: "..". */
static bool files_stays_below(const char *path)
{
	if (*path == '/')
		return false;
	while (*path) {
		const size_t part = strcspn(path, "/");
		if (part == 2 && path[0] == '.' && path[1] == '.')
			return false;
		path += part;
		path += strspn(path, "/");
	}
	return true;
}

static int files_openat2(int folder, const char *path, const struct open_how *how)
{
	long file = -1;
	for (int tries = 0; tries < FILES_TRIES && file < 0; tries++) {
		file = syscall(SYS_openat2, folder, path, how, sizeof(*how));
		if (file < 0 && errno != EAGAIN && errno != EINTR)
			break;
	}
	return (int)file;
}

/* One component, which must not be a link: then errno is ELOOP, whatever the kernel says. */
static int files_open_part(int folder, const char *name, int flags, mode_t mode)
{
	const int file = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
	const int number = errno;
	const bool may_be_link =
		file < 0 ? number == ENOTDIR : (flags & O_PATH) && !(flags & O_DIRECTORY);
	struct stat status;
	if (!may_be_link)
		return file;
	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) || !S_ISLNK(status.st_mode)) {
		errno = number;
		return file;
	}
	if (file >= 0)
		close(file);
	errno = ELOOP;
	return -1;
}

/* Copies the next component to `name`; 0 at the end, or -1 and errno. */
static int files_next_part(const char **path, char name[NAME_MAX + 1])
{
	*path += strspn(*path, "/");
	const size_t length = strcspn(*path, "/");
	if (length > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, *path, length);
	name[length] = '\0';
	*path += length;
	*path += strspn(*path, "/");
	return length > 0;
}

/* Closes it unless the caller brought it. */
static void files_leave(int folder, int borrowed)
{
	const int number = errno;
	if (folder >= 0 && folder != borrowed)
		close(folder);
	errno = number;
}

/* For kernels, and sandboxes, without openat2. */
static int files_open_by_parts(int folder, const char *path, int flags, mode_t mode)
{
	int at = folder;
	char name[NAME_MAX + 1];
	while (at >= 0) {
		const int more = files_next_part(&path, name);
		if (more <= 0) {
			files_leave(at, folder);
			return -1;
		}
		const int how = *path ? O_PATH | O_DIRECTORY : flags;
		const int next = files_open_part(at, name, how, mode);
		files_leave(at, folder);
		if (!*path)
			return next;
		at = next;
	}
	return -1;
}

int files_open_below(int folder, const char *path, int flags, mode_t mode, bool links)
{
	if (!*path || !files_stays_below(path)) {
		errno = *path ? EXDEV : ENOENT;
		return -1;
	}
	flags |= O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY | O_NONBLOCK);
	const bool creates = flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY));
	const struct open_how how = {
		.flags = (uint64_t)flags,
		.mode = creates ? mode : 0,
		.resolve =
			RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (links ? 0 : RESOLVE_NO_SYMLINKS),
	};
	const int file = files_openat2(folder, path, &how);
	/* Some sandboxes say EPERM for a call that they do not know. */
	if (file < 0 && (errno == ENOSYS || errno == EPERM))
		return files_open_by_parts(folder, path, flags, mode);
	return file;
}

/* A failed system call that wrote: what is neither space nor permission is ERROR_WRITE. */
static bool files_write_failed(struct error *err, int number, const char *what, const char *path)
{
	fail_errno(err, number, "cannot %s '%.300s'", what, path);
	if (err && err->code == ERROR_READ)
		err->code = ERROR_WRITE;
	return false;
}

static int files_enter(int folder, const char *name)
{
	const int flags = O_PATH | O_DIRECTORY;
	const int next = files_open_part(folder, name, flags, 0);
	if (next >= 0 || errno != ENOENT)
		return next;
	if (mkdirat(folder, name, 0777) && errno != EEXIST)
		return -1;
	return files_open_part(folder, name, flags, 0);
}

static bool files_folders_failed(struct error *err, int number, const char *path)
{
	if (number == ELOOP)
		return fail(err, ERROR_DENIED,
			"cannot make the folder '%.300s': symbolic link on the way", path);
	return files_write_failed(err, number, "make the folder", path);
}

bool files_make_folders(int folder, const char *path, struct error *err)
{
	if (!files_stays_below(path))
		return files_folders_failed(err, EXDEV, path);
	const char *left = path;
	char name[NAME_MAX + 1];
	int at = folder;
	int more;
	while ((more = files_next_part(&left, name)) > 0) {
		const int next = files_enter(at, name);
		files_leave(at, folder);
		at = next;
		if (at < 0)
			break;
	}
	const bool made = more == 0;
	if (!made)
		files_folders_failed(err, errno, path);
	files_leave(at, folder);
	return made;
}

bool files_write_all(int file, const void *data, size_t length)
{
	const char *next = data;
	while (length > 0) {
		const ssize_t written = write(file, next, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			errno = written < 0 ? errno : EIO;
			return false;
		}
		next += written;
		length -= (size_t)written;
	}
	return true;
}

ssize_t files_read_all(int file, void *data, size_t length)
{
	size_t got = 0;
	while (got < length) {
		const ssize_t more = read(file, (char *)data + got, length - got);
		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return -1;
		if (more == 0)
			break;
		got += (size_t)more;
	}
	return (ssize_t)got;
}

static int files_open_parent(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	*name = slash ? slash + 1 : path;
	const size_t length = slash ? (size_t)(slash - path) : 0;
	char parent[PATH_MAX];
	if (length >= sizeof(parent)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(parent, path, length);
	parent[length] = '\0';
	const char *shown = length ? parent : slash ? "/" : ".";
	return open(shown, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* It may have got another name since it was opened, and another file its own. */
static bool files_is_named(int file, int folder, const char *name)
{
	struct stat opened, named;
	return !fstat(file, &opened) && !fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) &&
	       opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/* Whoever writes a temporary file holds its lock, which the kernel gives back when it dies. */
static void files_sweep_one(int folder, const char *name, bool without_locks)
{
	const int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (file < 0)
		return;
	const bool dead =
		flock(file, LOCK_EX | LOCK_NB) == 0 || (without_locks && errno != EWOULDBLOCK);
	if (dead && files_is_named(file, folder, name))
		unlinkat(folder, name, 0);
	close(file);
}

static bool files_is_temporary(const char *name)
{
	static const char before[] = ".nightmill-", behind[] = ".tmp";
	const size_t length = strlen(before);
	if (strncmp(name, before, length) != 0)
		return false;
	const size_t digits = strspn(name + length, "0123456789");
	return digits > 0 && strcmp(name + length + digits, behind) == 0;
}

static void files_sweep_folder(int folder)
{
	const int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = again >= 0 ? fdopendir(again) : NULL;
	const struct dirent *entry;
	while (list && (entry = readdir(list)) != NULL)
		if (files_is_temporary(entry->d_name))
			files_sweep_one(folder, entry->d_name, false);
	if (list)
		closedir(list);
	else if (again >= 0)
		close(again);
}

void files_sweep(const char *path)
{
	const char *name;
	const int folder = files_open_parent(path, &name);
	if (folder < 0)
		return;
	files_sweep_folder(folder);
	close(folder);
}

/* Locked, and still there: another's sweep may come between. Who writes under our number, as in
 * another container, keeps its file. */
static int files_create(int folder, mode_t mode, char name[FILES_TEMPORARY_BYTES])
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	struct stat made;
	for (long i = 0; i < FILES_TRIES; i++) {
		const long number = gettid() + i * FILES_NUMBERS;
		snprintf(name, FILES_TEMPORARY_BYTES, ".nightmill-%ld.tmp", number);
		const int file = openat(folder, name, flags, mode);
		if (file < 0 && errno != EEXIST)
			return -1;
		if (file < 0) {
			files_sweep_one(folder, name, true);
			continue;
		}
		flock(file, LOCK_EX);
		if (fstat(file, &made) != 0 || made.st_nlink > 0)
			return file;
		close(file);
	}
	errno = EAGAIN;
	return -1;
}

bool files_replace(
	const char *path, const void *data, size_t length, mode_t mode, struct error *err)
{
	const char *name;
	const int folder = files_open_parent(path, &name);
	if (folder < 0)
		return files_write_failed(err, errno, "write", path);
	char temporary[FILES_TEMPORARY_BYTES];
	files_sweep_folder(folder);
	const int file = files_create(folder, mode, temporary);
	/* Locked until it has its name. */
	const bool done = file >= 0 && files_write_all(file, data, length) && !fsync(file) &&
			  !renameat(folder, temporary, folder, name) && !fsync(folder);
	if (!done) {
		files_write_failed(err, errno, "write", path);
		if (file >= 0)
			unlinkat(folder, temporary, 0);
	}
	files_leave(file, -1);
	close(folder);
	return done;
}

bool files_on_network(int descriptor, const char **name)
{
	static const struct {
		uint32_t magic;
		const char *name;
	} systems[] = {
		{ 0x00006969, "NFS" },
		{ 0x0000517B, "SMB" },
		{ 0xFF534D42, "CIFS" },
		{ 0xFE534D42, "SMB2" },
		{ 0x0000564C, "NCP" },
		{ 0x5346414F, "AFS" },
		{ 0x6B414653, "AFS" },
		{ 0x73757245, "Coda" },
		{ 0x00C36400, "Ceph" },
		{ 0x0BD00BD0, "Lustre" },
		{ 0x47504653, "GPFS" },
	};
	struct statfs status;
	if (fstatfs(descriptor, &status))
		return false;
	for (size_t i = 0; i < sizeof(systems) / sizeof(*systems); i++) {
		if ((uint32_t)status.f_type == systems[i].magic) {
			*name = systems[i].name;
			return true;
		}
	}
	return false;
}
