#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
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

#include "pipeline/state_rows.h"
#include "tests/fakes/items.h"

static char folder[64], path[96];
static struct arena arena;
static struct error err;

static int setup(void **unused)
{
	(void)unused;
	const char *base = getenv("TMPDIR");
	snprintf(folder, sizeof(folder), "%.40s/state-XXXXXX", base ? base : "/tmp");
	arena_init(&arena);
	memset(&err, 0, sizeof(err));
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/state.db", folder);
	return 0;
}

static int remove_one(const char *name, const struct stat *info, int type, struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	return remove(name);
}

static int teardown(void **unused)
{
	(void)unused;
	arena_finish(&arena);
	chmod(folder, 0700);
	return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void assert_ok(bool ok)
{
	if (!ok)
		print_error("%s\n", err.text);
	assert_true(ok);
}

static void assert_says(const char *part)
{
	if (!strstr(err.text, part))
		print_error("'%s' is not in '%s'\n", part, err.text);
	assert_non_null(strstr(err.text, part));
}

static struct state *open_state(enum state_mode mode)
{
	struct state *state = NULL;
	assert_ok(state_open(path, mode, &state, &err));
	return state;
}

static void assert_refused(enum state_mode mode, enum error_code code)
{
	struct state *state = NULL;
	assert_false(state_open(path, mode, &state, &err));
	assert_null(state);
	assert_int_equal(err.code, code);
}

static int64_t put(struct state *state, const char *key, enum outcome_status status)
{
	struct state_item item = { .status = status };
	assert_ok(state_put(state, key, strlen(key), &item, &err));
	assert_true(item.number > 0);
	return item.number;
}

static struct state_item find(struct state *state, const char *key)
{
	struct state_item found;
	assert_ok(state_find(state, key, strlen(key), &arena, &found, &err));
	return found;
}

static bool is_known(struct state *state, const char *key)
{
	return find(state, key).number != 0;
}

/* The key of the item that owns the output already, or NULL. */
static const char *claim(struct state *state, int64_t number, const char *output)
{
	struct state_owner owner = { "unset", 77, true };
	assert_ok(state_claim(state, number, output, "small", &arena, &owner, &err));
	assert_int_equal(owner.length, owner.key ? strlen(owner.key) : 0);
	return owner.key;
}

static void put_output(struct state *state, int64_t number, const char *output)
{
	const struct state_output row = { .path = output,
		.part = "small",
		.recipe = { 1, 2 },
		.content = { 3, 4 },
		.late = "",
		.late_at = SIZE_MAX };
	assert_ok(state_put_output(state, number, &row, &err));
}

static void write_file(const char *text, size_t length)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* Runs SQL on the file behind the back of the state. */
static void tamper(const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static mode_t mode_of(const char *suffix)
{
	char name[128];
	struct stat found;
	snprintf(name, sizeof(name), "%s%s", path, suffix);
	assert_int_equal(stat(name, &found), 0);
	return found.st_mode & 07777;
}

static bool is_there(const char *suffix)
{
	char name[128];
	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return access(name, F_OK) == 0;
}

static void test_missing_file_reads_as_empty(void **unused)
{
	(void)unused;
	struct state_run *runs;
	struct state_output *outputs;
	uint64_t items[OUTCOME_CANCELLED + 1], made;
	size_t count = 1;
	snprintf(path, sizeof(path), "%s/none/state.db", folder);
	struct state *state = open_state(STATE_READ);
	const struct state_item found = find(state, "a");
	assert_int_equal(found.number, 0);
	assert_string_equal(found.error, "");
	assert_ok(state_runs(state, 10, &arena, &runs, &count, &err));
	assert_int_equal(count, 0);
	assert_ok(state_outputs(state, 1, &arena, &outputs, &count, &err));
	assert_int_equal(count, 0);
	assert_ok(state_counts(state, items, &made, &err));
	assert_int_equal(items[OUTCOME_MADE] + made, 0);
	assert_ok(state_commit(state, &err));
	state_close(state);
	snprintf(path, sizeof(path), "%s/none", folder);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_an_empty_file_reads_as_empty(void **unused)
{
	(void)unused;
	write_file("", 0);
	struct state *state = open_state(STATE_READ);
	assert_false(is_known(state, "a"));
	state_close(state);
	state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	state_close(state);
}

static void test_files_are_private(void **unused)
{
	(void)unused;
	snprintf(path, sizeof(path), "%s/one/two/state.db", folder);
	mode_t mask = umask(0);
	struct state *state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	assert_ok(state_commit(state, &err));
	assert_int_equal(mode_of(""), 0600);
	assert_int_equal(mode_of("-wal"), 0600);
	assert_int_equal(mode_of("-shm"), 0600);
	assert_int_equal(mode_of(".lock"), 0600);
	state_close(state);
	umask(mask);
	snprintf(path, sizeof(path), "%s/one", folder);
	assert_int_equal(mode_of(""), 0777);
}

static struct state_item full_item(void)
{
	return (struct state_item){
		.status = OUTCOME_FAILED,
		.validator = { .size = UINT64_MAX, .mtime_nanos = -5, .strict = 1ULL << 63 },
		.content = { 1, 2 },
		.verdict = { 3, 0 },
		.recipe = { 0, 4 },
		.late = "webp",
		.code = ERROR_DAMAGED,
		.blame = BLAME_ITEM,
		.runs_failed = 3,
		.run = 9,
		.micros = 12345,
		.error = "cut short \xff",
	};
}

static void test_items_are_remembered(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	struct state_item item = full_item();
	assert_ok(state_put(state, "a", 1, &item, &err));
	assert_ok(state_commit(state, &err));
	state_close(state);
	state = open_state(STATE_READ);
	struct state_item found = find(state, "a");
	items_assert_same(&found, &item);
	state_close(state);
	state = open_state(STATE_WRITE);
	found.status = OUTCOME_MADE;
	found.error = "";
	assert_ok(state_put(state, "a", 1, &found, &err));
	item = find(state, "a");
	items_assert_same(&found, &item);
	state_close(state);
}

static void test_put_finds_its_row(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	int64_t a = put(state, "a", OUTCOME_MADE), b = put(state, "b", OUTCOME_MADE);
	assert_true(a != b);
	assert_int_equal(put(state, "a", OUTCOME_IGNORED), a);
	assert_int_equal(find(state, "a").status, OUTCOME_IGNORED);
	struct state_item wrong = { .number = a, .status = OUTCOME_UNCHANGED };
	assert_ok(state_put(state, "b", 1, &wrong, &err));
	assert_int_equal(wrong.number, b);
	assert_int_equal(find(state, "a").status, OUTCOME_IGNORED);
	wrong = (struct state_item){ .number = 99, .status = OUTCOME_UNCHANGED };
	assert_ok(state_put(state, "c", 1, &wrong, &err));
	assert_int_equal(wrong.number, find(state, "c").number);
	state_close(state);
}

static void test_names_may_be_any_bytes(void **unused)
{
	(void)unused;
	static const char *const keys[] = { "", "a", "a\0b", "a\0c", "\xff\xfe", "'; DROP", "\n",
		"1", "\xc3\xa9" };
	static const size_t lengths[] = { 0, 1, 3, 3, 2, 7, 1, 1, 2 };
	enum { KEYS = sizeof(lengths) / sizeof(*lengths) };
	struct state *state = open_state(STATE_WRITE);
	for (size_t i = 0; i < KEYS; i++) {
		struct state_item item = { .status = OUTCOME_MADE, .run = (int64_t)i };
		assert_ok(state_put(state, lengths[i] ? keys[i] : NULL, lengths[i], &item, &err));
		assert_int_equal(item.number, i + 1);
	}
	for (size_t i = 0; i < KEYS; i++) {
		struct state_item found;
		assert_ok(state_find(state, keys[i], lengths[i], &arena, &found, &err));
		assert_int_equal(found.run, i);
	}
	state_close(state);
}

static void test_odd_paths_are_files(void **unused)
{
	(void)unused;
	static const char *const names[] = { ":memory:", "file:x?mode=memory", "a%41?b#c d.db",
		"-" };
	char before[512];
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(folder), 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s", names[i]);
		struct state *state = open_state(STATE_WRITE);
		put(state, "a", OUTCOME_MADE);
		assert_ok(state_commit(state, &err));
		state_close(state);
		state = open_state(STATE_READ);
		assert_true(is_known(state, "a"));
		state_close(state);
		assert_int_equal(access(names[i], F_OK), 0);
	}
	assert_int_equal(chdir(before), 0);
}

static void test_what_is_not_committed_is_gone(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	assert_ok(state_commit(state, &err));
	assert_ok(state_commit(state, &err));
	put(state, "b", OUTCOME_MADE);
	state_close(state);
	state = open_state(STATE_WRITE);
	assert_true(is_known(state, "a"));
	assert_false(is_known(state, "b"));
	state_close(state);
}

static void test_reading_changes_nothing(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	assert_ok(state_commit(state, &err));
	state_close(state);
	state = open_state(STATE_READ);
	struct state_item item = { .status = OUTCOME_MADE };
	assert_false(state_put(state, "b", 1, &item, &err));
	assert_int_equal(err.code, ERROR_INTERNAL);
	assert_true(is_known(state, "a"));
	state_close(state);
	assert_false(is_there("-wal"));
	assert_false(is_there("-shm"));
}

/* A child process that does `act`, tells, and waits to be killed. */
static pid_t start_holder(void (*act)(struct state *state))
{
	int ends[2];
	char byte = 0;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct state *state;
		if (!state_open(path, STATE_WRITE, &state, &err))
			_exit(1);
		act(state);
		if (write(ends[1], "x", 1) == 1)
			pause();
		_exit(2);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return child;
}

static void kill_holder(pid_t child)
{
	int status;
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void hold(struct state *state)
{
	(void)state;
}

static void test_the_lock_names_its_holder(void **unused)
{
	(void)unused;
	pid_t child = start_holder(hold);
	char pid[32];
	snprintf(pid, sizeof(pid), "(pid %d on ", (int)child);
	assert_refused(STATE_WRITE, ERROR_LOCKED);
	assert_says(pid);
	assert_says(" since 20");
	kill_holder(child);
	state_close(open_state(STATE_WRITE));
}

static void test_one_process_cannot_lock_twice(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	assert_refused(STATE_WRITE, ERROR_LOCKED);
	state_close(state);
	state_close(open_state(STATE_WRITE));
}

/* Enough for SQLite to write to the log before the commit. */
enum { MANY = 40000 };

static void put_many(struct state *state)
{
	struct error failure;
	struct state_item first = { .status = OUTCOME_MADE };
	if (!state_put(state, "first", 5, &first, &failure) || !state_commit(state, &failure))
		_exit(3);
	for (int i = 0; i < MANY; i++) {
		char key[400];
		struct state_item item = { .status = OUTCOME_MADE };
		int length = snprintf(key, sizeof(key), "%0300d", i);
		if (!state_put(state, key, (size_t)length, &item, &failure))
			_exit(4);
	}
}

static void test_a_killed_writer_leaves_the_last_commit(void **unused)
{
	(void)unused;
	uint64_t items[OUTCOME_CANCELLED + 1], outputs;
	kill_holder(start_holder(put_many));
	struct state *state = open_state(STATE_READ);
	assert_true(is_known(state, "first"));
	state_close(state);
	state = open_state(STATE_WRITE);
	assert_true(is_known(state, "first"));
	assert_ok(state_counts(state, items, &outputs, &err));
	assert_int_equal(items[OUTCOME_MADE], 1);
	put(state, "second", OUTCOME_MADE);
	assert_ok(state_commit(state, &err));
	state_close(state);
}

static void put_one(struct state *state)
{
	struct state_item item = { .status = OUTCOME_MADE };
	if (!state_put(state, "a", 1, &item, &err) || !state_commit(state, &err))
		_exit(3);
	item = (struct state_item){ .status = OUTCOME_MADE };
	if (!state_put(state, "b", 1, &item, &err))
		_exit(4);
}

static void test_reading_beside_a_writer(void **unused)
{
	(void)unused;
	pid_t child = start_holder(put_one);
	struct state *state = open_state(STATE_READ);
	assert_true(is_known(state, "a"));
	assert_false(is_known(state, "b"));
	state_close(state);
	kill_holder(child);
	state = open_state(STATE_READ);
	assert_true(is_known(state, "a"));
	state_close(state);
	assert_true(is_there("-wal")); /* the next run's business */
}

static void test_a_reader_does_not_hinder(void **unused)
{
	(void)unused;
	struct state *writer = open_state(STATE_WRITE);
	put(writer, "a", OUTCOME_MADE);
	assert_ok(state_commit(writer, &err));
	struct state *reader = open_state(STATE_READ);
	assert_true(is_known(reader, "a"));
	put(writer, "b", OUTCOME_MADE);
	assert_ok(state_commit(writer, &err));
	state_close(writer);
	writer = open_state(STATE_WRITE);
	assert_true(is_known(writer, "b"));
	state_close(reader);
	state_close(writer);
}

/* What someone sees who may read but not write: 0 is well. */
static int read_as_nobody(void)
{
	enum { NOBODY = 65534 };
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct state *state;
		struct state_item found;
		if (geteuid() == 0 && (setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)))
			_exit(7);
		if (!state_open(path, STATE_READ, &state, &err) ||
			!state_find(state, "a", 1, &arena, &found, &err)) {
			print_error("%s\n", err.text);
			_exit(1);
		}
		state_close(state);
		_exit(found.number ? 0 : 2);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static void forbid_writing(void)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		char name[128];
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		if (chmod(name, 0444) != 0)
			assert_int_equal(errno, ENOENT);
	}
	assert_int_equal(chmod(folder, 0555), 0);
}

static void test_reading_in_a_read_only_folder(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	assert_ok(state_commit(state, &err));
	state_close(state);
	forbid_writing();
	assert_int_equal(read_as_nobody(), 0);
}

static void test_reading_a_log_in_a_read_only_folder(void **unused)
{
	(void)unused;
	kill_holder(start_holder(put_one));
	assert_int_equal(mode_of("-wal"), 0600);
	forbid_writing();
	assert_int_equal(read_as_nobody(), 0);
}

static void assert_left_alone(const char *text, size_t length)
{
	char *data = arena_alloc(&arena, length + 1);
	for (enum state_mode mode = STATE_WRITE; mode <= STATE_READ; mode++) {
		write_file(text, length);
		assert_refused(mode, ERROR_USAGE);
		assert_says("is no nightmill state");
		FILE *file = fopen(path, "re");
		assert_non_null(file);
		assert_int_equal(fread(data, 1, length + 1, file), length);
		assert_memory_equal(data, text, length);
		fclose(file);
	}
}

static void test_other_files_are_left_alone(void **unused)
{
	(void)unused;
	char *text = arena_alloc(&arena, 20000);
	memset(text, 'x', 20000);
	assert_left_alone("hello\n", 6);
	assert_left_alone(text, 600);
	assert_left_alone(text, 20000);
}

static void test_other_databases_are_left_alone(void **unused)
{
	(void)unused;
	tamper("CREATE TABLE mine(x); INSERT INTO mine VALUES(1)");
	assert_refused(STATE_WRITE, ERROR_USAGE);
	assert_says("another database");
	assert_refused(STATE_READ, ERROR_USAGE);
	tamper("INSERT INTO mine VALUES(2)");
	tamper("PRAGMA application_id = 5; PRAGMA user_version = 1");
	assert_refused(STATE_WRITE, ERROR_USAGE);
	tamper("PRAGMA user_version = 0; DROP TABLE mine");
	assert_refused(STATE_WRITE, ERROR_USAGE);
}

static void test_a_later_version_is_refused(void **unused)
{
	(void)unused;
	state_close(open_state(STATE_WRITE));
	tamper("PRAGMA user_version = 999");
	assert_refused(STATE_WRITE, ERROR_USAGE);
	assert_says("later nightmill (version 999");
	assert_refused(STATE_READ, ERROR_USAGE);
	state_close(NULL);
}

/* Overwrites all but the first page. */
static void damage(void)
{
	char junk[4096];
	struct stat found;
	int file = open(path, O_WRONLY | O_CLOEXEC);
	assert_true(file >= 0);
	assert_int_equal(fstat(file, &found), 0);
	memset(junk, 0x5A, sizeof(junk));
	for (off_t at = sizeof(junk); at < found.st_size; at += (off_t)sizeof(junk))
		assert_int_equal(pwrite(file, junk, sizeof(junk), at), sizeof(junk));
	close(file);
}

static void test_damage_is_told(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	assert_ok(state_commit(state, &err));
	state_close(state);
	damage();
	for (enum state_mode mode = STATE_WRITE; mode <= STATE_READ; mode++) {
		struct state_item found;
		state = open_state(mode);
		assert_false(state_find(state, "a", 1, &arena, &found, &err));
		assert_int_equal(err.code, ERROR_INTERNAL);
		assert_says("may be deleted: everything is made again");
		state_close(state);
	}
	assert_int_equal(truncate(path, 1000), 0);
	struct state *none = NULL;
	assert_false(state_open(path, STATE_READ, &none, &err));
	assert_says("may be deleted");
}

static void test_what_is_no_file_is_refused(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(STATE_READ, ERROR_USAGE);
	assert_refused(STATE_WRITE, ERROR_USAGE);
	assert_int_equal(rmdir(path), 0);
	write_file("x", 1);
	snprintf(path, sizeof(path), "%s/state.db/below.db", folder);
	assert_refused(STATE_READ, ERROR_MISSING);
	assert_refused(STATE_WRITE, ERROR_MISSING);
}

static void test_a_full_disk_breaks_the_state(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	assert_ok(state_commit(state, &err));
	assert_int_equal(
		sqlite3_exec(state->db, "PRAGMA max_page_count = 20", NULL, NULL, NULL), SQLITE_OK);
	char key[3000];
	bool ok = true;
	memset(key, 'k', sizeof(key));
	for (int i = 0; i < 100 && ok; i++) {
		struct state_item item = { .status = OUTCOME_MADE };
		key[0] = (char)('0' + i);
		ok = state_put(state, key, sizeof(key), &item, &err);
	}
	assert_false(ok);
	assert_int_equal(err.code, ERROR_SPACE);
	assert_int_equal(err.blame, BLAME_PLACE);
	state_close(state);
	state = open_state(STATE_WRITE);
	assert_true(is_known(state, "a"));
	state_close(state);
}

static void test_a_lost_transaction_is_not_forgotten(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	put(state, "a", OUTCOME_MADE);
	assert_int_equal(sqlite3_exec(state->db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_false(state_commit(state, &err));
	struct state_item found;
	memset(&err, 0, sizeof(err));
	assert_false(state_find(state, "a", 1, &arena, &found, &err));
	assert_int_equal(err.code, ERROR_INTERNAL);
	assert_false(state_commit(state, NULL));
	state_close(state);
}

static void test_outputs_are_claimed_once(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	int64_t a, b, again;
	assert_ok(state_reserve(state, "a", 1, &a, &err));
	assert_ok(state_reserve(state, "b", 1, &b, &err));
	assert_ok(state_reserve(state, "a", 1, &again, &err));
	assert_int_equal(a, again);
	assert_int_equal(find(state, "a").status, OUTCOME_CANCELLED);
	assert_null(claim(state, a, "out/x.jpg"));
	assert_null(claim(state, a, "out/x.jpg"));
	assert_string_equal(claim(state, b, "out/x.jpg"), "a");
	assert_null(claim(state, b, "out/y\xff.jpg"));
	assert_ok(state_commit(state, &err));
	state_close(state);
	state = open_state(STATE_WRITE);
	assert_string_equal(claim(state, a, "out/y\xff.jpg"), "b");
	assert_string_equal(claim(state, b, "out/x.jpg"), "a");
	state_close(state);
}

static void test_claims_of_the_forgotten_are_free(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	int64_t a = put(state, "a", OUTCOME_MADE), b = put(state, "b", OUTCOME_MADE);
	assert_null(claim(state, a, "out/x.jpg"));
	assert_ok(state_commit(state, &err));
	state_close(state);
	tamper("DELETE FROM items WHERE key = x'61'");
	state = open_state(STATE_WRITE);
	assert_null(claim(state, b, "out/x.jpg"));
	assert_string_equal(claim(state, put(state, "c", OUTCOME_MADE), "out/x.jpg"), "b");
	state_close(state);
}

static void test_claims_never_made_are_released(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	int64_t a = put(state, "a", OUTCOME_MADE), b = put(state, "b", OUTCOME_MADE);
	put_output(state, a, "out/made");
	assert_null(claim(state, a, "out/claimed"));
	assert_ok(state_release(state, a, &err));
	assert_null(claim(state, b, "out/claimed"));
	assert_string_equal(claim(state, b, "out/made"), "a");
	assert_ok(state_take_over(state, b, "out/made", "small", &err));
	assert_string_equal(claim(state, a, "out/made"), "b");
	state_close(state);
}

static void test_what_is_replaced_is_withdrawn(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	struct state_item item = { .status = OUTCOME_MADE, .recipe = { 5, 5 }, .error = "" };
	struct state_output *list;
	size_t count;
	bool changed = false;
	assert_ok(state_put(state, "a", 1, &item, &err));
	assert_ok(state_withdraw(state, item.number, "out/new", &changed, &err));
	assert_false(changed);
	put_output(state, item.number, "out/made");
	assert_ok(state_withdraw(state, item.number, "out/made", &changed, &err));
	assert_true(changed);
	assert_ok(state_outputs(state, item.number, &arena, &list, &count, &err));
	assert_true(digest_none(list[0].recipe));
	assert_false(digest_none(list[0].content));
	assert_true(digest_none(find(state, "a").recipe));
	state_close(state);
}

static void test_outputs_are_remembered(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	int64_t a = put(state, "a", OUTCOME_MADE), b = put(state, "b", OUTCOME_MADE);
	static const char *const paths[] = { "out/3.", "out/1.", "out/5.", "out/2.", "out/4." };
	struct state_output *list;
	size_t count;
	for (size_t i = 0; i < 5; i++) {
		const struct state_output row = { .path = paths[i],
			.part = "large",
			.recipe = { i, 7 },
			.content = { i, 8 },
			.late = "webp",
			.late_at = 6 };
		assert_null(claim(state, a, paths[i]));
		assert_ok(state_put_output(state, a, &row, &err));
	}
	assert_null(claim(state, b, "out/9.jpg"));
	assert_ok(state_outputs(state, a, &arena, &list, &count, &err));
	assert_int_equal(count, 5);
	assert_string_equal(list[0].path, "out/1.");
	assert_string_equal(list[4].path, "out/5.");
	assert_string_equal(list[4].part, "large");
	assert_string_equal(list[4].late, "webp");
	assert_int_equal(list[4].late_at, 6);
	assert_int_equal(list[4].recipe.low, 2);
	assert_int_equal(list[4].content.high, 8);
	assert_ok(state_outputs(state, b, &arena, &list, &count, &err));
	assert_int_equal(count, 1);
	assert_true(digest_none(list[0].recipe));
	assert_true(list[0].late_at == SIZE_MAX);
	assert_false(state_put_output(state, b,
		&(struct state_output){ .path = "out/1.", .part = "", .late = "" }, &err));
	assert_int_equal(err.code, ERROR_INTERNAL);
	state_close(state);
}

static void test_runs(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	struct state_run first = { .started_nanos = 1, .name = "n", .executor = "threads" };
	assert_ok(state_put_run(state, &first, &err));
	for (int i = 0; i < 20; i++) {
		struct state_run run = { .started_nanos = 100 + i, .name = "n", .executor = "x" };
		assert_ok(state_put_run(state, &run, &err));
	}
	const struct state_run done = { .number = first.number,
		.started_nanos = 1,
		.finished_nanos = 2,
		.name = "n",
		.executor = "threads",
		.workers = 3,
		.exit_status = 130,
		.items = 4,
		.made = 5,
		.unchanged = 6,
		.up_to_date = 7,
		.ignored = 8,
		.failed = 9,
		.known_failures = 10,
		.cancelled = 11,
		.parts = 12,
		.bytes_read = 13,
		.bytes_written = 14,
		.pixels = UINT64_MAX,
		.micros = 15,
		.cpu_micros = 16,
		.peak_bytes = 17 };
	first = done;
	assert_ok(state_put_run(state, &first, &err));
	struct state_run *runs;
	size_t count;
	assert_ok(state_runs(state, 3, &arena, &runs, &count, &err));
	assert_int_equal(count, 3);
	assert_int_equal(runs[0].started_nanos, 119);
	assert_ok(state_runs(state, SIZE_MAX, &arena, &runs, &count, &err));
	assert_int_equal(count, 21);
	struct state_run found = runs[20];
	assert_string_equal(found.name, "n");
	assert_string_equal(found.executor, "threads");
	found.name = done.name;
	found.executor = done.executor;
	assert_memory_equal(&found, &done, sizeof(found));
	state_close(state);
}

/* What a listing told, as one text. */
struct listed {
	char text[500];
	size_t most; /* stops behind so many */
	size_t count;
	struct state *forget; /* outputs are forgotten while they are listed */
};

static bool list_failure(
	void *context, const char *key, size_t length, const struct state_item *item)
{
	struct listed *listed = context;
	size_t used = strlen(listed->text);
	snprintf(listed->text + used, sizeof(listed->text) - used, "%.*s=%s(%s) ", (int)length, key,
		item->error, error_word(item->code));
	return ++listed->count < listed->most;
}

static void put_failure(struct state *state, const char *key, const char *why)
{
	struct state_item item = { .status = OUTCOME_FAILED, .code = ERROR_DAMAGED, .error = why };
	assert_ok(state_put(state, key, strlen(key), &item, &err));
}

static void test_failures_are_listed_by_key(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	struct listed all = { .most = 100 }, one = { .most = 1 }, later = { .most = 100 };
	put_failure(state, "c", "cut");
	put(state, "b", OUTCOME_MADE);
	put_failure(state, "a", "");
	assert_ok(state_failures(state, list_failure, &all, &err));
	assert_string_equal(all.text, "a=(damaged) c=cut(damaged) ");
	assert_ok(state_failures(state, list_failure, &one, &err));
	assert_string_equal(one.text, "a=(damaged) ");
	put(state, "a", OUTCOME_MADE);
	assert_ok(state_failures(state, list_failure, &later, &err));
	assert_string_equal(later.text, "c=cut(damaged) ");
	state_close(state);
}

static void test_counts(void **unused)
{
	(void)unused;
	struct state *state = open_state(STATE_WRITE);
	uint64_t items[OUTCOME_CANCELLED + 1], outputs;
	int64_t a = put(state, "a", OUTCOME_MADE);
	put(state, "b", OUTCOME_MADE);
	put(state, "c", OUTCOME_FAILED);
	claim(state, a, "out/1");
	put_output(state, a, "out/2");
	assert_ok(state_counts(state, items, &outputs, &err));
	assert_int_equal(items[OUTCOME_MADE], 2);
	assert_int_equal(items[OUTCOME_FAILED], 1);
	assert_int_equal(items[OUTCOME_IGNORED], 0);
	assert_int_equal(outputs, 1);
	state_close(state);
}

static bool list_unexpected(
	void *context, const struct state_output *output, const char *key, size_t length)
{
	struct listed *listed = context;
	size_t used = strlen(listed->text);
	snprintf(listed->text + used, sizeof(listed->text) - used, "%.*s:%s ", (int)length, key,
		output->path ? output->path : "-");
	if (listed->forget && output->path)
		assert_ok(state_forget_output(listed->forget, output->path, &err));
	return ++listed->count < listed->most;
}

static void expect(struct state *state, const char *key, const char *output)
{
	assert_ok(state_expect_item(state, key, strlen(key), &err));
	if (output)
		assert_ok(state_expect_output(state, output, output, &err));
}

/* Four items: `kept` had two sizes once, `moved` is gone but has what `new` wants, `bad` is gone
 * and had none. */
static struct state *open_for_prune(void)
{
	struct state *state = open_state(STATE_WRITE);
	int64_t kept = put(state, "kept", OUTCOME_MADE), moved = put(state, "moved", OUTCOME_MADE);
	put(state, "bad", OUTCOME_FAILED);
	put(state, "new", OUTCOME_FAILED);
	put_output(state, kept, "out/kept-large");
	put_output(state, kept, "out/kept-small");
	put_output(state, moved, "out/a-wanted");
	put_output(state, moved, "out/b");
	assert_ok(state_expect_begin(state, &err));
	expect(state, "kept", "out/kept-large");
	expect(state, "kept", "out/kept-large");
	expect(state, "new", "out/a-wanted");
	expect(state, "not remembered", "out/b");
	return state;
}

static void test_prune_lists_what_is_left(void **unused)
{
	(void)unused;
	struct state *state = open_for_prune();
	for (int forget = 0; forget < 2; forget++) {
		struct listed listed = { .most = 100, .forget = forget ? state : NULL };
		uint64_t outputs, items;
		assert_ok(
			state_unexpected(state, list_unexpected, &listed, &outputs, &items, &err));
		assert_string_equal(
			listed.text, "moved:out/a-wanted moved:out/b kept:out/kept-small bad:- ");
		assert_int_equal(outputs, 3);
		assert_int_equal(items, 2);
	}
	uint64_t count;
	assert_ok(state_forget_unexpected_items(state, &count, &err));
	assert_int_equal(count, 2);
	assert_true(is_known(state, "kept"));
	assert_true(is_known(state, "new"));
	assert_false(is_known(state, "moved"));
	assert_false(is_known(state, "bad"));
	assert_null(claim(state, find(state, "new").number, "out/a-wanted"));
	state_close(state);
}

static void test_prune_can_be_looked_at_and_stopped(void **unused)
{
	(void)unused;
	struct state *state = open_for_prune();
	assert_ok(state_commit(state, &err));
	state_close(state);
	state = open_state(STATE_READ);
	assert_ok(state_expect_begin(state, &err));
	expect(state, "kept", "out/kept-large");
	assert_ok(state_expect_begin(state, &err));
	expect(state, "kept", "out/kept-small");
	struct listed listed = { .most = 3 };
	uint64_t outputs, items;
	assert_ok(state_unexpected(state, list_unexpected, &listed, &outputs, &items, &err));
	assert_string_equal(listed.text, "moved:out/a-wanted moved:out/b kept:out/kept-large ");
	assert_int_equal(items, 3);
	state_close(state);
}

static void test_prune_keeps_items_with_outputs(void **unused)
{
	(void)unused;
	struct state *state = open_for_prune();
	uint64_t count;
	assert_ok(state_forget_unexpected_items(state, &count, &err));
	assert_int_equal(count, 1);
	assert_true(is_known(state, "moved"));
	assert_false(is_known(state, "bad"));
	state_close(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_missing_file_reads_as_empty),
		TEST(test_an_empty_file_reads_as_empty),
		TEST(test_files_are_private),
		TEST(test_items_are_remembered),
		TEST(test_put_finds_its_row),
		TEST(test_names_may_be_any_bytes),
		TEST(test_odd_paths_are_files),
		TEST(test_what_is_not_committed_is_gone),
		TEST(test_reading_changes_nothing),
		TEST(test_the_lock_names_its_holder),
		TEST(test_one_process_cannot_lock_twice),
		TEST(test_a_killed_writer_leaves_the_last_commit),
		TEST(test_reading_beside_a_writer),
		TEST(test_a_reader_does_not_hinder),
		TEST(test_reading_in_a_read_only_folder),
		TEST(test_reading_a_log_in_a_read_only_folder),
		TEST(test_other_files_are_left_alone),
		TEST(test_other_databases_are_left_alone),
		TEST(test_a_later_version_is_refused),
		TEST(test_damage_is_told),
		TEST(test_what_is_no_file_is_refused),
		TEST(test_a_full_disk_breaks_the_state),
		TEST(test_a_lost_transaction_is_not_forgotten),
		TEST(test_outputs_are_claimed_once),
		TEST(test_claims_of_the_forgotten_are_free),
		TEST(test_claims_never_made_are_released),
		TEST(test_what_is_replaced_is_withdrawn),
		TEST(test_outputs_are_remembered),
		TEST(test_runs),
		TEST(test_failures_are_listed_by_key),
		TEST(test_counts),
		TEST(test_prune_lists_what_is_left),
		TEST(test_prune_can_be_looked_at_and_stopped),
		TEST(test_prune_keeps_items_with_outputs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
