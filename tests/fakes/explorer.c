#include "tests/fakes/explorer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "pipeline/support/arena.h"

enum { EXPLORER_DEPTH = 256, EXPLORER_STACK_BYTES = 65536, EXPLORER_SEEN_LEAST = 1 << 12 };

struct explorer_player {
	ucontext_t at;
	char *stack;
	uint64_t history; /* digest of all that its steps have seen */
	bool ended;
	bool (*ready)(void *context); /* NULL: it waits for nothing */
};

static struct explorer {
	const struct explorer_play *play;
	struct explorer_player players[EXPLORER_PLAYERS];
	ucontext_t scheduler;
	uint32_t current;
	bool playing;                     /* a player is on */
	uint32_t choices[EXPLORER_DEPTH]; /* the player that took each step */
	uint32_t others[EXPLORER_DEPTH];  /* a bit for each that is still to take it */
	uint32_t depth;                   /* steps of the way that is to be gone again */
	uint64_t *seen;                   /* a hash table; 0: free */
	uint64_t room;
	struct explorer_counts counts;
} explorer;

static uint64_t explorer_mix(uint64_t digest, uint64_t value)
{
	digest = (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return digest ^ digest >> 29;
}

static struct explorer_player *explorer_me(void)
{
	return &explorer.players[explorer.current];
}

/* Before each step, so that others may come first. */
static void explorer_yield(void)
{
	if (explorer.playing)
		swapcontext(&explorer_me()->at, &explorer.scheduler);
}

static void explorer_saw(uint64_t value)
{
	struct explorer_player *me = explorer_me();
	if (explorer.playing)
		me->history = explorer_mix(me->history, value + 1);
}

uint64_t explorer_load(_Atomic uint64_t *object)
{
	explorer_yield();
	uint64_t value = atomic_load(object);
	explorer_saw(value);
	return value;
}

void explorer_store(_Atomic uint64_t *object, uint64_t value)
{
	explorer_yield();
	atomic_store(object, value);
	explorer_saw(0);
}

bool explorer_exchange(_Atomic uint64_t *object, uint64_t *expected, uint64_t desired)
{
	explorer_yield();
	bool done = atomic_compare_exchange_strong(object, expected, desired);
	explorer_saw(done ? 1 : explorer_mix(2, *expected));
	return done;
}

void explorer_wait(bool (*ready)(void *context))
{
	explorer_me()->ready = ready;
	explorer_yield();
	explorer_me()->ready = NULL;
	explorer_saw(0);
}

static void explorer_enter(void)
{
	explorer.play->play(explorer.play->context, explorer.current);
	explorer_me()->ended = true;
	swapcontext(&explorer_me()->at, &explorer.scheduler);
}

/* Lets a player go on up to its next step. */
static void explorer_resume(uint32_t player)
{
	explorer.current = player;
	explorer.playing = true;
	swapcontext(&explorer.scheduler, &explorer_me()->at);
	explorer.playing = false;
}

static void explorer_begin(void)
{
	explorer.play->begin(explorer.play->context);
	for (uint32_t i = 0; i < explorer.play->players; i++) {
		struct explorer_player *player = &explorer.players[i];
		player->history = 0;
		player->ended = false;
		player->ready = NULL;
		getcontext(&player->at);
		player->at.uc_stack.ss_sp = player->stack;
		player->at.uc_stack.ss_size = EXPLORER_STACK_BYTES;
		makecontext(&player->at, explorer_enter, 0);
		explorer_resume(i);
	}
}

static bool explorer_can(uint32_t player)
{
	const struct explorer_player *it = &explorer.players[player];
	return !it->ended && (!it->ready || it->ready(explorer.play->context));
}

/* A bit for each player that can take a step. */
static uint32_t explorer_able(void)
{
	uint32_t able = 0;
	for (uint32_t i = 0; i < explorer.play->players; i++)
		able |= (uint32_t)explorer_can(i) << i;
	return able;
}

static bool explorer_insert(uint64_t *table, uint64_t room, uint64_t digest)
{
	uint64_t place = digest % room;
	while (table[place] != 0 && table[place] != digest)
		place = (place + 1) % room;
	bool fresh = table[place] == 0;
	table[place] = digest;
	return fresh;
}

static void explorer_grow(void)
{
	uint64_t room = explorer.room ? 2 * explorer.room : EXPLORER_SEEN_LEAST;
	uint64_t *table = memory_zeroed(room, sizeof(*table));
	for (uint64_t i = 0; i < explorer.room; i++)
		if (explorer.seen[i])
			explorer_insert(table, room, explorer.seen[i]);
	free(explorer.seen);
	explorer.seen = table;
	explorer.room = room;
}

/* False where this state was reached before. */
static bool explorer_is_new(void)
{
	uint64_t digest = explorer.play->digest(explorer.play->context);
	for (uint32_t i = 0; i < explorer.play->players; i++)
		digest = explorer_mix(digest, explorer.players[i].history);
	if (2 * explorer.counts.states >= explorer.room)
		explorer_grow();
	bool fresh = explorer_insert(explorer.seen, explorer.room, digest | 1);
	explorer.counts.states += fresh;
	return fresh;
}

/* The first of the players in `able`; the others' turns come later. */
static void explorer_step(uint32_t depth, uint32_t able)
{
	if (depth == EXPLORER_DEPTH || able == 0) {
		fprintf(stderr, "explorer: %s\n", able ? "too many steps" : "all players wait");
		abort();
	}
	explorer.choices[depth] = (uint32_t)__builtin_ctz(able);
	explorer.others[depth] = able & (able - 1);
	explorer.counts.steps++;
	explorer_resume(explorer.choices[depth]);
}

static bool explorer_has_ended(void)
{
	for (uint32_t i = 0; i < explorer.play->players; i++)
		if (!explorer.players[i].ended)
			return false;
	return true;
}

/* From the last step back: the first place where another player could go on. False: there is none.
 * The state there is reached by going the way again. */
static bool explorer_turn(uint32_t depth)
{
	while (depth > 0 && explorer.others[depth - 1] == 0)
		depth--;
	if (depth == 0)
		return false;
	explorer.depth = depth - 1;
	explorer_begin();
	for (uint32_t i = 0; i < explorer.depth; i++)
		explorer_resume(explorer.choices[i]);
	explorer_step(explorer.depth, explorer.others[explorer.depth]);
	return true;
}

/* On from the step that was just taken, until the end or a state that is known. Returns how many
 * steps that is in all. */
static uint32_t explorer_follow(void)
{
	uint32_t depth = explorer.depth + 1;
	while (explorer_is_new() && !explorer_has_ended())
		explorer_step(depth++, explorer_able());
	if (explorer_has_ended()) {
		explorer.counts.ends++;
		explorer.play->end(explorer.play->context);
	}
	return depth;
}

struct explorer_counts explorer_run(const struct explorer_play *play)
{
	memset(&explorer, 0, sizeof(explorer));
	explorer.play = play;
	for (uint32_t i = 0; i < play->players; i++)
		explorer.players[i].stack = memory_alloc(EXPLORER_STACK_BYTES);
	explorer_begin();
	explorer_step(0, explorer_able());
	while (explorer_turn(explorer_follow()))
		;
	for (uint32_t i = 0; i < play->players; i++)
		free(explorer.players[i].stack);
	free(explorer.seen);
	return explorer.counts;
}
