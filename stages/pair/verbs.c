/* `nightmill pair verify|repair|check`. None of them says who gives to whom. */

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/pair/faults.h"
#include "stages/pair/verbs.h"

/* Two of the same size, each with a number for everyone. */
static bool verbs_equal(const uint32_t *a, const uint32_t *b, uint32_t count)
{
	return memcmp(a, b, count * sizeof(*a)) == 0;
}

bool verbs_no_round(const struct pair_state *state, struct error *err)
{
	return fail(err, ERROR_MISSING, "round '%s' was not drawn yet",
		state->round.pair->settings->round);
}

/* What was said when the round was drawn: the commitment, as hexadecimal digits, and the method. */
struct verbs_open {
	char hex[RECORD_DIGEST_BYTES * 2 + 1];
	const char *method; /* with a line's end; "" */
};

static bool verbs_open(struct pair_state *state, struct verbs_open *open, struct error *err)
{
	struct ledger_fact fact = { .scope = ROUND_OPEN,
		.key = state->round.pair->settings->round };
	static const char word[] = "commitment ";
	if (!ledger_get(state->round.place->ledger, &fact, &state->round.arena, err))
		return false;
	*open = (struct verbs_open){ .method = "" };
	const char *text = fact.value;
	if (!text || fact.length < sizeof(word) + sizeof(open->hex) ||
		memcmp(text, word, sizeof(word) - 1) != 0)
		return true;
	snprintf(open->hex, sizeof(open->hex), "%s", text + sizeof(word) - 1);
	for (int line = 0; line < 2 && text; line++) {
		text = strchr(text, '\n');
		text += text != NULL;
	}
	open->method = text ? text : "";
	return true;
}

static bool verbs_derive(struct record *record, struct error *err)
{
	struct draw_result result;
	const uint32_t rounds = record->rules.rounds;
	const struct draw_request request = { &record->rules, record->shape, record->seed,
		record->tries, record->soft };
	bool fine = draw_run(&request, &result);
	fine = fine && verbs_equal(result.receiver, record->receiver, record->rules.people);
	record->rules.rounds = rounds - (fine ? result.rounds_dropped : 0);
	draw_finish(&result);
	return fine ||
	       fail(err, ERROR_DAMAGED, "the seed and the rules don't give the draw that is kept");
}

static bool verbs_verify(
	void *state, const struct head_words *words, int *status, struct error *err)
{
	(void)words;
	struct pair_state *self = state;
	struct record original = { 0 };
	struct ledger_fact fact = { .scope = ROUND_DRAW, .key = self->round.pair->settings->round };
	struct verbs_open open;
	char digest[RECORD_DIGEST_BYTES * 2 + 1];
	char seed[RANDOM_SEED_BYTES * 2 + 1];
	bool repaired = false;
	if (!ledger_get(self->round.place->ledger, &fact, &self->round.arena, err) ||
		!verbs_open(self, &open, err))
		return false;
	if (!fact.value)
		return verbs_no_round(self, err);
	if (!record_read(&original, fact.value, fact.length, err) ||
		!round_load(&self->round, &self->record, &repaired, err))
		return false;
	sodium_bin2hex(digest, sizeof(digest), original.digest, sizeof(original.digest));
	sodium_bin2hex(seed, sizeof(seed), original.seed, sizeof(original.seed));
	bool fine = strcmp(digest, open.hex) == 0 ||
		    fail(err, ERROR_DAMAGED, "the draw is not the one that was committed to (%s)",
			    *open.hex ? open.hex : "nothing");
	fine = fine && verbs_derive(&original, err);
	if (fine) {
		printf("%scommitment %s\nseed %s\n"
		       "the seed and the rules give the draw that was committed to\n",
			open.method, digest, seed);
		repaired = original.rules.people != self->record.rules.people ||
			   memcmp(original.digest, self->record.digest, RECORD_DIGEST_BYTES) != 0 ||
			   !verbs_equal(
				   original.receiver, self->record.receiver, original.rules.people);
		if (repaired)
			printf("it was repaired since\n");
		*status =
			faults_report(self, &self->record, self->record.receiver) ? 0 : PAIR_BROKEN;
	}
	record_finish(&original);
	return fine;
}

static bool verbs_check(void *state, const struct head_words *words, int *status, struct error *err)
{
	struct pair_state *self = state;
	struct record kept = { 0 };
	struct round_difference difference;
	bool found = false;
	if (!people_sort(&self->round.people, err) ||
		!round_rules(&self->round, &self->record, err))
		return false;
	if (words->operand)
		return elsewhere_check(self, words->operand, status, err);
	if (!round_load(&self->round, &kept, &found, err))
		return false;
	if (!found)
		return verbs_no_round(self, err);
	bool fine = round_same(&self->round, &kept, &difference) ||
		    round_changed(&self->round, &kept, &difference, err);
	round_difference_finish(&difference);
	if (fine)
		*status = faults_report(self, &self->record, kept.receiver) ? 0 : PAIR_BROKEN;
	record_finish(&kept);
	return fine;
}

const struct head_verb pair_verbs[] = {
	{ "verify", "pair verify CONFIG [--set path=value] [-C DIR]",
		"open a round's seed and derive its draw again", false, verbs_verify },
	{ "check", "pair check CONFIG [STORE] [--set path=value] [-C DIR]",
		"judge a round's draw, or the one in a store, by the rules", false, verbs_check },
	{ "repair",
		"pair repair CONFIG [--remove KEY]... [--add KEY]... [--yes] [--set path=value] "
		"[-C DIR]",
		"change as few pairs as can be after people have gone or come", true,
		verbs_repair },
	{ .name = NULL },
};
