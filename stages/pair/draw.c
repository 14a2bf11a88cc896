#include "stages/pair/draw.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"
#include "stages/pair/board.h"

enum { MUST_LOOKED_AT = 64, MUST_PEOPLE = 2048 };

static const uint32_t no_one = UINT32_MAX;

/* Chains of must pairs: someone whom no one has to give to, and whom that leads to. Most people are
 * a chain of their own. By value of `within`, in the people's order. */
struct draw_chains {
	uint32_t *heads, *tails, count;
};

static void draw_clear(struct draw_result *result, uint32_t people)
{
	struct draw_result clear = { .receiver = result->receiver, .forced = result->forced };
	free(result->reason.givers);
	free(result->reason.receivers);
	*result = clear;
	for (uint32_t i = 0; i < people; i++)
		result->receiver[i] = no_one;
}

static bool draw_must(const struct rules *rules, struct draw_result *result)
{
	for (size_t i = 0; i < rules->must_count; i++) {
		const struct rules_pair *must = &rules->must[i];
		if (rules->within && rules->within[must->giver] != rules->within[must->receiver]) {
			board_reason_of(&result->reason, DRAW_MUST_APART, must->giver);
			return false;
		}
		result->receiver[must->giver] = must->receiver;
		result->people[DRAW_FORCED]++;
	}
	return true;
}

/* Puts the chains that start at `heads` into the order of their group. */
static void draw_sort_chains(const struct rules *rules, struct draw_chains *chains)
{
	if (!rules->within)
		return;
	uint32_t *starts = memory_zeroed((size_t)rules->people + 2, sizeof(*starts));
	uint32_t *sorted = memory_alloc((chains->count + 1) * sizeof(*sorted));
	for (uint32_t i = 0; i < chains->count; i++)
		starts[rules->within[chains->heads[i]] + 1]++;
	for (uint32_t v = 1; v <= rules->people + 1; v++)
		starts[v] += starts[v - 1];
	for (uint32_t i = 0; i < chains->count; i++)
		sorted[starts[rules->within[chains->heads[i]]]++] = chains->heads[i];
	free(chains->heads);
	free(starts);
	chains->heads = sorted;
}

/* `receiver` holds the must pairs and no one else. */
static struct draw_chains draw_find_chains(const struct rules *rules, const uint32_t *receiver)
{
	struct draw_chains chains = {
		.heads = memory_alloc(((size_t)rules->people + 1) * sizeof(uint32_t)),
		.tails = memory_alloc(((size_t)rules->people + 1) * sizeof(uint32_t)),
	};
	bool *received = memory_zeroed(rules->people, sizeof(*received));
	for (size_t i = 0; i < rules->must_count; i++)
		received[rules->must[i].receiver] = true;
	for (uint32_t i = 0; i < rules->people; i++)
		if (!received[i])
			chains.heads[chains.count++] = i;
	free(received);
	draw_sort_chains(rules, &chains);
	for (uint32_t i = 0; i < chains.count; i++) {
		uint32_t last = chains.heads[i];
		while (receiver[last] != no_one)
			last = receiver[last];
		chains.tails[i] = last;
	}
	return chains;
}

static void draw_chains_finish(struct draw_chains *chains)
{
	free(chains->heads);
	free(chains->tails);
}

/* For one loop: must pairs that close one by themselves leave others out, unless they are all. */
static bool draw_closed(
	const struct rules *rules, const struct draw_chains *chains, struct draw_result *result)
{
	uint32_t reached = 0, *seen = memory_zeroed(rules->people, sizeof(*seen));
	for (uint32_t i = 0; i < chains->count; i++)
		for (uint32_t at = chains->heads[i]; at != no_one; at = result->receiver[at]) {
			seen[at] = 1;
			reached++;
		}
	uint32_t first = 0;
	while (first < rules->people && seen[first])
		first++;
	uint32_t loop = 0, at = first;
	for (; reached < rules->people && !seen[at]; at = result->receiver[at]) {
		seen[at] = 1;
		loop++;
	}
	free(seen);
	if (reached == rules->people || (loop == rules->people && chains->count == 0))
		return true;
	board_reason_of(&result->reason, DRAW_MUST_LOOP, first);
	return false;
}

static bool draw_groups(struct board *board, const struct draw_chains *chains)
{
	const struct rules *rules = board->request->rules;
	const uint32_t *within = rules->within;
	bool fine = true;
	uint32_t end;
	for (uint32_t first = 0; fine && first < chains->count; first = end) {
		end = first + 1;
		while (end < chains->count &&
			(!within || within[chains->heads[end]] == within[chains->heads[first]]))
			end++;
		const struct cells cells = {
			.rules = rules,
			.count = end - first,
			.givers = chains->tails + first,
			.receivers = chains->heads + first,
			.single = board->request->shape.kind == SHAPE_SINGLE,
		};
		fine = board_draw(board, &cells);
		if (end - first < chains->count)
			board->result->draws = 0; /* of one group alone */
	}
	return fine;
}

/* Once, with the rules as they are. */
static bool draw_once(const struct draw_request *request, struct draw_result *result)
{
	const struct rules *rules = request->rules;
	struct board board = { .request = request, .result = result };
	draw_clear(result, rules->people);
	if (!draw_must(rules, result))
		return false;
	random_init(&board.random, request->seed);
	board.scratch = memory_zeroed((size_t)rules->people * 2 + 2, sizeof(uint32_t));
	struct draw_chains chains = draw_find_chains(rules, result->receiver);
	const bool single = request->shape.kind == SHAPE_SINGLE;
	const bool fine =
		(!single || draw_closed(rules, &chains, result)) && draw_groups(&board, &chains);
	draw_chains_finish(&chains);
	free(board.scratch);
	return fine;
}

/* Adds the must pairs without which there would be a draw. */
static void draw_try_without_must(const struct draw_request *request, struct draw_result *result)
{
	const struct rules *rules = request->rules;
	struct draw_result other = { 0 };
	if (rules->people > MUST_PEOPLE || rules->must_count > MUST_LOOKED_AT)
		return;
	other.receiver = memory_alloc((rules->people + 1) * sizeof(uint32_t));
	other.forced = memory_alloc((rules->people + 1) * sizeof(uint32_t));
	struct rules_pair *left = memory_alloc((rules->must_count + 1) * sizeof(*left));
	for (size_t i = 0; i < rules->must_count; i++) {
		struct rules without = *rules;
		struct draw_request changed = *request;
		memcpy(left, rules->must, i * sizeof(*left));
		memcpy(left + i, rules->must + i + 1, (rules->must_count - i - 1) * sizeof(*left));
		without.must = left;
		without.must_count--;
		changed.rules = &without;
		if (!draw_once(&changed, &other))
			continue;
		result->reason.all_fixes++;
		if (result->reason.fix_count < DRAW_FIXES)
			result->reason.fixes[result->reason.fix_count++] =
				(struct draw_fix){ FIX_MUST, rules->must[i].giver,
					rules->must[i].receiver, 0, 0 };
	}
	free(left);
	draw_finish(&other);
}

bool draw_run(const struct draw_request *request, struct draw_result *result)
{
	struct rules *rules = request->rules;
	const size_t bytes = ((size_t)rules->people + 1) * sizeof(uint32_t);
	*result = (struct draw_result){
		.receiver = memory_alloc(bytes),
		.forced = memory_alloc(bytes),
	};
	const uint32_t rounds = rules->rounds;
	bool fine = draw_once(request, result);
	while (!fine && request->soft && rules->rounds > 0) {
		rules->rounds--;
		fine = draw_once(request, result);
	}
	if (!fine && rules->must_count > 0)
		draw_try_without_must(request, result);
	result->rounds_dropped = rounds - rules->rounds;
	return fine;
}

void draw_finish(struct draw_result *result)
{
	free(result->receiver);
	free(result->forced);
	free(result->reason.givers);
	free(result->reason.receivers);
	*result = (struct draw_result){ 0 };
}
