#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#undef fail /* ours is error.h's */

#include "pipeline/syncer.h"

static char folder[64];
static struct error err;

static int setup(void **unused)
{
	(void)unused;
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof(folder), "%.40s/syncer-XXXXXX", base ? base : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	return rmdir(folder);
}

static int open_folder(int flags)
{
	int file = open(folder, O_DIRECTORY | O_CLOEXEC | flags);
	assert_true(file >= 0);
	return file;
}

static struct syncer *open_syncer(const int *descriptors, size_t count)
{
	struct syncer *syncer = NULL;
	assert_true(syncer_open(descriptors, count, &syncer, &err));
	return syncer;
}

/* The only child of this process. */
static pid_t helper_process(void)
{
	FILE *file = fopen("/proc/thread-self/children", "re");
	assert_non_null(file);
	char text[32] = "";
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	pid_t helper = (pid_t)strtol(text, NULL, 10);
	assert_true(helper > 0);
	return helper;
}

static void test_syncs(void **unused)
{
	(void)unused;
	int descriptors[] = { open_folder(O_RDONLY), open_folder(O_RDONLY) };
	struct syncer *syncer = open_syncer(descriptors, 2);
	bool done = false;
	for (int i = 0; i < 3; i++) {
		assert_false(syncer_busy(syncer));
		assert_true(syncer_ask(syncer, &err));
		assert_true(syncer_busy(syncer));
		assert_true(syncer_done(syncer, true, &done, &err));
		assert_true(done);
	}
	assert_false(syncer_busy(syncer));
	syncer_close(syncer);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	close(descriptors[0]);
	close(descriptors[1]);
}

static void test_nothing_asked_is_done(void **unused)
{
	(void)unused;
	struct syncer *syncer = open_syncer(NULL, 0);
	bool done = false;
	assert_true(syncer_done(syncer, true, &done, &err));
	assert_true(done);
	assert_true(syncer_ask(syncer, &err));
	assert_true(syncer_done(syncer, true, &done, &err));
	syncer_close(syncer);
}

static void test_looking_does_not_wait(void **unused)
{
	(void)unused;
	int descriptor = open_folder(O_RDONLY);
	struct syncer *syncer = open_syncer(&descriptor, 1);
	pid_t helper = helper_process();
	bool done = true;
	assert_int_equal(kill(helper, SIGSTOP), 0);
	assert_int_equal(waitpid(helper, NULL, WUNTRACED), helper);
	assert_true(syncer_ask(syncer, &err));
	assert_true(syncer_done(syncer, false, &done, &err));
	assert_false(done);
	assert_int_equal(kill(helper, SIGCONT), 0);
	assert_true(syncer_done(syncer, true, &done, &err));
	assert_true(done);
	syncer_close(syncer);
	close(descriptor);
}

static void test_failure_is_told(void **unused)
{
	(void)unused;
	int descriptor = open_folder(O_PATH); /* which syncfs refuses */
	struct syncer *syncer = open_syncer(&descriptor, 1);
	bool done = false;
	assert_true(syncer_ask(syncer, &err));
	assert_false(syncer_done(syncer, true, &done, &err));
	assert_int_equal(err.code, ERROR_WRITE);
	assert_non_null(strstr(err.text, "cannot sync"));
	assert_false(syncer_busy(syncer));
	syncer_close(syncer);
	close(descriptor);
}

static void test_a_bad_descriptor_is_refused(void **unused)
{
	(void)unused;
	int descriptor = open_folder(O_RDONLY);
	struct syncer *syncer = NULL;
	close(descriptor);
	assert_false(syncer_open(&descriptor, 1, &syncer, &err));
	assert_null(syncer);
}

static void test_a_killed_helper_is_an_error(void **unused)
{
	(void)unused;
	int descriptor = open_folder(O_RDONLY);
	struct syncer *syncer = open_syncer(&descriptor, 1);
	pid_t helper = helper_process();
	bool done = false;
	assert_int_equal(kill(helper, SIGSTOP), 0);
	assert_int_equal(waitpid(helper, NULL, WUNTRACED), helper);
	assert_true(syncer_ask(syncer, &err));
	assert_int_equal(kill(helper, SIGKILL), 0);
	assert_false(syncer_done(syncer, true, &done, &err));
	assert_non_null(strstr(err.text, "died"));
	assert_false(syncer_ask(syncer, &err));
	syncer_close(syncer);
	close(descriptor);
}

static void test_polite_signals_are_ignored(void **unused)
{
	(void)unused;
	int descriptor = open_folder(O_RDONLY);
	struct syncer *syncer = open_syncer(&descriptor, 1);
	bool done = false;
	/* Its first answer tells that it has come so far as to ignore them. */
	assert_true(syncer_ask(syncer, &err));
	assert_true(syncer_done(syncer, true, &done, &err));
	assert_int_equal(kill(helper_process(), SIGINT), 0);
	assert_int_equal(kill(helper_process(), SIGTERM), 0);
	assert_true(syncer_ask(syncer, &err));
	assert_true(syncer_done(syncer, true, &done, &err));
	syncer_close(syncer);
	close(descriptor);
}

static void test_other_descriptors_are_closed(void **unused)
{
	(void)unused;
	int ends[2];
	int descriptor = open_folder(O_RDONLY);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	struct syncer *syncer = open_syncer(&descriptor, 1);
	bool done = false;
	char byte;
	close(ends[1]);
	assert_true(syncer_ask(syncer, &err));
	assert_true(syncer_done(syncer, true, &done, &err));
	assert_int_equal(read(ends[0], &byte, 1), 0); /* would hang */
	close(ends[0]);
	syncer_close(syncer);
	close(descriptor);
}

static void test_close_accepts_null(void **unused)
{
	(void)unused;
	syncer_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syncs),
		cmocka_unit_test(test_nothing_asked_is_done),
		cmocka_unit_test(test_looking_does_not_wait),
		cmocka_unit_test(test_failure_is_told),
		cmocka_unit_test(test_a_bad_descriptor_is_refused),
		cmocka_unit_test(test_a_killed_helper_is_an_error),
		cmocka_unit_test(test_polite_signals_are_ignored),
		cmocka_unit_test(test_other_descriptors_are_closed),
		cmocka_unit_test(test_close_accepts_null),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
