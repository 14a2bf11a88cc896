#include "pipeline/support/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "tests/fakes/scratch.h"

static void normal_paths(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "data", "data" },
		{ "./data/", "data" },
		{ "a//b/./c///", "a/b/c" },
		{ ".", "." },
		{ "", "." },
		{ "././", "." },
		{ "/", "/" },
		{ "//", "/" },
		{ "/.", "/" },
		{ "//a/./b/", "/a/b" },
		{ "../a/..", "../a/.." },
		{ ".a/..b", ".a/..b" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char normal[64];
		assert_int_equal(files_normal_path(cases[i][0], normal), strlen(cases[i][1]));
		assert_string_equal(normal, cases[i][1]);
	}
}

static int open_below(const char *path, bool links)
{
	const int here = open(".", O_PATH | O_DIRECTORY);
	errno = 0;
	const int file = files_open_below(here, path, O_RDONLY, 0, links);
	const int number = errno;
	close(here);
	errno = number;
	return file;
}

static void assert_opens(const char *path, bool links)
{
	const int file = open_below(path, links);
	if (file < 0)
		fail_msg("%s: %s", path, strerror(errno));
	assert_int_equal(fcntl(file, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(file);
}

static void assert_refuses(const char *path, bool links, int number)
{
	assert_int_equal(open_below(path, links), -1);
	assert_int_equal(errno, number);
}

static void make_tree(void)
{
	scratch_folder("in");
	scratch_folder("in/deep");
	scratch_touch("in/deep/file");
	scratch_touch("in/..name");
	scratch_touch("canary");
	assert_int_equal(symlink("deep/file", "in/link"), 0);
	assert_int_equal(symlink("deep", "in/folder-link"), 0);
	assert_int_equal(symlink("../canary", "in/escape"), 0);
	assert_int_equal(symlink("/etc/passwd", "in/absolute"), 0);
	assert_int_equal(symlink("loop", "in/loop"), 0);
	assert_int_equal(mkfifo("in/fifo", 0666), 0);
	assert_int_equal(chdir("in"), 0);
}

static void check_below(void)
{
	assert_opens("deep/file", false);
	assert_opens("..name", false);
	assert_opens("deep", false);
	assert_opens(".", false);
	assert_opens("fifo", false);
	assert_refuses("", false, ENOENT);
	assert_refuses("none", false, ENOENT);
	assert_refuses("none/file", false, ENOENT);
	assert_refuses("deep/file/x", false, ENOTDIR);
	assert_refuses("../canary", false, EXDEV);
	assert_refuses("deep/../deep/file", false, EXDEV);
	assert_refuses("/etc/passwd", false, EXDEV);
	assert_refuses("link", false, ELOOP);
	assert_refuses("folder-link/file", false, ELOOP);
	assert_refuses("escape", false, ELOOP);
	assert_refuses("absolute", false, ELOOP);
	assert_refuses("loop", false, ELOOP);
}

static void below_stays_below(void **state)
{
	(void)state;
	make_tree();
	check_below();
	assert_opens("link", true);
	assert_opens("folder-link/file", true);
	assert_refuses("escape", true, EXDEV);
	assert_refuses("absolute", true, EXDEV);
	assert_refuses("loop", true, ELOOP);
	assert_refuses("deep/../deep/file", true, EXDEV);
}

static void below_creates_with_mode(void **state)
{
	(void)state;
	const int here = open(".", O_PATH | O_DIRECTORY);
	const int file = files_open_below(here, "new", O_WRONLY | O_CREAT | O_EXCL, 0640, false);
	struct stat status;
	assert_true(file >= 0);
	assert_int_equal(fstat(file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0640);
	close(file);
	const int path = files_open_below(here, "new", O_PATH, 0, false);
	assert_true(path >= 0);
	close(path);
	close(here);
}

/* From here on this process has no openat2, as on an old kernel. */
static bool without_openat2(void)
{
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { sizeof(program) / sizeof(*program), program };
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static void old_kernel_refuses_the_same(void **state)
{
	(void)state;
	make_tree();
	const pid_t child = fork();
	if (child == 0) {
		if (!without_openat2())
			_exit(77);
		check_below();
		assert_refuses("link", true, ELOOP);
		const int here = open(".", O_PATH | O_DIRECTORY);
		assert_int_equal(files_open_below(here, "link", O_PATH, 0, false), -1);
		assert_int_equal(errno, ELOOP);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void folders_are_made(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct stat status;
	const int here = open(".", O_PATH | O_DIRECTORY);
	assert_true(files_make_folders(here, "a/b//c", &err));
	assert_true(files_make_folders(here, "a/b/c", &err));
	assert_true(files_make_folders(here, ".", &err));
	assert_int_equal(stat("a/b/c", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0755);
	scratch_touch("a/file");
	assert_false(files_make_folders(here, "a/file/c", &err));
	assert_non_null(strstr(err.text, "a/file/c"));
	assert_false(files_make_folders(here, "../out", &err));
	assert_int_equal(symlink("/", "a/link"), 0);
	assert_false(files_make_folders(here, "a/link/tmp", &err));
	assert_int_equal(err.code, ERROR_DENIED);
	close(here);
}

static void replaces_whole_or_not_at_all(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct stat status;
	assert_true(files_replace("file", "one", 3, 0600, &err));
	assert_true(files_replace("./file", "second", 6, 0640, &err));
	assert_int_equal(stat("file", &status), 0);
	assert_int_equal(status.st_size, 6);
	assert_int_equal(status.st_mode & 0777, 0640);
	assert_false(files_replace("none/file", "x", 1, 0600, &err));
	assert_int_equal(err.code, ERROR_MISSING);
	scratch_folder("folder");
	assert_false(files_replace("folder", "x", 1, 0600, &err));
	assert_int_equal(err.code, ERROR_WRITE);

	const struct rlimit limit = { 4, RLIM_INFINITY };
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_false(files_replace("file", "far too long", 12, 0600, &err));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(stat("file", &status), 0);
	assert_int_equal(status.st_size, 6);
	char temporary[64];
	snprintf(temporary, sizeof(temporary), ".nightmill-%ld.tmp", (long)gettid());
	assert_int_equal(access(temporary, F_OK), -1);
	assert_int_equal(unlink("file"), 0);
	assert_int_equal(rmdir("folder"), 0);
}

static int leave(const char *name)
{
	const int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(file >= 0);
	return file;
}

/* Temporary files of the dead go, those of the living and what only looks like one stay. */
static void sweeps_what_the_dead_have_left(void **state)
{
	(void)state;
	struct error err;
	static const char *const others[] = { ".nightmill-x.tmp", ".nightmill-.tmp",
		".nightmill-3.tmp.bak", "nightmill-3.tmp", "3.tmp" };
	for (int i = 0; i < 2; i++) {
		close(leave(".nightmill-1.tmp"));
		const int living = leave(".nightmill-2.tmp");
		assert_int_equal(flock(living, LOCK_EX), 0);
		for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++)
			close(leave(others[k]));
		if (i)
			files_sweep("file");
		else
			assert_true(files_replace("file", "one", 3, 0600, &err));
		assert_int_equal(access(".nightmill-1.tmp", F_OK), -1);
		assert_int_equal(access(".nightmill-2.tmp", F_OK), 0);
		for (size_t k = 0; k < sizeof(others) / sizeof(*others); k++)
			assert_int_equal(unlink(others[k]), 0);
		close(living);
	}
	files_sweep("file");
	assert_int_equal(access(".nightmill-2.tmp", F_OK), -1);
	assert_int_equal(unlink("file"), 0);
}

/* One who writes under our number, as in another container, keeps its file. */
static void leaves_the_living_their_file(void **state)
{
	(void)state;
	struct error err;
	char temporary[64];
	struct stat before, after;
	snprintf(temporary, sizeof(temporary), ".nightmill-%ld.tmp", (long)gettid());
	const int living = leave(temporary);
	assert_int_equal(flock(living, LOCK_EX), 0);
	assert_int_equal(fstat(living, &before), 0);
	assert_true(files_replace("file", "one", 3, 0600, &err));
	assert_int_equal(stat(temporary, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	close(living);
	assert_true(files_replace("file", "two", 3, 0600, &err));
	assert_int_equal(access(temporary, F_OK), -1);
	assert_int_equal(unlink("file"), 0);
}

/* However often another looks for what the dead have left. */
static void no_sweep_takes_what_is_written(void **state)
{
	(void)state;
	enum { TIMES = 3000 };
	struct error err;
	const pid_t sweeper = fork();
	if (sweeper == 0)
		for (prctl(PR_SET_PDEATHSIG, SIGKILL);;)
			files_sweep("file");
	int written = 0;
	for (int i = 0; i < TIMES; i++)
		written += files_replace("file", "one", 3, 0600, &err);
	assert_int_equal(kill(sweeper, SIGKILL), 0);
	assert_int_equal(waitpid(sweeper, NULL, 0), sweeper);
	assert_int_equal(written, TIMES);
	assert_int_equal(unlink("file"), 0);
}

static void writes_and_reads_through_a_pipe(void **state)
{
	(void)state;
	enum { BYTES = 1 << 20 }; /* more than a pipe takes at a time */
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	char *data = malloc(BYTES + 1);
	assert_non_null(data);
	memset(data, 'n', BYTES);
	const pid_t child = fork();
	if (child == 0)
		_exit(!files_write_all(ends[1], data, BYTES));
	close(ends[1]);
	memset(data, 0, BYTES);
	assert_int_equal(files_read_all(ends[0], data, BYTES + 1), BYTES);
	assert_int_equal(data[BYTES - 1], 'n');
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(ends[0]);
	free(data);
	assert_int_equal(files_read_all(-1, &status, 1), -1);
	assert_false(files_write_all(-1, "x", 1));
}

static void local_disks_are_no_network(void **state)
{
	(void)state;
	const char *name = NULL;
	const int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	assert_false(files_on_network(proc, &name));
	assert_false(files_on_network(-1, &name));
	assert_null(name);
	close(proc);
}

static void folder_opens_or_names_itself(void **state)
{
	(void)state;
	struct error err = { 0 };
	const int folder = files_open_folder(".", &err);
	assert_true(folder >= 0);
	close(folder);
	assert_int_equal(files_open_folder("none", &err), -1);
	assert_int_equal(err.code, ERROR_MISSING);
	assert_non_null(strstr(err.text, "'none'"));
}

int main(void)
{
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(normal_paths),
		IN_SCRATCH(below_stays_below),
		IN_SCRATCH(below_creates_with_mode),
		IN_SCRATCH(old_kernel_refuses_the_same),
		IN_SCRATCH(folders_are_made),
		IN_SCRATCH(replaces_whole_or_not_at_all),
		IN_SCRATCH(sweeps_what_the_dead_have_left),
		IN_SCRATCH(leaves_the_living_their_file),
		IN_SCRATCH(no_sweep_takes_what_is_written),
		IN_SCRATCH(folder_opens_or_names_itself),
		cmocka_unit_test(writes_and_reads_through_a_pipe),
		cmocka_unit_test(local_disks_are_no_network),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
