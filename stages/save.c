/* The head stage `save`: writes fields of the records back to a store, all at once at the end. */

#include "stages/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/head.h"
#include "pipeline/hoard.h"
#include "pipeline/stores.h"
#include "pipeline/support/hashes.h"
#include "pipeline/template.h"

enum { SAVE_TRIES = 3, SAVE_DIGITS = 400 };

enum save_missing { SAVE_ADD, SAVE_SKIP };

static const char *const save_missing_words[] = { "add", "skip", NULL };

struct save_field {
	const char *column, *value;
};

struct save_settings {
	const char *store, *by, *key;
	struct option_groups fields; /* of struct save_field */
	int missing;                 /* enum save_missing */
	bool secrets;
};

#define SETTINGS struct save_field
static const struct option save_field_options[] = {
	{ "column", TEXT(column), .help = "A column of the store." },
	{ "value", TEMPLATE(value), .help = "What it becomes, e.g. \"{receiver}\"." },
	{ .name = NULL },
};
#undef SETTINGS

#define SETTINGS struct save_settings
static const struct option save_options[] = {
	{ "store", TEXT(store), .help = "Which of `stores`." },
	{ "key", TEMPLATE(key), .help = "Whose row is written, e.g. \"{email}\"." },
	{ "by", TEXT(by), .fallback = "\"\"",
		.help = "The store's field that has the key. Without it the store's own key: the "
			"primary key of a table in a database, else the first column." },
	{ "fields", GROUPS(fields, save_field_options, sizeof(struct save_field)), RANGE(1, 200),
		.help = "What is written." },
	{ "missing", CHOICE(missing, save_missing_words), .fallback = "add",
		.help = "Where no row has the key: add makes one, skip does nothing." },
	{ "secrets", BOOLEAN(secrets), .fallback = "no",
		.help = "A field that is secret, such as the receiver of a pair, may be written "
			"too, for everyone to read who can read the store." },
	{ .name = NULL },
};
#undef SETTINGS

struct save {
	const struct save_settings *settings;
	const struct stores_entry *entry;
	struct template key, *values;
	struct store_put put;
};

struct save_state {
	const struct save *save;
	const struct head_place *place;
	struct store_setup store_setup;
	struct hoard hoard; /* key and values of each row to write */
	struct hashes seen; /* by their numbers in the hoard */
	struct arena arena; /* for one record */
	struct text *texts; /* key and values of the record at hand */
	struct slot *slots; /* the same, without the key */
	struct fields all;  /* all are kept */
};

static bool save_is_number(const char *text, size_t length)
{
	char digits[SAVE_DIGITS], *end = NULL;
	if (length == 0 || length >= sizeof(digits) || memchr(text, 'x', length))
		return length == 0;
	memcpy(digits, text, length);
	digits[length] = '\0';
	strtod(digits, &end);
	return *end == '\0' && !strchr(" \t\n", digits[0]) && !strpbrk(digits, "nN");
}

/* The text that a template gives always; NULL: it depends on the record. */
static const char *save_constant(const struct template *value)
{
	static const char none[] = "";
	if (value->count == 0)
		return none;
	return value->count == 1 && value->pieces[0].text ? value->pieces[0].text : NULL;
}

static bool save_find_field(
	struct save *save, const struct stage_setup *setup, size_t index, size_t *column)
{
	const struct save_field *field = (struct save_field *)save->settings->fields.items + index;
	const struct store_columns *columns = &save->entry->columns;
	struct template *value = &save->values[index];
	struct error err;
	char where[64];
	snprintf(where, sizeof(where), "fields.%zu.column", index);
	bool found = store_find_column(columns, field->column, column, &err);
	if (!found)
		stage_complain(setup, where, "store '%s': %s", save->entry->name, err.text);
	else if (*column == save->put.key)
		stage_complain(setup, where, "'%s' is the key, which stays", field->column);
	snprintf(where, sizeof(where), "fields.%zu.value", index);
	if (!template_compile(field->value, setup->fields, NULL, setup->arena, value, &err)) {
		stage_complain(setup, where, "%s", err.text);
		return false;
	}
	const char *constant = save_constant(value);
	bool fits = !found || !constant || columns->list[*column].type != STORE_NUMBER ||
		    save_is_number(constant, strlen(constant));
	if (!fits)
		stage_complain(setup, where, "'%s' holds numbers, and '%s' is none", field->column,
			constant);
	return found && fits && *column != save->put.key;
}

static bool save_find_fields(struct save *save, const struct stage_setup *setup)
{
	size_t count = save->settings->fields.count;
	size_t *columns = arena_alloc(setup->arena, count * sizeof(*columns));
	bool fine = true;
	save->values = arena_alloc(setup->arena, count * sizeof(*save->values));
	for (size_t i = 0; i < count; i++) {
		fine = save_find_field(save, setup, i, &columns[i]) && fine;
		for (size_t k = 0; fine && k < i; k++)
			if (columns[k] == columns[i]) {
				stage_complain(setup, "fields", "'%s' is there twice",
					save->entry->columns.list[columns[i]].name);
				fine = false;
			}
	}
	save->put.columns = columns;
	save->put.column_count = count;
	save->put.add = save->settings->missing == SAVE_ADD;
	return fine;
}

static bool save_find_key(struct save *save, const struct stage_setup *setup)
{
	struct error err;
	const struct store_columns *columns = &save->entry->columns;
	bool compiled = template_compile(
		save->settings->key, setup->fields, NULL, setup->arena, &save->key, &err);
	if (!compiled)
		stage_complain(setup, "key", "%s", err.text);
	save->put.key = columns->key;
	bool found = !*save->settings->by ||
		     store_find_column(columns, save->settings->by, &save->put.key, &err);
	if (!found)
		stage_complain(setup, "by", "store '%s': %s", save->entry->name, err.text);
	return compiled && found;
}

/* Whether the store lets itself be written so is found out while nothing has been done yet. */
static bool save_try(const struct save *save, const struct stage_setup *setup)
{
	const struct store_setup quiet = { .complain = NULL };
	const struct store_plugin *plugin = save->entry->plugin;
	void *store = NULL;
	struct error err = { 0 };
	bool fine = plugin->open(save->entry->settings, &quiet, &store, &err) &&
		    plugin->put_check(store, &save->put, &err);
	if (!fine)
		stage_complain(setup, "store", "store '%s': %s", save->entry->name, err.text);
	plugin->close(store);
	return fine;
}

static bool save_prepare(const void *settings, const struct stage_setup *setup, void **prepared)
{
	struct save *save = arena_alloc(setup->arena, sizeof(*save));
	struct error err;
	save->settings = settings;
	save->entry = stores_find(setup->stores, save->settings->store, &err);
	*prepared = save;
	if (!save->entry) {
		if (err.text[0])
			stage_complain(setup, "store", "%s", err.text);
		return false;
	}
	bool key = save_find_key(save, setup), fields = save_find_fields(save, setup);
	return key && fields && save_try(save, setup);
}

static void save_close(void *state)
{
	struct save_state *self = state;
	if (!self)
		return;
	for (size_t i = 0; i <= self->save->put.column_count; i++)
		text_finish(&self->texts[i]);
	free(self->texts);
	free(self->slots);
	free(self->all.used);
	hoard_finish(&self->hoard);
	hashes_finish(&self->seen);
	arena_finish(&self->arena);
	free(self);
}

static bool save_open(
	const void *prepared, const struct head_place *place, void **state, struct error *err)
{
	(void)err;
	struct save_state *self = memory_zeroed(1, sizeof(*self));
	self->save = prepared;
	self->place = place;
	self->store_setup =
		(struct store_setup){ place->complain, place->context, place->note, place->wait };
	const size_t count = self->save->put.column_count;
	self->texts = memory_zeroed(count + 1, sizeof(*self->texts));
	self->slots = memory_zeroed(count, sizeof(*self->slots));
	self->all.used = memory_zeroed(count, sizeof(*self->all.used));
	self->all.count = count;
	for (size_t i = 0; i < count; i++)
		self->all.used[i] = true;
	*state = self;
	return true;
}

static bool save_reads_secret(const struct template *template, const struct item *record)
{
	for (size_t i = 0; i < template->count; i++)
		if (!template->pieces[i].text && record->slots[template->pieces[i].slot].secret)
			return true;
	return false;
}

static bool save_expand(struct save_state *self, const struct template *template,
	const struct item *record, struct text *text, struct error *err)
{
	if (!self->save->settings->secrets && save_reads_secret(template, record))
		return fail(err, ERROR_USAGE,
			"a field that is secret would stand in store '%s'; `secrets: yes` lets it",
			self->save->entry->name);
	text_clear(text);
	template_expand(template, record->slots, record->slot_count, NULL, text);
	return true;
}

static bool save_fill(struct save_state *self, const struct item *record, struct error *err)
{
	const struct save *save = self->save;
	const size_t count = save->put.column_count;
	if (!save_expand(self, &save->key, record, &self->texts[count], err))
		return false;
	for (size_t i = 0; i < count; i++) {
		struct text *text = &self->texts[i];
		if (!save_expand(self, &save->values[i], record, text, err))
			return false;
		self->slots[i] = (struct slot){
			.data = text->length ? text->data : NULL,
			.length = (uint32_t)text->length,
		};
	}
	return true;
}

/* A text in a column of numbers would be refused by one store and taken by another. */
static bool save_fits(const struct save_state *self, struct error *why)
{
	const struct save *save = self->save;
	for (size_t i = 0; i < save->put.column_count; i++) {
		const struct store_column *column =
			&save->entry->columns.list[save->put.columns[i]];
		if (column->type == STORE_NUMBER &&
			!save_is_number(self->slots[i].data ? self->slots[i].data : "",
				self->slots[i].length))
			return fail(why, ERROR_DAMAGED, "store '%s': '%s' holds numbers",
				save->entry->name, column->name);
	}
	return true;
}

static bool save_equal(const struct save_state *self, const struct item *kept)
{
	for (size_t i = 0; i < self->save->put.column_count; i++) {
		const struct slot *a = &kept->slots[i], *b = &self->slots[i];
		size_t length = a->data ? a->length : 0;
		if (length != b->length || (length && memcmp(a->data, b->data, length) != 0))
			return false;
	}
	return true;
}

/* Keeps what is to be written for the key; it may be there already, but not with other values. */
static bool save_keep(struct save_state *self, const struct text *key, struct error *why)
{
	const uint64_t hash = hashes_of(key->data, key->length);
	struct hashes_walk walk = hashes_find(&self->seen, hash);
	for (uint32_t number; hashes_next(&self->seen, &walk, &number);) {
		const struct item kept = hoard_get(&self->hoard, number, &self->arena);
		if (kept.key_length != key->length || memcmp(kept.key, key->data, key->length) != 0)
			continue;
		return save_equal(self, &kept) ||
		       fail(why, ERROR_DAMAGED,
			       "store '%s': another record writes other values to the same row",
			       self->save->entry->name);
	}
	const struct item row = {
		.key = key->data,
		.key_length = key->length,
		.slots = self->slots,
		.slot_count = self->save->put.column_count,
	};
	hashes_add(&self->seen, hash, (uint32_t)self->hoard.count);
	hoard_add(&self->hoard, &row, &self->all);
	return true;
}

static bool save_step(void *state, const struct item *records, size_t count, struct head_out *out,
	struct error *err)
{
	struct save_state *self = state;
	const struct text *key = &self->texts[self->save->put.column_count];
	for (size_t i = 0; i < count; i++) {
		struct error why;
		arena_reset(&self->arena);
		if (!save_fill(self, &records[i], err))
			return false;
		bool fine = key->length > 0 ||
			    fail(&why, ERROR_MISSING, "the key for store '%s' is blank",
				    self->save->entry->name);
		if (fine && save_fits(self, &why) && save_keep(self, key, &why))
			head_give(out, &records[i], NULL);
		else
			head_refuse(out, &records[i], &why);
	}
	return true;
}

static bool save_put_rows(struct save_state *self, void *putting, struct error *err)
{
	const struct store_plugin *plugin = self->save->entry->plugin;
	struct store_change changes[HEAD_WINDOW];
	for (size_t first = 0; first < self->hoard.count; first += HEAD_WINDOW) {
		size_t left = self->hoard.count - first;
		size_t count = left < HEAD_WINDOW ? left : HEAD_WINDOW;
		arena_reset(&self->arena);
		for (size_t i = 0; i < count; i++) {
			const struct item row = hoard_get(&self->hoard, first + i, &self->arena);
			changes[i].key = (struct slot){ .data = row.key,
				.length = (uint32_t)row.key_length };
			changes[i].values = row.slots;
		}
		if (!plugin->put_many(putting, changes, count, err))
			return false;
	}
	return true;
}

static bool save_put(struct save_state *self, uint64_t *changed, struct error *err)
{
	const struct stores_entry *entry = self->save->entry;
	const struct store_plugin *plugin = entry->plugin;
	void *store = NULL, *putting = NULL;
	bool fine = plugin->open(entry->settings, &self->store_setup, &store, err) &&
		    plugin->put_begin(store, &self->save->put, &putting, err) &&
		    save_put_rows(self, putting, err) && plugin->put_commit(putting, changed, err);
	plugin->put_end(putting);
	plugin->close(store);
	return fine;
}

static bool save_commit(void *state, struct error *err)
{
	struct save_state *self = state;
	const char *name = self->save->entry->name;
	uint64_t changed = 0;
	bool fine = self->hoard.count == 0;
	for (int i = 0; i < SAVE_TRIES && !fine; i++) {
		fine = save_put(self, &changed, err);
		if (!fine && err->code != ERROR_READ && err->code != ERROR_CHANGED)
			break;
	}
	if (!fine)
		return error_where(err, "store '%s'", name);
	struct error note = { .code = ERROR_NONE };
	snprintf(note.text, sizeof(note.text), "store '%s': %llu of %zu rows changed", name,
		(unsigned long long)changed, self->hoard.count);
	self->place->note(self->place->context, "save", &note);
	return true;
}

static const struct head_stage save_head = {
	.open = save_open,
	.step = save_step,
	.commit = save_commit,
	.close = save_close,
};

const struct stage_plugin save_stage = {
	.plugin = { "save", "Writes fields back to a store, at the end of the run.", save_options,
		sizeof(struct save_settings) },
	.head = &save_head,
	.prepare = save_prepare,
};
