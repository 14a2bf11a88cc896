/* Folders that others read meanwhile hold what they hold, and what is said of them counts. */

#include "pipeline/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/support/ahead.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/untyped.h"

enum {
	LOOK_NANOS = 150000,
	FOLDERS = 100,
	MANY = 1200,
	EXPECTED = AHEAD_LEVELS * AHEAD_SIBLINGS,
};

static _Atomic bool remote;     /* each listing waits */
static _Atomic unsigned others; /* ends of folders that other threads have come to */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's have none */
ssize_t getdents64(int folder, void *buffer, size_t room)
{
	const struct timespec span = { .tv_nsec = LOOK_NANOS };
	if (remote)
		nanosleep(&span, NULL);
	const ssize_t got = syscall(SYS_getdents64, folder, buffer, room);
	untyped(buffer, got);
	others += got == 0 && gettid() != getpid();
	return got;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static void make_folder(size_t number)
{
	char path[128];
	snprintf(path, sizeof(path), "%zu", number);
	scratch_folder(path);
	snprintf(path, sizeof(path), "%zu/folder", number);
	scratch_folder(path);
	snprintf(path, sizeof(path), "%zu/untyped folder", number);
	scratch_folder(path);
	snprintf(path, sizeof(path), "%zu/untyped", number);
	scratch_touch(path);
	for (size_t i = 0; i < (number % 50 == 7 ? MANY : 2); i++) {
		snprintf(path, sizeof(path), "%zu/a name that takes some room in a listing %zu",
			number, i);
		scratch_touch(path);
	}
}

/* So many times that it is clear how slow the folders are. */
static struct listings *open_listings(int *root, bool far)
{
	char path[32];
	remote = far;
	others = 0;
	*root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listings *listings = listings_new(*root, LISTING_NAMES);
	for (size_t i = 0; i < FOLDERS; i++) {
		snprintf(path, sizeof(path), "%zu", i);
		make_folder(i);
		assert_true(listings_have(listings, path, "untyped"));
	}
	assert_int_equal(listings_are_slow(listings), far);
	return listings;
}

static void close_listings(struct listings *listings, int root)
{
	remote = false;
	listings_free(listings);
	close(root);
}

static void assert_right(struct listings *listings, size_t number)
{
	char folder[32], last[128];
	snprintf(folder, sizeof(folder), "%zu", number);
	snprintf(last, sizeof(last), "a name that takes some room in a listing %d",
		number % 50 == 7 ? MANY - 1 : 1);
	assert_true(listings_have(listings, folder, "untyped"));
	assert_true(listings_have(listings, folder, last));
	assert_false(listings_have(listings, folder, "untyped folder"));
	assert_false(listings_have(listings, folder, "folder"));
	assert_false(listings_have(listings, folder, "b"));
}

static void others_read_what_is_expected(void **state)
{
	(void)state;
	int root;
	char path[32];
	struct listings *listings = open_listings(&root, true);
	for (size_t i = 0, expected = 0; i < FOLDERS; i++) {
		for (; expected < FOLDERS; expected++) {
			snprintf(path, sizeof(path), "%zu", expected);
			listings_forget(listings, path);
			if (!listings_expect(listings, path))
				break;
		}
		assert_right(listings, i);
	}
	assert_true(listings_expect(listings, "none"));
	assert_false(listings_have(listings, "none", "untyped"));
	assert_true(others > FOLDERS / 2);
	close_listings(listings, root);
}

static void nobody_else_reads_what_is_near(void **state)
{
	(void)state;
	int root;
	struct listings *listings = open_listings(&root, false);
	assert_true(listings_expect(listings, "7"));
	assert_right(listings, 7);
	assert_int_equal(others, 0);
	close_listings(listings, root);
}

static bool is_large(struct listings *listings, size_t number)
{
	char folder[32], last[128];
	snprintf(folder, sizeof(folder), "%zu", number);
	snprintf(last, sizeof(last), "a name that takes some room in a listing %d", MANY - 1);
	return listings_have(listings, folder, last);
}

/* Whichever was asked for after which before, forgotten, or has made room for another. */
static void folders_in_turn_are_told_apart(void **state)
{
	(void)state;
	int root;
	struct listings *listings = open_listings(&root, false);
	for (size_t round = 0; round < FOLDERS; round++) {
		assert_true(is_large(listings, 57));
		assert_false(is_large(listings, round % 5));
		assert_true(is_large(listings, 7));
		assert_false(is_large(listings, round % 7 + 10));
		if (round % 3 == 0)
			listings_forget(listings, "7");
		if (round % 4 == 0)
			listings_forget(listings, "57");
	}
	for (size_t i = 0; i < FOLDERS; i++) {
		assert_int_equal(is_large(listings, i), i % 50 == 7);
		assert_true(is_large(listings, 7));
	}
	close_listings(listings, root);
}

/* Three names each, five at most: the folder that was asked for before is forgotten. */
static void folders_that_do_not_fit_together_take_turns(void **state)
{
	(void)state;
	const int root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listings *listings = listings_new(root, 5);
	make_folder(1);
	make_folder(2);
	assert_true(listings_have(listings, "1", "untyped"));
	const size_t bytes = listings_bytes(listings);
	for (size_t i = 0; i < FOLDERS; i++) {
		const char *folder = i % 2 ? "1" : "2";
		assert_true(listings_have(listings, folder, "untyped"));
		assert_false(listings_have(listings, folder, "none"));
		assert_int_equal(listings_bytes(listings), bytes);
	}
	listings_free(listings);
	close(root);
}

/* What was forgotten takes none of the room. */
static void few_names_fit_however_often_they_change(void **state)
{
	(void)state;
	const int root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct listings *listings = listings_new(root, 8);
	make_folder(1);
	make_folder(2);
	assert_true(listings_have(listings, "1", "untyped"));
	assert_true(listings_have(listings, "2", "untyped"));
	const size_t bytes = listings_bytes(listings);
	for (size_t i = 0; i < FOLDERS; i++) {
		listings_forget(listings, i % 2 ? "1" : "2");
		assert_true(listings_have(listings, "1", "untyped"));
		assert_true(listings_have(listings, "2", "untyped"));
		assert_int_equal(listings_bytes(listings), bytes);
	}
	scratch_touch("1/c");
	for (size_t i = 0; i < FOLDERS; i++)
		listings_add(listings, "1", "c");
	assert_int_equal(listings_bytes(listings), bytes);
	listings_free(listings);
	close(root);
}

static void read_by_others(struct listings *listings, const char *folder)
{
	const unsigned before = others;
	listings_forget(listings, folder);
	assert_true(listings_expect(listings, folder));
	while (others == before)
		sched_yield();
}

static void what_is_said_meanwhile_counts(void **state)
{
	(void)state;
	int root;
	struct listings *listings = open_listings(&root, true);
	read_by_others(listings, "1");
	scratch_touch("1/b");
	listings_add(listings, "1", "b");
	assert_true(listings_have(listings, "1", "b"));
	read_by_others(listings, "2");
	unlink("2/untyped");
	listings_forget(listings, "2");
	assert_false(listings_have(listings, "2", "untyped"));
	close_listings(listings, root);
}

static void expectations_are_bounded(void **state)
{
	(void)state;
	int root;
	char path[32];
	struct listings *listings = open_listings(&root, true);
	for (int round = 0; round < 3; round++) {
		size_t count = 0;
		do
			snprintf(path, sizeof(path), "none %d %zu", round, count++);
		while (listings_expect(listings, path) && count < 1000);
		/* There is no room where threads are still at what is not expected any more. */
		assert_in_range(count, EXPECTED + 1, EXPECTED + 1 + AHEAD_THREADS);
		listings_expect_none(listings);
	}
	assert_right(listings, 3);
	close_listings(listings, root);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(others_read_what_is_expected),
		IN_SCRATCH(nobody_else_reads_what_is_near),
		IN_SCRATCH(folders_in_turn_are_told_apart),
		IN_SCRATCH(folders_that_do_not_fit_together_take_turns),
		IN_SCRATCH(few_names_fit_however_often_they_change),
		IN_SCRATCH(what_is_said_meanwhile_counts),
		IN_SCRATCH(expectations_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
