/* `nightmill pair verify|repair|check`. None of them says who gives to whom. */

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/pair/mend.h"
#include "stages/pair/message.h"
#include "stages/pair/state.h"

enum { SHOWN = 20, BROKEN = 3 /* exit status: finished, and something is wrong */ };

static void verbs_print(const struct text *text)
{
	printf("%s\n", text->data);
}

/* Two of the same size, each with a number for everyone. */
static bool verbs_equal(const uint32_t *a, const uint32_t *b, uint32_t count)
{
	return memcmp(a, b, count * sizeof(*a)) == 0;
}

/* The rules that a draw breaks, and how many people's receivers are wrong. */
struct verbs_faults {
	uint32_t *people, count;
	uint32_t loops; /* givers and receivers: how many rings */
};

static bool verbs_pair_fine(const struct rules *rules, uint32_t giver, uint32_t receiver)
{
	for (size_t i = 0; i < rules->must_count; i++) {
		const struct rules_pair *must = &rules->must[i];
		if (must->giver == giver || must->receiver == receiver)
			return must->giver == giver && must->receiver == receiver;
	}
	return (!rules->within || rules->within[giver] == rules->within[receiver]) &&
	       rules_allow(rules, giver, receiver);
}

static uint32_t verbs_count_loops(const uint32_t *receiver, uint32_t count)
{
	bool *seen = memory_zeroed((size_t)count + 1, sizeof(*seen));
	uint32_t loops = 0;
	for (uint32_t i = 0; i < count; i++) {
		loops += !seen[i];
		for (uint32_t at = i; !seen[at]; at = receiver[at])
			seen[at] = true;
	}
	free(seen);
	return loops;
}

/* People by group: the first of each, and behind each person the next. */
struct verbs_groups {
	uint32_t *first, *next;
};

static struct verbs_groups verbs_find_groups(const uint32_t *group, uint32_t count)
{
	const size_t bytes = ((size_t)count + 1) * sizeof(uint32_t);
	struct verbs_groups groups = { memory_alloc(bytes), memory_alloc(bytes) };
	memset(groups.first, 0xff, bytes);
	for (uint32_t i = 0; i < count; i++) {
		groups.next[i] = groups.first[group[i]];
		groups.first[group[i]] = i;
	}
	return groups;
}

/* Everyone must be allowed to meet all others of the group. */
static bool verbs_group_fine(const struct record *record, const struct verbs_groups *groups,
	uint32_t group, uint32_t person)
{
	uint32_t members = 0;
	bool fine = true;
	for (uint32_t i = groups->first[group]; i != UINT32_MAX; i = groups->next[i]) {
		members++;
		fine = fine && (i == person || verbs_pair_fine(&record->rules, person, i));
	}
	return fine && members >= 2 && members <= record->shape.size + 1;
}

static void verbs_judge_groups(
	const struct record *record, const uint32_t *group, struct verbs_faults *faults)
{
	struct verbs_groups groups = verbs_find_groups(group, record->rules.people);
	for (uint32_t i = 0; i < record->rules.people; i++)
		if (!verbs_group_fine(record, &groups, group[i], i))
			faults->people[faults->count++] = i;
	free(groups.first);
	free(groups.next);
}

static void verbs_judge_pairs(
	const struct record *record, const uint32_t *receiver, struct verbs_faults *faults)
{
	const uint32_t count = record->rules.people;
	bool *got = memory_zeroed((size_t)count + 1, sizeof(*got));
	for (uint32_t i = 0; i < count; i++) {
		if (got[receiver[i]] || !verbs_pair_fine(&record->rules, i, receiver[i]))
			faults->people[faults->count++] = i;
		got[receiver[i]] = true;
	}
	free(got);
	if (faults->count == 0)
		faults->loops = verbs_count_loops(receiver, count);
}

/* `receiver` by the rules of `record`; everyone has one. */
static struct verbs_faults verbs_judge(const struct record *record, const uint32_t *receiver)
{
	struct verbs_faults faults = {
		.people = memory_alloc(((size_t)record->rules.people + 1) * sizeof(uint32_t)),
	};
	if (record->shape.kind == SHAPE_GROUPS)
		verbs_judge_groups(record, receiver, &faults);
	else
		verbs_judge_pairs(record, receiver, &faults);
	return faults;
}

/* Says how a draw stands to the rules; true where it keeps them. */
static bool verbs_report(
	const struct pair_state *state, const struct record *record, const uint32_t *receiver)
{
	struct verbs_faults faults = verbs_judge(record, receiver);
	struct message message = { .pair = state->round.pair, .ids = record->ids, .most = SHOWN };
	struct text text = { 0 };
	const bool ring =
		record->shape.kind != SHAPE_SINGLE || record->rules.within || faults.loops == 1;
	bool fine = faults.count == 0 && ring;
	if (faults.count > 0) {
		text_addf(&text, "paired against the rules: ");
		message_people(&message, faults.people, faults.count, &text);
	} else if (!ring) {
		text_addf(&text, "%u rings, where a single one was asked for", faults.loops);
	} else {
		text_addf(&text, "%u people are paired by the rules", record->rules.people);
	}
	verbs_print(&text);
	text_finish(&text);
	free(faults.people);
	return fine;
}

static bool verbs_no_round(const struct pair_state *state, struct error *err)
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
		*status = verbs_report(self, &self->record, self->record.receiver) ? 0 : BROKEN;
	}
	record_finish(&original);
	return fine;
}

/* A pair of a list that is to be judged. */
struct verbs_list {
	const struct record *record;
	uint32_t *receiver;
	struct arena arena;
	uint32_t twice, strangers;
};

static bool verbs_row(void *context, const struct store_row *row, struct error *err)
{
	struct verbs_list *list = context;
	uint32_t number[2];
	(void)err;
	for (int i = 0; i < 2; i++)
		number[i] = row->values[i].data ? record_find(list->record, row->values[i].data,
							  row->values[i].length)
						: UINT32_MAX;
	if (number[0] == UINT32_MAX || number[1] == UINT32_MAX)
		list->strangers++;
	else if (list->receiver[number[0]] != UINT32_MAX)
		list->twice++;
	else
		list->receiver[number[0]] = number[1];
	return true;
}

static bool verbs_read_store(const struct pair_state *state, const struct stores_entry *entry,
	struct verbs_list *list, struct error *err)
{
	const struct store_setup setup = { state->round.place->complain,
		state->round.place->context };
	const struct store_sink sink = { verbs_row, list };
	size_t columns[2];
	void *store = NULL, *prepared = NULL;
	bool more = true;
	bool fine = entry->plugin->open(entry->settings, &setup, &store, err);
	const struct store_columns *known = fine ? entry->plugin->columns(store) : NULL;
	fine = fine && store_find_column(known, "giver", &columns[0], err) &&
	       store_find_column(known, "receiver", &columns[1], err);
	const struct store_query query = {
		.key = fine ? columns[0] : 0, .columns = columns, .column_count = 2
	};
	fine = fine && entry->plugin->prepare(store, &query, &prepared, err);
	while (fine && more)
		fine = entry->plugin->scan(prepared, HEAD_WINDOW, &sink, &more, err);
	if (prepared)
		entry->plugin->release(prepared);
	entry->plugin->close(store);
	return fine;
}

static const struct stores_entry *verbs_store(
	const struct pair_state *state, const char *name, struct error *err)
{
	const struct stores *stores = state->round.place->stores;
	for (size_t i = 0; i < stores->count; i++)
		if (strcmp(stores->list[i].name, name) == 0)
			return &stores->list[i];
	fail(err, ERROR_USAGE, "the config has no store '%s'", name);
	return NULL;
}

/* A draw made elsewhere, by the rules of this config. */
static bool verbs_check_store(
	struct pair_state *state, const char *name, int *status, struct error *err)
{
	struct record *record = &state->record;
	const struct stores_entry *entry = verbs_store(state, name, err);
	if (record->shape.kind == SHAPE_GROUPS)
		return fail(err, ERROR_USAGE, "groups have no givers and receivers to check");
	const uint32_t people = record->rules.people;
	struct verbs_list list = { .record = record };
	list.receiver = memory_alloc(((size_t)people + 1) * sizeof(uint32_t));
	memset(list.receiver, 0xff, ((size_t)people + 1) * sizeof(uint32_t));
	const bool fine = entry && verbs_read_store(state, entry, &list, err);
	uint32_t without = 0;
	for (uint32_t i = 0; i < people; i++)
		without += list.receiver[i] == UINT32_MAX;
	*status = BROKEN;
	if (fine && (without || list.twice || list.strangers))
		printf("%u people give to no one, %u rows name a giver twice, %u someone who takes "
		       "no part\n",
			without, list.twice, list.strangers);
	else if (fine)
		*status = verbs_report(state, record, list.receiver) ? 0 : BROKEN;
	free(list.receiver);
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
		return verbs_check_store(self, words->operand, status, err);
	if (!round_load(&self->round, &kept, &found, err))
		return false;
	if (!found)
		return verbs_no_round(self, err);
	bool fine = round_same(&self->round, &kept, &difference) ||
		    round_changed(&self->round, &kept, &difference, err);
	round_difference_finish(&difference);
	if (fine)
		*status = verbs_report(self, &self->record, kept.receiver) ? 0 : BROKEN;
	record_finish(&kept);
	return fine;
}

/* The words name exactly those who are gone, or new. */
static bool verbs_named(const struct slot *ids, const uint32_t *numbers, uint32_t count,
	const char *const *words, size_t word_count)
{
	if (word_count != count)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		const struct slot *id = &ids[numbers[i]];
		bool named = false;
		for (size_t k = 0; k < word_count && !named; k++)
			named = strlen(words[k]) == id->length &&
				memcmp(words[k], id->data, id->length) == 0;
		if (!named)
			return false;
	}
	return true;
}

/* People are never taken out or let in by accident. */
static bool verbs_agreed(const struct pair_state *state, const struct record *kept,
	const struct round_difference *difference, const struct head_words *words,
	struct error *err)
{
	const struct people *people = &state->round.people;
	if (words->yes && !words->add_count && !words->remove_count)
		return true;
	if (verbs_named(kept->ids, difference->gone, difference->gone_count, words->remove,
		    words->remove_count) &&
		verbs_named(people->ids, difference->fresh, difference->fresh_count, words->add,
			words->add_count))
		return true;
	round_changed(&state->round, kept, difference, err);
	err->code = ERROR_USAGE;
	return error_where(err, "name them with --remove and --add, or say --yes");
}

/* Whom everyone of `record` gives to in `kept`; UINT32_MAX for those who need another. */
static uint32_t *verbs_carry(const struct record *record, const struct record *kept)
{
	uint32_t *receiver = memory_alloc(((size_t)record->rules.people + 1) * sizeof(*receiver));
	for (uint32_t i = 0; i < record->rules.people; i++) {
		const struct slot *id = &record->ids[i];
		const uint32_t before = record_find(kept, id->data, id->length);
		receiver[i] = UINT32_MAX;
		if (before == UINT32_MAX)
			continue;
		const struct slot *to = &kept->ids[kept->receiver[before]];
		receiver[i] = record_find(record, to->data, to->length);
	}
	return receiver;
}

static bool verbs_mend(struct pair_state *state, const struct record *kept,
	const struct round_difference *difference, struct error *err)
{
	struct record *record = &state->record;
	struct random random;
	const uint32_t people = record->rules.people;
	record->receiver = verbs_carry(record, kept);
	uint32_t *before = memory_alloc(((size_t)people + 1) * sizeof(*before));
	memcpy(before, record->receiver, people * sizeof(*before));
	randombytes_buf(record->seed, RANDOM_SEED_BYTES);
	random_init(&random, record->seed);
	const bool fine = mend_draw(&record->rules, record->shape.kind == SHAPE_SINGLE, &random,
				  record->receiver) ||
			  fail(err, ERROR_NO_PAIRING,
				  "round '%s' cannot be repaired by small changes: draw another",
				  state->round.pair->settings->round);
	uint32_t changed = 0, moved = 0;
	for (uint32_t i = 0; i < people && fine; i++) {
		const bool was =
			record_find(kept, record->ids[i].data, record->ids[i].length) != UINT32_MAX;
		changed += was && record->receiver[i] != before[i];
		moved += was && before[i] != UINT32_MAX && record->receiver[i] != before[i];
	}
	free(before);
	if (!fine || !round_put(&state->round, record, ROUND_REPAIRED, err))
		return false;
	printf("round '%s': %u gone, %u new; %u of %u get another one to give to, %u of them only "
	       "to make room\nthe next run writes to these and to the new ones\n",
		state->round.pair->settings->round, difference->gone_count, difference->fresh_count,
		changed, people, moved);
	return true;
}

static bool verbs_repair(
	void *state, const struct head_words *words, int *status, struct error *err)
{
	(void)status;
	struct pair_state *self = state;
	struct record kept = { 0 };
	struct round_difference difference;
	bool found = false;
	if (self->round.pair->shape.kind == SHAPE_GROUPS)
		return fail(err, ERROR_USAGE,
			"groups are not repaired: draw another round for those who are there");
	if (!people_sort(&self->round.people, err) || !round_load(&self->round, &kept, &found, err))
		return false;
	if (!found)
		return verbs_no_round(self, err);
	bool fine = true;
	if (round_same(&self->round, &kept, &difference))
		printf("the same people take part: there is nothing to repair\n");
	else
		fine = verbs_agreed(self, &kept, &difference, words, err) &&
		       round_rules(&self->round, &self->record, err) &&
		       verbs_mend(self, &kept, &difference, err);
	round_difference_finish(&difference);
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
