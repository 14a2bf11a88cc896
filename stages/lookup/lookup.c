/* The head stage `lookup`: adds fields of a store's row to each record, found by a key. */

#include "stages/lookup/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "pipeline/cache.h"
#include "pipeline/head.h"
#include "pipeline/stores.h"
#include "pipeline/template.h"
#include "stages/lookup/advice.h"
#include "stages/lookup/behind.h"
#include "stages/lookup/window.h"

enum lookup_missing { LOOKUP_FAIL, LOOKUP_SKIP, LOOKUP_DEFAULT };

static const char *const lookup_missing_words[] = { "fail", "skip", "default", NULL };

struct lookup_settings {
	const char *store, *by, *key, *as;
	struct option_list fields;
	int missing; /* enum lookup_missing */
	const char *fallback;
	int batch;
	struct option_plugin cache;
};

#define SETTINGS struct lookup_settings
static const struct option lookup_options[] = {
	{ "store", TEXT(store), .help = "Which of `stores`." },
	{ "key", TEMPLATE(key), .affects = AFFECTS_BYTES,
		.help = "What to look up, e.g. \"{email}\"." },
	{ "by", TEXT(by), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "The store's field that has the key. Without it the store's own key: the "
			"primary key of a table in a database, else the first column." },
	{ "as", TEXT(as), .help = "The new fields are called {AS.FIELD}." },
	{ "fields", LIST(fields), RANGE(1, 200), .help = "Fields of the row that are added." },
	{ "missing", CHOICE(missing, lookup_missing_words), .fallback = "fail",
		.affects = AFFECTS_BYTES,
		.help = "Where the key is blank or no row has it: fail makes the item fail, skip "
			"leaves it out, default goes on with `default` in each new field." },
	{ "default", TEXT(fallback), .fallback = "\"\"", .affects = AFFECTS_BYTES,
		.help = "See `missing`." },
	{ "batch", INTEGER(batch), RANGE(1, HEAD_WINDOW), .fallback = "256",
		.help = "Records whose keys are asked for at once. Fewer only show what that is "
			"good for." },
	{ "cache", PLUGIN(cache, caches), .fallback = "none",
		.help = "What is remembered of the answers, within the run." },
	{ .name = NULL },
};
#undef SETTINGS

struct lookup {
	const struct lookup_settings *settings;
	const struct stores_entry *entry;
	struct template key;
	struct store_query query;
	const char *by;
};

struct lookup_state {
	const struct lookup *lookup;
	struct store_setup store_setup;
	struct cache_setup cache_setup;
	void *store, *prepared;
	struct cache *cache;
	struct window window;
};

static bool lookup_find_fields(struct lookup *lookup, const struct stage_setup *setup)
{
	const struct option_list *fields = &lookup->settings->fields;
	size_t *columns = arena_alloc(setup->arena, fields->count * sizeof(*columns));
	bool fine = true;
	lookup->query.columns = columns;
	for (size_t i = 0; i < fields->count; i++) {
		struct error err;
		struct text option = { 0 };
		text_addf(&option, "fields.%zu", i);
		const char *name =
			arena_printf(setup->arena, "%s.%s", lookup->settings->as, fields->items[i]);
		bool found = store_find_column(
			&lookup->entry->columns, fields->items[i], &columns[i], &err);
		if (!found)
			stage_complain(setup, option.data, "store '%s': %s", lookup->entry->name,
				err.text);
		fine = stage_add_field(setup, name, option.data) && found && fine;
		lookup->query.column_count++;
		text_finish(&option);
	}
	return fine;
}

static bool lookup_find_key(struct lookup *lookup, const struct stage_setup *setup)
{
	struct error err;
	const struct store_columns *columns = &lookup->entry->columns;
	bool compiled = template_compile(
		lookup->settings->key, setup->fields, NULL, setup->arena, &lookup->key, &err);
	if (!compiled)
		stage_complain(setup, "key", "%s", err.text);
	lookup->query.key = columns->key;
	bool found = !*lookup->settings->by ||
		     store_find_column(columns, lookup->settings->by, &lookup->query.key, &err);
	if (!found)
		stage_complain(setup, "by", "store '%s': %s", lookup->entry->name, err.text);
	lookup->by = columns->list[lookup->query.key].name;
	return compiled && found;
}

static bool lookup_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	struct lookup *lookup = arena_alloc(setup->arena, sizeof(*lookup));
	struct error err;
	lookup->settings = settings;
	lookup->entry = stores_find(setup->stores, lookup->settings->store, &err);
	*prepared = lookup;
	if (!lookup->entry) {
		if (err.text[0])
			stage_complain(setup, "store", "%s", err.text);
		return false;
	}
	bool key = lookup_find_key(lookup, setup), fields = lookup_find_fields(lookup, setup);
	return behind_check(&lookup->settings->cache, lookup->entry, setup) && key && fields;
}

static void lookup_close(void *state)
{
	struct lookup_state *self = state;
	if (!self)
		return;
	const struct store_plugin *plugin = self->lookup->entry->plugin;
	cache_close(self->cache);
	if (self->prepared)
		plugin->release(self->prepared);
	plugin->close(self->store);
	window_finish(&self->window);
	free(self);
}

static bool lookup_open(
	const void *prepared, const struct head_place *place, void **state, struct error *err)
{
	struct lookup_state *self = memory_zeroed(1, sizeof(*self));
	const struct lookup *lookup = prepared;
	const struct store_plugin *plugin = lookup->entry->plugin;
	self->lookup = lookup;
	self->store_setup =
		(struct store_setup){ place->complain, place->context, place->note, place->wait };
	if (!plugin->open(lookup->entry->settings, &self->store_setup, &self->store, err) ||
		!plugin->prepare(self->store, &lookup->query, &self->prepared, err)) {
		lookup_close(self);
		return error_where(err, "store '%s'", lookup->entry->name);
	}
	self->cache_setup = (struct cache_setup){
		.name = lookup->entry->name,
		.as = lookup->settings->as,
		.store_plugin = plugin,
		.store = self->store,
		.prepared = self->prepared,
		.columns = lookup->query.column_count,
		.watch = place->watch,
		.cache_spending = place->spending + 1,
		.store_spending = place->spending + 2,
		.note = place->note,
		.context = place->context,
	};
	if (behind_of(&lookup->settings->cache))
		self->cache_setup.table = behind_table(lookup->entry, self->store, &lookup->query);
	self->cache = place->measure ? cache_open_measuring(&self->cache_setup)
				     : cache_open(&lookup->settings->cache, &self->cache_setup);
	*state = self;
	return true;
}

static void lookup_refuse(struct lookup_state *state, const struct item *record,
	const struct window_key *key, enum cache_found found, struct head_out *out)
{
	const struct lookup *lookup = state->lookup;
	struct error why;
	struct text name = { 0 };
	if (key->secret)
		text_add_string(&name, "***");
	else
		text_add(&name, key->text.data, key->text.length);
	if (found == CACHE_SEVERAL)
		fail(&why, ERROR_DAMAGED, "store '%s' has several rows whose '%s' is '%s'",
			lookup->entry->name, lookup->by, name.data);
	else if (!key->text.data)
		fail(&why, ERROR_MISSING, "the key for store '%s' is blank", lookup->entry->name);
	else
		fail(&why, ERROR_MISSING, "store '%s' has no row whose '%s' is '%s'",
			lookup->entry->name, lookup->by, name.data);
	text_finish(&name);
	head_refuse(out, record, &why);
}

static void lookup_give(struct lookup_state *state, const struct item *record,
	const struct window_key *key, const struct slot *values, struct head_out *out)
{
	const struct lookup *lookup = state->lookup;
	const char *text = lookup->settings->fallback;
	const struct slot fallback = {
		.data = *text ? text : NULL,
		.length = (uint32_t)strlen(text),
	};
	struct slot *added = window_added(&state->window, lookup->query.column_count);
	for (size_t i = 0; i < lookup->query.column_count; i++) {
		added[i] = values ? values[i] : fallback;
		added[i].secret |= key->secret;
	}
	head_give(out, record, added);
}

static void lookup_record(
	struct lookup_state *state, const struct item *record, size_t index, struct head_out *out)
{
	const struct window_key *key = &state->window.keys[index];
	enum cache_found found = CACHE_MISSING;
	const struct slot *values = NULL;
	if (key->text.data) {
		found = state->window.answers[key->number].found;
		values = state->window.answers[key->number].values;
	}
	int missing = state->lookup->settings->missing;
	if (found == CACHE_FOUND)
		lookup_give(state, record, key, values, out);
	else if (found == CACHE_SEVERAL || missing == LOOKUP_FAIL)
		lookup_refuse(state, record, key, found, out);
	else if (missing == LOOKUP_SKIP)
		head_drop(out);
	else
		lookup_give(state, record, key, NULL, out);
}

static bool lookup_step(void *state, const struct item *records, size_t count, struct head_out *out,
	struct error *err)
{
	struct lookup_state *self = state;
	size_t batch = (size_t)self->lookup->settings->batch;
	for (size_t first = 0; first < count; first += batch) {
		size_t length = count - first < batch ? count - first : batch;
		window_fill(&self->window, &self->lookup->key, records + first, length);
		if (!cache_get_many(self->cache, self->window.unique, self->window.unique_count,
			    self->window.answers, err))
			return error_where(err, "store '%s'", self->lookup->entry->name);
		cache_counts(self->cache)->records += length;
		for (size_t i = 0; i < length; i++)
			lookup_record(self, &records[first + i], i, out);
	}
	return true;
}

static bool lookup_advise(void *state, struct text *advice, struct error *err)
{
	struct lookup_state *self = state;
	const struct advice about = {
		.counts = cache_counts(self->cache),
		.setup = &self->cache_setup,
		.chosen = self->lookup->settings->cache.plugin->name,
		.behind = behind_of(&self->lookup->settings->cache),
	};
	return advice_add(&about, advice, err) ||
	       error_where(err, "store '%s'", self->lookup->entry->name);
}

static const struct cache_counts *lookup_counts(void *state)
{
	return cache_counts(((struct lookup_state *)state)->cache);
}

/* An index that is missing makes each key cost a walk through the table. */
static bool lookup_check(const void *prepared, struct text *notes, struct error *err)
{
	const struct lookup *lookup = prepared;
	const struct store_plugin *plugin = lookup->entry->plugin;
	const struct store_setup setup = { .complain = NULL };
	struct text suggestion = { 0 };
	void *store = NULL, *query = NULL;
	if (!plugin->suggest)
		return true;
	bool fine = plugin->open(lookup->entry->settings, &setup, &store, err) &&
		    plugin->prepare(store, &lookup->query, &query, err) &&
		    plugin->suggest(query, &suggestion, err);
	if (suggestion.length)
		text_addf(notes,
			"# lookup %s: store '%s' has no index by '%s', so that each key costs a "
			"walk through the table: %s\n",
			lookup->settings->as, lookup->entry->name, lookup->by, suggestion.data);
	if (query)
		plugin->release(query);
	plugin->close(store);
	text_finish(&suggestion);
	return fine || error_where(err, "store '%s'", lookup->entry->name);
}

static void lookup_uses(const void *prepared, struct head_uses *uses)
{
	const struct lookup *lookup = prepared;
	uses->cache = &lookup->settings->cache;
	uses->store = lookup->entry->name;
}

static const struct head_stage lookup_head = {
	.check = lookup_check,
	.open = lookup_open,
	.step = lookup_step,
	.advise = lookup_advise,
	.lookups = lookup_counts,
	.uses = lookup_uses,
	.close = lookup_close,
};

const struct stage_plugin lookup_stage = {
	.plugin = { "lookup", "Adds fields of a store's row, found by a key.", lookup_options,
		sizeof(struct lookup_settings) },
	.head = &lookup_head,
	.prepare = lookup_prepare,
};
