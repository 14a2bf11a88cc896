#include "stages/mail/box.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"

enum { BOX_MAIL_BYTES = 64 << 20 };

static bool box_is_mail(const char *name)
{
	const size_t length = strlen(name);
	return length > 4 && strcmp(name + length - 4, ".eml") == 0;
}

static void box_add(struct box *box, const char *name)
{
	struct stat status;
	if (fstatat(box->folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
		!S_ISREG(status.st_mode))
		return;
	if (box->count == box->room) {
		box->room = box->room ? box->room * 2 : 64;
		box->mails = memory_resize(box->mails, box->room * sizeof(*box->mails));
	}
	const size_t bytes = strlen(name) + 1;
	char *copy = memory_alloc(bytes);
	memcpy(copy, name, bytes);
	box->mails[box->count++] = (struct box_mail){ copy, clock_nanos(&status.st_mtim) };
}

static bool box_list(struct box *box, struct error *err)
{
	const int again = openat(box->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = again >= 0 ? fdopendir(again) : NULL;
	if (!stream) {
		const int number = errno;
		if (again >= 0)
			close(again);
		return fail_errno(err, number, "listing the outbox");
	}
	const struct dirent *entry;
	while ((entry = readdir(stream)))
		if (box_is_mail(entry->d_name))
			box_add(box, entry->d_name);
	closedir(stream);
	return true;
}

static int box_by_name(const void *a, const void *b)
{
	const struct box_mail *first = a, *second = b;
	return strcmp(first->name, second->name);
}

static int box_by_time(const void *a, const void *b)
{
	const struct box_mail *first = a, *second = b;
	if (first->mtime_nanos != second->mtime_nanos)
		return first->mtime_nanos > second->mtime_nanos ? -1 : 1;
	return box_by_name(a, b);
}

bool box_open(struct box *box, const char *root, struct error *err)
{
	*box = (struct box){ .folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	if (box->folder < 0)
		return errno == ENOENT || fail_errno(err, errno, "'%s'", root);
	if (!box_list(box, err)) {
		box_close(box);
		return false;
	}
	if (box->count > 0)
		qsort(box->mails, box->count, sizeof(*box->mails), box_by_name);
	return true;
}

size_t box_newest(struct box *box, size_t most)
{
	if (box->count <= most)
		return box->count;
	qsort(box->mails, box->count, sizeof(*box->mails), box_by_time);
	qsort(box->mails, most, sizeof(*box->mails), box_by_name);
	return most;
}

bool box_read(int folder, const char *name, struct text *bytes, struct error *err)
{
	struct stat status;
	const int file = files_open_below(folder, name, O_RDONLY, 0, false);
	if (file < 0)
		return fail_errno(err, errno, "'%s'", name);
	const bool known = fstat(file, &status) == 0;
	const bool fits = known && status.st_size <= BOX_MAIL_BYTES;
	ssize_t length = -1;
	if (fits) {
		text_clear(bytes);
		text_reserve(bytes, (size_t)status.st_size);
		length = files_read_all(file, bytes->data, (size_t)status.st_size);
	}
	const int number = errno;
	close(file);
	if (known && !fits)
		return fail(err, ERROR_LIMIT, "'%s' has more than 64 MiB", name);
	if (length < 0)
		return fail_errno(err, number, "'%s'", name);
	bytes->length = (size_t)length;
	return true;
}

void box_close(struct box *box)
{
	for (size_t i = 0; i < box->count; i++)
		free(box->mails[i].name);
	free(box->mails);
	if (box->folder >= 0)
		close(box->folder);
}
