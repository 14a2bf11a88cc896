/* A run that acts is killed, and the next one neither forgets anyone nor does anything twice. */

#include "pipeline/deeds.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/commands/command.h"
#include "pipeline/source.h"
#include "stages/table/table.h"
#include "tests/fakes/act.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/trial.h"

/* Instead of stages/table.c. */
const struct plugin *const sources[] = { &table_source.plugin, NULL };
const struct plugin *const stages[] = { &act_stage.plugin, NULL };

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's have none */
ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset)
{
	trial_point();
	const ssize_t result = syscall(SYS_pwrite64, file, data, length, offset);
	trial_point();
	return result;
}

/* What a killed process has written is there; only a power cut would ask for more. */
int fdatasync(int file)
{
	(void)file;
	trial_point();
	return 0;
}

int fsync(int file)
{
	return fdatasync(file);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* Of trial_every_kind, where nobody is killed. */
static const struct end {
	const char *label;
	enum ledger_state state;
} ends[] = {
	{ "c@one", LEDGER_FAILED },
	{ "d@two", LEDGER_DOUBT },
	{ "e@one", LEDGER_DOUBT },
	{ "f@two", LEDGER_DEFERRED },
	{ "g@one", LEDGER_FAILED },
};

/* Each has ended as it would have anyway, or was in hand. */
static bool check_end(void *context, const struct ledger_deed *row)
{
	(void)context;
	enum ledger_state state = LEDGER_ACCEPTED;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (strcmp(row->label, ends[i].label) == 0)
			state = ends[i].state;
	if (row->state != state && row->state != LEDGER_DOUBT)
		fail_msg("%s is %s instead of %s", row->label, ledger_state_word(row->state),
			ledger_state_word(state));
	return true;
}

static void check_ends(void)
{
	struct ledger *ledger = NULL;
	struct error err;
	const struct ledger_filter all = { .job = "test" };
	if (!ledger_open("test.ledger", LEDGER_READ, &ledger, &err) ||
		!ledger_walk(ledger, &all, check_end, NULL, &err))
		fail_msg("%s", err.text);
	ledger_close(ledger);
}

/* Killed at a point, and run again: nobody is forgotten, nothing is done twice, and what is not
 * known is said to be. */
static void kill_and_go_on(struct trial *trial, int workers, uint64_t *doubts)
{
	struct trial_picture picture;
	trial->kill_at = TRIAL_UNHARMED;
	assert_int_equal(trial_run(trial), EXIT_ITEMS_FAILED);
	trial_look(&picture);
	assert_int_equal(picture.all, 12);
	assert_int_equal(picture.counts[LEDGER_PLANNED], 0);
	assert_int_equal(picture.counts[LEDGER_SENDING], 0);
	assert_int_equal(picture.counts[LEDGER_LAPSED], 0);
	/* Two are in doubt without a kill; the rest was in hand. */
	assert_in_range(picture.counts[LEDGER_DOUBT], 2, 2 + (unsigned)workers);
	check_ends();
	*doubts += picture.counts[LEDGER_DOUBT] - 2;
	trial_expect_said("in doubt: ");
}

/* At `moments` points, spread evenly over all that such a run has. */
static void kill_everywhere(const char *executor, int workers, int moments)
{
	struct trial trial = trial_of(executor);
	uint64_t doubts = 0;
	int killed = 0;
	trial.more = trial_one_retry;
	trial.kill_at = TRIAL_COUNTED;
	trial_rows(trial_every_kind);
	trial_forget();
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	const int points = trial_points();
	assert_true(points >= moments);
	for (int i = 0; i < moments; i++) {
		trial_forget();
		trial.kill_at = (int)((int64_t)points * i / moments);
		/* The last ones may come later than this run lasts. */
		killed += trial_run(&trial) == 128 + SIGKILL;
		kill_and_go_on(&trial, workers, &doubts);
	}
	print_message("%s killed at %d of %d points: %d in doubt, 0 twice, 0 forgotten\n", executor,
		killed, points, (int)doubts);
	/* How many points there are depends on who comes first. */
	assert_true(killed > moments / 2);
	assert_true(doubts > 0);
}

#ifdef __SANITIZE_ADDRESS__
enum { MOMENTS = 60, MOMENTS_OF_WORKERS = 20 };
#else
enum { MOMENTS = 300, MOMENTS_OF_WORKERS = 50 };
#endif

static void test_killed_anywhere(void **state)
{
	(void)state;
	kill_everywhere("sequential: {}", 1, MOMENTS);
}

static void test_killed_with_workers(void **state)
{
	(void)state;
	kill_everywhere("threads: { workers: 3 }", 3, MOMENTS_OF_WORKERS);
	kill_everywhere("forked: { workers: 3, sandbox: false }", 3, MOMENTS_OF_WORKERS);
}

static void test_killed_workers(void **state)
{
	(void)state;
	trial_rows((const char *const[]){ "a@one,ok", "b@one,crash", "c@one,ok", NULL });
	struct trial trial = trial_of("forked: { workers: 2, sandbox: false }");
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect(LEDGER_DOUBT, 1);
	trial_expect(LEDGER_ACCEPTED, 2);
	trial_expect_said("in doubt: worker was killed by SIGKILL");
	/* In main's own process the run dies, and the next one does not touch it. */
	trial_forget();
	trial.executor = "sequential: {}";
	assert_int_equal(trial_run(&trial), 128 + SIGKILL);
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect(LEDGER_DOUBT, 1);
	trial_expect(LEDGER_ACCEPTED, 2);
	trial_expect_lines(3);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(test_killed_anywhere),
		IN_SCRATCH(test_killed_with_workers),
		IN_SCRATCH(test_killed_workers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
