#ifndef NIGHTMILL_STAGES_PAIR_RULES_H
#define NIGHTMILL_STAGES_PAIR_RULES_H

/* Who may give to whom. People are numbers from 0; what they share is a number too. Knows nothing
 * of names, files or the engine. Never oneself is always a rule. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RULES_COLUMNS = 16, RULES_ROUNDS = 200 };

/* A pair that is not to be (or, for must, has to be). */
struct rules_pair {
	uint32_t giver, receiver;
	uint32_t
		round; /* 0: a rule by itself; n: drawn in the nth last round, up to RULES_ROUNDS */
};

struct rules {
	uint32_t people;
	/* Two people with the same value, other than 0, in any of these columns keep apart.
	 * Borrowed; each has `people` values, which are at most `people`. */
	const uint32_t *columns[RULES_COLUMNS];
	size_t column_count;
	const uint32_t *within; /* only people with the same value give to each other; NULL: all */
	const struct rules_pair *must; /* each giver and each receiver once at most; borrowed */
	size_t must_count;
	uint32_t rounds; /* history counts up to this round; older ones are dropped */
	/* Filled in by rules_forbid: pairs by giver, giver g's from first[g] to first[g + 1]. */
	uint32_t *first, *receivers;
	uint8_t *pair_rounds;
	bool both_ways; /* a pair rule counts in both directions: for groups, where no one gives */
};

/* Takes over the pairs (copied): all that is forbidden by list and by history, in any order.
 * `rules->people` stands. */
void rules_forbid(struct rules *rules, const struct rules_pair *pairs, size_t count);

/* Gives back what rules_forbid made. */
void rules_finish(struct rules *rules);

/* The number of pair rules of one giver. */
static inline uint32_t rules_pairs(const struct rules *rules, uint32_t giver)
{
	return rules->first ? rules->first[giver + 1] - rules->first[giver] : 0;
}

/* A pair rule that stands against it. */
static inline bool rules_listed(const struct rules *rules, uint32_t giver, uint32_t receiver)
{
	if (!rules->first)
		return false;
	for (uint32_t i = rules->first[giver]; i < rules->first[giver + 1]; i++)
		if (rules->receivers[i] == receiver && rules->pair_rounds[i] <= rules->rounds)
			return true;
	return false;
}

/* True where they share a value of some column. */
static inline bool rules_share(const struct rules *rules, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < rules->column_count; i++)
		if (rules->columns[i][a] != 0 && rules->columns[i][a] == rules->columns[i][b])
			return true;
	return false;
}

/* May `giver` give to `receiver`? Must pairs and `within` aside: they are seen to by the draw. */
static inline bool rules_allow(const struct rules *rules, uint32_t giver, uint32_t receiver)
{
	return giver != receiver && !rules_share(rules, giver, receiver) &&
	       !rules_listed(rules, giver, receiver);
}

#endif
