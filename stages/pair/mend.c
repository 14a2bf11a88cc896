#include "stages/pair/mend.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/support/arena.h"

static const uint32_t no_one = UINT32_MAX;

enum { NEVER = 1 << 28, CUTS = 4, ORDERS = 64, TRIES = 400, TRIES_LARGE = 20, LARGE = 4000 };

/* A draw that is mended. */
struct mend {
	const struct rules *rules;
	struct random *random;
	const uint32_t *old; /* receivers as they were */
	uint32_t *must;      /* whom each has to give to, or no_one */
	bool *taken;         /* receivers that someone has to give to */
};

static void mend_init(struct mend *mend)
{
	const struct rules *rules = mend->rules;
	mend->must = memory_alloc(((size_t)rules->people + 1) * sizeof(*mend->must));
	mend->taken = memory_zeroed((size_t)rules->people + 1, sizeof(*mend->taken));
	memset(mend->must, 0xff, (size_t)rules->people * sizeof(*mend->must));
	for (size_t i = 0; i < rules->must_count; i++) {
		mend->must[rules->must[i].giver] = rules->must[i].receiver;
		mend->taken[rules->must[i].receiver] = true;
	}
}

static void mend_finish(struct mend *mend)
{
	free(mend->must);
	free(mend->taken);
}

static bool mend_allow(const struct mend *mend, uint32_t giver, uint32_t receiver)
{
	const struct rules *rules = mend->rules;
	if (rules->within && rules->within[giver] != rules->within[receiver])
		return false;
	if (mend->must[giver] != no_one || mend->taken[receiver])
		return mend->must[giver] == receiver;
	return rules_allow(rules, giver, receiver);
}

static void mend_shuffle(struct random *random, uint32_t *list, uint32_t count)
{
	for (uint32_t i = count; i > 1; i--) {
		const uint32_t other = random_below(random, i), kept = list[other];
		list[other] = list[i - 1];
		list[i - 1] = kept;
	}
}

/* Any loops: the cheapest assignment, where a pair that stays costs nothing and one that changes
 * costs 1. Starts from the pairs that stay and adds one giver after the other by shortest
 * augmenting paths (the Hungarian method with potentials). Numbers from 1; 0 is none. */
struct mend_board {
	uint32_t count;
	uint32_t *givers, *receivers;
	int *row_price, *column_price, *least;
	uint32_t *row_of, *from; /* of each column: its giver; the column before it on the path */
	bool *seen;
};

static int mend_cost(
	const struct mend *mend, const struct mend_board *board, uint32_t row, uint32_t column)
{
	const uint32_t giver = board->givers[row], receiver = board->receivers[column];
	if (mend->old[giver] == receiver)
		return 0;
	return mend_allow(mend, giver, receiver) ? 1 : NEVER;
}

/* Looks from column `at`, whose row is on the path, at all that are not; the nearest of these. */
static uint32_t mend_look(
	const struct mend *mend, struct mend_board *board, uint32_t at, int *nearest)
{
	const uint32_t row = board->row_of[at];
	uint32_t next = 0;
	*nearest = 2 * NEVER;
	for (uint32_t c = 1; c <= board->count; c++) {
		if (board->seen[c])
			continue;
		const int reduced = mend_cost(mend, board, row, c) - board->row_price[row] -
				    board->column_price[c];
		if (reduced < board->least[c]) {
			board->least[c] = reduced;
			board->from[c] = at;
		}
		if (board->least[c] < *nearest) {
			*nearest = board->least[c];
			next = c;
		}
	}
	return next;
}

static void mend_reprice(struct mend_board *board, int by)
{
	for (uint32_t c = 0; c <= board->count; c++) {
		if (board->seen[c]) {
			board->row_price[board->row_of[c]] += by;
			board->column_price[c] -= by;
		} else {
			board->least[c] -= by;
		}
	}
}

static bool mend_add_row(const struct mend *mend, struct mend_board *board, uint32_t row)
{
	uint32_t at = 0;
	board->row_of[0] = row;
	for (uint32_t c = 0; c <= board->count; c++) {
		board->least[c] = 2 * NEVER;
		board->seen[c] = false;
	}
	do {
		int nearest;
		board->seen[at] = true;
		const uint32_t next = mend_look(mend, board, at, &nearest);
		if (next == 0 || nearest >= NEVER / 2)
			return false;
		mend_reprice(board, nearest);
		at = next;
	} while (board->row_of[at] != 0);
	for (uint32_t before; at != 0; at = before) {
		before = board->from[at];
		board->row_of[at] = board->row_of[before];
	}
	return true;
}

/* Whether this giver's receiver stays for the time being. */
static bool mend_stays(const struct mend *mend, uint32_t giver)
{
	const uint32_t receiver = mend->old[giver];
	return receiver != no_one && mend_allow(mend, giver, receiver);
}

/* All who need a receiver, or a giver, and of the others as many as are looked at. */
static void mend_choose(const struct mend *mend, struct mend_board *board)
{
	const uint32_t people = mend->rules->people;
	uint32_t *order = memory_alloc(((size_t)people + 1) * sizeof(*order));
	bool *given = memory_zeroed((size_t)people + 1, sizeof(*given));
	uint32_t rows = 0, columns = 0, kept = 0;
	for (uint32_t i = 0; i < people; i++) {
		order[i] = i;
		if (mend_stays(mend, i))
			given[mend->old[i]] = true;
		else
			board->givers[++rows] = i;
	}
	for (uint32_t i = 0; i < people; i++)
		if (!given[i])
			board->receivers[++columns] = i;
	mend_shuffle(mend->random, board->receivers + 1, columns);
	mend_shuffle(mend->random, order, people);
	for (uint32_t i = 0; i < people && kept < MEND_MOST; i++) {
		if (!mend_stays(mend, order[i]))
			continue;
		kept++;
		board->givers[++rows] = order[i];
		board->receivers[++columns] = mend->old[order[i]];
		board->row_of[columns] = rows;
	}
	board->count = rows;
	free(order);
	free(given);
}

static bool mend_any(const struct mend *mend, uint32_t *receiver)
{
	const size_t room = (size_t)mend->rules->people + 2;
	struct mend_board board = {
		.givers = memory_zeroed(room, sizeof(uint32_t)),
		.receivers = memory_zeroed(room, sizeof(uint32_t)),
		.row_price = memory_zeroed(room, sizeof(int)),
		.column_price = memory_zeroed(room, sizeof(int)),
		.least = memory_zeroed(room, sizeof(int)),
		.row_of = memory_zeroed(room, sizeof(uint32_t)),
		.from = memory_zeroed(room, sizeof(uint32_t)),
		.seen = memory_zeroed(room, sizeof(bool)),
	};
	bool fine = true;
	mend_choose(mend, &board);
	for (uint32_t row = 1; row <= board.count && fine; row++)
		if (!mend_stays(mend, board.givers[row]))
			fine = mend_add_row(mend, &board, row);
	for (uint32_t c = 1; c <= board.count && fine; c++)
		receiver[board.givers[board.row_of[c]]] = board.receivers[c];
	free(board.givers);
	free(board.receivers);
	free(board.row_price);
	free(board.column_price);
	free(board.least);
	free(board.row_of);
	free(board.from);
	free(board.seen);
	return fine;
}

/* One loop: what is left of it are paths, and newcomers are paths of one; some more are cut, and
 * all are put together in another order. */
struct mend_paths {
	uint32_t *next; /* receivers; no_one at the end of a path */
	uint32_t *starts, *ends, count;
	bool *received;
};

/* A loop that is still closed has no start: it is found as people whom no path holds. */
static bool mend_find_paths(const struct mend *mend, struct mend_paths *paths)
{
	const uint32_t people = mend->rules->people;
	uint32_t reached = 0;
	memset(paths->received, 0, people * sizeof(*paths->received));
	for (uint32_t i = 0; i < people; i++)
		if (paths->next[i] != no_one)
			paths->received[paths->next[i]] = true;
	paths->count = 0;
	for (uint32_t i = 0; i < people; i++) {
		if (paths->received[i])
			continue;
		uint32_t last = i;
		for (reached++; paths->next[last] != no_one; reached++)
			last = paths->next[last];
		paths->starts[paths->count] = i;
		paths->ends[paths->count++] = last;
	}
	return reached == people;
}

static void mend_cut(const struct mend *mend, struct mend_paths *paths, uint32_t cuts)
{
	const uint32_t people = mend->rules->people;
	for (uint32_t tries = 0; cuts > 0 && tries < 100; tries++) {
		const uint32_t giver = random_below(mend->random, people);
		if (paths->next[giver] == no_one || mend->must[giver] != no_one)
			continue;
		paths->next[giver] = no_one;
		cuts--;
	}
}

/* Joins the paths in a random order; the ends' receivers in `next` are set where that is allowed.
 */
static bool mend_join(const struct mend *mend, struct mend_paths *paths, uint32_t *order)
{
	for (uint32_t i = 0; i < paths->count; i++)
		order[i] = i;
	mend_shuffle(mend->random, order, paths->count);
	for (uint32_t i = 0; i < paths->count; i++) {
		const uint32_t end = paths->ends[order[i]];
		const uint32_t start = paths->starts[order[(i + 1) % paths->count]];
		if (!mend_allow(mend, end, start))
			return false;
	}
	for (uint32_t i = 0; i < paths->count; i++)
		paths->next[paths->ends[order[i]]] = paths->starts[order[(i + 1) % paths->count]];
	return true;
}

static bool mend_try(
	const struct mend *mend, struct mend_paths *paths, uint32_t cuts, uint32_t *order)
{
	for (uint32_t i = 0; i < mend->rules->people; i++)
		paths->next[i] = mend_stays(mend, i) ? mend->old[i] : no_one;
	mend_cut(mend, paths, cuts);
	if (!mend_find_paths(mend, paths) || paths->count == 0)
		return false;
	for (int i = 0; i < ORDERS; i++)
		if (mend_join(mend, paths, order))
			return true;
	return false;
}

/* With as few cuts as lead to anything. */
static bool mend_single(const struct mend *mend, uint32_t *receiver)
{
	const size_t room = (size_t)mend->rules->people + 1;
	struct mend_paths paths = {
		.next = memory_alloc(room * sizeof(uint32_t)),
		.starts = memory_alloc(room * sizeof(uint32_t)),
		.ends = memory_alloc(room * sizeof(uint32_t)),
		.received = memory_zeroed(room, sizeof(bool)),
	};
	uint32_t *order = memory_alloc(room * sizeof(*order));
	const int tries = room > LARGE ? TRIES_LARGE : TRIES;
	bool fine = false;
	for (uint32_t cuts = 0; cuts <= CUTS && !fine; cuts++)
		for (int i = 0; i < tries && !fine; i++)
			fine = mend_try(mend, &paths, cuts, order);
	if (fine)
		memcpy(receiver, paths.next, mend->rules->people * sizeof(*receiver));
	free(paths.next);
	free(paths.starts);
	free(paths.ends);
	free(paths.received);
	free(order);
	return fine;
}

bool mend_draw(const struct rules *rules, bool single, struct random *random, uint32_t *receiver)
{
	const size_t bytes = (size_t)rules->people * sizeof(*receiver);
	uint32_t *old = memory_alloc(bytes + 1);
	struct mend mend = { .rules = rules, .random = random, .old = old };
	memcpy(old, receiver, bytes);
	mend_init(&mend);
	bool fine =
		single ? !rules->within && mend_single(&mend, receiver) : mend_any(&mend, receiver);
	mend_finish(&mend);
	free(old);
	return fine;
}
