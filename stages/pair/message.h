#ifndef NIGHTMILL_STAGES_PAIR_MESSAGE_H
#define NIGHTMILL_STAGES_PAIR_MESSAGE_H

/* What is said about a draw, for people. Never who gives to whom: of a pair that was drawn, the
 * giver alone is named. */

#include "pipeline/support/text.h"
#include "stages/pair/draw.h"
#include "stages/pair/people.h"
#include "stages/pair/settings.h"

/* What the numbers of a draw stand for. */
struct message {
	const struct pair *pair;
	const struct slot *ids;    /* of people */
	const char *const *rounds; /* names of the earlier rounds, the last one first */
	size_t round_count;
	size_t most; /* names, and rules, that are listed at a time */
};

/* Why there is no draw, and what would help. */
void message_impossible(
	const struct message *message, const struct draw_reason *reason, struct text *text);

/* How it was drawn. */
void message_method(
	const struct message *message, const struct draw_result *result, struct text *text);

/* Adds "'ann', 'bob' and 3 more". */
void message_people(
	const struct message *message, const uint32_t *people, size_t count, struct text *text);

#endif
