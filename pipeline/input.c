#include "pipeline/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/files.h"

enum {
	INPUT_ROOM_LEAST = 1 << 20,
	/* One file in a million may be huge: its memory is not kept for the others. */
	INPUT_ROOM_KEPT = 32 << 20,
	/* The kernel copies whole pages: onto pages that takes a third of the time. */
	INPUT_PAGE = 4096,
	INPUT_SHOWN = 300,           /* bytes of a path in a message */
	INPUT_AHEAD_STEP = 128 << 10 /* the usual read_ahead_kb */
};

struct input_root {
	char *path;    /* normalised */
	size_t length; /* of path; 0 for "/" */
	int folder;
};

struct input {
	struct input_root *roots;
	size_t root_count;
	bool links;
	unsigned char *data;
	size_t room;
};

/* What is being read. */
struct input_path {
	const char *data;
	size_t length;
	int shown; /* bytes of it in messages */
};

static bool input_add_root(struct input *input, const char *path, struct error *err)
{
	const int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return fail_errno(err, errno, "cannot open the root '%.300s'", path);
	struct input_root *root = &input->roots[input->root_count++];
	root->path = memory_alloc(strlen(path) + 2);
	files_normal_path(path, root->path);
	root->length = strcmp(root->path, "/") ? strlen(root->path) : 0;
	root->folder = folder;
	return true;
}

bool input_open(struct option_list roots, bool links, struct input **input, struct error *err)
{
	struct input *opened = memory_zeroed(1, sizeof(*opened));
	opened->links = links;
	opened->roots = memory_zeroed(roots.count, sizeof(*opened->roots));
	for (size_t i = 0; i < roots.count; i++) {
		if (!input_add_root(opened, roots.items[i], err)) {
			input_close(opened);
			return false;
		}
	}
	*input = opened;
	return true;
}

void input_close(struct input *input)
{
	if (!input)
		return;
	for (size_t i = 0; i < input->root_count; i++) {
		free(input->roots[i].path);
		close(input->roots[i].folder);
	}
	free(input->roots);
	free(input->data);
	free(input);
}

static const struct input_root *input_root_of(
	const struct input *input, const struct input_path *path)
{
	const struct input_root *longest = NULL;
	for (size_t i = 0; i < input->root_count; i++) {
		const struct input_root *root = &input->roots[i];
		const bool leads = root->length < path->length && path->data[root->length] == '/' &&
				   !memcmp(root->path, path->data, root->length);
		if (leads && (!longest || root->length > longest->length))
			longest = root;
	}
	return longest;
}

static bool input_no_file(const struct input_path *path, struct error *err)
{
	return fail(
		err, ERROR_CHANGED, "'%.*s' is no regular file any more", path->shown, path->data);
}

static bool input_open_failed(const struct input_path *path, int number, struct error *err)
{
	switch (number) {
	case ELOOP:
	case ENXIO:
		return input_no_file(path, err);
	case EXDEV:
		return fail(
			err, ERROR_DENIED, "'%.*s' leads out of its root", path->shown, path->data);
	default:
		return fail_errno(err, number, "cannot open '%.*s'", path->shown, path->data);
	}
}

/* The file's descriptor, or -1. */
static int input_open_file(
	const struct input *input, const struct input_path *path, struct error *err)
{
	const struct input_root *root = input_root_of(input, path);
	char below[PATH_MAX];
	if (!root) {
		fail(err, ERROR_DENIED, "'%.*s' lies below none of the roots", path->shown,
			path->data);
		return -1;
	}
	const char *rest = path->data + root->length + 1;
	const size_t length = path->length - root->length - 1;
	const bool possible = length < sizeof(below) && !memchr(rest, '\0', length);
	int file = -1;
	errno = length < sizeof(below) ? ENOENT : ENAMETOOLONG;
	if (possible) {
		memcpy(below, rest, length);
		below[length] = '\0';
		file = files_open_below(root->folder, below, O_RDONLY, 0, input->links);
	}
	if (file < 0)
		input_open_failed(path, errno, err);
	return file;
}

static bool input_reserve(struct input *input, size_t bytes)
{
	if (bytes <= input->room && input->room <= INPUT_ROOM_KEPT)
		return true;
	free(input->data);
	input->room = bytes > INPUT_ROOM_LEAST ? bytes : INPUT_ROOM_LEAST;
	void *data = NULL;
	if (posix_memalign(&data, INPUT_PAGE, input->room) != 0) {
		data = NULL;
		input->room = 0;
	}
	input->data = data;
	return data;
}

static bool input_check(
	const struct input_path *path, const struct stat *status, uint64_t most, struct error *err)
{
	if (!S_ISREG(status->st_mode))
		return input_no_file(path, err);
	if ((uint64_t)status->st_size > most)
		return fail(err, ERROR_LIMIT, "'%.*s' has %jd bytes; max_bytes allows %" PRIu64,
			path->shown, path->data, (intmax_t)status->st_size, most);
	return true;
}

static bool input_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && clock_nanos(&a->st_mtim) == clock_nanos(&b->st_mtim) &&
	       a->st_ino == b->st_ino;
}

/* One byte more than there should be is asked for: it shows a file that grows. */
static bool input_fill(struct input *input, int file, const struct input_path *path,
	const struct stat *before, struct error *err)
{
	const size_t size = (size_t)before->st_size;
	if (size > SIZE_MAX - INPUT_PADDING - 1 || !input_reserve(input, size + INPUT_PADDING + 1))
		return fail(err, ERROR_MEMORY, "no memory for the %zu bytes of '%.*s'", size,
			path->shown, path->data);
	const ssize_t got = files_read_all(file, input->data, size + 1);
	struct stat after;
	if (got < 0 || fstat(file, &after))
		return fail_errno(err, errno, "cannot read '%.*s'", path->shown, path->data);
	if ((size_t)got != size || !input_same(before, &after))
		return fail(err, ERROR_CHANGED, "'%.*s' changed while it was read", path->shown,
			path->data);
	memset(input->data + size, 0, INPUT_PADDING);
	return true;
}

static struct input_path input_path_of(const char *path, size_t length)
{
	return (struct input_path){
		.data = path,
		.length = length,
		.shown = length < INPUT_SHOWN ? (int)length : INPUT_SHOWN,
	};
}

/* A call gets what the device's own read-ahead is: the whole takes several. */
static void input_want(int file, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += INPUT_AHEAD_STEP)
		posix_fadvise(file, (off_t)at, INPUT_AHEAD_STEP, POSIX_FADV_WILLNEED);
}

bool input_ahead(struct input *input, const char *path, size_t length, uint64_t most)
{
	const struct input_path what = input_path_of(path, length);
	struct error err;
	const int file = input_open_file(input, &what, &err);
	if (file < 0)
		return false;
	char first;
	struct iovec place = { &first, 1 };
	struct stat status;
	const bool regular = !fstat(file, &status) && S_ISREG(status.st_mode);
	const bool there = regular && preadv2(file, &place, 1, 0, RWF_NOWAIT) >= 0;
	if (regular && !there) {
		const uint64_t size = (uint64_t)status.st_size;
		input_want(file, size < most ? size : most);
	}
	close(file);
	return there;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are input.h's. */
bool input_read(struct input *input, const char *path, size_t length, uint64_t most,
	struct input_file *file, struct error *err)
{
	const struct input_path what = input_path_of(path, length);
	const int64_t opened = clock_wall_nanos();
	const int descriptor = input_open_file(input, &what, err);
	if (descriptor < 0)
		return false;
	struct stat status;
	bool read = !fstat(descriptor, &status);
	if (!read)
		fail_errno(err, errno, "cannot read '%.*s'", what.shown, path);
	read = read && input_check(&what, &status, most, err) &&
	       input_fill(input, descriptor, &what, &status, err);
	close(descriptor);
	if (!read)
		return false;
	*file = (struct input_file){
		.data = input->data,
		.length = (size_t)status.st_size,
		.seen = {
			.size = (uint64_t)status.st_size,
			.mtime_nanos = clock_nanos(&status.st_mtim),
		},
		.opened_nanos = opened,
	};
	return true;
}
