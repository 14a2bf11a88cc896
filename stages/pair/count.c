#include "stages/pair/count.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"

/* A board as bits: allowed[row] has a bit for each column. */
struct count_board {
	uint32_t count, allowed[32];
};

uint32_t count_most(enum shape_kind kind)
{
	return kind == SHAPE_ANY      ? COUNT_MOST_ANY
	       : kind == SHAPE_SINGLE ? COUNT_MOST_SINGLE
				      : COUNT_MOST_GROUPS;
}

static struct count_board count_board(const struct cells *cells)
{
	struct count_board board = { .count = cells->count };
	for (uint32_t row = 0; row < cells->count; row++)
		for (uint32_t column = 0; column < cells->count; column++)
			if (cells_allow(cells, row, column))
				board.allowed[row] |= UINT32_C(1) << column;
	return board;
}

/* ANY: ways[taken] for the columns that the rows before have taken. At most 20!, which 64 bits
 * hold. */
static uint64_t *count_any(const struct count_board *board)
{
	const uint32_t masks = UINT32_C(1) << board->count;
	uint64_t *ways = memory_zeroed(masks, sizeof(*ways));
	ways[masks - 1] = 1;
	for (uint32_t taken = masks - 1; taken-- > 0;) {
		const int row = __builtin_popcount(taken);
		for (uint32_t left = board->allowed[row] & ~taken; left; left &= left - 1)
			ways[taken] += ways[taken | (left & -left)];
	}
	return ways;
}

static uint64_t count_draw_any(
	const struct count_board *board, struct random *random, uint32_t *place)
{
	uint64_t *ways = count_any(board);
	const uint64_t all = ways[0];
	uint32_t taken = 0;
	for (uint32_t row = 0; all && row < board->count; row++) {
		uint64_t number = random_below_large(random, ways[taken]);
		uint32_t left = board->allowed[row] & ~taken;
		for (; number >= ways[taken | (left & -left)]; left &= left - 1)
			number -= ways[taken | (left & -left)];
		place[row] = (uint32_t)__builtin_ctz(left);
		taken |= left & -left;
	}
	free(ways);
	return all;
}

/* SINGLE: ways[taken * count + last] of coming back to number 0 from `last`, after those in `taken`
 * (a bit each; number 0 is always in). */
static uint64_t *count_loops(const struct count_board *board)
{
	const uint32_t count = board->count, masks = UINT32_C(1) << count;
	uint64_t *ways = memory_zeroed((size_t)masks * count, sizeof(*ways));
	for (uint32_t last = 0; last < count; last++)
		ways[(size_t)(masks - 1) * count + last] = board->allowed[last] & 1;
	for (uint32_t taken = masks - 1; taken-- > 1;) {
		for (uint32_t ends = taken & 1 ? taken : 0; ends; ends &= ends - 1) {
			const uint32_t last = (uint32_t)__builtin_ctz(ends);
			uint64_t sum = 0;
			for (uint32_t left = board->allowed[last] & ~taken; left; left &= left - 1)
				sum += ways[(size_t)(taken | (left & -left)) * count +
					    (uint32_t)__builtin_ctz(left)];
			ways[(size_t)taken * count + last] = sum;
		}
	}
	return ways;
}

static uint64_t count_draw_loop(
	const struct count_board *board, struct random *random, uint32_t *place)
{
	const uint32_t count = board->count;
	uint64_t *ways = count_loops(board);
	const uint64_t all = ways[count];
	uint32_t taken = 1, last = 0;
	place[0] = 0;
	for (uint32_t i = 1; all && random && i < count; i++) {
		uint64_t number = random_below_large(random, ways[(size_t)taken * count + last]);
		for (uint32_t left = board->allowed[last] & ~taken; left; left &= left - 1) {
			const uint32_t next = (uint32_t)__builtin_ctz(left);
			const uint64_t share =
				ways[(size_t)(taken | (left & -left)) * count + next];
			place[i] = next;
			if (number < share)
				break;
			number -= share;
		}
		last = place[i];
		taken |= UINT32_C(1) << last;
	}
	free(ways);
	return all;
}

/* A step of the loop that was drawn is forced where there is no loop without it. */
static void count_find_forced(const struct count_board *board, const uint32_t *place, bool *forced)
{
	for (uint32_t i = 0; i < board->count; i++) {
		struct count_board without = *board;
		uint32_t unused[32];
		const uint32_t next = place[(i + 1) % board->count];
		without.allowed[place[i]] &= ~(UINT32_C(1) << next);
		forced[place[i]] = count_draw_loop(&without, NULL, unused) == 0;
	}
}

/* GROUPS: all groups that may be, by the lowest of their members. */
struct count_groups {
	uint32_t *list;
	uint32_t first[33]; /* those whose lowest is p: list[first[p]] to list[first[p + 1]] */
	uint32_t filled, room;
};

/* True where each member may meet all others. */
static bool count_may_meet(const struct count_board *board, uint32_t group)
{
	for (uint32_t left = group; left; left &= left - 1) {
		const uint32_t one = left & -left;
		if ((board->allowed[__builtin_ctz(left)] | one) !=
			(board->allowed[__builtin_ctz(left)] | group))
			return false;
	}
	return true;
}

static void count_list_groups(
	const struct count_board *board, uint32_t most, struct count_groups *groups)
{
	const uint32_t masks = UINT32_C(1) << board->count;
	for (uint32_t lowest = 0; lowest < board->count; lowest++) {
		groups->first[lowest] = groups->filled;
		const uint32_t one = UINT32_C(1) << lowest;
		for (uint32_t mask = one; mask < masks; mask += one * 2) {
			const uint32_t size = (uint32_t)__builtin_popcount(mask);
			if (size < 2 || size > most || !count_may_meet(board, mask))
				continue;
			if (groups->filled == groups->room) {
				groups->room = groups->room * 2 + 64;
				groups->list = memory_resize(
					groups->list, groups->room * sizeof(*groups->list));
			}
			groups->list[groups->filled++] = mask;
		}
	}
	groups->first[board->count] = groups->filled;
}

/* May the lowest of `left` people be in a group of `members`, where they want to be `size`? */
static bool count_fits(uint32_t left, uint32_t size, uint32_t members)
{
	uint32_t larger;
	const uint32_t groups = shape_groups(left, size, &larger);
	const uint32_t small = groups - larger;
	if (members == size + 1)
		return larger > 0;
	if (members == size)
		return small > 0 && left >= size;
	return members == 2 && size == 3 && (left == 2 || left == 5);
}

static uint64_t *count_groupings(
	const struct count_board *board, uint32_t size, const struct count_groups *groups)
{
	const uint32_t masks = UINT32_C(1) << board->count;
	uint64_t *ways = memory_zeroed(masks, sizeof(*ways));
	ways[0] = 1;
	for (uint32_t left = 1; left < masks; left++) {
		const int lowest = __builtin_ctz(left);
		const uint32_t people = (uint32_t)__builtin_popcount(left);
		for (uint32_t i = groups->first[lowest]; i < groups->first[lowest + 1]; i++) {
			const uint32_t group = groups->list[i];
			if ((group & ~left) == 0 &&
				count_fits(people, size, (uint32_t)__builtin_popcount(group)))
				ways[left] += ways[left & ~group];
		}
	}
	return ways;
}

/* Writes a draw's groups one after the other, the larger ones first, as the shape has them. */
static void count_write_groups(const uint32_t *chosen, uint32_t count, uint32_t *place)
{
	for (uint32_t size = 32; size > 0; size--)
		for (uint32_t i = 0; i < count; i++)
			for (uint32_t left = chosen[i];
				left && (uint32_t)__builtin_popcount(chosen[i]) == size;
				left &= left - 1)
				*place++ = (uint32_t)__builtin_ctz(left);
}

static uint64_t count_draw_groups(
	const struct count_board *board, uint32_t size, struct random *random, uint32_t *place)
{
	struct count_groups groups = { 0 };
	uint32_t chosen[32], count = 0;
	groups.room = 1;
	groups.list = memory_zeroed(groups.room, sizeof(*groups.list));
	count_list_groups(board, size + 1, &groups);
	uint64_t *ways = count_groupings(board, size, &groups);
	const uint32_t everyone = (UINT32_C(1) << board->count) - 1;
	const uint64_t all = ways[everyone];
	for (uint32_t left = all ? everyone : 0; left; left &= ~chosen[count++]) {
		const uint32_t people = (uint32_t)__builtin_popcount(left);
		uint64_t number = random_below_large(random, ways[left]);
		for (uint32_t i = groups.first[__builtin_ctz(left)];; i++) {
			const uint32_t group = groups.list[i];
			if ((group & ~left) != 0 ||
				!count_fits(people, size, (uint32_t)__builtin_popcount(group)))
				continue;
			chosen[count] = group;
			if (number < ways[left & ~group])
				break;
			number -= ways[left & ~group];
		}
	}
	count_write_groups(chosen, count, place);
	free(ways);
	free(groups.list);
	return all;
}

uint64_t count_draw(const struct cells *cells, struct shape shape, struct random *random,
	uint32_t *place, bool *forced)
{
	const struct count_board board = count_board(cells);
	if (shape.kind == SHAPE_ANY)
		return count_draw_any(&board, random, place);
	if (shape.kind == SHAPE_GROUPS)
		return count_draw_groups(&board, shape.size, random, place);
	const uint64_t all = count_draw_loop(&board, random, place);
	if (all && forced)
		count_find_forced(&board, place, forced);
	return all;
}
