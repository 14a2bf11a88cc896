#include "stages/pair/reject.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"

/* All that one look at a person tells: a shuffle of a million people waits for memory, not for the
 * processor, so it should wait once a step. */
struct seat {
	uint32_t column; /* of the board */
	uint32_t giver, receiver;
	uint32_t gives, receives; /* their values in the first of the rules' columns; 0: none */
	uint32_t first;           /* of the giver's pair rules */
};

struct reject {
	const struct cells *cells;
	struct shape shape;
	struct random *random;
	struct seat *seats;
	uint32_t fixed; /* a loop has no first: its number 0 stays where it is */
};

static inline bool reject_listed(
	const struct rules *rules, const struct seat *giver, const struct seat *receiver)
{
	const uint32_t end = rules->first ? rules->first[giver->giver + 1] : 0;
	for (uint32_t i = giver->first; i < end; i++)
		if (rules->receivers[i] == receiver->receiver &&
			rules->pair_rounds[i] <= rules->rounds)
			return true;
	return false;
}

/* As rules_allow. */
static inline bool reject_allow(
	const struct reject *reject, const struct seat *giver, const struct seat *receiver)
{
	const struct rules *rules = reject->cells->rules;
	if (giver->giver == receiver->receiver ||
		(giver->gives && giver->gives == receiver->receives))
		return false;
	if (rules->column_count > 1 && rules_share(rules, giver->giver, receiver->receiver))
		return false;
	return !reject_listed(rules, giver, receiver);
}

static struct seat reject_seat(const struct cells *cells, uint32_t i)
{
	const struct rules *rules = cells->rules;
	const uint32_t *column = rules->column_count ? rules->columns[0] : NULL;
	const uint32_t giver = cells->givers[i], receiver = cells->receivers[i];
	return (struct seat){
		.column = i,
		.giver = giver,
		.receiver = receiver,
		.gives = column ? column[giver] : 0,
		.receives = column ? column[receiver] : 0,
		.first = rules->first ? rules->first[giver] : 0,
	};
}

/* May the newest, seats[at], stand behind those before it? */
static inline bool reject_fits(const struct reject *reject, uint32_t at)
{
	const struct seat *seats = reject->seats;
	const uint32_t count = reject->cells->count;
	if (reject->shape.kind == SHAPE_ANY) {
		const struct seat giver = reject_seat(reject->cells, at);
		return reject_allow(reject, &giver, &seats[at]);
	}
	if (reject->shape.kind == SHAPE_SINGLE)
		return reject_allow(reject, &seats[at - 1], &seats[at]) &&
		       (at + 1 < count || reject_allow(reject, &seats[at], &seats[0]));
	for (uint32_t i = shape_range(count, reject->shape.size, at).first; i < at; i++)
		if (!reject_allow(reject, &seats[i], &seats[at]))
			return false;
	return true;
}

static inline bool reject_step(const struct reject *reject, uint32_t at, uint32_t other)
{
	struct seat *seats = reject->seats;
	const struct seat newest = seats[other];
	seats[other] = seats[at];
	seats[at] = newest;
	return reject_fits(reject, at);
}

/* One shuffle (Fisher and Yates), ended where it does not fit. It starts from whatever order the
 * try before has left: a shuffle of any order is as good as one of another. */
static bool reject_try(const struct reject *reject)
{
	const uint32_t count = reject->cells->count;
	for (uint32_t i = reject->fixed; i < count; i++)
		if (!reject_step(reject, i, i + random_below(reject->random, count - i)))
			return false;
	return true;
}

enum { AHEAD = 32, LARGE = 1 << 15 };

/* Where a shuffle will look soon is asked of memory now: the seat, then the pair rules of whoever
 * sits there (nearly always still the same one by then). */
static inline void reject_foresee_pairs(const struct reject *reject, uint32_t other)
{
	const struct rules *rules = reject->cells->rules;
	const struct seat *seat = &reject->seats[other];
	if (reject->shape.kind == SHAPE_ANY || !rules->first)
		return;
	__builtin_prefetch(&rules->first[seat->giver + 1]);
	__builtin_prefetch(&rules->receivers[seat->first]);
}

/* The same for what no cache holds. */
static bool reject_try_large(const struct reject *reject)
{
	const uint32_t count = reject->cells->count, from = reject->fixed;
	uint32_t others[AHEAD];
	for (uint32_t i = from; i < count + AHEAD; i++) {
		/* What lies AHEAD places back leaves the ring before i takes its place. */
		if (i >= from + AHEAD && !reject_step(reject, i - AHEAD, others[i % AHEAD]))
			return false;
		if (i < count) {
			others[i % AHEAD] = i + random_below(reject->random, count - i);
			__builtin_prefetch(&reject->seats[others[i % AHEAD]], 1);
		}
		if (i >= from + AHEAD / 2 && i - AHEAD / 2 < count)
			reject_foresee_pairs(reject, others[(i - AHEAD / 2) % AHEAD]);
	}
	return true;
}

bool reject_draw(const struct cells *cells, struct shape shape, struct random *random,
	uint64_t most, struct reject_result *result)
{
	const struct reject reject = {
		.cells = cells,
		.shape = shape,
		.random = random,
		.seats = memory_alloc(cells->count * sizeof(struct seat)),
		.fixed = shape.kind == SHAPE_SINGLE,
	};
	bool found = false;
	for (uint32_t i = 0; i < cells->count; i++)
		reject.seats[i] = reject_seat(cells, i);
	for (result->tries = 0; result->tries < most && !found; result->tries++)
		found = cells->count < LARGE ? reject_try(&reject) : reject_try_large(&reject);
	for (uint32_t i = 0; i < cells->count; i++)
		result->place[i] = reject.seats[i].column;
	free(reject.seats);
	return found;
}
