#include "pipeline/state_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"

enum {
	LOCK_HOLDER_BYTES = 200,
	LOCK_HOST_BYTES = 65,
	LOCK_TRIES = 50, /* half a second in all */
	LOCK_PAUSE_NANOS = 10000000
};

static bool lock_make_folders(char *folder, struct error *err)
{
	for (char *at = folder + 1;; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char kept = *at;
		*at = '\0';
		bool failed = mkdir(folder, 0777) != 0 && errno != EEXIST && errno != EISDIR;
		int number = errno;
		struct stat found;
		if (failed && stat(folder, &found) != 0)
			return fail_errno(err, number, "cannot make the folder '%s'", folder);
		*at = kept;
		if (!kept)
			return true;
	}
}

static bool lock_check_network(const char *path, const char *folder, struct error *err)
{
	int open_folder = files_open_folder(folder, err);
	if (open_folder < 0)
		return error_where(err, "the folder of the state '%s'", path);
	const char *name = NULL;
	bool network = files_on_network(open_folder, &name);
	close(open_folder);
	return !network ||
	       fail(err, ERROR_USAGE,
		       "the state '%s' would lie on a network file system (%s), where locks and "
		       "shared memory cannot be relied on; put it on a local disk",
		       path, name);
}

static bool lock_prepare(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash == path ? 1 : slash ? (size_t)(slash - path) : 1;
	char *folder = memory_alloc(length + 1);
	memcpy(folder, slash ? path : ".", length);
	folder[length] = '\0';
	bool ok = lock_make_folders(folder, err) && lock_check_network(path, folder, err);
	free(folder);
	return ok;
}

/* What the holder wrote; anything may stand there. */
static void lock_read_holder(int lock, char holder[LOCK_HOLDER_BYTES])
{
	ssize_t length = pread(lock, holder, LOCK_HOLDER_BYTES - 1, 0);
	if (length < 0)
		length = 0;
	holder[length] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	for (char *at = holder; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
}

/* For people alone: the kernel's lock is what counts, so a failure here is none. */
static void lock_write_holder(int lock)
{
	char host[LOCK_HOST_BYTES] = "?", start[CLOCK_TEXT_BYTES], holder[LOCK_HOLDER_BYTES];
	gethostname(host, sizeof(host) - 1);
	clock_text(clock_wall_nanos(), start);
	int length = snprintf(
		holder, sizeof(holder), "pid %ld on %s since %s\n", (long)getpid(), host, start);
	if (ftruncate(lock, 0) != 0 || pwrite(lock, holder, (size_t)length, 0) != length)
		return;
}

/* True where the holder wrote that it ran on this host, and no such process is there. */
static bool lock_holder_gone(const char *holder)
{
	char host[LOCK_HOST_BYTES] = "", written[LOCK_HOLDER_BYTES];
	char *end;
	gethostname(host, sizeof(host) - 1);
	if (strncmp(holder, "pid ", 4) != 0)
		return false;
	long pid = strtol(holder + 4, &end, 10);
	snprintf(written, sizeof(written), " on %s since ", host);
	return pid > 0 && strncmp(end, written, strlen(written)) == 0 && kill((pid_t)pid, 0) != 0 &&
	       errno == ESRCH;
}

/* A child of a run that was just killed may hold the lock for the moment until it is ended too:
 * only then is it worth waiting, for the holder that wrote its name is gone. */
static bool lock_wait(int file)
{
	char holder[LOCK_HOLDER_BYTES];
	for (int tries = 0; tries < LOCK_TRIES; tries++) {
		if (flock(file, LOCK_EX | LOCK_NB) == 0)
			return true;
		lock_read_holder(file, holder);
		if (!lock_holder_gone(holder))
			break;
		const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NANOS };
		nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

static bool lock_take(const char *path, const char *name, int *lock, struct error *err)
{
	int file =
		open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0600);
	if (file < 0)
		return fail_errno(err, errno, "cannot open the lock '%s'", name);
	if (flock(file, LOCK_EX | LOCK_NB) == 0 || (errno == EWOULDBLOCK && lock_wait(file))) {
		lock_write_holder(file);
		*lock = file;
		return true;
	}
	int number = errno;
	char holder[LOCK_HOLDER_BYTES];
	lock_read_holder(file, holder);
	close(file);
	if (number != EWOULDBLOCK)
		return fail_errno(err, number, "cannot lock '%s'", name);
	return fail(err, ERROR_LOCKED, "another run holds the state '%s' (%s)", path,
		*holder ? holder : "not known who");
}

bool state_lock(const char *path, int *lock, struct error *err)
{
	if (!lock_prepare(path, err))
		return false;
	size_t length = strlen(path);
	char *name = memory_alloc(length + sizeof(".lock"));
	memcpy(name, path, length);
	memcpy(name + length, ".lock", sizeof(".lock"));
	bool ok = lock_take(path, name, lock, err);
	free(name);
	return ok;
}
