#include "tests/fakes/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

int scratch_setup(void **state)
{
	const char *below = getenv("TMPDIR");
	char *path = NULL;
	if (asprintf(&path, "%s/nightmill-test-XXXXXX", below && *below ? below : "/tmp") < 0)
		return -1;
	if (!mkdtemp(path) || chdir(path)) {
		free(path);
		return -1;
	}
	umask(022);
	*state = path;
	return 0;
}

/* By descriptors, so that paths may be longer than the kernel takes. */
static void scratch_empty(int folder)
{
	DIR *listing = fdopendir(folder);
	if (!listing)
		return;
	const struct dirent *entry;
	while ((entry = readdir(listing))) {
		const char *name = entry->d_name;
		if (!strcmp(name, ".") || !strcmp(name, "..") || !unlinkat(folder, name, 0))
			continue;
		const int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (inner >= 0)
			scratch_empty(inner);
		unlinkat(folder, name, AT_REMOVEDIR);
	}
	closedir(listing);
}

int scratch_teardown(void **state)
{
	char *path = *state;
	if (chdir("/"))
		return -1;
	const int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (folder >= 0)
		scratch_empty(folder);
	const int removed = rmdir(path);
	free(path);
	return removed;
}

void scratch_folder(const char *path)
{
	assert_int_equal(mkdir(path, 0777), 0);
}

void scratch_write(const char *path, const void *data, size_t length)
{
	const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	assert_true(file >= 0);
	char *bytes = malloc(length + 1);
	assert_non_null(bytes);
	memset(bytes, 'x', length + 1);
	if (data)
		memcpy(bytes, data, length);
	assert_int_equal(write(file, bytes, length), length);
	free(bytes);
	close(file);
}

void scratch_touch(const char *path)
{
	scratch_write(path, "", 0);
}
