/* A stage's file in the folder for temporary files: whole, and counted; or not there at all. */

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#undef fail /* ours is error.h's */

#include "pipeline/stage.h"
#include "tests/fakes/scratch.h"

enum { PART = 3 };

static char name[STAGE_TEMPORARY_BYTES];
static const struct stage_file file = { "twelve bytes", 12, 0640, "writing a test" };

static bool written(const char *folder, struct outcome *outcome)
{
	const struct item item = { .id = { 1, 2 }, .attempt = 1 };
	const struct workplace place = { .temporary = open(folder, O_PATH | O_CLOEXEC),
		.first_part = PART };
	*outcome = (struct outcome){ .bytes_written = 100 };
	stage_temporary(item.id, item.attempt, PART, name);
	assert_true(place.temporary >= 0);
	const bool done = stage_write(&place, &item, &file, outcome);
	close(place.temporary);
	return done;
}

static void test_whole_and_counted(void **state)
{
	(void)state;
	struct outcome outcome;
	struct stat status;
	char bytes[20];
	const mode_t mask = umask(0);
	assert_true(written(".", &outcome));
	umask(mask);
	assert_true(outcome.made == UINT64_C(1) << PART);
	assert_true(outcome.bytes_written == 100 + file.length);
	const int in = open(name, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(in, &status), 0);
	assert_int_equal(status.st_mode & 0777, file.mode);
	assert_int_equal(read(in, bytes, sizeof(bytes)), file.length);
	assert_memory_equal(bytes, file.data, file.length);
	close(in);
}

static void check_failed(const struct outcome *outcome, const char *text)
{
	assert_int_equal(outcome->error.blame, BLAME_PLACE);
	assert_string_equal(outcome->error.text, text);
	assert_true(outcome->made == 0);
	assert_true(outcome->bytes_written == 100);
}

static void test_no_folder(void **state)
{
	(void)state;
	struct outcome outcome;
	scratch_touch("file");
	assert_false(written("file", &outcome));
	check_failed(&outcome, "writing a test: Not a directory");
}

static void test_no_room(void **state)
{
	(void)state;
	struct outcome outcome;
	struct rlimit before, few;
	getrlimit(RLIMIT_FSIZE, &before);
	few = (struct rlimit){ .rlim_cur = 5, .rlim_max = before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &few);
	const bool done = written(".", &outcome);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_false(done);
	check_failed(&outcome, "writing a test: File too large");
	assert_int_equal(outcome.error.code, ERROR_WRITE);
	assert_int_equal(access(name, F_OK), -1);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(test_whole_and_counted),
		IN_SCRATCH(test_no_folder),
		IN_SCRATCH(test_no_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
