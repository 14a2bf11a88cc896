#include "stages/pair/rules.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"

static size_t rules_entries(const struct rules *rules, size_t count)
{
	return rules->both_ways ? count * 2 : count;
}

/* Entry number i: the pairs as they are, then the other way round. */
static struct rules_pair rules_entry(const struct rules_pair *pairs, size_t count, size_t i)
{
	if (i < count)
		return pairs[i];
	const struct rules_pair pair = pairs[i - count];
	return (struct rules_pair){ pair.receiver, pair.giver, pair.round };
}

void rules_forbid(struct rules *rules, const struct rules_pair *pairs, size_t count)
{
	const size_t entries = rules_entries(rules, count);
	if (entries == 0)
		return;
	rules->first = memory_zeroed((size_t)rules->people + 2, sizeof(*rules->first));
	rules->receivers = memory_alloc(entries * sizeof(*rules->receivers));
	rules->pair_rounds = memory_alloc(entries);
	/* Counting sort, one place ahead: first[g + 1] becomes where g's next one goes. */
	for (size_t i = 0; i < entries; i++)
		rules->first[rules_entry(pairs, count, i).giver + 2]++;
	for (size_t g = 2; g <= (size_t)rules->people + 1; g++)
		rules->first[g] += rules->first[g - 1];
	for (size_t i = 0; i < entries; i++) {
		const struct rules_pair pair = rules_entry(pairs, count, i);
		const uint32_t at = rules->first[pair.giver + 1]++;
		rules->receivers[at] = pair.receiver;
		rules->pair_rounds[at] = (uint8_t)pair.round;
	}
}

void rules_finish(struct rules *rules)
{
	free(rules->first);
	free(rules->receivers);
	free(rules->pair_rounds);
	rules->first = rules->receivers = NULL;
	rules->pair_rounds = NULL;
}
