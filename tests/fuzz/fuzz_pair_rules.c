/* Any bytes as the rules of a draw: what comes out keeps all of them, and where nothing does, small
 * companies really have no draw. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stages/pair/draw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_PEOPLE = 40, MOST_COUNTED = 10, BRUTE_PEOPLE = 6, MOST_PAIRS = 200 };

struct bytes {
	const uint8_t *data;
	size_t left;
};

static uint32_t bytes_take(struct bytes *bytes, uint32_t bound)
{
	if (bytes->left == 0 || bound == 0)
		return 0;
	bytes->left--;
	return *bytes->data++ % bound;
}

/* A company with rules, as the bytes say. */
struct company {
	struct rules rules;
	uint32_t columns[2][MOST_PEOPLE], within[MOST_PEOPLE];
	struct rules_pair must[MOST_PEOPLE];
	struct shape shape;
};

static void company_must(struct company *company, struct bytes *bytes)
{
	bool gives[MOST_PEOPLE] = { false }, gets[MOST_PEOPLE] = { false };
	struct rules *rules = &company->rules;
	uint32_t count = bytes_take(bytes, 4);
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t giver = bytes_take(bytes, rules->people);
		const uint32_t receiver = bytes_take(bytes, rules->people);
		if (giver == receiver || gives[giver] || gets[receiver])
			continue;
		gives[giver] = gets[receiver] = true;
		company->must[rules->must_count++] = (struct rules_pair){ giver, receiver, 0 };
	}
	rules->must = company->must;
}

static void company_make(struct company *company, struct bytes *bytes)
{
	struct rules *rules = &company->rules;
	struct rules_pair pairs[MOST_PAIRS];
	memset(company, 0, sizeof(*company));
	/* What is counted takes its time where it is large. */
	rules->people = 1 + bytes_take(bytes, MOST_COUNTED);
	if (bytes_take(bytes, 4) == 3)
		rules->people = MOST_PEOPLE - rules->people;
	company->shape.kind = (enum shape_kind)bytes_take(bytes, 3);
	company->shape.size = 2 + bytes_take(bytes, 2);
	rules->both_ways = company->shape.kind == SHAPE_GROUPS;
	rules->rounds = bytes_take(bytes, 4);
	rules->column_count = bytes_take(bytes, 3);
	for (size_t i = 0; i < rules->column_count; i++) {
		rules->columns[i] = company->columns[i];
		for (uint32_t k = 0; k < rules->people; k++)
			company->columns[i][k] = bytes_take(bytes, rules->people + 1);
	}
	if (bytes_take(bytes, 3) == 2) {
		rules->within = company->within;
		for (uint32_t k = 0; k < rules->people; k++)
			company->within[k] = bytes_take(bytes, 3) % rules->people;
	}
	if (!rules->both_ways)
		company_must(company, bytes);
	uint32_t count = 0;
	while (bytes->left && count < MOST_PAIRS) {
		const uint32_t giver = bytes_take(bytes, rules->people);
		const uint32_t receiver = bytes_take(bytes, rules->people);
		pairs[count++] = (struct rules_pair){ giver, receiver, bytes_take(bytes, 4) };
	}
	rules_forbid(rules, pairs, count);
}

static bool company_is_must(const struct company *company, uint32_t giver, uint32_t receiver)
{
	for (size_t i = 0; i < company->rules.must_count; i++)
		if (company->must[i].giver == giver)
			return company->must[i].receiver == receiver;
	return false;
}

static bool company_has_must(const struct company *company, uint32_t person)
{
	for (size_t i = 0; i < company->rules.must_count; i++)
		if (company->must[i].giver == person || company->must[i].receiver == person)
			return true;
	return false;
}

static bool company_pair_fine(const struct company *company, uint32_t giver, uint32_t receiver)
{
	const struct rules *rules = &company->rules;
	if (rules->within && rules->within[giver] != rules->within[receiver])
		return false;
	if (company_is_must(company, giver, receiver))
		return true;
	for (size_t i = 0; i < rules->must_count; i++)
		if (company->must[i].giver == giver || company->must[i].receiver == receiver)
			return false;
	return rules_allow(rules, giver, receiver);
}

static bool company_in_loop(const struct company *company, const uint32_t *receiver)
{
	uint32_t same = 0, steps = 1;
	const struct rules *rules = &company->rules;
	for (uint32_t i = 0; i < rules->people; i++)
		same += !rules->within || rules->within[i] == rules->within[0];
	for (uint32_t at = receiver[0]; at != 0 && steps <= rules->people; at = receiver[at])
		steps++;
	return steps == same;
}

static void company_check(const struct company *company, const uint32_t *receiver)
{
	const struct rules *rules = &company->rules;
	bool got[MOST_PEOPLE] = { false };
	for (uint32_t i = 0; i < rules->people; i++) {
		if (receiver[i] >= rules->people || got[receiver[i]] ||
			!company_pair_fine(company, i, receiver[i]))
			abort();
		got[receiver[i]] = true;
	}
	if (company->shape.kind == SHAPE_SINGLE && !company_in_loop(company, receiver))
		abort();
}

static void company_check_groups(const struct company *company, const uint32_t *group)
{
	const struct rules *rules = &company->rules;
	for (uint32_t i = 0; i < rules->people; i++) {
		uint32_t members = 0;
		for (uint32_t k = 0; k < rules->people; k++) {
			const bool together = group[i] == group[k];
			members += together;
			if (together && i != k && !company_pair_fine(company, i, k))
				abort();
		}
		if (members < 2 || members > company->shape.size + 1)
			abort();
	}
}

/* Is there a draw? All are tried, giver after giver; one loop is not asked for. */
static bool company_brute(const struct company *company)
{
	const uint32_t people = company->rules.people;
	uint32_t receiver[BRUTE_PEOPLE + 1] = { 0 }, at = 0;
	uint32_t taken = 0;
	bool back = false;
	for (;;) {
		if (back) {
			if (at == 0)
				return false;
			at--;
			taken &= ~(UINT32_C(1) << receiver[at]);
			receiver[at]++;
		}
		while (receiver[at] < people &&
			(taken >> receiver[at] & 1 ||
				!company_pair_fine(company, at, receiver[at])))
			receiver[at]++;
		back = receiver[at] == people;
		if (back)
			continue;
		taken |= UINT32_C(1) << receiver[at];
		if (++at == people)
			return true;
		receiver[at] = 0;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct company company;
	struct bytes bytes = { data, size };
	unsigned char seed[RANDOM_SEED_BYTES] = { 0 };
	struct draw_result result;
	company_make(&company, &bytes);
	const struct draw_request request = { &company.rules, company.shape, seed, 1000, false };
	const enum shape_kind kind = company.shape.kind;
	if (draw_run(&request, &result)) {
		if (kind == SHAPE_GROUPS)
			company_check_groups(&company, result.receiver);
		else
			company_check(&company, result.receiver);
	} else if (kind == SHAPE_ANY) {
		if (result.reason.obstacle == DRAW_NOT_FOUND)
			abort();
		if (company.rules.people <= BRUTE_PEOPLE && company_brute(&company))
			abort();
	}
	for (uint32_t i = 0; i < result.forced_count; i++)
		if (company_has_must(&company, result.forced[i]) && kind == SHAPE_GROUPS)
			abort();
	draw_finish(&result);
	rules_finish(&company.rules);
	return 0;
}
