/* A walk before which threads look gives what one without them gives, in the same order. */

#include "stages/files/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/support/text.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/untyped.h"

enum { STEP = 64, LOOK_NANOS = 60000 };

/* What the file system is like. */
static _Atomic bool remote;     /* each look waits */
static _Atomic unsigned others; /* looks by other threads */
static size_t locked;           /* folders that the walk's own thread could not list */

static void look(void)
{
	const struct timespec span = { .tv_nsec = LOOK_NANOS };
	others += gettid() != getpid();
	if (remote)
		nanosleep(&span, NULL);
}

static int refuse(int number)
{
	errno = number;
	return -1;
}

/* Names say what becomes of looks at them. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's have none */
int fstatat(int folder, const char *restrict name, struct stat *restrict status, int flags)
{
	look();
	return strstr(name, "gone")     ? refuse(ENOENT)
	       : strstr(name, "denied") ? refuse(EACCES)
	       : strstr(name, "sick")   ? refuse(EIO)
					: (int)syscall(SYS_newfstatat, folder, name, status, flags);
}

static bool is_locked(int folder)
{
	char link[64], path[4096];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
	const ssize_t length = readlink(link, path, sizeof(path) - 1);
	return length > 6 && !memcmp(path + length - 6, "locked", 6);
}

ssize_t getdents64(int folder, void *buffer, size_t room)
{
	if (is_locked(folder)) {
		if (gettid() == getpid())
			locked++;
		return refuse(EACCES);
	}
	const ssize_t got = syscall(SYS_getdents64, folder, buffer, room);
	untyped(buffer, got);
	return got;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* One walk, and what it gave and complained of. */
struct tour {
	struct glob *include, *exclude;
	struct source_setup setup;
	struct source_counts counts;
	struct walk_rules rules;
	struct walk_skip skip;
	struct walk *walk;
	int root;
	struct text log;
	size_t files, complaints;
	size_t kept; /* complaints that were kept back at once, at most; all are of locked folders
		      */
};

static void tour_complain(void *context, const char *what, const struct error *err)
{
	struct tour *tour = context;
	text_addf(&tour->log, "! %s: %s\n", what, err->text);
	if (locked > tour->complaints + tour->kept)
		tour->kept = locked - tour->complaints;
	tour->complaints++;
}

static void tour_start(struct tour *tour, bool far, bool links)
{
	struct error err;
	remote = far;
	others = 0;
	locked = 0;
	*tour = (struct tour){ .setup.complain = tour_complain, .setup.context = tour };
	assert_true(glob_compile((const char *const[]){ "**" }, 1, &tour->include, &err));
	assert_true(glob_compile((const char *const[]){ "**/*.no" }, 1, &tour->exclude, &err));
	tour->skip = (struct walk_skip){ .path = "in/skipped" };
	tour->rules = (struct walk_rules){
		.include = tour->include,
		.exclude = tour->exclude,
		.hidden = links,
		.links = links,
		.skip = &tour->skip,
		.skip_count = 1,
		.setup = &tour->setup,
		.counts = &tour->counts,
	};
	tour->walk = walk_new(&tour->rules);
	tour->root = open("in", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(tour->root >= 0);
	walk_start(tour->walk, "in", tour->root);
}

/* Up to `most` files; true where there may be more. */
static bool tour_take(struct tour *tour, size_t most)
{
	struct walk_file file;
	bool more = true;
	for (size_t i = 0; i < most && (more = walk_next(tour->walk, &file)); i++) {
		assert_int_equal(strlen(file.path), file.length);
		text_addf(&tour->log, "%s|%s %lld\n", file.path, file.path + file.name,
			(long long)file.status.st_size);
		tour->files++;
	}
	return more;
}

static bool tour_step(struct tour *tour, size_t most)
{
	walk_resume(tour->walk);
	const bool more = tour_take(tour, most);
	walk_pause(tour->walk);
	return more;
}

static void tour_end(struct tour *tour)
{
	remote = false;
	walk_free(tour->walk);
	close(tour->root);
	glob_free(tour->include);
	glob_free(tour->exclude);
}

static void tour_all(struct tour *tour, bool far, bool links)
{
	tour_start(tour, far, links);
	while (tour_step(tour, STEP))
		;
	tour_end(tour);
}

static void make_files(const char *folder, const char *name, size_t count)
{
	char path[512];
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%s%zu", folder, name, i);
		scratch_write(path, NULL, i % 7);
	}
}

static void make_folder(const char *path, const char *name, size_t count)
{
	scratch_folder(path);
	make_files(path, name, count);
}

/* Twenty folders of twenty, some of which have more below them. */
static void make_branches(void)
{
	char path[64];
	for (size_t i = 0; i < 400; i++) {
		const size_t trunk = i / 20, twig = i % 20;
		snprintf(path, sizeof(path), "in/t%zu", trunk);
		if (twig == 0)
			make_folder(path, "x", trunk % 3);
		snprintf(path, sizeof(path), "in/t%zu/w%zu", trunk, twig);
		make_folder(path, "y\xff", i % 4);
		if (i % 5 == 0) {
			snprintf(path, sizeof(path), "in/t%zu/w%zu/deep", trunk, twig);
			make_folder(path, "z ", 2);
			snprintf(path, sizeof(path), "in/t%zu/w%zu/deep/er", trunk, twig);
			make_folder(path, "-", 1);
		}
	}
}

static void make_odd_names(void)
{
	make_folder("in/ \n", "\x01", 3);
	make_folder("in/-", "*", 3);
	make_folder("in/denied folder", "a", 30);
	make_files("in/denied folder", "denied", 2);
	make_files("in/denied folder", "z", 30);
	make_folder("in/locked", "b", 3);
	make_folder("in/m gone", "gone", 5);
	make_files("in/m gone", "sick", 5);
	make_folder("in/untyped", "untyped", 5);
	make_folder("in/untyped/untyped folder", "untyped gone", 5);
	make_folder("in/.nightmill-untyped", "b", 1);
	make_files("in/untyped", ".nightmill-untyped", 2);
	make_folder("in/skipped", "c", 5);
	make_folder("in/.hidden", "d", 5);
	make_folder("in/t0/locked", "e", 2);
	make_folder("in/u1", "sick", 1);
	make_folder("in/u1/locked", "e", 2);
	make_folder("in/x.no", "f", 3);
	make_files("in/m gone", "y.no", 1);
}

static void make_locked(const char *folder, size_t count)
{
	char path[64];
	make_folder(folder, "f", 1);
	for (size_t i = 0; i < count; i++) {
		snprintf(path, sizeof(path), "%s/%zulocked", folder, i);
		scratch_folder(path);
	}
}

static void make_links(void)
{
	assert_int_equal(symlink("m gone", "in/link"), 0);
	assert_int_equal(symlink("../t1", "in/t2/link to a folder"), 0);
	assert_int_equal(symlink("..", "in/t3/loop"), 0);
	assert_int_equal(symlink("/", "in/t3/outside"), 0);
	assert_int_equal(symlink("../t1/x0", "in/t3/to a file"), 0);
	assert_int_equal(symlink("nowhere", "in/t3/to nothing"), 0);
}

/* More than is read ahead of a folder's listing, and more files than wait at once. */
static void make_tree(void)
{
	scratch_folder("in");
	make_files("in", "top", 100);
	make_branches();
	make_odd_names();
	make_locked("in/v", 50); /* more than are known at once */
	make_links();
	make_folder("in/many", "a name of some length, of which there are quite many ", 1000);
}

static void assert_alike(const struct tour *a, const struct tour *b)
{
	assert_string_equal(a->log.data, b->log.data);
	assert_int_equal(a->counts.ignored, b->counts.ignored);
	assert_int_equal(a->counts.filtered, b->counts.filtered);
	assert_int_equal(a->counts.unreadable, b->counts.unreadable);
}

static void threads_change_nothing(void **state)
{
	(void)state;
	make_tree();
	for (int links = 0; links < 2; links++) {
		struct tour near, far;
		tour_all(&near, false, links);
		assert_int_equal(others, 0);
		assert_true(near.files > 2000);
		assert_true(near.complaints >= 8);
		tour_all(&far, true, links);
		assert_true(others > 1000);
		assert_alike(&near, &far);
		text_finish(&near.log);
		text_finish(&far.log);
	}
}

static size_t count_entries(const char *path)
{
	size_t count = 0;
	DIR *folder = opendir(path);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

/* A root is begun between walk_resume and walk_pause. */
static void what_came_before_a_root_is_not_its(void **state)
{
	(void)state;
	static const struct timespec span = { .tv_nsec = 1000 };
	struct tour tour;
	scratch_folder("in");
	make_files("in", "f", 2 * STEP);
	tour_start(&tour, false, false);
	const size_t threads = count_entries("/proc/self/task");
	walk_resume(tour.walk);
	for (size_t i = 0; i < STEP; i++)
		nanosleep(&span, NULL);
	walk_start(tour.walk, "in", tour.root);
	assert_true(tour_take(&tour, STEP));
	walk_pause(tour.walk);
	assert_int_equal(count_entries("/proc/self/task"), threads);
	tour_end(&tour);
	text_finish(&tour.log);
}

static void limit_descriptors(rlim_t most)
{
	struct rlimit limit;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Where few descriptors may be open, a walk keeps to its two. */
static void descriptors_suffice(void **state)
{
	(void)state;
	struct tour near, far;
	struct rlimit before;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	make_tree();
	tour_all(&near, false, false);
	limit_descriptors(32);
	tour_all(&far, true, false);
	limit_descriptors(before.rlim_cur);
	assert_alike(&near, &far);
	text_finish(&near.log);
	text_finish(&far.log);
}

static void few_complaints_are_kept(void **state)
{
	(void)state;
	struct tour tour;
	scratch_folder("in");
	make_files("in", "f", 4 * STEP);
	make_locked("in/v", 4000);
	tour_all(&tour, true, false);
	assert_int_equal(tour.complaints, 4000);
	assert_in_range(tour.kept, 1, 512);
	text_finish(&tour.log);
}

/* In any state of what lies ahead. */
static void a_walk_may_end_early(void **state)
{
	(void)state;
	make_tree();
	const size_t files = count_entries("/proc/self/fd");
	const size_t threads = count_entries("/proc/self/task");
	for (size_t i = 0; i < 12; i++) {
		struct tour tour;
		tour_start(&tour, true, false);
		assert_true(tour_step(&tour, STEP));
		assert_true(count_entries("/proc/self/task") > threads);
		assert_true(tour_step(&tour, 1 + 50 * i));
		if (i % 2)
			walk_start(tour.walk, "in", tour.root);
		tour_end(&tour);
		assert_int_equal(count_entries("/proc/self/fd"), files);
		assert_int_equal(count_entries("/proc/self/task"), threads);
		text_finish(&tour.log);
	}
}

static void few_descriptors_are_open(void **state)
{
	(void)state;
	struct tour tour;
	char path[64];
	scratch_folder("in");
	for (size_t i = 0; i < 400; i++) {
		snprintf(path, sizeof(path), "in/%zu", i);
		make_folder(path, "f", 1);
	}
	tour_start(&tour, true, false);
	const size_t files = count_entries("/proc/self/fd");
	while (tour_step(&tour, tour.files < STEP ? STEP : 1))
		assert_true(count_entries("/proc/self/fd") <= files + 64 + 64 + 1);
	tour_end(&tour);
	text_finish(&tour.log);
}

/* The whole of a trunk, whose folders may be known by then, or open. */
static void remove_trunk(const char *trunk)
{
	static const char *const below[] = { "/deep/er/-0", "/deep/er", "/deep/z 0", "/deep/z 1",
		"/deep",
		"/y\xff"
		"0",
		"/y\xff"
		"1",
		"/y\xff"
		"2",
		"" };
	char path[64];
	for (size_t i = 0; i < 20; i++)
		for (size_t j = 0; j < sizeof(below) / sizeof(*below); j++) {
			snprintf(path, sizeof(path), "in/%s/w%zu%s", trunk, i, below[j]);
			(void)remove(path);
		}
}

static void assert_part(const struct text *part, const struct text *whole)
{
	char *rest = NULL;
	const char *at = whole->data;
	for (char *line = strtok_r(part->data, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest)) {
		const char *found = strstr(at, line);
		assert_non_null(found); /* else it is too many, or too late */
		at = found + strlen(line);
	}
}

static void what_goes_meanwhile_is_no_error(void **state)
{
	(void)state;
	struct tour whole, tour;
	scratch_folder("in");
	make_branches();
	tour_all(&whole, false, false);
	tour_start(&tour, true, false);
	assert_true(tour_step(&tour, STEP));
	assert_true(tour_step(&tour, STEP));
	remove_trunk("t11");
	remove_trunk("t15");
	remove_trunk("t9");
	while (tour_step(&tour, STEP))
		;
	tour_end(&tour);
	assert_int_equal(tour.complaints, 0);
	assert_int_equal(tour.counts.unreadable + tour.counts.ignored, 0);
	assert_true(tour.files < whole.files);
	assert_part(&tour.log, &whole.log);
	text_finish(&tour.log);
	text_finish(&whole.log);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(threads_change_nothing),
		IN_SCRATCH(what_came_before_a_root_is_not_its),
		IN_SCRATCH(descriptors_suffice),
		IN_SCRATCH(few_complaints_are_kept),
		IN_SCRATCH(a_walk_may_end_early),
		IN_SCRATCH(few_descriptors_are_open),
		IN_SCRATCH(what_goes_meanwhile_is_no_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
