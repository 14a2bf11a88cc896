#include "stages/files/glob.h"

#include <stdlib.h>
#include <string.h>

#include "stages/files/glob_program.h"

static bool glob_class_has(const struct glob_class *class, unsigned byte)
{
	return class->bits[byte / 64] >> (byte % 64) & 1;
}

void glob_free(struct glob *glob)
{
	if (!glob)
		return;
	free(glob->classes);
	free(glob);
}

static void glob_set(struct glob_state *state, size_t step)
{
	state->words[step / 64] |= UINT64_C(1) << (step % 64);
}

static void glob_pass(const struct glob *glob, struct glob_state *state, size_t at)
{
	const struct glob_step *step = &glob->steps[at];
	if (step->kind == GLOB_SPLIT || step->kind == GLOB_JUMP)
		glob_set(state, step->target);
	if (step->kind == GLOB_SPLIT || step->kind == GLOB_STAR || step->kind == GLOB_DEEP)
		glob_set(state, at + 1);
}

/* Adds all that is reached without a byte. */
static void glob_close(const struct glob *glob, struct glob_state *state)
{
	for (size_t word = 0; word < glob->words; word++) {
		uint64_t done = 0;
		uint64_t left;
		while ((left = state->words[word] & ~done)) {
			done |= left & -left;
			glob_pass(glob, state, word * 64 + (size_t)__builtin_ctzll(left));
		}
	}
}

static void glob_take(
	const struct glob *glob, size_t at, unsigned char byte, struct glob_state *next)
{
	const struct glob_step *step = &glob->steps[at];
	switch ((enum glob_kind)step->kind) {
	case GLOB_BYTE:
		if (byte == step->byte)
			glob_set(next, at + 1);
		break;
	case GLOB_ANY:
		if (byte != '/')
			glob_set(next, at + 1);
		break;
	case GLOB_CLASS:
		if (glob_class_has(&glob->classes[step->target], byte))
			glob_set(next, at + 1);
		break;
	case GLOB_STAR:
		if (byte != '/')
			glob_set(next, at);
		break;
	case GLOB_DEEP:
		glob_set(next, at);
		break;
	case GLOB_SPLIT:
	case GLOB_JUMP:
	case GLOB_MATCH:
		break;
	}
}

/* One byte further; false where nothing is left. */
static bool glob_advance(const struct glob *glob, unsigned char byte, struct glob_state *state)
{
	struct glob_state next;
	memset(next.words, 0, glob->words * sizeof(*next.words));
	for (size_t word = 0; word < glob->words; word++) {
		for (uint64_t left = state->words[word]; left; left &= left - 1)
			glob_take(glob, word * 64 + (size_t)__builtin_ctzll(left), byte, &next);
	}
	glob_close(glob, &next);
	uint64_t any = 0;
	for (size_t word = 0; word < glob->words; word++)
		any |= state->words[word] = next.words[word];
	return any;
}

void glob_start(const struct glob *glob, struct glob_state *state)
{
	memset(state->words, 0, glob->words * sizeof(*state->words));
	if (glob->count)
		glob_set(state, 0);
	glob_close(glob, state);
}

void glob_feed(const struct glob *glob, const struct glob_state *from, const char *bytes,
	size_t length, struct glob_state *to)
{
	if (to != from)
		memcpy(to->words, from->words, glob->words * sizeof(*to->words));
	for (size_t i = 0; i < length; i++) {
		if (!glob_advance(glob, (unsigned char)bytes[i], to))
			return;
	}
}

static bool glob_has(const struct glob *glob, const struct glob_state *state,
	bool (*wanted)(const struct glob *glob, size_t at))
{
	for (size_t word = 0; word < glob->words; word++) {
		for (uint64_t left = state->words[word]; left; left &= left - 1) {
			if (wanted(glob, word * 64 + (size_t)__builtin_ctzll(left)))
				return true;
		}
	}
	return false;
}

static bool glob_is_match(const struct glob *glob, size_t at)
{
	return glob->steps[at].kind == GLOB_MATCH;
}

static bool glob_takes_bytes(const struct glob *glob, size_t at)
{
	return glob->steps[at].kind <= GLOB_DEEP;
}

static bool glob_takes_everything(const struct glob *glob, size_t at)
{
	if (glob->steps[at].kind != GLOB_DEEP)
		return false;
	size_t next = at + 1;
	while (glob->steps[next].kind == GLOB_JUMP)
		next = glob->steps[next].target;
	return glob->steps[next].kind == GLOB_MATCH;
}

bool glob_matches(const struct glob *glob, const struct glob_state *state)
{
	return glob_has(glob, state, glob_is_match);
}

bool glob_dead(const struct glob *glob, const struct glob_state *state)
{
	return !glob_has(glob, state, glob_takes_bytes);
}

bool glob_everything(const struct glob *glob, const struct glob_state *state)
{
	return glob_has(glob, state, glob_takes_everything);
}
