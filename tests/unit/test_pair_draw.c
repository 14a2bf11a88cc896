/* The draw: every method against all draws that there are, and what is said where there are none.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pipeline/support/arena.h"
#include "pipeline/support/digest.h"
#include "stages/pair/count.h"
#include "stages/pair/draw.h"
#include "stages/pair/reject.h"
#include "stages/pair/walk.h"

enum { PEOPLE = 7, MOST_DRAWS = 5040, SAMPLES = 20000 };

static void seed_of(uint32_t number, unsigned char seed[RANDOM_SEED_BYTES])
{
	memset(seed, 0, RANDOM_SEED_BYTES);
	memcpy(seed, &number, sizeof(number));
}

/* Two couples, three siblings, and two pairs of last year. */
static const uint32_t family[PEOPLE] = { 1, 1, 2, 2, 3, 3, 3 };
static const struct rules_pair family_history[] = { { 0, 4, 1 }, { 5, 1, 1 } };

static struct rules family_rules(void)
{
	struct rules rules = {
		.people = PEOPLE,
		.columns = { family },
		.column_count = 1,
		.rounds = 1,
	};
	rules_forbid(&rules, family_history, 2);
	return rules;
}

/* A draw as a number: for counting. */
static uint64_t draw_code(const uint32_t *receiver, uint32_t people)
{
	uint64_t code = 0;
	for (uint32_t i = 0; i < people; i++)
		code = code * 8 + receiver[i];
	return code;
}

struct census {
	uint64_t codes[MOST_DRAWS];
	uint32_t found[MOST_DRAWS];
	uint32_t count;
};

static bool permutation_next(uint32_t *order, uint32_t count)
{
	uint32_t i = count > 1 ? count - 1 : 0;
	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	uint32_t j = count - 1;
	while (order[j] <= order[i - 1])
		j--;
	uint32_t kept = order[i - 1];
	order[i - 1] = order[j];
	order[j] = kept;
	for (uint32_t a = i, b = count - 1; a < b; a++, b--) {
		kept = order[a];
		order[a] = order[b];
		order[b] = kept;
	}
	return true;
}

static bool one_loop(const uint32_t *receiver, uint32_t people)
{
	uint32_t steps = 1;
	for (uint32_t at = receiver[0]; at != 0; at = receiver[at])
		steps++;
	return steps == people;
}

static bool all_allowed(const struct rules *rules, const uint32_t *receiver)
{
	for (uint32_t i = 0; i < rules->people; i++)
		if (!rules_allow(rules, i, receiver[i]))
			return false;
	return true;
}

/* All draws, by trying every permutation. */
static void census_take(struct census *census, const struct rules *rules, bool single)
{
	uint32_t order[8];
	memset(census, 0, sizeof(*census));
	for (uint32_t i = 0; i < rules->people; i++)
		order[i] = i;
	do
		if (all_allowed(rules, order) && (!single || one_loop(order, rules->people)))
			census->codes[census->count++] = draw_code(order, rules->people);
	while (permutation_next(order, rules->people));
}

static void census_add(struct census *census, const uint32_t *receiver, uint32_t people)
{
	const uint64_t code = draw_code(receiver, people);
	for (uint32_t i = 0; i < census->count; i++)
		if (census->codes[i] == code) {
			census->found[i]++;
			return;
		}
	fail_msg("a draw that is not allowed: %llo", (unsigned long long)code);
}

/* Chi-square over its degrees of freedom; about 1 where all draws are equally likely. */
static double census_chi(const struct census *census, double samples)
{
	const double expected = samples / census->count;
	double chi = 0;
	for (uint32_t i = 0; i < census->count; i++)
		chi += (census->found[i] - expected) * (census->found[i] - expected) / expected;
	return chi / (census->count - 1);
}

/* With a hundred degrees of freedom and more it is above this once in 10^5 times; the seeds are
 * fixed. */
static const double chi_most = 1.7;

static void test_family_is_160(void **state)
{
	struct census *census = memory_alloc(sizeof(*census));
	(void)state;
	struct rules rules = family_rules();
	census_take(census, &rules, false);
	assert_int_equal(census->count, 160);
	rules_finish(&rules);
	free(census);
}

static void check_uniform(struct rules *rules, struct shape shape)
{
	struct census *census = memory_alloc(sizeof(*census));
	census_take(census, rules, shape.kind == SHAPE_SINGLE);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		unsigned char seed[RANDOM_SEED_BYTES];
		struct draw_result result;
		const struct draw_request request = { rules, shape, seed, 0, false };
		seed_of(i, seed);
		assert_true(draw_run(&request, &result));
		assert_int_equal(result.draws, census->count);
		census_add(census, result.receiver, rules->people);
		draw_finish(&result);
	}
	const double chi = census_chi(census, SAMPLES);
	if (chi > chi_most)
		fail_msg("chi-square %.2f for each degree of freedom", chi);
	free(census);
}

static void test_counted_any(void **state)
{
	(void)state;
	struct rules rules = family_rules();
	check_uniform(&rules, (struct shape){ .kind = SHAPE_ANY });
	rules_finish(&rules);
}

static void test_counted_single(void **state)
{
	(void)state;
	struct rules rules = family_rules();
	check_uniform(&rules, (struct shape){ .kind = SHAPE_SINGLE });
	rules_finish(&rules);
}

typedef bool method_run(
	const struct cells *cells, struct shape shape, struct random *random, uint32_t *place);

static bool run_rejection(
	const struct cells *cells, struct shape shape, struct random *random, uint32_t *place)
{
	uint32_t scratch[64] = { 0 };
	struct reject_result result = { .place = place, .scratch = scratch };
	assert_true(cells->rules->people <= 64);
	const bool found = reject_draw(cells, shape, random, 100000, &result);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(scratch[i], 0);
	return found;
}

/* From a start that is the same for all: what is random is the walk. */
static bool run_walk(
	const struct cells *cells, struct shape shape, struct random *random, uint32_t *place)
{
	for (uint32_t i = 0; i < cells->count; i++)
		place[i] = i;
	return walk_draw(cells, shape, random, NULL, place);
}

/* A method by itself, on the family, of which the draw would count all. */
static double method_chi(method_run *method, struct shape shape)
{
	struct rules rules = family_rules();
	struct census *census = memory_alloc(sizeof(*census));
	uint32_t people[PEOPLE] = { 0, 1, 2, 3, 4, 5, 6 }, place[PEOPLE], receiver[PEOPLE];
	const bool single = shape.kind == SHAPE_SINGLE;
	const struct cells cells = { &rules, PEOPLE, people, people, single };
	census_take(census, &rules, single);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		unsigned char seed[RANDOM_SEED_BYTES];
		struct random random;
		seed_of(i, seed);
		random_init(&random, seed);
		assert_true(method(&cells, shape, &random, place));
		for (uint32_t k = 0; k < PEOPLE; k++)
			receiver[single ? place[k] : k] = place[single ? (k + 1) % PEOPLE : k];
		census_add(census, receiver, PEOPLE);
	}
	const double chi = census_chi(census, SAMPLES);
	rules_finish(&rules);
	free(census);
	return chi;
}

static void test_rejected(void **state)
{
	(void)state;
	assert_true(method_chi(run_rejection, (struct shape){ .kind = SHAPE_ANY }) < chi_most);
	assert_true(method_chi(run_rejection, (struct shape){ .kind = SHAPE_SINGLE }) < chi_most);
}

/* Near-uniform: from one start seven people need more steps than n log n to forget it. */
static void test_walked(void **state)
{
	(void)state;
	assert_true(method_chi(run_walk, (struct shape){ .kind = SHAPE_ANY }) < 20);
	assert_true(method_chi(run_walk, (struct shape){ .kind = SHAPE_SINGLE }) < 40);
}

/* All ways to cut seven people into groups, as the lowest member of each one's group. */
static uint64_t grouping_code(const uint32_t *group, uint32_t people)
{
	uint32_t lowest[8];
	for (uint32_t i = 0; i < people; i++) {
		lowest[i] = 0;
		while (group[lowest[i]] != group[i])
			lowest[i]++;
	}
	return draw_code(lowest, people);
}

static bool grouping_allowed(const struct rules *rules, uint32_t size, const uint32_t *order)
{
	for (uint32_t i = 0; i < rules->people; i++) {
		const struct shape_range range = shape_range(rules->people, size, i);
		for (uint32_t j = range.first; j < i; j++)
			if (!rules_allow(rules, order[i], order[j]))
				return false;
	}
	return true;
}

static void grouping_census(struct census *census, const struct rules *rules, uint32_t size)
{
	uint32_t order[8], group[8];
	memset(census, 0, sizeof(*census));
	for (uint32_t i = 0; i < rules->people; i++)
		order[i] = i;
	do {
		if (!grouping_allowed(rules, size, order))
			continue;
		for (uint32_t i = 0; i < rules->people; i++)
			group[order[i]] = shape_range(rules->people, size, i).first;
		const uint64_t code = grouping_code(group, rules->people);
		uint32_t at = 0;
		while (at < census->count && census->codes[at] != code)
			at++;
		if (at == census->count)
			census->codes[census->count++] = code;
	} while (permutation_next(order, rules->people));
}

static void check_groups(uint32_t people, uint32_t size)
{
	static const struct rules_pair met[] = { { 0, 4, 1 }, { 5, 1, 1 } };
	struct census *census = memory_alloc(sizeof(*census));
	struct rules rules = { .people = people, .rounds = 1, .both_ways = true };
	const struct shape shape = { SHAPE_GROUPS, size };
	rules_forbid(&rules, met, 2);
	grouping_census(census, &rules, size);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		unsigned char seed[RANDOM_SEED_BYTES];
		struct draw_result result;
		const struct draw_request request = { &rules, shape, seed, 0, false };
		seed_of(i, seed);
		assert_true(draw_run(&request, &result));
		assert_int_equal(result.draws, census->count);
		const uint64_t code = grouping_code(result.receiver, people);
		uint32_t at = 0;
		while (at < census->count && census->codes[at] != code)
			at++;
		assert_true(at < census->count);
		census->found[at]++;
		draw_finish(&result);
	}
	assert_true(census_chi(census, SAMPLES) < chi_most);
	rules_finish(&rules);
	free(census);
}

static void test_counted_groups(void **state)
{
	(void)state;
	check_groups(6, 2);
	check_groups(7, 2);
	check_groups(7, 3);
	check_groups(8, 3);
}

/* Rejection cuts the same groups as counting does. */
static void test_rejected_groups(void **state)
{
	(void)state;
	struct rules rules = { .people = PEOPLE, .columns = { family }, .column_count = 1 };
	struct census *census = memory_alloc(sizeof(*census));
	uint32_t people[PEOPLE] = { 0, 1, 2, 3, 4, 5, 6 }, place[PEOPLE], group[PEOPLE];
	const struct cells cells = { &rules, PEOPLE, people, people, false };
	const struct shape shape = { SHAPE_GROUPS, 2 };
	grouping_census(census, &rules, 2);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		unsigned char seed[RANDOM_SEED_BYTES];
		struct random random;
		seed_of(i, seed);
		random_init(&random, seed);
		assert_true(run_rejection(&cells, shape, &random, place));
		for (uint32_t k = 0; k < PEOPLE; k++)
			group[place[k]] = shape_range(PEOPLE, 2, k).first;
		const uint64_t code = grouping_code(group, PEOPLE);
		uint32_t at = 0;
		while (at < census->count && census->codes[at] != code)
			at++;
		assert_true(at < census->count);
		census->found[at]++;
	}
	assert_true(census_chi(census, SAMPLES) < chi_most);
	free(census);
}

static void test_group_sizes(void **state)
{
	static const struct {
		uint32_t people, size, groups, larger;
	} cases[] = { { 1, 2, 0, 0 }, { 2, 2, 1, 0 }, { 3, 2, 1, 1 }, { 7, 2, 3, 1 },
		{ 2, 3, 1, 0 }, { 4, 3, 1, 1 }, { 5, 3, 2, 0 }, { 8, 3, 2, 2 }, { 11, 3, 3, 2 } };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t larger;
		assert_int_equal(
			shape_groups(cases[i].people, cases[i].size, &larger), cases[i].groups);
		assert_int_equal(larger, cases[i].larger);
		const struct shape_range last =
			shape_range(cases[i].people, cases[i].size, cases[i].people - 1);
		assert_int_equal(last.end, cases[i].people);
		assert_true(cases[i].groups == 0 || last.end - last.first >= 2);
	}
}

/* Eight people, a spouse each and four recent picks, as told at mapleprimes.com/posts/36147: there
 * people tried for ten minutes. */
enum { NOAH, AVA, RYAN, MIA, ELLA, JOHN, LILY, EVAN };
static const uint32_t eight_spouses[] = { 1, 1, 2, 2, 3, 3, 4, 4 };
static const uint32_t eight_picks[][4] = { { ELLA, EVAN, RYAN, JOHN }, { EVAN, MIA, JOHN, RYAN },
	{ ELLA, AVA, LILY, EVAN }, { AVA, ELLA, LILY, EVAN }, { LILY, EVAN, MIA, AVA },
	{ NOAH, LILY, RYAN, AVA }, { JOHN, MIA, AVA, ELLA }, { MIA, JOHN, RYAN, NOAH } };

static struct rules eight_rules(void)
{
	struct rules_pair history[32];
	struct rules rules = {
		.people = 8,
		.columns = { eight_spouses },
		.column_count = 1,
		.rounds = 4,
	};
	for (uint32_t i = 0; i < 32; i++)
		history[i] = (struct rules_pair){ i / 4, eight_picks[i / 4][i % 4], i % 4 + 1 };
	rules_forbid(&rules, history, 32);
	return rules;
}

static void test_impossible_family(void **state)
{
	static const uint32_t givers[] = { RYAN, MIA, ELLA, LILY };
	static const uint32_t receivers[] = { NOAH, RYAN, JOHN };
	unsigned char seed[RANDOM_SEED_BYTES] = { 1 };
	(void)state;
	struct rules rules = eight_rules();
	const struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, false };
	struct draw_result result;
	assert_false(draw_run(&request, &result));
	const struct draw_reason *reason = &result.reason;
	assert_int_equal(reason->obstacle, DRAW_GROUP);
	assert_int_equal(reason->giver_count, 4);
	assert_memory_equal(reason->givers, givers, sizeof(givers));
	assert_int_equal(reason->receiver_count, 3);
	assert_memory_equal(reason->receivers, receivers, sizeof(receivers));
	assert_int_equal(reason->all_fixes, 17);
	assert_int_equal(reason->fixes[0].kind, FIX_HISTORY);
	assert_int_equal(reason->fixes[0].round, 4);
	draw_finish(&result);
	rules_finish(&rules);
}

/* Each of the rules that are named: without it there is a draw. */
static void test_fixes_do(void **state)
{
	unsigned char seed[RANDOM_SEED_BYTES] = { 1 };
	(void)state;
	struct rules rules = eight_rules();
	const struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, false };
	struct draw_result why, result;
	assert_false(draw_run(&request, &why));
	for (uint32_t i = 0; i < why.reason.fix_count; i++) {
		const struct draw_fix *fix = &why.reason.fixes[i];
		if (fix->kind != FIX_HISTORY)
			continue;
		uint32_t at = rules.first[fix->giver];
		while (rules.receivers[at] != fix->receiver)
			at++;
		rules.pair_rounds[at] = 9;
		assert_true(draw_run(&request, &result));
		draw_finish(&result);
		rules.pair_rounds[at] = (uint8_t)fix->round;
	}
	draw_finish(&why);
	rules_finish(&rules);
}

static void test_soft_history(void **state)
{
	unsigned char seed[RANDOM_SEED_BYTES] = { 2 };
	(void)state;
	struct rules rules = eight_rules();
	const struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, true };
	struct draw_result result;
	assert_true(draw_run(&request, &result));
	assert_int_equal(result.rounds_dropped, 1);
	assert_true(all_allowed(&rules, result.receiver));
	draw_finish(&result);
	rules_finish(&rules);
}

/* Three people, one pair excluded: one draw is left. */
static void test_forced(void **state)
{
	static const struct rules_pair list[] = { { 0, 1, 0 } };
	unsigned char seed[RANDOM_SEED_BYTES] = { 3 };
	(void)state;
	for (int kind = SHAPE_ANY; kind <= SHAPE_SINGLE; kind++) {
		struct rules rules = { .people = 3 };
		const struct draw_request request = { &rules, { .kind = (enum shape_kind)kind },
			seed, 0, false };
		struct draw_result result;
		rules_forbid(&rules, list, 1);
		assert_true(draw_run(&request, &result));
		assert_int_equal(result.forced_count, 3);
		assert_int_equal(result.receiver[0], 2);
		draw_finish(&result);
		rules_finish(&rules);
	}
}

static void test_must(void **state)
{
	static const struct rules_pair must[] = { { 0, 5, 0 }, { 5, 2, 0 } };
	unsigned char seed[RANDOM_SEED_BYTES];
	(void)state;
	for (uint32_t i = 0; i < 200; i++) {
		struct rules rules = family_rules();
		const enum shape_kind kind = i % 2 ? SHAPE_SINGLE : SHAPE_ANY;
		const struct draw_request request = { &rules, { .kind = kind }, seed, 0, false };
		struct draw_result result;
		rules.must = must;
		rules.must_count = 2;
		seed_of(i, seed);
		assert_true(draw_run(&request, &result));
		assert_int_equal(result.receiver[0], 5);
		assert_int_equal(result.receiver[5], 2);
		assert_true(kind == SHAPE_ANY || one_loop(result.receiver, PEOPLE));
		for (uint32_t k = 0; k < PEOPLE; k++)
			assert_true(k == 0 || k == 5 || rules_allow(&rules, k, result.receiver[k]));
		draw_finish(&result);
		rules_finish(&rules);
	}
}

static void test_must_in_the_way(void **state)
{
	/* Together they leave 2, 3 and 4 to each other, and 2 may give to neither. */
	static const struct rules_pair must[] = { { 0, 1, 0 }, { 1, 0, 0 } };
	static const struct rules_pair list[] = { { 2, 3, 0 }, { 2, 4, 0 } };
	unsigned char seed[RANDOM_SEED_BYTES] = { 4 };
	(void)state;
	struct rules rules = { .people = 5, .must = must, .must_count = 2 };
	struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, false };
	struct draw_result result;
	rules_forbid(&rules, list, 2);
	assert_false(draw_run(&request, &result));
	assert_int_equal(result.reason.giver_count, 1);
	assert_int_equal(result.reason.receiver_count, 0);
	bool named = false;
	for (uint32_t i = 0; i < result.reason.fix_count; i++)
		named = named || result.reason.fixes[i].kind == FIX_MUST;
	assert_true(named);
	draw_finish(&result);
	request.shape.kind = SHAPE_SINGLE;
	assert_false(draw_run(&request, &result));
	assert_int_equal(result.reason.obstacle, DRAW_MUST_LOOP);
	draw_finish(&result);
	rules_finish(&rules);
}

static void test_within(void **state)
{
	static const uint32_t offices[] = { 1, 2, 1, 2, 1, 2, 3 };
	unsigned char seed[RANDOM_SEED_BYTES] = { 5 };
	(void)state;
	struct rules rules = { .people = 7, .within = offices };
	const struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, false };
	struct draw_result result;
	assert_false(draw_run(&request, &result));
	assert_int_equal(result.reason.obstacle, DRAW_ALONE);
	assert_int_equal(result.reason.givers[0], 6);
	draw_finish(&result);
	rules.people = 6;
	assert_true(draw_run(&request, &result));
	for (uint32_t i = 0; i < 6; i++)
		assert_int_equal(offices[i], offices[result.receiver[i]]);
	draw_finish(&result);
}

/* A loop is asked for and only two small ones can be had. */
static void test_no_loop(void **state)
{
	static const struct rules_pair list[] = { { 0, 2, 0 }, { 0, 3, 0 }, { 1, 2, 0 },
		{ 1, 3, 0 } };
	unsigned char seed[RANDOM_SEED_BYTES] = { 6 };
	(void)state;
	struct rules rules = { .people = 4 };
	struct draw_request request = { &rules, { .kind = SHAPE_SINGLE }, seed, 0, false };
	struct draw_result result;
	rules_forbid(&rules, list, 4);
	assert_false(draw_run(&request, &result));
	assert_int_equal(result.reason.obstacle, DRAW_NO_LOOP);
	draw_finish(&result);
	request.shape.kind = SHAPE_ANY;
	assert_true(draw_run(&request, &result));
	draw_finish(&result);
	rules_finish(&rules);
}

/* People in households of `size`, each of whom had the next household's member last year. */
static struct rules town_rules(uint32_t people, uint32_t size, uint32_t *households)
{
	struct rules_pair *history = memory_alloc(people * sizeof(*history));
	struct rules rules = {
		.people = people,
		.columns = { households },
		.column_count = 1,
		.rounds = 1,
	};
	for (uint32_t i = 0; i < people; i++) {
		households[i] = i / size + 1;
		history[i] = (struct rules_pair){ i, (i + size) % people, 1 };
	}
	rules_forbid(&rules, history, people);
	free(history);
	return rules;
}

static void check_draw(const struct rules *rules, const uint32_t *receiver)
{
	bool *got = memory_zeroed(rules->people, sizeof(*got));
	assert_true(all_allowed(rules, receiver));
	for (uint32_t i = 0; i < rules->people; i++) {
		assert_false(got[receiver[i]]);
		got[receiver[i]] = true;
	}
	free(got);
}

static void test_town(void **state)
{
	enum { TOWN = 20000 };
	uint32_t *households = memory_alloc(TOWN * sizeof(*households));
	unsigned char seed[RANDOM_SEED_BYTES] = { 7 };
	(void)state;
	struct rules rules = town_rules(TOWN, 4, households);
	for (int kind = SHAPE_ANY; kind <= SHAPE_GROUPS; kind++) {
		const struct draw_request request = { &rules, { (enum shape_kind)kind, 2 }, seed, 0,
			false };
		struct draw_result first, second;
		assert_true(draw_run(&request, &first));
		assert_true(draw_run(&request, &second));
		assert_int_equal(first.people[DRAW_REJECTED], TOWN);
		assert_memory_equal(first.receiver, second.receiver, TOWN * sizeof(uint32_t));
		if (kind != SHAPE_GROUPS)
			check_draw(&rules, first.receiver);
		assert_true(kind != SHAPE_SINGLE || one_loop(first.receiver, TOWN));
		draw_finish(&first);
		draw_finish(&second);
	}
	rules_finish(&rules);
	free(households);
}

/* A seed gives the same draw for ever, with chains of must pairs and without, of few and of many.
 */
static void test_known_towns(void **state)
{
	static const struct {
		enum shape_kind kind;
		uint32_t people, must;
		uint64_t digest;
	} known[] = {
		{ SHAPE_ANY, 500, 0, UINT64_C(13975000466761187143) },
		{ SHAPE_ANY, 40000, 0, UINT64_C(4553087502502057630) },
		{ SHAPE_ANY, 40000, 2, UINT64_C(10569395226306616898) },
		{ SHAPE_SINGLE, 500, 2, UINT64_C(11978794522437158003) },
		{ SHAPE_SINGLE, 40000, 0, UINT64_C(5338478523068948036) },
		{ SHAPE_SINGLE, 40000, 2, UINT64_C(1982061072711845977) },
		{ SHAPE_GROUPS, 500, 0, UINT64_C(3470738642339842980) },
		{ SHAPE_GROUPS, 40000, 0, UINT64_C(8419721909653557665) },
	};
	static const struct rules_pair must[] = { { 1, 100, 0 }, { 100, 7, 0 } };
	static uint32_t households[40000];
	const unsigned char seed[RANDOM_SEED_BYTES] = { 7 };
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct draw_result result;
		struct rules rules = town_rules(known[i].people, 4, households);
		const struct draw_request request = { &rules, { known[i].kind, 2 }, seed, 0,
			false };
		rules.must = must;
		rules.must_count = known[i].must;
		assert_true(draw_run(&request, &result));
		assert_true(result.people[DRAW_REJECTED] > known[i].people / 2);
		const struct digest digest =
			digest_of(result.receiver, known[i].people * sizeof(uint32_t));
		assert_true(known[i].kind == SHAPE_GROUPS || !known[i].must ||
			    (result.receiver[1] == 100 && result.receiver[100] == 7));
		assert_int_equal(digest.low, known[i].digest);
		draw_finish(&result);
		rules_finish(&rules);
	}
}

/* Thirty forbidden to each: no chance to hit upon a draw, so one is walked to. */
static void test_crowded_town(void **state)
{
	enum { TOWN = 3000 };
	uint32_t *households = memory_alloc(TOWN * sizeof(*households));
	unsigned char seed[RANDOM_SEED_BYTES] = { 8 };
	(void)state;
	struct rules rules = town_rules(TOWN, 30, households);
	for (int kind = SHAPE_ANY; kind <= SHAPE_SINGLE; kind++) {
		const struct draw_request request = { &rules, { .kind = (enum shape_kind)kind },
			seed, 0, false };
		struct draw_result result;
		assert_true(draw_run(&request, &result));
		assert_int_equal(result.people[DRAW_WALKED], TOWN);
		check_draw(&rules, result.receiver);
		assert_true(kind == SHAPE_ANY || one_loop(result.receiver, TOWN));
		draw_finish(&result);
	}
	rules_finish(&rules);
	free(households);
}

/* A household of more than half the town. */
static void test_large_household(void **state)
{
	enum { TOWN = 100000, LARGE = 60000 };
	uint32_t *households = memory_zeroed(TOWN, sizeof(*households));
	unsigned char seed[RANDOM_SEED_BYTES] = { 9 };
	(void)state;
	struct rules rules = { .people = TOWN, .columns = { households }, .column_count = 1 };
	for (uint32_t i = 0; i < LARGE; i++)
		households[i] = 1;
	const struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, false };
	struct draw_result result;
	assert_false(draw_run(&request, &result));
	assert_int_equal(result.reason.obstacle, DRAW_SHARED);
	assert_int_equal(result.reason.giver_count, LARGE);
	assert_int_equal(result.reason.receiver_count, TOWN - LARGE);
	assert_int_equal(result.reason.fix_count, 1);
	assert_int_equal(result.reason.fixes[0].kind, FIX_COLUMN);
	draw_finish(&result);
	free(households);
}

/* Two people of a large town who may both give to one person alone. */
static void test_needle(void **state)
{
	enum { TOWN = 10000 };
	struct rules_pair *list = memory_alloc(2 * TOWN * sizeof(*list));
	unsigned char seed[RANDOM_SEED_BYTES] = { 10 };
	uint32_t count = 0;
	(void)state;
	for (uint32_t i = 0; i < TOWN; i++)
		if (i != 77) {
			list[count++] = (struct rules_pair){ 10, i, 0 };
			list[count++] = (struct rules_pair){ 20, i, 0 };
		}
	struct rules rules = { .people = TOWN };
	const struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, false };
	struct draw_result result;
	rules_forbid(&rules, list, count);
	assert_false(draw_run(&request, &result));
	assert_int_equal(result.reason.giver_count, 2);
	assert_int_equal(result.reason.givers[0], 10);
	assert_int_equal(result.reason.givers[1], 20);
	assert_int_equal(result.reason.receiver_count, 1);
	assert_int_equal(result.reason.receivers[0], 77);
	draw_finish(&result);
	/* One of them alone: a draw, and whom that one gets is known. */
	rules_finish(&rules);
	for (uint32_t i = 0; i < count; i++)
		list[i].giver = 10;
	rules_forbid(&rules, list, count);
	assert_true(draw_run(&request, &result));
	assert_int_equal(result.receiver[10], 77);
	assert_int_equal(result.forced_count, 1);
	assert_int_equal(result.forced[0], 10);
	draw_finish(&result);
	rules_finish(&rules);
	free(list);
}

/* What a seed gives is a promise: `verify` re-derives old draws. */
static void test_known_draw(void **state)
{
	static const uint32_t known[PEOPLE] = { 2, 4, 5, 6, 3, 0, 1 };
	unsigned char seed[RANDOM_SEED_BYTES] = "a seed of two hundred fifty six";
	(void)state;
	struct rules rules = family_rules();
	const struct draw_request request = { &rules, { .kind = SHAPE_ANY }, seed, 0, false };
	struct draw_result result;
	assert_true(draw_run(&request, &result));
	assert_memory_equal(result.receiver, known, sizeof(known));
	draw_finish(&result);
	rules_finish(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_family_is_160),
		cmocka_unit_test(test_counted_any),
		cmocka_unit_test(test_counted_single),
		cmocka_unit_test(test_rejected),
		cmocka_unit_test(test_walked),
		cmocka_unit_test(test_counted_groups),
		cmocka_unit_test(test_rejected_groups),
		cmocka_unit_test(test_group_sizes),
		cmocka_unit_test(test_impossible_family),
		cmocka_unit_test(test_fixes_do),
		cmocka_unit_test(test_soft_history),
		cmocka_unit_test(test_forced),
		cmocka_unit_test(test_must),
		cmocka_unit_test(test_must_in_the_way),
		cmocka_unit_test(test_within),
		cmocka_unit_test(test_no_loop),
		cmocka_unit_test(test_town),
		cmocka_unit_test(test_known_towns),
		cmocka_unit_test(test_crowded_town),
		cmocka_unit_test(test_large_household),
		cmocka_unit_test(test_needle),
		cmocka_unit_test(test_known_draw),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
