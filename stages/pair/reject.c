#include "stages/pair/reject.h"

#include <stdlib.h>

#include "pipeline/support/arena.h"

#define ALWAYS inline __attribute__((always_inline))

/* A shuffle of a million people waits for memory, not for the processor: what it moves about is
 * small, and one look at it answers nearly every question. */
struct seat {
	uint32_t person; /* who receives */
	uint32_t shared; /* its value in the first of the rules' columns; 0: none */
	uint64_t barred; /* where it gives: a bit (reject_bit) for each of its pair rules */
};

struct reject {
	const struct cells *cells;
	struct shape shape;
	struct random *random;
	struct seat *seats;
	const uint32_t *numbers; /* of the receivers on the board, by person, plus 1 */
	uint32_t fixed;          /* a loop has no first: its number 0 stays where it is */
	bool plain;              /* everyone receives and gives: there are no chains */
};

static ALWAYS uint32_t reject_shared(const struct rules *rules, uint32_t person)
{
	return rules->column_count ? rules->columns[0][person] : 0;
}

/* Six bits of a person, mixed. */
static ALWAYS uint64_t reject_bit(uint32_t person)
{
	return UINT64_C(1) << (person * UINT32_C(0x9e3779b1) >> 26);
}

static uint64_t reject_barred(const struct rules *rules, uint32_t giver)
{
	uint64_t barred = 0;
	for (uint32_t i = 0; i < rules_pairs(rules, giver); i++)
		barred |= reject_bit(rules->receivers[rules->first[giver] + i]);
	return barred;
}

/* As rules_allow. */
static ALWAYS bool reject_allow(
	const struct reject *reject, const struct seat *giver, const struct seat *receiver)
{
	const struct rules *rules = reject->cells->rules;
	if (giver->person == receiver->person ||
		(giver->shared && giver->shared == receiver->shared))
		return false;
	if (rules->column_count > 1 && rules_share(rules, giver->person, receiver->person))
		return false;
	return !(giver->barred & reject_bit(receiver->person)) ||
	       !rules_listed(rules, giver->person, receiver->person);
}

static ALWAYS struct seat reject_seat(const struct reject *reject, uint32_t person)
{
	const struct rules *rules = reject->cells->rules;
	return (struct seat){ person, reject_shared(rules, person), UINT64_MAX };
}

/* Who gives where `seat` receives: the end of its chain. */
static ALWAYS struct seat reject_giver(const struct reject *reject, const struct seat *seat)
{
	if (reject->plain)
		return *seat;
	return reject_seat(reject, reject->cells->givers[reject->numbers[seat->person] - 1]);
}

/* May the newest, seats[at], stand behind those before it? */
static ALWAYS bool reject_fits(const struct reject *reject, enum shape_kind kind, uint32_t at)
{
	const struct seat *seats = reject->seats;
	const uint32_t count = reject->cells->count;
	struct seat giver;
	if (kind == SHAPE_ANY) {
		giver = reject_seat(reject, reject->cells->givers[at]);
		return reject_allow(reject, &giver, &seats[at]);
	}
	if (kind == SHAPE_SINGLE) {
		giver = reject_giver(reject, &seats[at - 1]);
		if (!reject_allow(reject, &giver, &seats[at]))
			return false;
		giver = reject_giver(reject, &seats[at]);
		return at + 1 < count || reject_allow(reject, &giver, &seats[0]);
	}
	for (uint32_t i = shape_range(count, reject->shape.size, at).first; i < at; i++) {
		giver = reject_giver(reject, &seats[i]);
		if (!reject_allow(reject, &giver, &seats[at]))
			return false;
	}
	return true;
}

static ALWAYS bool reject_step(
	const struct reject *reject, enum shape_kind kind, uint32_t at, uint32_t other)
{
	struct seat *seats = reject->seats;
	const struct seat newest = seats[other];
	seats[other] = seats[at];
	seats[at] = newest;
	return reject_fits(reject, kind, at);
}

/* One shuffle (Fisher and Yates), ended where it does not fit. It starts from whatever order the
 * try before has left: a shuffle of any order is as good as one of another. */
static bool reject_try_small(const struct reject *reject, enum shape_kind kind)
{
	const uint32_t count = reject->cells->count;
	for (uint32_t i = reject->fixed; i < count; i++)
		if (!reject_step(reject, kind, i, i + random_below(reject->random, count - i)))
			return false;
	return true;
}

/* Places that a shuffle of what no cache holds looks ahead. */
enum { AHEAD = 32, LARGE = 1 << 15 };

/* The same for what no cache holds. */
static ALWAYS bool reject_try_large(const struct reject *reject, enum shape_kind kind)
{
	const uint32_t count = reject->cells->count, from = reject->fixed;
	uint32_t others[AHEAD];
	for (uint32_t i = from; i < count + AHEAD; i++) {
		/* What lies AHEAD places back leaves the ring before i takes its place. */
		if (i >= from + AHEAD && !reject_step(reject, kind, i - AHEAD, others[i % AHEAD]))
			return false;
		if (i >= count)
			continue;
		others[i % AHEAD] = i + random_below(reject->random, count - i);
		__builtin_prefetch(&reject->seats[others[i % AHEAD]], 1);
	}
	return true;
}

static bool reject_try(const struct reject *reject)
{
	const enum shape_kind kind = reject->shape.kind;
	if (reject->cells->count < LARGE)
		return reject_try_small(reject, kind);
	if (kind == SHAPE_ANY)
		return reject_try_large(reject, SHAPE_ANY);
	if (kind == SHAPE_SINGLE)
		return reject_try_large(reject, SHAPE_SINGLE);
	return reject_try_large(reject, SHAPE_GROUPS);
}

static bool reject_is_plain(const struct cells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++)
		if (cells->givers[i] != cells->receivers[i])
			return false;
	return true;
}

bool reject_draw(const struct cells *cells, struct shape shape, struct random *random,
	uint64_t most, struct reject_result *result)
{
	const struct reject reject = {
		.cells = cells,
		.shape = shape,
		.random = random,
		.seats = memory_large(cells->count * sizeof(struct seat)),
		.numbers = result->scratch,
		.fixed = shape.kind == SHAPE_SINGLE,
		.plain = reject_is_plain(cells),
	};
	bool found = false;
	for (uint32_t i = 0; i < cells->count; i++) {
		reject.seats[i] = reject_seat(&reject, cells->receivers[i]);
		reject.seats[i].barred = reject_barred(cells->rules, cells->receivers[i]);
		result->scratch[cells->receivers[i]] = i + 1;
	}
	for (result->tries = 0; result->tries < most && !found; result->tries++)
		found = reject_try(&reject);
	for (uint32_t i = 0; i < cells->count; i++)
		result->place[i] = result->scratch[reject.seats[i].person] - 1;
	for (uint32_t i = 0; i < cells->count; i++)
		result->scratch[cells->receivers[i]] = 0;
	free(reject.seats);
	return found;
}
