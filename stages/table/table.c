/* The source `table`: every row of a store, or those that a filter lets through. */

#include "stages/table/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/stores.h"
#include "pipeline/support/days.h"
#include "stages/table/seen.h"

static const char *const table_empty_words[] = { "error", "ok", NULL };

enum table_empty { TABLE_EMPTY_ERROR, TABLE_EMPTY_OK };

enum { TABLE_DAYS = 36600 /* from today, at most */ };

struct table_where {
	const char *field;
	struct option_list is, is_not;
	const char *from, *before;
};

struct table_settings {
	const char *store, *key;
	struct option_groups where; /* of struct table_where */
	int empty;                  /* enum table_empty */
};

#define SETTINGS struct table_where
static const struct option table_where_options[] = {
	{ "field", FIELD_NAME(field), .help = "The field that decides." },
	{ "is", LIST(is), .fallback = "[]",
		.help = "Rows with one of these values pass; \"\" stands for a blank one." },
	{ "is_not", LIST(is_not), .fallback = "[]",
		.help = "Rows with none of these values pass." },
	{ "from", TEXT(from), .fallback = "\"\"",
		.help = "Rows pass whose value is not before this one: a date, or `today`, "
			"`today-3d`, `today+9d`, today being that of UTC. A database compares by "
			"the column's type, and uses its index." },
	{ "before", TEXT(before), .fallback = "\"\"", .help = "And is before this one." },
	{ .name = NULL },
};
#undef SETTINGS

#define SETTINGS struct table_settings
static const struct option table_options[] = {
	{ "store", TEXT(store), .help = "Which of `stores`." },
	{ "key", FIELD_NAME(key),
		.help = "The field that tells rows apart. A row whose key is blank, or was given "
			"before, is left out and told of." },
	{ "where", GROUPS(where, table_where_options, sizeof(struct table_where)), .fallback = "[]",
		.help = "Conditions that a row must meet, all of them; the store itself sees to "
			"it." },
	{ "empty", CHOICE(empty, table_empty_words), .fallback = "error",
		.help = "A run without any row: an error, because a file may have been cut short, "
			"or all right." },
	{ .name = NULL },
};
#undef SETTINGS

struct table_reader {
	const struct table_settings *settings;
	const struct source_setup *setup;
	const struct stores_entry *entry;
	struct store_setup store_setup;
	void *store, *prepared;
	struct store_query query;
	size_t *columns; /* those that someone reads; numbers of slots too */
	struct store_filter *filters;
	struct batch *batch; /* that is being filled */
	struct source_counts counts;
	struct seen seen;
	struct arena arena; /* of the bounds of ranges */
	bool ended;
};

static void table_complain(const struct option_plugin *self, const char *option,
	struct problems *problems, const struct error *err)
{
	if (err->text[0])
		option_complain(problems, self->node,
			self->node ? self->node->place : (struct place){ 0 }, option, "%s",
			err->text);
}

/* "today", "today-3d": the day as a date. Anything else as it stands; NULL: a day that is none. */
static const char *table_bound(struct arena *arena, const char *text, int64_t now_seconds)
{
	static const char today[] = "today";
	const size_t length = sizeof(today) - 1;
	char *end, date[DAYS_TEXT_BYTES];
	if (strncmp(text, today, length) != 0)
		return text;
	const char *behind = text + length;
	long days = 0;
	if (*behind) {
		if ((*behind != '+' && *behind != '-') || !isdigit((unsigned char)behind[1]))
			return NULL;
		days = strtol(behind, &end, 10);
		if (strcmp(end, "d") != 0 || labs(days) > TABLE_DAYS)
			return NULL;
	}
	days_text(now_seconds + days * DAYS_SECONDS, date);
	return arena_printf(arena, "%.10s", date);
}

/* One way of telling rows apart, of which there are three. */
static bool table_where_sound(const struct table_where *where, struct error *err)
{
	const int ways = (where->is.count > 0) + (where->is_not.count > 0) + (*where->from != 0);
	if (ways != 1)
		return fail(err, ERROR_USAGE, "a condition has one of `is`, `is_not` and `from`");
	struct arena arena = { 0 };
	const bool sound =
		table_bound(&arena, where->from, 0) && table_bound(&arena, where->before, 0);
	arena_finish(&arena);
	return sound ||
	       fail(err, ERROR_USAGE, "expected a date, or today with days, such as today-3d");
}

static void table_check_where(const struct option_plugin *self, const struct store_columns *columns,
	struct problems *problems)
{
	const struct table_settings *settings = self->settings;
	const struct table_where *where = settings->where.items;
	for (size_t i = 0; i < settings->where.count; i++) {
		struct error err;
		struct text option = { 0 };
		size_t column;
		text_addf(&option, "where.%zu.field", i);
		if (!store_find_column(columns, where[i].field, &column, &err))
			table_complain(self, option.data, problems, &err);
		option.data[option.length - strlen(".field")] = '\0';
		if (!table_where_sound(&where[i], &err))
			table_complain(self, option.data, problems, &err);
		text_finish(&option);
	}
}

static bool table_describe(const struct option_plugin *self, struct stores *stores,
	struct arena *arena, const char *const **fields, struct problems *problems)
{
	const struct table_settings *settings = self->settings;
	size_t before = problems->count, key;
	struct error err;
	const struct stores_entry *entry = stores_find(stores, settings->store, &err);
	if (!entry) {
		table_complain(self, "store", problems, &err);
		return false;
	}
	if (!store_find_column(&entry->columns, settings->key, &key, &err))
		table_complain(self, "key", problems, &err);
	table_check_where(self, &entry->columns, problems);
	const char **names = arena_alloc(arena, (entry->columns.count + 1) * sizeof(*names));
	for (size_t i = 0; i < entry->columns.count; i++)
		names[i] = entry->columns.list[i].name;
	*fields = names;
	return problems->count == before;
}

static void table_close(void *source)
{
	struct table_reader *reader = source;
	if (!reader)
		return;
	if (reader->prepared)
		reader->entry->plugin->release(reader->prepared);
	reader->entry->plugin->close(reader->store);
	seen_finish(&reader->seen);
	free(reader->columns);
	free(reader->filters);
	arena_finish(&reader->arena);
	free(reader);
}

static void table_set_range(
	struct table_reader *reader, const struct table_where *where, struct store_filter *filter)
{
	const int64_t now = reader->setup->now_seconds;
	if (*where->from)
		filter->from = table_bound(&reader->arena, where->from, now);
	if (*where->before)
		filter->before = table_bound(&reader->arena, where->before, now);
}

static bool table_set_query(struct table_reader *reader, struct error *err)
{
	const struct table_settings *settings = reader->settings;
	const struct store_columns *columns = &reader->entry->columns;
	const struct table_where *where = settings->where.items;
	reader->columns = memory_zeroed(columns->count + 1, sizeof(*reader->columns));
	reader->filters = memory_zeroed(settings->where.count + 1, sizeof(*reader->filters));
	struct store_query *query = &reader->query;
	query->columns = reader->columns;
	query->filters = reader->filters;
	for (size_t i = 0; i < columns->count; i++)
		if (reader->setup->fields->used[i])
			reader->columns[query->column_count++] = i;
	for (size_t i = 0; i < settings->where.count; i++) {
		struct store_filter *filter = &reader->filters[query->filter_count++];
		table_set_range(reader, &where[i], filter);
		filter->negate = where[i].is_not.count > 0;
		filter->values = filter->negate ? where[i].is_not : where[i].is;
		if (!store_find_column(columns, where[i].field, &filter->column, err))
			return false;
	}
	return store_find_column(columns, settings->key, &query->key, err);
}

static bool table_open(
	const void *settings, const struct source_setup *setup, void **source, struct error *err)
{
	struct table_reader *reader = memory_zeroed(1, sizeof(*reader));
	reader->settings = settings;
	reader->setup = setup;
	reader->entry = stores_get(setup->stores, reader->settings->store);
	reader->store_setup =
		(struct store_setup){ setup->complain, setup->context, setup->note, setup->wait };
	const struct store_plugin *plugin = reader->entry->plugin;
	if (table_set_query(reader, err) &&
		plugin->open(reader->entry->settings, &reader->store_setup, &reader->store, err) &&
		plugin->prepare(reader->store, &reader->query, &reader->prepared, err)) {
		*source = reader;
		return true;
	}
	table_close(reader);
	return false;
}

static void table_refuse(
	const struct table_reader *reader, const struct store_row *row, const struct error *why)
{
	struct text what = { 0 };
	text_addf(&what, "store '%s'", reader->entry->name);
	if (row->line)
		text_addf(&what, ", line %llu", (unsigned long long)row->line);
	reader->setup->complain(reader->setup->context, what.data, why);
	text_finish(&what);
}

/* True where the row has a key of its own. */
static bool table_row_sound(struct table_reader *reader, const struct store_row *row)
{
	struct error why;
	uint64_t first;
	const char *key = reader->settings->key;
	if (!row->key.data) {
		fail(&why, ERROR_DAMAGED, "'%s' is blank: the row is left out", key);
		table_refuse(reader, row, &why);
		return false;
	}
	if (!seen_before(&reader->seen, &row->key, row->line, &first))
		return true;
	struct text where = { 0 };
	text_addf(&where, first ? "line %llu has it already" : "another row has it",
		(unsigned long long)first);
	fail(&why, ERROR_DAMAGED, "'%s' is '%.*s', and %s: the row is left out", key,
		(int)(row->key.length < 200 ? row->key.length : 200), row->key.data, where.data);
	text_finish(&where);
	table_refuse(reader, row, &why);
	reader->counts.duplicates++;
	return false;
}

static bool table_row(void *context, const struct store_row *row, struct error *err)
{
	(void)err;
	struct table_reader *reader = context;
	if (!table_row_sound(reader, row))
		return true;
	struct batch *batch = reader->batch;
	size_t count = reader->setup->fields->count;
	struct slot *slots = arena_alloc(&batch->arena, count * sizeof(*slots));
	for (size_t i = 0; i < reader->query.column_count; i++) {
		struct slot *slot = &slots[reader->columns[i]];
		*slot = row->values[i];
		if (slot->data)
			slot->data = arena_copy(&batch->arena, slot->data, slot->length);
	}
	batch->items[batch->count++] = (struct item){
		.key = arena_copy(&batch->arena, row->key.data, row->key.length),
		.key_length = row->key.length,
		.slots = slots,
		.slot_count = count,
	};
	reader->counts.items++;
	return true;
}

static bool table_step(void *source, struct batch *batch, struct error *err)
{
	struct table_reader *reader = source;
	const struct store_sink sink = { table_row, reader };
	bool more = !reader->ended;
	bool fine = true;
	reader->batch = batch;
	stopwatch_enter(reader->setup->watch, reader->setup->store_spending);
	while (fine && more && batch->count == 0)
		fine = reader->entry->plugin->scan(reader->prepared, ITEM_STEP, &sink, &more, err);
	stopwatch_leave(reader->setup->watch);
	if (!fine)
		return error_where(err, "store '%s'", reader->entry->name);
	reader->ended = !more;
	if (reader->counts.items == 0 && reader->settings->empty == TABLE_EMPTY_ERROR)
		return fail(err, ERROR_MISSING, "store '%s' gives no row", reader->entry->name);
	return true;
}

static const char *table_store(const void *settings)
{
	return ((const struct table_settings *)settings)->store;
}

static const struct source_counts *table_counts(const void *source)
{
	return &((const struct table_reader *)source)->counts;
}

const struct source_plugin table_source = {
	.plugin = { "table", "Every row of a store.", table_options,
		sizeof(struct table_settings) },
	.describe = table_describe,
	.store = table_store,
	.open = table_open,
	.step = table_step,
	.counts = table_counts,
	.close = table_close,
};
