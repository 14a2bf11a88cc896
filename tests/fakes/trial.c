#include "tests/fakes/trial.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/commands/command.h"
#include "pipeline/commands/verb.h"
#include "pipeline/config.h"
#include "pipeline/sinks.h"
#include "pipeline/source.h"
#include "tests/fakes/act.h"

struct trial_points {
	_Atomic int left; /* until the kill; negative: none */
	_Atomic int seen;
	_Atomic pid_t main; /* 0: no run is under way */
};

/* Main's and its workers'. */
static struct trial_points *trial_shared;

void trial_point(void)
{
	if (!trial_shared || !trial_shared->main)
		return;
	trial_shared->seen++;
	if (trial_shared->left < 0 || trial_shared->left-- != 0)
		return;
	kill(trial_shared->main, SIGKILL);
	/* A worker process dies with main. */
	for (;;)
		pause();
}

int trial_points(void)
{
	return trial_shared->seen;
}

void trial_rows(const char *const *rows)
{
	FILE *file = fopen("rows.csv", "w");
	assert_non_null(file);
	fputs("id,to,how\n", file);
	for (size_t i = 0; rows[i]; i++)
		fprintf(file, "%zu,%s\n", i + 1, rows[i]);
	assert_int_equal(fclose(file), 0);
}

static void trial_config(const struct trial *trial)
{
	FILE *file = fopen("test.yaml", "w");
	assert_non_null(file);
	fprintf(file,
		"name: test\n"
		"stores: { rows: { csv: { path: rows.csv } } }\n"
		"source: { table: { store: rows, key: id } }\n"
		"stages: [ act: { %s world: world } ]\n"
		"executor: { %s }\n"
		"state: test.db\n"
		"%s",
		trial->options ? trial->options : "",
		trial->executor ? trial->executor : "sequential: {}",
		trial->more ? trial->more : "on_error: { retries: 0, halt: 100% }\n");
	assert_int_equal(fclose(file), 0);
}

static bool trial_plan(struct arena *arena, struct config *config, struct plan *plan)
{
	struct problems problems = { 0 };
	const bool fine = config_read(arena, "test.yaml", NULL, 0, config, &problems) &&
			  plan_make(config, arena, plan, &problems);
	problems_print(&problems);
	problems_finish(&problems);
	return fine;
}

static _Noreturn void trial_child(const struct trial *trial)
{
	struct arena arena = { 0 };
	struct config config;
	struct plan plan;
	if (!freopen("said", "w", stderr) || !freopen("shown", "w", stdout) ||
		!trial_plan(&arena, &config, &plan)) {
		fflush(NULL);
		_exit(EXIT_USAGE);
	}
	static const char *const no_files[SINKS];
	struct run_options options = trial->run;
	options.sinks = no_files;
	options.config = "test.yaml";
	options.progress = PROGRESS_PLAIN;
	act_main = getpid();
	trial_shared->left = trial->kill_at;
	trial_shared->seen = 0;
	trial_shared->main = trial->kill_at == TRIAL_UNHARMED ? 0 : getpid();
	act_point = trial_point;
	const int status = run_plan(&plan, &options);
	trial_shared->main = 0;
	fflush(NULL);
	arena_finish(&arena);
	_exit(status);
}

static int trial_wait(pid_t pid)
{
	int status = 0;
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int trial_run(const struct trial *trial)
{
	if (!trial_shared)
		trial_shared = mmap(NULL, sizeof(*trial_shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(trial_shared, MAP_FAILED);
	trial_config(trial);
	fflush(NULL);
	const pid_t pid = fork();
	if (pid == 0)
		trial_child(trial);
	return trial_wait(pid);
}

static _Noreturn void trial_line_child(const struct command *command, const char *line)
{
	char copy[256], *words[16], *rest = NULL;
	int count = 0;
	snprintf(copy, sizeof(copy), "%s %s", command ? command->name : "act", line);
	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	if (!freopen("said", "w", stderr) || !freopen("shown", "w", stdout))
		_exit(EXIT_INTERNAL);
	const int status =
		command ? command->run(count, words) : verb_run(&act_stage, count, words);
	fflush(NULL);
	_exit(status);
}

int trial_command(const struct command *command, const char *line)
{
	fflush(NULL);
	const pid_t pid = fork();
	if (pid == 0)
		trial_line_child(command, line);
	return trial_wait(pid);
}

int trial_verb(const char *line)
{
	return trial_command(NULL, line);
}

struct trial trial_of(const char *executor)
{
	return (struct trial){ .executor = executor, .run.yes = true, .kill_at = TRIAL_UNHARMED };
}

/* The ids of the world's lines. */
struct trial_world {
	struct arena arena;
	const char *ids[4096];
	size_t count, duplicates;
};

static void trial_read_world(struct trial_world *world)
{
	char line[256];
	FILE *file = fopen("world", "r");
	while (file && fgets(line, sizeof(line), file)) {
		const char *id = arena_copy(&world->arena, line, DIGEST_HEX_BYTES - 1);
		for (size_t i = 0; i < world->count; i++)
			world->duplicates += strcmp(world->ids[i], id) == 0;
		assert_true(world->count < sizeof(world->ids) / sizeof(*world->ids));
		world->ids[world->count++] = id;
	}
	if (file)
		fclose(file);
}

static bool trial_check(void *context, const struct ledger_deed *row)
{
	const struct trial_world *world = context;
	char hex[DIGEST_HEX_BYTES];
	bool there = false;
	digest_hex(row->id, hex);
	for (size_t i = 0; i < world->count; i++)
		there |= strcmp(world->ids[i], hex) == 0;
	if (row->state != LEDGER_DOUBT && row->state != LEDGER_SENDING &&
		there != (row->state == LEDGER_ACCEPTED))
		fail_msg("%s is %s, and its line is %s", row->label, ledger_state_word(row->state),
			there ? "there" : "not there");
	return true;
}

void trial_look(struct trial_picture *picture)
{
	struct ledger *ledger = NULL;
	struct error err;
	struct trial_world world = { .count = 0 };
	const struct ledger_filter all = { .job = "test" };
	*picture = (struct trial_picture){ .all = 0 };
	trial_read_world(&world);
	if (!ledger_open("test.ledger", LEDGER_READ, &ledger, &err) ||
		!ledger_counts(ledger, "test", picture->counts, &err) ||
		!ledger_walk(ledger, &all, trial_check, &world, &err))
		fail_msg("%s", err.text);
	ledger_close(ledger);
	for (size_t i = 0; i < LEDGER_STATES; i++)
		picture->all += picture->counts[i];
	picture->lines = world.count;
	arena_finish(&world.arena);
	assert_int_equal(world.duplicates, 0);
}

void trial_expect(enum ledger_state state, uint64_t count)
{
	struct trial_picture picture;
	trial_look(&picture);
	if (picture.counts[state] != count)
		fail_msg("%llu %s instead of %llu", (unsigned long long)picture.counts[state],
			ledger_state_word(state), (unsigned long long)count);
}

void trial_expect_lines(size_t lines)
{
	struct trial_picture picture;
	trial_look(&picture);
	assert_int_equal(picture.lines, lines);
}

static void trial_expect_in(const char *path, const char *words)
{
	char text[8192] = "";
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	if (!strstr(text, words))
		fail_msg("%s: %s", path, text);
}

void trial_expect_said(const char *words)
{
	trial_expect_in("said", words);
}

void trial_expect_shown(const char *words)
{
	trial_expect_in("shown", words);
}

void trial_forget(void)
{
	static const char *const files[] = { "world", "test.db", "test.db-wal", "test.db-shm",
		"test.db.lock", "test.ledger", "test.ledger-wal", "test.ledger-shm" };
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		unlink(files[i]);
}

const char *const trial_every_kind[] = { "a@one,ok", "b@two,later ok", "c@one,never", "d@two,lost",
	"e@one,unsure", "f@two,later", "g@one,broken", "h@two,ok", "i@one,ok", "j@two,ok",
	"k@one,ok", "l@two,ok", NULL };
const char *const trial_one_retry = "on_error: { retries: 1, backoff: 1ms, halt: 100% }\n";
