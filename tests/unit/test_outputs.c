#include "pipeline/outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/listing.h"
#include "tests/fakes/scratch.h"

static struct outputs *open_outputs(const char *root, bool look_only)
{
	struct outputs *outputs = NULL;
	struct error err = { 0 };
	if (!outputs_open(root, "test", look_only, &outputs, &err))
		fail_msg("%s", err.text);
	return outputs;
}

static void make_temporary(struct outputs *outputs, const char *name, const char *data)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/%s", outputs_temporary_path(outputs), name);
	scratch_write(path, data, strlen(data));
}

static void place(struct outputs *outputs, const char *path)
{
	struct error err = { 0 };
	make_temporary(outputs, "t", path);
	if (!outputs_place(outputs, "t", path, &err))
		fail_msg("%s", err.text);
}

/* Returns the code; the temporary file is still there then, and is discarded. */
static enum error_code refused(struct outputs *outputs, const char *path)
{
	struct error err = { 0 };
	char temporary[256];
	make_temporary(outputs, "t", "x");
	assert_false(outputs_place(outputs, "t", path, &err));
	snprintf(temporary, sizeof(temporary), "%s/t", outputs_temporary_path(outputs));
	assert_int_equal(access(temporary, F_OK), 0);
	outputs_discard(outputs, "t");
	assert_int_equal(access(temporary, F_OK), -1);
	return err.code;
}

static bool there(const char *path)
{
	struct stat status;
	return !lstat(path, &status);
}

static void root_and_temporary_folder_are_made(void **state)
{
	(void)state;
	struct stat status;
	struct outputs *outputs = open_outputs("a/./b//c/", false);
	assert_string_equal(outputs_temporary_path(outputs), "a/b/c/.nightmill-test");
	assert_int_equal(stat("a/b/c/.nightmill-test", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	assert_int_equal(stat("a/b/c", &status), 0);
	assert_int_equal(status.st_mode & 0777, 0755);
	assert_true(outputs_descriptor(outputs) >= 0);
	outputs_close(outputs);
	assert_false(there("a/b/c/.nightmill-test"));
	assert_true(there("a/b/c"));
	outputs_close(NULL);
}

static void root_may_be_a_link(void **state)
{
	(void)state;
	scratch_folder("disk");
	assert_int_equal(symlink("disk", "out"), 0);
	struct outputs *outputs = open_outputs("out/small", false);
	place(outputs, "out/small/a");
	assert_true(there("disk/small/a"));
	outputs_close(outputs);
}

static void looking_changes_nothing(void **state)
{
	(void)state;
	struct outputs *outputs = open_outputs("out", true);
	assert_false(outputs_present(outputs, "out/a"));
	assert_int_equal(outputs_descriptor(outputs), -1);
	outputs_close(outputs);
	assert_false(there("out"));
	scratch_folder("out");
	scratch_touch("out/a");
	outputs = open_outputs("out", true);
	assert_true(outputs_present(outputs, "out/a"));
	outputs_close(outputs);
	assert_false(there("out/.nightmill-test"));
}

static void bad_roots_are_named(void **state)
{
	(void)state;
	struct outputs *outputs = NULL;
	struct error err = { 0 };
	scratch_touch("file");
	assert_false(outputs_open("file", "test", false, &outputs, &err));
	assert_non_null(strstr(err.text, "'file'"));
	assert_false(outputs_open("file/below", "test", false, &outputs, &err));
	assert_false(outputs_open("out", "../x", false, &outputs, &err));
	assert_int_equal(symlink("none", "dangling"), 0);
	assert_false(outputs_open("dangling", "test", false, &outputs, &err));
	scratch_folder("evil");
	scratch_folder("elsewhere");
	assert_int_equal(symlink("../elsewhere", "evil/.nightmill-test"), 0);
	assert_false(outputs_open("evil", "test", false, &outputs, &err));
	assert_int_equal(err.code, ERROR_DENIED);
	assert_null(outputs);
}

static void sweeps_all_that_was_left(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct outputs *outputs = open_outputs("out", false);
	make_temporary(outputs, "one", "1");
	make_temporary(outputs, "two", "2");
	scratch_folder("out/.nightmill-test/folder");
	scratch_touch("out/.nightmill-test/folder/x");
	scratch_folder("canary");
	scratch_touch("canary/bird");
	assert_int_equal(symlink("../../canary", "out/.nightmill-test/link"), 0);
	assert_true(outputs_sweep(outputs, &err));
	assert_true(outputs_sweep(outputs, &err));
	assert_true(there("canary/bird"));
	outputs_close(outputs);
	assert_false(there("out/.nightmill-test"));
}

static void what_is_left_keeps_the_temporary_folder(void **state)
{
	(void)state;
	struct outputs *outputs = open_outputs("out", false);
	make_temporary(outputs, "left", "1");
	outputs_close(outputs);
	assert_true(there("out/.nightmill-test/left"));
}

static void places_and_knows_them(void **state)
{
	(void)state;
	struct outputs *outputs = open_outputs("./out", false);
	assert_false(outputs_present(outputs, "out/a"));
	assert_false(outputs_present(outputs, "out/d/e/a"));
	place(outputs, "out/a");
	place(outputs, "out/d/e/a");
	place(outputs, "out/d/e/b\n\xff [x=y]");
	place(outputs, "out/d/e/a");
	assert_true(outputs_present(outputs, "out/a"));
	assert_true(outputs_present(outputs, "out/d/e/a"));
	assert_true(outputs_present(outputs, "out/d/e/b\n\xff [x=y]"));
	assert_false(outputs_present(outputs, "out/d/e/c"));
	assert_false(outputs_present(outputs, "out/d/e"));
	assert_false(outputs_present(outputs, "elsewhere/a"));
	assert_true(there("out/d/e/a"));
	outputs_close(outputs);
}

static void folder_removed_meanwhile_is_made_again(void **state)
{
	(void)state;
	struct outputs *outputs = open_outputs("out", false);
	place(outputs, "out/d/a");
	assert_int_equal(unlink("out/d/a"), 0);
	assert_int_equal(rmdir("out/d"), 0);
	place(outputs, "out/d/b");
	assert_true(there("out/d/b"));
	outputs_close(outputs);
}

static void roots_of_any_kind(void **state)
{
	(void)state;
	struct outputs *outputs = open_outputs(".", false);
	assert_string_equal(outputs_temporary_path(outputs), "./.nightmill-test");
	place(outputs, "a");
	place(outputs, "d/a");
	place(outputs, "./b");
	assert_true(there("a") && there("d/a") && there("b"));
	assert_int_equal(refused(outputs, "../a"), ERROR_WRITE);
	assert_int_equal(refused(outputs, "/a"), ERROR_INTERNAL);
	outputs_close(outputs);
	char root[256], path[300];
	snprintf(root, sizeof(root), "%s/absolute", (const char *)*state);
	snprintf(path, sizeof(path), "%s/x/y", root);
	outputs = open_outputs(root, false);
	place(outputs, path);
	assert_true(there("absolute/x/y"));
	outputs_close(outputs);
}

static void nothing_gets_out(void **state)
{
	(void)state;
	scratch_folder("canary");
	scratch_write("canary/a", "bird", 4);
	struct outputs *outputs = open_outputs("out", false);
	place(outputs, "out/d/a");
	place(outputs, "out/e/a");
	/* The folder becomes a link, as by someone who tidies up or means harm. */
	assert_int_equal(rename("out/d", "out/old"), 0);
	assert_int_equal(symlink("../canary", "out/d"), 0);
	assert_int_equal(refused(outputs, "out/d/a"), ERROR_DENIED);
	assert_int_equal(refused(outputs, "out/d/new/a"), ERROR_DENIED);
	assert_int_equal(refused(outputs, "out/e/../../canary/a"), ERROR_WRITE);
	struct error err = { 0 };
	assert_false(outputs_remove(outputs, "out/d/a", &err));
	assert_false(outputs_present(outputs, "out/d/a"));
	struct stat status;
	assert_int_equal(stat("canary/a", &status), 0);
	assert_int_equal(status.st_size, 4);
	assert_false(there("canary/new"));
	/* A link in place of the file is replaced itself. */
	assert_int_equal(symlink("../../canary/a", "out/e/link"), 0);
	assert_false(outputs_present(outputs, "out/e/link"));
	place(outputs, "out/e/link");
	assert_int_equal(stat("canary/a", &status), 0);
	assert_int_equal(status.st_size, 4);
	outputs_close(outputs);
}

static void folders_are_in_the_way(void **state)
{
	(void)state;
	struct outputs *outputs = open_outputs("out", false);
	place(outputs, "out/file");
	scratch_folder("out/folder");
	scratch_touch("out/folder/kept");
	assert_int_equal(refused(outputs, "out/folder"), ERROR_WRITE);
	assert_int_equal(refused(outputs, "out/file/below"), ERROR_MISSING);
	assert_true(there("out/folder/kept"));
	char path[300] = "out/";
	memset(path + 4, 'n', 256);
	assert_int_equal(refused(outputs, path), ERROR_WRITE);
	outputs_close(outputs);
}

static void removes_files_and_empty_folders(void **state)
{
	(void)state;
	struct error err = { 0 };
	struct outputs *outputs = open_outputs("out", false);
	place(outputs, "out/d/e/f/a");
	place(outputs, "out/d/b");
	assert_true(outputs_present(outputs, "out/d/e/f/a"));
	assert_true(outputs_remove(outputs, "out/d/e/f/a", &err));
	assert_true(outputs_remove(outputs, "out/d/e/f/a", &err));
	assert_true(outputs_remove(outputs, "out/d/none", &err));
	place(outputs, "out/d/c");
	assert_true(outputs_present(outputs, "out/d/c"));
	assert_true(outputs_remove(outputs, "out/d/c", &err));
	assert_false(outputs_present(outputs, "out/d/c"));
	assert_true(outputs_present(outputs, "out/d/b"));
	assert_false(outputs_present(outputs, "out/d/e/f/a"));
	assert_false(there("out/d/e"));
	assert_true(there("out/d/b"));
	place(outputs, "out/d/e/f/a");
	assert_true(there("out/d/e/f/a"));
	assert_false(outputs_remove(outputs, "out/d/e", &err));
	assert_true(outputs_remove(outputs, "out/d/b", &err));
	assert_true(outputs_remove(outputs, "out/d/e/f/a", &err));
	assert_false(there("out/d"));
	assert_true(there("out"));
	outputs_close(outputs);
}

/* A disk with room for the root, the temporary folder and one file, where mounting is allowed. */
static void full_disk_blames_the_place(void **state)
{
	(void)state;
	scratch_folder("out");
	if (mount("tmpfs", "out", "tmpfs", 0, "nr_inodes=3"))
		skip();
	struct error err = { 0 };
	struct outputs *outputs = open_outputs("out", false);
	make_temporary(outputs, "t", "x");
	const bool placed = outputs_place(outputs, "t", "out/folder/a", &err);
	outputs_discard(outputs, "t");
	outputs_close(outputs);
	assert_int_equal(umount("out"), 0);
	assert_false(placed);
	assert_int_equal(err.code, ERROR_SPACE);
	assert_int_equal(err.blame, BLAME_PLACE);
}

static void listings_are_bounded(void **state)
{
	(void)state;
	enum { MOST = 1000 };
	const int here = open(".", O_PATH | O_DIRECTORY);
	char path[64];
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "d%d", i);
		scratch_folder(path);
		for (int j = 0; j < 40; j++) {
			snprintf(path, sizeof(path), "d%d/f%d", i, j);
			scratch_touch(path);
		}
	}
	struct listings *listings = listings_new(here, MOST);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 100; i++) {
			snprintf(path, sizeof(path), "d%d", i);
			assert_true(listings_have(listings, path, "f0"));
			assert_true(listings_have(listings, path, "f39"));
			assert_false(listings_have(listings, path, "f40"));
			assert_true(listings_bytes(listings) <= MOST * 16);
		}
	}
	listings_free(listings);
	close(here);
}

static void too_many_names_are_asked_one_by_one(void **state)
{
	(void)state;
	const int here = open(".", O_PATH | O_DIRECTORY);
	char path[64];
	scratch_folder("d");
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "d/f%d", i);
		scratch_touch(path);
	}
	struct listings *listings = listings_new(here, 99);
	assert_true(listings_have(listings, "d", "f99"));
	assert_int_equal(listings_bytes(listings), 0);
	assert_false(listings_have(listings, "d", "g"));
	scratch_touch("d/g");
	assert_true(listings_have(listings, "d", "g"));
	listings_free(listings);

	/* One that becomes too large while it is kept. */
	listings = listings_new(here, 101);
	assert_true(listings_have(listings, "d", "f1"));
	assert_true(listings_bytes(listings) > 0);
	scratch_touch("d/h");
	listings_add(listings, "d", "h");
	assert_true(listings_have(listings, "d", "h"));
	assert_int_equal(listings_bytes(listings), 0);
	assert_true(listings_have(listings, "d", "f1"));
	listings_free(listings);
	listings_free(NULL);
	close(here);
}

static void only_regular_files_count(void **state)
{
	(void)state;
	const int here = open(".", O_PATH | O_DIRECTORY);
	scratch_folder("folder");
	scratch_touch("file");
	assert_int_equal(symlink("file", "link"), 0);
	assert_int_equal(mkfifo("fifo", 0666), 0);
	for (size_t most = 0; most < 10; most += 9) {
		struct listings *listings = listings_new(here, most);
		assert_true(listings_have(listings, ".", "file"));
		assert_false(listings_have(listings, ".", "folder"));
		assert_false(listings_have(listings, ".", "link"));
		assert_false(listings_have(listings, ".", "fifo"));
		assert_false(listings_have(listings, "none", "file"));
		listings_free(listings);
	}
	close(here);
}

int main(void)
{
#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(root_and_temporary_folder_are_made),
		IN_SCRATCH(root_may_be_a_link),
		IN_SCRATCH(looking_changes_nothing),
		IN_SCRATCH(bad_roots_are_named),
		IN_SCRATCH(sweeps_all_that_was_left),
		IN_SCRATCH(what_is_left_keeps_the_temporary_folder),
		IN_SCRATCH(places_and_knows_them),
		IN_SCRATCH(folder_removed_meanwhile_is_made_again),
		IN_SCRATCH(roots_of_any_kind),
		IN_SCRATCH(nothing_gets_out),
		IN_SCRATCH(folders_are_in_the_way),
		IN_SCRATCH(removes_files_and_empty_folders),
		IN_SCRATCH(full_disk_blames_the_place),
		IN_SCRATCH(listings_are_bounded),
		IN_SCRATCH(too_many_names_are_asked_one_by_one),
		IN_SCRATCH(only_regular_files_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
