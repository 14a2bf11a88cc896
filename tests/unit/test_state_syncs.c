/* What of the state is on the disk at which moment: syncs are counted, and a power cut may leave of
 * each file either what was last synced or all that was written. */

#include <fcntl.h>
#include <setjmp.h>
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

#include "pipeline/state_rows.h"
#include "tests/fakes/scratch.h"

enum { FILE_MOST = 1 << 20 };

static const char *const ends[] = { "", "-wal" };
enum { ENDS = sizeof(ends) / sizeof(*ends) };

static const char path[] = "state.db";
static struct error err;
static struct arena arena;
static int syncs;

static int setup(void **state)
{
	arena_init(&arena);
	syncs = 0;
	return scratch_setup(state);
}

static int teardown(void **state)
{
	arena_finish(&arena);
	return scratch_teardown(state);
}

/* Where there is nothing to be copied, nothing is left. */
static void copy_file(const char *from, const char *to)
{
	static char bytes[FILE_MOST];
	unlink(to);
	const int in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0)
		return;
	const ssize_t length = pread(in, bytes, sizeof(bytes), 0);
	close(in);
	const int out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (length < 0 || write(out, bytes, (size_t)length) != length)
		abort();
	close(out);
}

/* SQLite's. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int fdatasync(int file)
{
	char link[64], name[200] = "", synced[sizeof(name) + 8];
	struct stat status;
	syncs++;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	if (fstat(file, &status) != 0 || readlink(link, name, sizeof(name) - 1) < 0)
		return -1;
	if (S_ISREG(status.st_mode)) {
		snprintf(synced, sizeof(synced), "%s.synced", name);
		copy_file(link, synced);
	}
	return 0;
}

static struct state *open_state(const char *at)
{
	struct state *state = NULL;
	if (!state_open(at, STATE_WRITE, &state, &err))
		print_error("%s\n", err.text);
	assert_non_null(state);
	return state;
}

static void put(struct state *state, const char *key)
{
	struct state_item item = { .status = OUTCOME_MADE };
	assert_true(state_put(state, key, strlen(key), &item, &err));
}

static bool knows(struct state *state, const char *key)
{
	struct state_item found;
	assert_true(state_find(state, key, strlen(key), &arena, &found, &err));
	return found.number != 0;
}

static void begin_run(struct state *state)
{
	struct state_run run = { .started_nanos = 1, .name = "n", .executor = "e" };
	assert_true(state_begin_run(state, &run, &err));
	assert_true(run.number > 0);
}

static void cut(unsigned written)
{
	char from[64], to[64];
	mkdir("cut", 0700);
	for (unsigned i = 0; i < ENDS; i++) {
		snprintf(from, sizeof(from), "%s%s%s", path, ends[i],
			written >> i & 1 ? "" : ".synced");
		snprintf(to, sizeof(to), "cut/%s%s", path, ends[i]);
		copy_file(from, to);
	}
}

/* Whatever a power cut leaves now, the next run can open it, and knows the item (NULL: none). */
static void assert_survives(const char *key)
{
	for (unsigned written = 0; written < 1 << ENDS; written++) {
		const int before = syncs;
		cut(written);
		struct state *state = open_state("cut/state.db");
		begin_run(state);
		assert_true(!key || knows(state, key));
		state_close(state);
		syncs = before;
	}
}

static size_t count_runs(const char *at)
{
	struct state *reader = NULL;
	struct state_run *runs;
	size_t count = 0;
	if (!state_open(at, STATE_READ, &reader, &err))
		print_error("%s\n", err.text);
	assert_non_null(reader);
	assert_true(state_runs(reader, 10, &arena, &runs, &count, &err));
	state_close(reader);
	return count;
}

static void test_a_run_begins_without_a_sync(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		syncs = 0;
		struct state *state = open_state(path);
		begin_run(state);
		assert_int_equal(syncs, 0);
		assert_int_equal(count_runs(path), i + 1);
		state_close(state);
	}
}

static void test_what_is_committed_survives_a_power_cut(void **unused)
{
	(void)unused;
	struct state *state = open_state(path);
	assert_survives(NULL);
	begin_run(state);
	assert_survives(NULL);
	put(state, "a");
	assert_true(state_commit(state, &err));
	assert_survives("a");
	put(state, "b");
	assert_true(state_commit(state, &err));
	assert_survives("b");
	state_close(state);
	assert_survives("a");
}

static void test_a_later_run_survives_a_power_cut(void **unused)
{
	(void)unused;
	struct state *state = open_state(path);
	put(state, "a");
	assert_true(state_commit(state, &err));
	state_close(state);
	state = open_state(path);
	assert_survives("a");
	begin_run(state);
	assert_survives("a");
	put(state, "b");
	assert_true(state_commit(state, &err));
	assert_survives("b");
	state_close(state);
	assert_survives("b");
}

/* Where a run could not begin. */
static void test_what_was_begun_in_a_hurry_is_closed_with_syncs(void **unused)
{
	(void)unused;
	struct state *state = open_state(path);
	put(state, "a");
	assert_true(state_commit(state, &err));
	assert_true(state_hurry(state, true, &err));
	put(state, "b");
	state_close(state);
	unlink("state.db-wal.synced");
	assert_survives("a");
}

static void fill_with_zeros(const char *name)
{
	struct stat status;
	assert_int_equal(stat(name, &status), 0);
	assert_true(status.st_size > 0);
	assert_int_equal(truncate(name, 0), 0);
	assert_int_equal(truncate(name, status.st_size), 0);
}

/* Some file systems keep how long a file has become, and lose what was written. */
static void test_a_first_page_of_zeros_is_an_empty_file(void **unused)
{
	(void)unused;
	struct state *state = open_state(path);
	begin_run(state);
	for (unsigned log = 0; log < 2; log++) {
		cut(1 | log << 1);
		fill_with_zeros("cut/state.db");
		struct state *after = open_state("cut/state.db");
		begin_run(after);
		assert_int_equal(count_runs("cut/state.db"), 1);
		state_close(after);
	}
	cut(1);
	fill_with_zeros("cut/state.db");
	assert_int_equal(count_runs("cut/state.db"), 0);
	state_close(state);
}

/* Without a run: for verbs. */
static void test_a_first_commit_survives_a_power_cut(void **unused)
{
	(void)unused;
	struct state *state = open_state(path);
	put(state, "a");
	assert_true(state_commit(state, &err));
	assert_survives("a");
	state_close(state);
}

/* With "a". */
static void leave_a_log(void)
{
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct state *state = open_state(path);
		put(state, "a");
		_exit(state_commit(state, &err) ? 0 : 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void check_nothing_is_hurried(const char *at)
{
	struct state *state = open_state(at);
	begin_run(state);
	assert_true(syncs > 0);
	assert_survives("a");
	state_close(state);
}

static void test_beside_the_log_of_a_killed_run_nothing_is_hurried(void **unused)
{
	(void)unused;
	leave_a_log();
	check_nothing_is_hurried(path);
}

/* SQLite keeps the log beside what a link leads to. */
static void test_a_log_is_found_behind_a_link(void **unused)
{
	(void)unused;
	leave_a_log();
	assert_int_equal(mkdir("links", 0700), 0);
	assert_int_equal(symlink("../state.db", "links/link.db"), 0);
	check_nothing_is_hurried("links/link.db");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_run_begins_without_a_sync),
		TEST(test_what_is_committed_survives_a_power_cut),
		TEST(test_a_later_run_survives_a_power_cut),
		TEST(test_a_first_commit_survives_a_power_cut),
		TEST(test_what_was_begun_in_a_hurry_is_closed_with_syncs),
		TEST(test_a_first_page_of_zeros_is_an_empty_file),
		TEST(test_beside_the_log_of_a_killed_run_nothing_is_hurried),
		TEST(test_a_log_is_found_behind_a_link),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
