#include "stages/pair/settings.h"

#include <sodium.h>
#include <string.h>

#include "stages/pair/random.h"

enum { ROUND_BYTES = 64 };

const char *const settings_pair[] = { "giver", "receiver", "round" };
static const char *const settings_cycles[] = { "any", "single", NULL };
static const char *const settings_sizes[] = { "none", NULL };

#define SETTINGS struct settings_list
static const struct option settings_list_options[] = {
	{ "store", TEXT(store), .fallback = "",
		.help = "A store with the columns giver and receiver: keys of people." },
	{ "both_ways", BOOLEAN(both_ways), .fallback = "no",
		.help = "Each pair counts in the other direction too." },
	{ .name = NULL },
};

static const struct option settings_past_options[] = {
	{ "store", TEXT(store), .fallback = "",
		.help = "A store with the columns giver and receiver, keys of people, and, where "
			"it has more than one round, round. Greater names are later (2024 after "
			"2023, 10 after 9)." },
	{ .name = NULL },
};

static const struct option settings_must_options[] = {
	{ "store", TEXT(store), .fallback = "",
		.help = "A store with the columns giver and receiver: keys of people." },
	{ .name = NULL },
};
#undef SETTINGS

#define SETTINGS struct settings
const struct option settings_options[] = {
	{ "round", TEXT(round),
		.help = "The name of the draw. A round is drawn once: every later run hands out "
			"the "
			"same pairs. Another name is another draw." },
	{ "exclude", LIST(exclude), RANGE(0, SETTINGS_FIELDS), .fallback = "[]",
		.help = "Fields, such as household: two people who have the same value in one of "
			"them aren't paired. A blank is no value." },
	{ "never", GROUP(never, settings_list_options), .fallback = "{}",
		.help = "Pairs that are not to be." },
	{ "must", GROUP(must, settings_must_options), .fallback = "{}",
		.help = "Pairs that have to be, whatever the other rules say." },
	{ "history", INTEGER(history), RANGE(0, RULES_ROUNDS), .fallback = "0",
		.help = "No one gets a person again whom one has had in this many rounds before." },
	{ "past", GROUP(past, settings_past_options), .fallback = "{}",
		.help = "Rounds that were drawn before nightmill drew any: they count as history "
			"before those in the ledger." },
	{ "soften", BOOLEAN(soften), .fallback = "no",
		.help = "Where that leaves no draw, old rounds don't count: the oldest first." },
	{ "cycle", CHOICE(cycle, settings_cycles), .fallback = "any",
		.help = "With single, one ring through all people, so that no two of them just "
			"exchange "
			"gifts." },
	{ "within", LIST(within), RANGE(0, SETTINGS_FIELDS), .fallback = "[]",
		.help = "Fields, such as office: only people are paired who have the same value in "
			"all of them." },
	{ "across", LIST(across), RANGE(0, SETTINGS_FIELDS), .fallback = "[]",
		.help = "Fields, such as department: only people are paired who have different "
			"values. Unlike with exclude, all those without a value count as one "
			"department." },
	{ "size", NUMBER_OR_WORD(size, settings_sizes), RANGE(2, 3), .fallback = "none",
		.help = "Groups of two or three who meet, without givers and receivers; who is "
			"left "
			"over makes a group larger." },
	{ "as", TEXT(as), .fallback = "",
		.help = "The new field with the other one's key: receiver, which is secret, or for "
			"groups partner (then partner2 and so on), which is not." },
	{ "seed", TEXT(seed), .fallback = "",
		.help = "The 64 hexadecimal digits that the draw follows from. Without it they are "
			"drawn by chance and kept in the ledger." },
	{ "tries", INTEGER(tries), RANGE(0, 2000000000), .fallback = "0",
		.help = "How many draws are thrown away at most until one keeps all rules; beyond "
			"that the draw is only nearly uniform. 0 is as many as some seconds "
			"take." },
	{ .name = NULL },
};
#undef SETTINGS

static bool settings_find_fields(const struct option_list *names, const char *option,
	const struct stage_setup *setup, struct settings_fields *fields)
{
	bool fine = true;
	for (size_t i = 0; i < names->count; i++) {
		struct error err;
		size_t *slot = &fields->list[fields->count++];
		if (fields_find(setup->fields, names->items[i], slot, &err))
			continue;
		stage_complain(setup, option, "%s", err.text);
		fine = false;
	}
	return fine;
}

static bool settings_find_list(const struct settings_list *list, const char *option,
	const struct stage_setup *setup, struct settings_pairs *pairs)
{
	struct error err;
	size_t column;
	if (!*list->store)
		return true;
	err.text[0] = '\0';
	pairs->store = stores_find(setup->stores, list->store, &err);
	pairs->both_ways = list->both_ways;
	for (int i = 0; pairs->store && i < 2; i++)
		if (!store_find_column(&pairs->store->columns, settings_pair[i], &column, &err))
			pairs->store = NULL;
	pairs->rounds = pairs->store &&
			store_find_column(&pairs->store->columns, settings_pair[2], &column, NULL);
	if (!pairs->store && err.text[0])
		stage_complain(setup, option, "%s", err.text);
	return pairs->store;
}

static bool settings_read_seed(struct pair *pair, const struct stage_setup *setup)
{
	const char *hex = pair->settings->seed;
	size_t bytes = 0;
	_Static_assert(sizeof(pair->seed) == RANDOM_SEED_BYTES, "a seed");
	pair->has_seed = *hex;
	if (!*hex || (sodium_hex2bin(pair->seed, sizeof(pair->seed), hex, strlen(hex), NULL, &bytes,
			      NULL) == 0 &&
			     bytes == sizeof(pair->seed)))
		return true;
	stage_complain(setup, "seed", "expected 64 hexadecimal digits");
	return false;
}

static bool settings_check(const struct pair *pair, const struct stage_setup *setup)
{
	const struct settings *rows = pair->settings;
	const size_t columns = pair->exclude.count + pair->across.count;
	const bool groups = pair->shape.kind == SHAPE_GROUPS;
	const size_t length = strlen(rows->round);
	bool fine = length > 0 && length <= ROUND_BYTES;
	if (!fine)
		stage_complain(setup, "round", "expected a name of 1 to %d bytes", ROUND_BYTES);
	if (*rows->past.store && rows->history == 0)
		stage_complain(setup, "past", "with `history: 0` no earlier round counts");
	if (columns > RULES_COLUMNS)
		stage_complain(setup, "exclude", "%zu fields with those of across, at most %d",
			columns, RULES_COLUMNS);
	if (groups && rows->cycle == SHAPE_SINGLE)
		stage_complain(setup, "cycle", "groups have no givers who could make a ring");
	if (groups && pair->must.store)
		stage_complain(setup, "must", "groups have no givers and receivers");
	return fine && columns <= RULES_COLUMNS && !(*rows->past.store && rows->history == 0) &&
	       !(groups && (rows->cycle == SHAPE_SINGLE || pair->must.store));
}

/* receiver, or partner and as many further ones as the largest group has. */
static bool settings_add_fields(struct pair *pair, const struct stage_setup *setup)
{
	const bool groups = pair->shape.kind == SHAPE_GROUPS;
	const char *as = pair->settings->as;
	bool fine = true;
	if (!*as)
		as = groups ? "partner" : "receiver";
	pair->adds = groups ? pair->shape.size : 1;
	for (size_t i = 0; i < pair->adds && fine; i++) {
		const char *name = i == 0 ? as : arena_printf(setup->arena, "%s%zu", as, i + 1);
		fine = stage_add_field(setup, name, "as");
	}
	return fine;
}

bool settings_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	const struct settings *rows = settings;
	struct pair *pair = arena_alloc(setup->arena, sizeof(*pair));
	const bool groups = rows->size.word < 0;
	*prepared = pair;
	pair->settings = rows;
	pair->fields = setup->fields;
	pair->shape.kind = groups ? SHAPE_GROUPS : (enum shape_kind)rows->cycle;
	pair->shape.size = groups ? (uint32_t)rows->size.number : 0;
	bool fine = settings_find_fields(&rows->exclude, "exclude", setup, &pair->exclude);
	fine = settings_find_fields(&rows->within, "within", setup, &pair->within) && fine;
	fine = settings_find_fields(&rows->across, "across", setup, &pair->across) && fine;
	fine = settings_find_list(&rows->never, "never.store", setup, &pair->never) && fine;
	fine = settings_find_list(&rows->must, "must.store", setup, &pair->must) && fine;
	fine = settings_find_list(&rows->past, "past.store", setup, &pair->past) && fine;
	pair->must.required = true;
	fine = settings_read_seed(pair, setup) && fine;
	fine = settings_check(pair, setup) && fine;
	return settings_add_fields(pair, setup) && fine;
}
