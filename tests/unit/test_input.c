#include "pipeline/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/support/clock.h"
#include "tests/fakes/scratch.h"

static struct input *open_input(const char *first, const char *second, bool links)
{
	const char *paths[] = { first, second };
	const struct option_list roots = { paths, second ? 2 : 1 };
	struct input *input = NULL;
	struct error err = { 0 };
	if (!input_open(roots, links, &input, &err))
		fail_msg("%s", err.text);
	return input;
}

static void assert_reads(struct input *input, const char *path, const char *data)
{
	struct input_file file;
	struct error err = { 0 };
	if (!input_read(input, path, strlen(path), UINT64_MAX, &file, &err))
		fail_msg("%s", err.text);
	assert_int_equal(file.length, strlen(data));
	assert_memory_equal(file.data, data, file.length);
	for (size_t i = 0; i < INPUT_PADDING; i++)
		assert_int_equal(file.data[file.length + i], 0);
	assert_int_equal(file.seen.size, file.length);
}

static void assert_refuses(struct input *input, const char *path, enum error_code code)
{
	struct input_file file;
	struct error err = { 0 };
	assert_false(input_read(input, path, strlen(path), UINT64_MAX, &file, &err));
	if (err.code != code)
		fail_msg("%s: %s: %s", path, error_word(err.code), err.text);
	assert_int_equal(err.blame, BLAME_MOMENT);
}

static void reads_whole_files(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_write("in/a", "hello", 5);
	scratch_touch("in/empty");
	struct input *input = open_input("in", NULL, false);
	assert_reads(input, "in/a", "hello");
	assert_reads(input, "in/empty", "");
	assert_reads(input, "in/a", "hello");
	struct input_file file;
	struct error err = { 0 };
	struct stat status;
	const int64_t before = clock_wall_nanos();
	assert_true(input_read(input, "in/a", 4, 5, &file, &err));
	assert_int_equal(stat("in/a", &status), 0);
	assert_true(file.seen.mtime_nanos == clock_nanos(&status.st_mtim));
	assert_true(file.opened_nanos >= before && file.opened_nanos <= clock_wall_nanos());
	assert_int_equal(err.code, ERROR_NONE);
	input_close(input);
	input_close(NULL);
}

/* Elsewhere reading takes three times as long. */
static void reads_onto_a_page(void **state)
{
	(void)state;
	static const char large[5 << 20] = { 'x' };
	scratch_folder("in");
	scratch_write("in/small", "hello", 5);
	scratch_write("in/large", large, sizeof(large));
	struct input *input = open_input("in", NULL, false);
	static const char *const names[] = { "in/small", "in/large" };
	for (size_t i = 0; i < 2; i++) {
		struct input_file file;
		struct error err = { 0 };
		assert_true(input_read(input, names[i], strlen(names[i]), UINT64_MAX, &file, &err));
		assert_int_equal((uintptr_t)file.data % 4096, 0);
	}
	input_close(input);
}

static void odd_names_are_names(void **state)
{
	(void)state;
	static const char *const names[] = { "new\nline", "\r", "\xff\xfe", "-rf.jpg", "a[x=y].jpg",
		"\"'", "%2f", "dot.", "space ", "\033[31m", "..." };
	scratch_folder("in");
	struct input *input = open_input("in", NULL, false);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char path[64];
		snprintf(path, sizeof(path), "in/%s", names[i]);
		scratch_write(path, names[i], strlen(names[i]));
		assert_reads(input, path, names[i]);
	}
	input_close(input);
}

static void roots_are_normalised(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_folder("in/sub");
	scratch_write("in/a", "1", 1);
	scratch_write("in/sub/a", "2", 1);
	struct input *input = open_input(".//in/", "in/sub/.", false);
	assert_reads(input, "in/a", "1");
	assert_reads(input, "in/sub/a", "2");
	assert_refuses(input, "in", ERROR_DENIED);
	assert_refuses(input, "inn/a", ERROR_DENIED);
	assert_refuses(input, "other/a", ERROR_DENIED);
	input_close(input);
	/* A link may lead to all below its own root, which is the inner one. */
	assert_int_equal(symlink("../a", "in/sub/link"), 0);
	input = open_input("in/sub", "in", true);
	assert_refuses(input, "in/sub/link", ERROR_DENIED);
	input_close(input);
	input = open_input("in", NULL, true);
	assert_reads(input, "in/sub/link", "1");
	input_close(input);
	input = open_input(".", "/", false);
	assert_reads(input, "./in/a", "1");
	assert_refuses(input, "/proc/nothing", ERROR_MISSING);
	input_close(input);
}

static void nothing_leads_out(void **state)
{
	(void)state;
	scratch_write("canary", "c", 1);
	scratch_folder("in");
	scratch_write("in/a", "1", 1);
	assert_int_equal(symlink("../canary", "in/out"), 0);
	assert_int_equal(symlink("a", "in/link"), 0);
	struct input *input = open_input("in", NULL, false);
	assert_refuses(input, "in/../canary", ERROR_DENIED);
	assert_refuses(input, "in/out", ERROR_CHANGED);
	assert_refuses(input, "in/link", ERROR_CHANGED);
	assert_refuses(input, "in//etc/passwd", ERROR_DENIED);
	input_close(input);
	input = open_input("in", NULL, true);
	assert_reads(input, "in/link", "1");
	assert_refuses(input, "in/out", ERROR_DENIED);
	input_close(input);
}

static void only_regular_files(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_folder("in/folder.jpg");
	assert_int_equal(mkfifo("in/fifo.jpg", 0666), 0);
	const int heard = socket(AF_UNIX, SOCK_STREAM, 0);
	const struct sockaddr_un address = { AF_UNIX, "in/socket.jpg" };
	assert_int_equal(bind(heard, (const struct sockaddr *)&address, sizeof(address)), 0);
	struct input *input = open_input("in", NULL, false);
	assert_refuses(input, "in/folder.jpg", ERROR_CHANGED);
	assert_refuses(input, "in/fifo.jpg", ERROR_CHANGED);
	assert_refuses(input, "in/socket.jpg", ERROR_CHANGED);
	assert_refuses(input, "in/none", ERROR_MISSING);
	if (!mknod("in/zero.jpg", S_IFCHR | 0666, makedev(1, 5)))
		assert_refuses(input, "in/zero.jpg", ERROR_CHANGED);
	/* Nor is anything else opened ahead, nor waited for. */
	assert_false(input_ahead(input, "in/folder.jpg", strlen("in/folder.jpg"), 1));
	assert_false(input_ahead(input, "in/fifo.jpg", strlen("in/fifo.jpg"), 1));
	assert_false(input_ahead(input, "in/zero.jpg", strlen("in/zero.jpg"), 1));
	assert_false(input_ahead(input, "elsewhere", strlen("elsewhere"), 1));
	char path[5000] = "in/";
	memset(path + 3, 'x', sizeof(path) - 4);
	assert_refuses(input, path, ERROR_READ);
	close(heard);
	input_close(input);
}

static void too_large_is_not_read(void **state)
{
	(void)state;
	scratch_folder("in");
	scratch_touch("in/sparse");
	if (truncate("in/sparse", INT64_C(1) << 40))
		skip();
	struct input *input = open_input("in", NULL, false);
	struct input_file file;
	struct error err = { 0 };
	assert_false(input_read(input, "in/sparse", 9, 1 << 30, &file, &err));
	assert_int_equal(err.code, ERROR_LIMIT);
	assert_int_equal(err.blame, BLAME_ITEM);
	assert_non_null(strstr(err.text, "max_bytes"));
	assert_non_null(strstr(err.text, "1099511627776"));
	scratch_write("in/three", "abc", 3);
	assert_true(input_read(input, "in/three", 8, 3, &file, &err));
	assert_false(input_read(input, "in/three", 8, 2, &file, &err));
	input_close(input);
}

/* /proc says 0 bytes and then gives some: as a file that grows between fstat and read. */
static void growing_files_are_told(void **state)
{
	(void)state;
	struct input *input = open_input("/proc", NULL, false);
	assert_refuses(input, "/proc/version", ERROR_CHANGED);
	input_close(input);
}

/* Touches the file all the time until it is told to stop. */
static void *toucher_run(void *stop)
{
	for (int64_t i = 0; !atomic_load((atomic_bool *)stop); i++) {
		const struct timespec times[] = { { i, 0 }, { i, 0 } };
		utimensat(AT_FDCWD, "in/touched", times, 0);
	}
	return NULL;
}

static void files_that_change_are_told(void **state)
{
	(void)state;
	enum { BYTES = 4 << 20 };
	atomic_bool stop = false;
	pthread_t toucher;
	scratch_folder("in");
	scratch_write("in/touched", NULL, BYTES);
	struct input *input = open_input("in", NULL, false);
	struct input_file file;
	struct error err = { 0 };
	assert_int_equal(pthread_create(&toucher, NULL, toucher_run, &stop), 0);
	bool read = true;
	for (int tries = 0; read && tries < 10000; tries++)
		read = input_read(input, "in/touched", 10, UINT64_MAX, &file, &err);
	atomic_store(&stop, true);
	pthread_join(toucher, NULL);
	assert_false(read);
	assert_int_equal(err.code, ERROR_CHANGED);
	assert_true(input_read(input, "in/touched", 10, UINT64_MAX, &file, &err));
	input_close(input);
}

static void roots_must_be_there(void **state)
{
	(void)state;
	const char *paths[] = { ".", "none" };
	const struct option_list roots = { paths, 2 };
	struct input *input = NULL;
	struct error err = { 0 };
	assert_false(input_open(roots, false, &input, &err));
	assert_int_equal(err.code, ERROR_MISSING);
	assert_non_null(strstr(err.text, "'none'"));
	assert_null(input);
}

int main(void)
{
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(reads_whole_files),
		IN_SCRATCH(reads_onto_a_page),
		IN_SCRATCH(odd_names_are_names),
		IN_SCRATCH(roots_are_normalised),
		IN_SCRATCH(nothing_leads_out),
		IN_SCRATCH(only_regular_files),
		IN_SCRATCH(too_large_is_not_read),
		IN_SCRATCH(growing_files_are_told),
		IN_SCRATCH(files_that_change_are_told),
		IN_SCRATCH(roots_must_be_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
