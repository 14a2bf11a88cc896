#include "stages/pair/round.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "stages/pair/lists.h"
#include "stages/pair/message.h"

enum { SHOWN = 4 };

/* What a record that is read points to is in `arena`. */
struct round_wanted {
	const char *name;
	struct arena *arena;
	struct record *record;
	bool found;
};

static bool round_get(const struct round *round, const char *scope, struct round_wanted *wanted,
	struct error *err)
{
	struct ledger_fact fact = { .scope = scope, .key = wanted->name };
	if (!ledger_get(round->place->ledger, &fact, wanted->arena, err))
		return false;
	wanted->found = fact.value != NULL;
	return !wanted->found || record_read(wanted->record, fact.value, fact.length, err) ||
	       error_where(err, "round '%s'", wanted->name);
}

static bool round_load_named(
	const struct round *round, struct round_wanted *wanted, struct error *err)
{
	return round_get(round, ROUND_REPAIRED, wanted, err) &&
	       (wanted->found || round_get(round, ROUND_DRAW, wanted, err));
}

bool round_load(struct round *round, struct record *record, bool *found, struct error *err)
{
	struct round_wanted wanted = { round->pair->settings->round, &round->arena, record, false };
	const bool fine = round_load_named(round, &wanted, err);
	*found = wanted.found;
	return fine;
}

bool round_put(
	struct round *round, const struct record *record, const char *scope, struct error *err)
{
	struct text text = { 0 };
	unsigned char digest[RECORD_DIGEST_BYTES];
	record_write(record, &text, digest);
	const struct ledger_fact fact = {
		.scope = scope,
		.key = round->pair->settings->round,
		.value = text.data,
		.length = text.length,
		.sealed = true,
	};
	const bool fine = ledger_put(round->place->ledger, &fact, err);
	sodium_memzero(text.data, text.length);
	text_finish(&text);
	return fine;
}

/* Rounds before this one, the last first, as many as count: those of the ledger, then those of the
 * store of past ones. */
struct round_names {
	const char **list;
	size_t count, own; /* own: of the ledger */
};

static bool round_is_own(
	const struct round *round, const struct ledger_facts *facts, const char *name)
{
	bool own = strcmp(name, round->pair->settings->round) == 0;
	for (size_t i = 0; i < facts->count && !own; i++)
		own = strcmp(facts->list[i].key, name) == 0;
	return own;
}

/* A round that is in the ledger, too, counts as that. */
static void round_add_past(
	struct round *round, const struct ledger_facts *facts, struct round_names *names)
{
	struct past *past = &round->past;
	const size_t most = (size_t)round->pair->settings->history;
	for (size_t i = 0; i < past->count; i++) {
		past->counts[i] = 0;
		if (names->count == most || round_is_own(round, facts, past->names[i]))
			continue;
		names->list[names->count++] = past->names[i];
		past->counts[i] = (uint32_t)names->count;
	}
}

static bool round_earlier(struct round *round, struct round_names *names, struct error *err)
{
	struct ledger_facts facts;
	const struct settings *rows = round->pair->settings;
	const size_t most = (size_t)rows->history;
	if (!ledger_list(round->place->ledger, ROUND_DRAW, &round->arena, &facts, err) ||
		!past_read(&round->past, &round->pair->past, &round->people, round->place, err))
		return false;
	*names = (struct round_names){
		.list = arena_alloc(&round->arena, (most + 1) * sizeof(*names->list)),
	};
	for (size_t i = 0; i < facts.count && names->count < most; i++)
		if (strcmp(facts.list[i].key, rows->round) != 0)
			names->list[names->count++] = facts.list[i].key;
	names->own = names->count;
	round_add_past(round, &facts, names);
	return true;
}

static bool round_add_history(struct round *round, struct lists *lists, struct error *err)
{
	struct round_names names;
	if (!round_earlier(round, &names, err))
		return false;
	for (size_t i = 0; i < names.own; i++) {
		struct record earlier = { 0 };
		struct arena arena = { 0 };
		struct round_wanted wanted = { names.list[i], &arena, &earlier, false };
		const bool fine = round_load_named(round, &wanted, err);
		if (fine)
			lists_add_draw(lists, &earlier, &round->people, (uint32_t)i + 1);
		record_finish(&earlier);
		arena_finish(&arena);
		if (!fine)
			return false;
	}
	past_add(&round->past, lists);
	return true;
}

static void round_columns(const struct round *round, struct rules *rules)
{
	const struct pair *pair = round->pair;
	for (size_t i = 0; i < pair->exclude.count; i++)
		rules->columns[rules->column_count++] =
			people_values(&round->people, pair->exclude.list[i], false);
	for (size_t i = 0; i < pair->across.count; i++)
		rules->columns[rules->column_count++] =
			people_values(&round->people, pair->across.list[i], true);
	if (pair->within.count)
		rules->within =
			people_values_of_all(&round->people, pair->within.list, pair->within.count);
}

static bool round_must_fits(const struct round *round, const struct lists *must, struct error *err)
{
	const uint32_t people = round->people.count;
	bool *gives = memory_zeroed(people, sizeof(*gives));
	bool *gets = memory_zeroed(people, sizeof(*gets));
	const struct slot *twice = NULL;
	for (size_t i = 0; i < must->count && !twice; i++) {
		const struct rules_pair *pair = &must->list[i];
		if (gives[pair->giver] || pair->giver == pair->receiver)
			twice = &round->people.ids[pair->giver];
		else if (gets[pair->receiver])
			twice = &round->people.ids[pair->receiver];
		gives[pair->giver] = gets[pair->receiver] = true;
	}
	free(gives);
	free(gets);
	return !twice || fail(err, ERROR_USAGE,
				 "store '%s': '%.*s' cannot have to give, or to get, twice, nor "
				 "give to itself",
				 round->pair->must.store->name, (int)twice->length, twice->data);
}

static bool round_must(struct round *round, struct rules *rules, struct error *err)
{
	struct lists must = { 0 };
	if (!lists_read(&must, &round->pair->must, &round->people, round->place, err) ||
		!round_must_fits(round, &must, err)) {
		lists_finish(&must);
		return false;
	}
	rules->must = must.list;
	rules->must_count = must.count;
	return true;
}

bool round_rules(struct round *round, struct record *record, struct error *err)
{
	const struct pair *pair = round->pair;
	const uint32_t count = round->people.count;
	struct lists lists = { 0 };
	*record = (struct record){
		.rules = {
			.people = count,
			.rounds = (uint32_t)pair->settings->history,
			.both_ways = pair->shape.kind == SHAPE_GROUPS,
		},
		.shape = pair->shape,
		.tries = (uint64_t)pair->settings->tries,
		.soft = pair->settings->soften,
		.ids = round->people.ids,
		.ids_borrowed = true,
	};
	round_columns(round, &record->rules);
	const bool fine = round_must(round, &record->rules, err) &&
			  lists_read(&lists, &pair->never, &round->people, round->place, err) &&
			  round_add_history(round, &lists, err);
	if (fine)
		rules_forbid(&record->rules, lists.list, lists.count);
	lists_finish(&lists);
	return fine;
}

static bool round_note(const struct round *round, enum error_code code, struct text *text)
{
	struct error note;
	fail(&note, code, "%s", text->data);
	round->place->note(round->place->context, "pair", &note);
	text_clear(text);
	return true;
}

/* What should be known of a draw: method, history that gave way, pairs that the rules give away. */
static void round_tell(
	const struct round *round, const struct message *message, const struct draw_result *result)
{
	struct text text = { 0 };
	message_method(message, result, &text);
	round_note(round, ERROR_NONE, &text);
	if (result->rounds_dropped > 0) {
		text_addf(&text,
			"the history of %u of %d rounds was left out, the oldest first: with it "
			"there "
			"is no draw",
			result->rounds_dropped, round->pair->settings->history);
		round_note(round, ERROR_LIMIT, &text);
	}
	if (result->forced_count > 0) {
		text_add_string(&text, "not secret: the rules leave no choice for ");
		message_people(message, result->forced, result->forced_count, &text);
		round_note(round, ERROR_LIMIT, &text);
	}
	text_finish(&text);
}

/* The part that anyone may read: a promise of the part that is sealed. */
static bool round_put_open(struct round *round, const struct record *record,
	const struct message *message, const struct draw_result *result, struct error *err)
{
	struct text text = { 0 }, sealed = { 0 };
	unsigned char digest[RECORD_DIGEST_BYTES];
	char hex[RECORD_DIGEST_BYTES * 2 + 1];
	record_write(record, &sealed, digest);
	sodium_bin2hex(hex, sizeof(hex), digest, sizeof(digest));
	text_addf(&text, "commitment %s\nalgorithm %d\n", hex, DRAW_VERSION);
	message_method(message, result, &text);
	text_add_string(&text, "\n");
	const struct ledger_fact open = {
		.scope = ROUND_OPEN,
		.key = round->pair->settings->round,
		.value = text.data,
		.length = text.length,
	};
	const struct ledger_fact draw = {
		.scope = ROUND_DRAW,
		.key = open.key,
		.value = sealed.data,
		.length = sealed.length,
		.sealed = true,
	};
	const bool fine = ledger_put(round->place->ledger, &draw, err) &&
			  ledger_put(round->place->ledger, &open, err);
	sodium_memzero(sealed.data, sealed.length);
	text_finish(&sealed);
	text_finish(&text);
	return fine;
}

static bool round_drawn(struct round *round, struct record *record, struct draw_result *result,
	const struct message *message, struct error *err)
{
	record->receiver = result->receiver;
	result->receiver = NULL;
	/* What follows from the record is the draw, not what was left of its history. */
	record->rules.rounds += result->rounds_dropped;
	if (round->place->look_only)
		return true;
	if (!round_put_open(round, record, message, result, err))
		return false;
	round_tell(round, message, result);
	return true;
}

bool round_draw(struct round *round, struct record *record, struct error *err)
{
	const struct pair *pair = round->pair;
	struct draw_result result;
	struct message message = { .pair = pair, .most = SHOWN };
	struct round_names names;
	if (round->people.count == 0)
		return fail(err, ERROR_NO_PAIRING, "round '%s': no one takes part",
			pair->settings->round);
	if (!round_rules(round, record, err) || !round_earlier(round, &names, err))
		return false;
	message.rounds = names.list;
	message.round_count = names.count;
	message.ids = record->ids;
	if (pair->has_seed)
		memcpy(record->seed, pair->seed, RANDOM_SEED_BYTES);
	else
		randombytes_buf(record->seed, RANDOM_SEED_BYTES);
	const struct draw_request request = { &record->rules, record->shape, record->seed,
		record->tries, record->soft };
	bool fine = draw_run(&request, &result);
	if (fine) {
		fine = round_drawn(round, record, &result, &message, err);
	} else {
		struct text text = { 0 };
		message_impossible(&message, &result.reason, &text);
		fail(err, ERROR_NO_PAIRING, "%s", text.data);
		text_finish(&text);
	}
	draw_finish(&result);
	return fine;
}

bool round_same(
	const struct round *round, const struct record *record, struct round_difference *difference)
{
	const struct people *people = &round->people;
	*difference = (struct round_difference){
		.gone = memory_alloc((record->rules.people + 1) * sizeof(uint32_t)),
		.fresh = memory_alloc((people->count + 1) * sizeof(uint32_t)),
	};
	for (uint32_t i = 0; i < record->rules.people; i++)
		if (people_find(people, record->ids[i].data, record->ids[i].length) == UINT32_MAX)
			difference->gone[difference->gone_count++] = i;
	for (uint32_t i = 0; i < people->count; i++)
		if (record_find(record, people->ids[i].data, people->ids[i].length) == UINT32_MAX)
			difference->fresh[difference->fresh_count++] = i;
	return difference->gone_count == 0 && difference->fresh_count == 0;
}

void round_difference_finish(struct round_difference *difference)
{
	free(difference->gone);
	free(difference->fresh);
}

bool round_changed(const struct round *round, const struct record *record,
	const struct round_difference *difference, struct error *err)
{
	struct message message = { .pair = round->pair, .ids = record->ids, .most = SHOWN };
	struct text text = { 0 };
	const char *name = round->pair->settings->round;
	if (difference->gone_count) {
		message_people(&message, difference->gone, difference->gone_count, &text);
		text_add_string(&text, difference->gone_count == 1 ? " is gone" : " are gone");
	}
	message.ids = round->people.ids;
	if (difference->fresh_count) {
		text_add_string(&text, text.length ? ", " : "");
		message_people(&message, difference->fresh, difference->fresh_count, &text);
		text_add_string(&text, difference->fresh_count == 1 ? " is new" : " are new");
	}
	fail(err, ERROR_USAGE,
		"the people have changed since round '%s' was drawn: %s; nightmill pair repair "
		"changes as few pairs as can be, another round is another draw",
		name, text.data);
	text_finish(&text);
	return false;
}
