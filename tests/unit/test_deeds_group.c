/* Of several leads the latest that is due is live, and the earlier ones are gone for good. */

#include "pipeline/deeds_group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

enum { TWO_DAYS = 100, ONE_DAY = 200, DAYS = 2 };

struct world {
	struct loaded loaded;
	struct deeds deeds;
	struct slot slots[DAYS][3];
	struct item items[DAYS]; /* of two days before, of one */
	int64_t now;             /* of each run one more */
};

static void fill_item(struct world *world, int which, const char *key, int64_t rank)
{
	struct slot *slots = world->slots[which];
	slots[0] = (struct slot){ key, (uint32_t)strlen(key), false };
	slots[1] = (struct slot){ "a@one", 5, false };
	slots[2] = (struct slot){ "ok", 2, false };
	world->items[which] = (struct item){
		.id = digest_of(key, strlen(key)),
		.key = key,
		.key_length = strlen(key),
		.slots = slots,
		.slot_count = 3,
		.group = { 1, 2 },
		.rank = rank,
	};
}

static void open_deeds(struct world *world)
{
	struct error err;
	if (!deeds_open(&world->deeds, &world->loaded.plan, false, false, &err) ||
		!state_open("test.db", STATE_READ, &world->deeds.state, &err) ||
		!deeds_stock(&world->deeds, ++world->now, &err))
		fail_msg("%s", err.text);
}

static void close_deeds(struct world *world)
{
	state_close(world->deeds.state);
	deeds_close(&world->deeds);
}

static void open_world(struct world *world)
{
	const struct trial trial = trial_of(NULL);
	const struct arguments arguments = { .config = "test.yaml" };
	trial_rows((const char *const[]){ "z@one,ok", NULL });
	assert_int_equal(trial_run(&trial), EXIT_FINE);
	*world = (struct world){ .now = 1000 };
	assert_true(loaded_open(&world->loaded, &arguments));
	fill_item(world, 0, "talk/2d", TWO_DAYS);
	fill_item(world, 1, "talk/1d", ONE_DAY);
	open_deeds(world);
}

static void close_world(struct world *world)
{
	close_deeds(world);
	loaded_close(&world->loaded);
}

/* A run whose head gives this one, and which has not seen all there is: nothing lapses for not
 * being there. True where the run would do it. */
static bool run_with(struct world *world, int which)
{
	struct error err;
	enum freshness verdict;
	bool claimed = false;
	close_deeds(world);
	open_deeds(world);
	assert_true(deeds_plan(&world->deeds, &world->items[which], world->now, &err));
	assert_true(deeds_planned(&world->deeds, false, world->now, &err));
	assert_true(deeds_judge(&world->deeds, &world->items[which], world->now, &verdict, &err));
	const bool due = verdict < FRESHNESS_DUE_END;
	assert_int_equal(world->deeds.due, due);
	if (!due)
		return false;
	assert_true(deeds_claim(&world->deeds, world->items[which].id, world->now, &claimed, &err));
	return claimed;
}

static void end_as(struct world *world, int which, enum ledger_state state)
{
	struct error err;
	const struct deeds_end end = { world->items[which].id, state, 0, 0, "" };
	assert_true(deeds_settle(&world->deeds, &end, world->now, &err));
	assert_true(deeds_commit(&world->deeds, &err));
}

static void expect(struct world *world, int which, enum ledger_state state)
{
	struct error err;
	struct arena arena = { 0 };
	struct ledger_deed row = { .id = world->items[which].id };
	assert_true(ledger_deed(world->deeds.ledger, "test", &row, &arena, &err));
	assert_string_equal(ledger_state_word(row.state), ledger_state_word(state));
	arena_finish(&arena);
}

/* However the first has ended short of being done, the second takes its place, and it does not come
 * back with the clock. */
static void test_latest_is_live(void **state)
{
	static const enum ledger_state ends[] = { LEDGER_PLANNED, LEDGER_DEFERRED, LEDGER_DOUBT };
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct world world;
		trial_forget();
		open_world(&world);
		assert_true(run_with(&world, 0));
		end_as(&world, 0, ends[i]);
		assert_true(run_with(&world, 1));
		expect(&world, 0, LEDGER_LAPSED);
		end_as(&world, 1, LEDGER_ACCEPTED);
		assert_false(run_with(&world, 0));
		expect(&world, 0, LEDGER_LAPSED);
		close_world(&world);
	}
}

/* What was never on record does not come behind a later one either, whatever became of that. */
static void test_never_behind(void **state)
{
	static const enum ledger_state ends[] = { LEDGER_ACCEPTED, LEDGER_FAILED, LEDGER_DOUBT,
		LEDGER_DEFERRED };
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct world world;
		trial_forget();
		open_world(&world);
		assert_true(run_with(&world, 1));
		end_as(&world, 1, ends[i]);
		assert_false(run_with(&world, 0));
		expect(&world, 0, LEDGER_NONE);
		close_world(&world);
	}
}

/* A later one that was not begun stands in nobody's way where the clock is set back. */
static void test_not_begun(void **state)
{
	(void)state;
	struct world world;
	open_world(&world);
	assert_true(run_with(&world, 1));
	end_as(&world, 1, LEDGER_PLANNED);
	assert_true(run_with(&world, 0));
	close_world(&world);
}

/* Even then what may have been done is not done again. */
static void test_doubt_is_kept(void **state)
{
	(void)state;
	struct world world;
	open_world(&world);
	assert_true(run_with(&world, 0));
	end_as(&world, 0, LEDGER_DOUBT);
	assert_true(run_with(&world, 1));
	end_as(&world, 1, LEDGER_PLANNED);
	assert_false(run_with(&world, 0));
	expect(&world, 0, LEDGER_LAPSED);
	close_world(&world);
}

/* The run in which the second becomes due is killed before it knows all, and then over it. */
static void test_killed(void **state)
{
	(void)state;
	struct error err;
	struct world world;
	open_world(&world);
	assert_true(run_with(&world, 0));
	end_as(&world, 0, LEDGER_DEFERRED);
	assert_true(deeds_plan(&world.deeds, &world.items[1], world.now, &err));
	close_deeds(&world);
	open_deeds(&world);
	expect(&world, 0, LEDGER_DEFERRED);
	expect(&world, 1, LEDGER_NONE);
	assert_true(run_with(&world, 1));
	assert_true(deeds_commit(&world.deeds, &err));
	assert_false(run_with(&world, 0));
	expect(&world, 0, LEDGER_LAPSED);
	expect(&world, 1, LEDGER_DOUBT);
	close_world(&world);
}

/* Another group, or none, is another matter. */
static void test_other_groups(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world world;
		trial_forget();
		open_world(&world);
		world.items[0].group = (struct digest){ (uint64_t)i * 3, 0 };
		assert_true(run_with(&world, 0));
		end_as(&world, 0, LEDGER_DEFERRED);
		assert_true(run_with(&world, 1));
		end_as(&world, 1, LEDGER_ACCEPTED);
		expect(&world, 0, LEDGER_DEFERRED);
		assert_true(run_with(&world, 0));
		close_world(&world);
	}
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_SCRATCH(test_latest_is_live),
		IN_SCRATCH(test_never_behind),
		IN_SCRATCH(test_not_begun),
		IN_SCRATCH(test_doubt_is_kept),
		IN_SCRATCH(test_killed),
		IN_SCRATCH(test_other_groups),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
