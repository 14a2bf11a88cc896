#include "stages/pair/walk.h"

#include <string.h>

enum {
	WALK_PASSES = 64,  /* over all positions, before the repair gives up */
	WALK_CHOICES = 32, /* exchanges tried for a position in one pass */
};

struct walk {
	const struct cells *cells;
	struct shape shape;
	struct random *random;
	uint32_t *place;
};

static uint32_t walk_group_faults(const struct walk *walk, uint32_t at)
{
	const struct shape_range range = shape_range(walk->cells->count, walk->shape.size, at);
	uint32_t faults = 0;
	for (uint32_t i = range.first; i < range.end; i++)
		faults += i != at && !cells_allow(walk->cells, walk->place[at], walk->place[i]);
	return faults;
}

/* How many rules are broken around this position. */
static uint32_t walk_faults(const struct walk *walk, uint32_t at)
{
	const uint32_t count = walk->cells->count, *place = walk->place;
	if (walk->shape.kind == SHAPE_ANY)
		return !cells_allow(walk->cells, at, place[at]);
	if (walk->shape.kind == SHAPE_GROUPS)
		return walk_group_faults(walk, at);
	const uint32_t before = place[(at + count - 1) % count], after = place[(at + 1) % count];
	return (uint32_t)!cells_allow(walk->cells, before, place[at]) +
	       (uint32_t)!cells_allow(walk->cells, place[at], after);
}

static void walk_swap(const struct walk *walk, uint32_t a, uint32_t b)
{
	const uint32_t kept = walk->place[a];
	walk->place[a] = walk->place[b];
	walk->place[b] = kept;
}

/* Exchanges two positions, unless that would break more rules than it mends. */
static void walk_exchange(const struct walk *walk, uint32_t a, uint32_t b)
{
	const uint32_t before = walk_faults(walk, a) + walk_faults(walk, b);
	walk_swap(walk, a, b);
	if (walk_faults(walk, a) + walk_faults(walk, b) > before)
		walk_swap(walk, a, b);
}

static bool walk_repair(const struct walk *walk)
{
	const uint32_t count = walk->cells->count;
	for (int pass = 0; pass < WALK_PASSES; pass++) {
		bool fine = true;
		for (uint32_t i = 0; i < count; i++) {
			fine = fine && !walk_faults(walk, i);
			for (int k = 0; k < WALK_CHOICES && walk_faults(walk, i); k++)
				walk_exchange(walk, i, random_below(walk->random, count));
		}
		if (fine)
			return true;
	}
	return false;
}

/* Three givers pass their receivers on in a ring: leads where exchanges of two cannot. */
static void walk_rotate(const struct walk *walk, uint32_t a, uint32_t b, uint32_t c)
{
	if (a == b || b == c || a == c)
		return;
	walk_swap(walk, a, b);
	walk_swap(walk, b, c);
	if (walk_faults(walk, a) + walk_faults(walk, b) + walk_faults(walk, c) == 0)
		return;
	walk_swap(walk, b, c);
	walk_swap(walk, a, b);
}

/* n log n steps: about what it takes until each has been exchanged with high probability. */
static void walk_mix(const struct walk *walk)
{
	const uint32_t count = walk->cells->count;
	const uint64_t steps = (uint64_t)count * (uint64_t)(33 - __builtin_clz(count));
	for (uint64_t i = 0; i < steps; i++) {
		const uint32_t a = random_below(walk->random, count);
		const uint32_t b = random_below(walk->random, count);
		walk_exchange(walk, a, b);
		walk_rotate(walk, a, b, random_below(walk->random, count));
	}
}

bool walk_draw(const struct cells *cells, struct shape shape, struct random *random,
	const uint32_t *match, uint32_t *place)
{
	const struct walk walk = { cells, shape, random, place };
	if (cells->count < 2)
		return false;
	if (!walk_repair(&walk)) {
		if (!match)
			return false;
		memcpy(place, match, cells->count * sizeof(*place));
	}
	walk_mix(&walk);
	return true;
}
