/* What a plan that acts does to the world is done once, whatever the world answers and whoever does
 * the work. */

#include "pipeline/deeds.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pipeline/commands/command.h"
#include "pipeline/commands/loaded.h"
#include "pipeline/source.h"
#include "stages/table/table.h"
#include "tests/fakes/act.h"
#include "tests/fakes/scratch.h"
#include "tests/fakes/trial.h"

/* Instead of stages/table.c. */
const struct plugin *const sources[] = { &table_source.plugin, NULL };
const struct plugin *const stages[] = { &act_stage.plugin, NULL };

/* No power is cut here. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the system's have none */
int fdatasync(int file)
{
	(void)file;
	return 0;
}

int fsync(int file)
{
	(void)file;
	return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static void expect_every_kind(void)
{
	trial_expect(LEDGER_ACCEPTED, 7);
	trial_expect(LEDGER_DEFERRED, 1);
	trial_expect(LEDGER_FAILED, 2);
	trial_expect(LEDGER_DOUBT, 2);
	trial_expect_lines(8);
}

static const char *const executors_of_test[] = { "sequential: {}", "threads: { workers: 3 }",
	"work-stealing: { workers: 3 }", "forked: { workers: 3 }" };
enum { EXECUTORS = sizeof(executors_of_test) / sizeof(*executors_of_test) };

static void test_every_executor(void **state)
{
	(void)state;
	trial_rows(trial_every_kind);
	for (size_t i = 0; i < EXECUTORS; i++) {
		struct trial trial = trial_of(executors_of_test[i]);
		trial.more = trial_one_retry;
		trial_forget();
		assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
		expect_every_kind();
		/* Nothing is done again; what is in doubt is not forgotten. */
		assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
		trial_expect_said("in doubt: 2 letters");
		expect_every_kind();
	}
}

static void test_resend(void **state)
{
	(void)state;
	trial_rows((const char *const[]){ "a@one,unsure", "b@one,ok", NULL });
	struct trial trial = trial_of(NULL);
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect(LEDGER_DOUBT, 1);
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect(LEDGER_DOUBT, 1);
	trial.options = "resend: true, ";
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_ACCEPTED, 2);
	trial_expect_lines(2);
}

/* Nor does the state remember one. */
static void expect_no_failures(void)
{
	struct state *db = NULL;
	struct error err;
	uint64_t items[OUTCOME_CANCELLED + 1], outputs;
	assert_true(state_open("test.db", STATE_READ, &db, &err));
	assert_true(state_counts(db, items, &outputs, &err));
	assert_int_equal(items[OUTCOME_FAILED], 0);
	assert_int_equal(items[OUTCOME_MADE], 2);
	state_close(db);
}

static void test_settled(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	for (int sent = 0; sent < 2; sent++) {
		trial_forget();
		trial_rows((const char *const[]){
			sent ? "a@one,lost" : "a@one,unsure", "b@one,ok", NULL });
		assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
		trial_expect_said("until that is resolved: nightmill act doubts test.yaml\n");
		assert_int_equal(trial_verb("doubts test.yaml"), EXIT_ITEMS_FAILED);
		trial_expect_shown("in doubt\t");
		trial_expect_shown("\ta@one\t1\t"
				   "the connection was lost\n");
		trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", NULL });
		assert_int_equal(trial_verb(sent ? "resolve test.yaml A@ONE --as done"
						 : "resolve test.yaml --yes --as again"),
			EXIT_FINE);
		trial_expect_shown("1 resolved\n");
		assert_int_equal(trial_verb("doubts test.yaml"), EXIT_FINE);
		assert_int_equal(trial_run(&trial), EXIT_FINE);
		trial_expect(LEDGER_ACCEPTED, 2);
		trial_expect_lines(2);
		expect_no_failures();
		assert_int_equal(trial_verb("all test.yaml a@one"), EXIT_FINE);
		trial_expect_shown("accepted\t");
	}
}

static void test_not_settled(void **state)
{
	(void)state;
	const struct trial trial = trial_of(NULL);
	trial_rows((const char *const[]){ "a@one,unsure", "b@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	assert_int_equal(trial_verb("resolve test.yaml a@one"), EXIT_USAGE);
	trial_expect_said("--as ''");
	assert_int_equal(trial_verb("resolve test.yaml a@one --as gone"), EXIT_USAGE);
	trial_expect_said("--as 'gone'");
	assert_int_equal(trial_verb("resolve test.yaml --as done"), EXIT_USAGE);
	trial_expect_said("which one?");
	assert_int_equal(trial_verb("resolve test.yaml b@one --as done"), EXIT_USAGE);
	trial_expect_said("nothing in doubt is called 'b@one'");
	assert_int_equal(trial_verb("resolve test.yaml a@one --as never"), EXIT_FINE);
	trial_expect(LEDGER_FAILED, 1);
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect_lines(1);
}

/* Each row is settled in its own words only while it is in doubt. */
static void test_resolve(void **state)
{
	(void)state;
	struct ledger *ledger = NULL;
	struct error err;
	const struct trial trial = trial_of(NULL);
	trial_rows((const char *const[]){ "a@one,unsure", "b@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	assert_true(ledger_open("test.ledger", LEDGER_WRITE, &ledger, &err));
	assert_false(ledger_resolve(ledger, "test", digest_of("2", 1), LEDGER_PLANNED, &err));
	assert_non_null(strstr(err.text, "is not in doubt"));
	assert_true(ledger_resolve(ledger, "test", digest_of("1", 1), LEDGER_PLANNED, &err));
	ledger_rollback(ledger);
	ledger_close(ledger);
	trial_expect(LEDGER_DOUBT, 1);
}

static void test_later(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial.more = "on_error: { retries: 2, backoff: 1ms, halt: 100% }\n";
	trial_rows((const char *const[]){
		"a@one,later later ok", "b@one,later:3600", "c@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect(LEDGER_ACCEPTED, 2);
	trial_expect(LEDGER_DEFERRED, 1);
	/* The world wants it not before an hour has passed. */
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", "c@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_DEFERRED, 1);
	trial_expect_lines(2);
}

/* What failed is tried again where it is another, or where one asks for it. */
static void test_failed(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial_rows((const char *const[]){ "a@one,never", "b@one,broken", NULL });
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect_said("no such mailbox");
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_FAILED, 2);
	trial_rows((const char *const[]){ "a@one,never", "b@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_FAILED, 1);
	trial_expect(LEDGER_ACCEPTED, 1);
	trial.run.retry_failed = true;
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect_said("no such mailbox");
	trial.run.force = true;
	assert_int_equal(trial_run(&trial), EXIT_USAGE);
	trial_expect_lines(1);
}

static struct item item_of(const char *key, struct slot slots[3])
{
	slots[0] = (struct slot){ key, (uint32_t)strlen(key), false };
	slots[1] = (struct slot){ "a@one", 5, false };
	slots[2] = (struct slot){ "ok", 2, false };
	return (struct item){
		.id = digest_of(key, strlen(key)),
		.key = key,
		.key_length = strlen(key),
		.slots = slots,
		.slot_count = 3,
	};
}

static enum freshness judge(struct deeds *deeds, const struct item *item, int64_t now)
{
	struct error err;
	enum freshness verdict;
	assert_true(deeds_judge(deeds, item, now, &verdict, &err));
	return verdict;
}

static uint64_t due_at(struct deeds *deeds, const struct item *item, int64_t now)
{
	struct error err;
	deeds->due = 0;
	assert_true(deeds_stock(deeds, now, &err));
	assert_true(deeds_plan(deeds, item, now, &err));
	assert_true(deeds_planned(deeds, true, now, &err));
	return deeds->due;
}

static bool claim(struct deeds *deeds, const struct item *item, int64_t now)
{
	struct error err;
	bool claimed = false;
	assert_true(deeds_claim(deeds, item->id, now, &claimed, &err));
	return claimed;
}

static void settle(struct deeds *deeds, const struct deeds_end *end, int64_t now)
{
	struct error err;
	assert_true(deeds_settle(deeds, end, now, &err));
	assert_true(deeds_commit(deeds, &err));
}

/* A ledger that has been used, and a state, for a test that takes main's place. */
struct desk {
	struct loaded loaded;
	struct deeds deeds;
};

static void desk_open(struct desk *desk)
{
	const struct arguments arguments = { .config = "test.yaml" };
	const struct trial trial = trial_of(NULL);
	struct error err;
	trial_rows((const char *const[]){ "z@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	assert_true(loaded_open(&desk->loaded, &arguments));
	assert_true(deeds_open(&desk->deeds, &desk->loaded.plan, false, false, &err));
	assert_true(state_open("test.db", STATE_READ, &desk->deeds.state, &err));
}

static void desk_close(struct desk *desk)
{
	state_close(desk->deeds.state);
	deeds_close(&desk->deeds);
	loaded_close(&desk->loaded);
}

/* What only the walk before has seen lapses, though the clock has stood still or gone back. */
static void test_clock_stands(void **state)
{
	(void)state;
	static const int64_t moments[] = { 5000, 5000, 4000 };
	struct desk desk;
	struct deeds *deeds = &desk.deeds;
	struct slot slots[3][3];
	const struct item items[] = { item_of("7", slots[0]), item_of("8", slots[1]),
		item_of("9", slots[2]) };
	desk_open(&desk);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(due_at(deeds, &items[i], moments[i]), 1);
		trial_expect(LEDGER_PLANNED, 1);
		trial_expect(LEDGER_LAPSED, i);
	}
	desk_close(&desk);
}

/* By a clock of its own: what was put off comes when its time has come, and one claim is all that
 * there is of a deed. */
static void test_put_off(void **state)
{
	(void)state;
	static const int64_t minute = INT64_C(60000000000), hour = 60 * minute, start = 1000 * hour;
	struct desk desk;
	struct slot slots[3];
	struct deeds *deeds = &desk.deeds;
	desk_open(&desk);
	const struct item item = item_of("9", slots);
	assert_int_equal(judge(deeds, &item, start), FRESHNESS_NEW);
	assert_int_equal(due_at(deeds, &item, start), 1);
	assert_true(claim(deeds, &item, start));
	assert_false(claim(deeds, &item, start));
	assert_int_equal(judge(deeds, &item, start), FRESHNESS_DOUBT);
	const struct deeds_end later = { item.id, LEDGER_DEFERRED, 451, start + hour, "later" };
	settle(deeds, &later, start + minute);
	assert_int_equal(judge(deeds, &item, start + 44 * minute), FRESHNESS_WAITING);
	assert_int_equal(due_at(deeds, &item, start + 44 * minute), 0);
	assert_int_equal(judge(deeds, &item, start + 45 * minute), FRESHNESS_SOON);
	assert_int_equal(due_at(deeds, &item, start + 45 * minute), 1);
	assert_int_equal(judge(deeds, &item, start + hour), FRESHNESS_FAILED);
	assert_int_equal(due_at(deeds, &item, start + hour), 1);
	assert_true(claim(deeds, &item, start + hour));
	const struct deeds_end done = { item.id, LEDGER_ACCEPTED, 250, 0, "ok" };
	settle(deeds, &done, start + hour);
	assert_int_equal(judge(deeds, &item, start + hour), FRESHNESS_UP_TO_DATE);
	assert_int_equal(due_at(deeds, &item, start + 2 * hour), 0);
	assert_false(claim(deeds, &item, start + 2 * hour));
	desk_close(&desk);
}

/* Three workers, and two a minute: the third is not begun, whatever comes first. */
static void test_pace(void **state)
{
	(void)state;
	struct trial trial = trial_of("threads: { workers: 3 }");
	for (int i = 0; i < 2; i++) {
		trial_forget();
		trial.options = i ? "per_minute: 2, " : "key_per_minute: 2, ";
		trial_rows((const char *const[]){
			"a@one,ok", "b@one,stop", "c@one,ok", "d@one,ok", NULL });
		assert_int_equal(trial_run(&trial), 128 + SIGTERM);
		trial_expect(LEDGER_ACCEPTED, 2);
		trial_expect(LEDGER_PLANNED, 2);
	}
}

static void test_first_run(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial.run.yes = false;
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_HALTED);
	trial_expect_said("2 letters would go (a@one, b@one), and this is the first run that acts");
	trial_expect(LEDGER_PLANNED, 2);
	trial_expect_lines(0);
	trial.run.yes = true;
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial.run.yes = false;
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", "c@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_ACCEPTED, 3);
}

static void write_many(size_t count)
{
	const char *rows[64] = { NULL };
	for (size_t i = 0; i < count; i++)
		rows[i] = "a@one,ok";
	trial_rows(rows);
}

static void test_too_many(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial.options = "usual_times: 3, most: 40, ";
	write_many(4);
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial.run.yes = false;
	write_many(14);
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	write_many(14 + 31);
	assert_int_equal(trial_run(&trial), EXIT_HALTED);
	trial_expect_said(
		"31 letters would go (a@one, a@one, a@one, a@one, a@one, ...), more than 3 "
		"times the usual 10");
	trial.run.limit = 30;
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_ACCEPTED, 44);
	trial.run = (struct run_options){ .yes = true };
	trial.options = "most: 5, ";
	write_many(45 + 5);
	assert_int_equal(trial_run(&trial), EXIT_HALTED);
	trial_expect_said("more than the 5 that the config allows a run");
	trial_expect(LEDGER_ACCEPTED, 44);
}

static void test_lost_ledger(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	assert_int_equal(rename("test.ledger", "kept"), 0);
	trial.run.yes = false;
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", "c@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_HALTED);
	trial_expect_said(
		"3 letters would go (a@one, b@one, c@one), 2 of them for the second time");
	assert_int_equal(rename("kept", "test.ledger"), 0);
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_ACCEPTED, 3);
	/* The other way round it is no loss. */
	unlink("test.db");
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect_lines(3);
}

static void test_lapsed(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial.run.limit = 1;
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", "c@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_PLANNED, 2);
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", NULL });
	trial.run.limit = 0;
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_LAPSED, 1);
	trial_expect_lines(2);
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", "c@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_ACCEPTED, 3);
}

static void test_stopped(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial_rows((const char *const[]){ "a@one,ok", "b@one,stop", "c@one,ok", "d@one,ok", NULL });
	assert_int_equal(trial_run(&trial), 128 + SIGTERM);
	trial_expect(LEDGER_ACCEPTED, 2);
	trial_expect(LEDGER_PLANNED, 2);
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	trial_expect(LEDGER_ACCEPTED, 4);
	/* A second signal kills the worker over what it has in hand. */
	trial_forget();
	trial_rows((const char *const[]){ "a@one,ok", "b@one,hang", "c@one,ok", NULL });
	trial.executor = "forked: { workers: 1, sandbox: false }";
	assert_int_equal(trial_run(&trial), 128 + SIGTERM);
	trial_expect(LEDGER_ACCEPTED, 1);
	trial_expect(LEDGER_DOUBT, 1);
	trial_expect(LEDGER_PLANNED, 1);
}

static void test_dry_run(void **state)
{
	(void)state;
	char shown[256] = "";
	struct trial trial = trial_of(NULL);
	trial.run = (struct run_options){ .dry_run = true };
	trial_rows((const char *const[]){ "a@one,ok", "b@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	FILE *file = fopen("shown", "r");
	shown[fread(shown, 1, sizeof(shown) - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(shown, "letter\ta@one\t1\nletter\tb@one\t2\n");
	trial_expect_said("a run would halt: 2 letters would go");
	assert_int_not_equal(access("test.ledger", F_OK), 0);
	assert_int_not_equal(access("test.db", F_OK), 0);
}

/* A source that gives the same item twice, and what its stage says nothing of. */
static void test_odd_items(void **state)
{
	(void)state;
	struct trial trial = trial_of("threads: { workers: 2 }");
	trial_rows((const char *const[]){ "a@one,ok", "nowhere,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_ITEMS_FAILED);
	trial_expect_said("'nowhere' is no address");
	trial_expect(LEDGER_ACCEPTED, 1);
}

static void test_bench(void **state)
{
	(void)state;
	extern const struct command command_bench;
	const struct trial trial = trial_of(NULL);
	trial_rows((const char *const[]){ "a@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	assert_int_equal(trial_command(&command_bench, "test.yaml"), EXIT_USAGE);
	trial_expect_said("'test.yaml' acts on the world");
	trial_expect_lines(1);
}

static void test_not_live(void **state)
{
	(void)state;
	struct trial trial = trial_of(NULL);
	trial.options = "live: false, ";
	trial_rows((const char *const[]){ "a@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_USAGE);
	trial_expect_said("nothing is made of an item");
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(test_every_executor),
		IN_SCRATCH(test_resend),
		IN_SCRATCH(test_settled),
		IN_SCRATCH(test_not_settled),
		IN_SCRATCH(test_resolve),
		IN_SCRATCH(test_later),
		IN_SCRATCH(test_clock_stands),
		IN_SCRATCH(test_put_off),
		IN_SCRATCH(test_pace),
		IN_SCRATCH(test_failed),
		IN_SCRATCH(test_first_run),
		IN_SCRATCH(test_too_many),
		IN_SCRATCH(test_lost_ledger),
		IN_SCRATCH(test_lapsed),
		IN_SCRATCH(test_stopped),
		IN_SCRATCH(test_dry_run),
		IN_SCRATCH(test_odd_items),
		IN_SCRATCH(test_bench),
		IN_SCRATCH(test_not_live),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
