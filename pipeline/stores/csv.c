/* The store `csv`: a text file with a row of names on top. */

#include "pipeline/stores/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/stores/csv_private.h"
#include "pipeline/support/clock.h"
#include "pipeline/support/hashes.h"

static const char *const csv_delimiter_words[] = { "auto", "comma", "semicolon", "tab", "pipe",
	NULL };
static const char csv_delimiter_bytes[] = { 0, ',', ';', '\t', '|' };

#define SETTINGS struct csv_settings
static const struct option csv_options[] = {
	{ "path", FILE_PATH(path),
		.help = "The file, in UTF-8. Its first row has the names of the columns." },
	{ "delimiter", CHOICE(delimiter, csv_delimiter_words), .fallback = "auto",
		.help = "What stands between two values; auto takes the one that the first row has "
			"most of." },
	{ .name = NULL },
};
#undef SETTINGS

struct csv_query {
	struct csv *csv;
	const struct store_query *query;
	struct slot *values;
	struct csv_reader scan;
	bool scanning;
};

static void csv_close(void *store)
{
	struct csv *csv = store;
	if (!csv)
		return;
	arena_finish(&csv->arena);
	free(csv->places);
	free(csv);
}

static bool csv_name_taken(const struct csv *csv, const char *name)
{
	for (size_t i = 0; i < csv->columns.count; i++)
		if (strcmp(csv->columns.list[i].name, name) == 0)
			return true;
	return false;
}

static bool csv_read_names(struct csv *csv, const struct csv_reader *reader, struct error *err)
{
	struct store_column *list = arena_alloc(&csv->arena, reader->count * sizeof(*list));
	csv->columns.list = list;
	csv->places = memory_zeroed(reader->count, sizeof(*csv->places));
	csv->width = reader->count;
	for (size_t i = 0; i < reader->count; i++) {
		const struct slot *slot = &reader->slots[i];
		if (!slot->data)
			continue;
		const char *name = arena_copy(&csv->arena, slot->data, slot->length);
		if (csv_name_taken(csv, name))
			return fail(err, ERROR_DAMAGED, "'%s', line 1: two columns are called '%s'",
				reader->path, name);
		csv->places[csv->columns.count] = i;
		list[csv->columns.count++] = (struct store_column){ name, STORE_TEXT };
	}
	return true;
}

bool csv_open_reader(struct csv *csv, struct csv_reader *reader, struct error *err)
{
	bool end = false;
	if (!csv_reader_open(reader, csv->settings->path, &csv->delimiter, err))
		return false;
	bool fine = csv_reader_next(reader, &end, err);
	if (fine && end)
		fine = fail(err, ERROR_DAMAGED,
			"'%s' is empty: its first row should have the "
			"names of the columns",
			csv->settings->path);
	if (!fine)
		csv_reader_close(reader);
	return fine;
}

static bool csv_open(
	const void *settings, const struct store_setup *setup, void **store, struct error *err)
{
	struct csv *csv = memory_zeroed(1, sizeof(*csv));
	struct csv_reader reader = { .file = -1 };
	csv->settings = settings;
	csv->setup = setup;
	csv->delimiter = csv_delimiter_bytes[csv->settings->delimiter];
	bool fine = csv_open_reader(csv, &reader, err) && csv_read_names(csv, &reader, err);
	csv_reader_close(&reader);
	if (fine)
		*store = csv;
	else
		csv_close(csv);
	return fine;
}

static const struct store_columns *csv_columns(const void *store)
{
	return &((const struct csv *)store)->columns;
}

static bool csv_prepare(
	void *store, const struct store_query *query, void **prepared, struct error *err)
{
	(void)err;
	struct csv_query *made = memory_zeroed(1, sizeof(*made));
	made->csv = store;
	made->query = query;
	made->values = memory_zeroed(query->column_count + 1, sizeof(*made->values));
	made->scan.file = -1;
	*prepared = made;
	return true;
}

static void csv_release(void *prepared)
{
	struct csv_query *query = prepared;
	if (!query)
		return;
	csv_reader_close(&query->scan);
	free(query->values);
	free(query);
}

__attribute__((format(printf, 3, 4))) static void csv_complain(
	const struct csv *csv, uint64_t line, const char *format, ...)
{
	struct text what = { 0 }, text = { 0 };
	struct error why;
	va_list list;
	va_start(list, format);
	text_addv(&text, format, list);
	va_end(list);
	text_addf(&what, "%s, line %llu", csv->settings->path, (unsigned long long)line);
	fail(&why, ERROR_DAMAGED, "%s", text.data);
	if (csv->setup->complain)
		csv->setup->complain(csv->setup->context, what.data, &why);
	text_finish(&what);
	text_finish(&text);
}

static bool csv_is_text(const struct slot *slot)
{
	const unsigned char *data = (const unsigned char *)slot->data;
	size_t length = slot->data ? slot->length : 0;
	for (size_t at = 0; at < length;) {
		size_t step = data[at] < 0x80 ? 1 : text_utf8(data + at, length - at);
		if (step == 0)
			return false;
		at += step;
	}
	return true;
}

/* A row that makes sense; one that does not is told of. */
static bool csv_row_sound(const struct csv *csv, const struct csv_reader *reader)
{
	if (reader->count != csv->width) {
		csv_complain(csv, reader->row_line,
			"%zu values where the first row has %zu names: the row is left out",
			reader->count, csv->width);
		return false;
	}
	for (size_t i = 0; i < csv->columns.count; i++) {
		if (csv_is_text(&reader->slots[csv->places[i]]))
			continue;
		csv_complain(csv, reader->row_line,
			"'%s' is no UTF-8: the row is left out; save the file as UTF-8",
			csv->columns.list[i].name);
		return false;
	}
	return true;
}

static const struct slot *csv_value(
	const struct csv_query *query, const struct csv_reader *reader, size_t column)
{
	return &reader->slots[query->csv->places[column]];
}

static bool csv_row_passes(const struct csv_query *query, const struct csv_reader *reader)
{
	for (size_t i = 0; i < query->query->filter_count; i++) {
		const struct store_filter *filter = &query->query->filters[i];
		if (!store_filter_passes(filter, csv_value(query, reader, filter->column)))
			return false;
	}
	return true;
}

static bool csv_give(struct csv_query *query, const struct csv_reader *reader, size_t index,
	const struct store_sink *sink, struct error *err)
{
	for (size_t i = 0; i < query->query->column_count; i++)
		query->values[i] = *csv_value(query, reader, query->query->columns[i]);
	const struct store_row row = {
		.index = index,
		.key = *csv_value(query, reader, query->query->key),
		.values = query->values,
		.line = reader->row_line,
	};
	return sink->row(sink->context, &row, err);
}

/* The next row that makes sense and passes. */
static bool csv_next(
	struct csv_query *query, struct csv_reader *reader, bool *end, struct error *err)
{
	do
		if (!csv_reader_next(reader, end, err))
			return false;
	while (!*end && (!csv_row_sound(query->csv, reader) || !csv_row_passes(query, reader)));
	return true;
}

static bool csv_scan(
	void *prepared, size_t most, const struct store_sink *sink, bool *more, struct error *err)
{
	struct csv_query *query = prepared;
	bool end = false;
	if (!query->scanning && !csv_open_reader(query->csv, &query->scan, err))
		return false;
	query->scanning = true;
	for (size_t given = 0; given < most && !end; given++)
		if (!csv_next(query, &query->scan, &end, err) ||
			(!end && !csv_give(query, &query->scan, 0, sink, err)))
			return false;
	*more = !end;
	if (!end)
		return true;
	csv_reader_close(&query->scan);
	query->scanning = false;
	return true;
}

/* The number of the key that a row has; SIZE_MAX: none of them. */
static size_t csv_find(const struct hashes *wanted, const struct slot *keys, const struct slot *key)
{
	uint32_t number;
	if (!key->data)
		return SIZE_MAX;
	struct hashes_walk walk = hashes_find(wanted, hashes_of(key->data, key->length));
	while (hashes_next(wanted, &walk, &number))
		if (keys[number].length == key->length &&
			memcmp(keys[number].data, key->data, key->length) == 0)
			return number;
	return SIZE_MAX;
}

static bool csv_walk(struct csv_query *query, const struct hashes *wanted, const struct slot *keys,
	const struct store_sink *sink, struct error *err)
{
	struct csv_reader reader;
	bool end = false, fine = true;
	if (!csv_open_reader(query->csv, &reader, err))
		return false;
	while (fine && (fine = csv_next(query, &reader, &end, err)) && !end) {
		size_t index = csv_find(wanted, keys, csv_value(query, &reader, query->query->key));
		if (index != SIZE_MAX)
			fine = csv_give(query, &reader, index, sink, err);
	}
	csv_reader_close(&reader);
	return fine;
}

/* Reads the file from end to end: many keys cost as much as one. */
static bool csv_get_many(void *prepared, const struct slot *keys, size_t count,
	const struct store_sink *sink, struct error *err)
{
	struct hashes wanted = { 0 };
	for (size_t i = 0; i < count; i++)
		hashes_add(&wanted, hashes_of(keys[i].data, keys[i].length), (uint32_t)i);
	bool fine = csv_walk(prepared, &wanted, keys, sink, err);
	hashes_finish(&wanted);
	return fine;
}

static bool csv_hash(const char *path, struct digest *version, struct error *err)
{
	FILE *file = fopen(path, "re");
	char buffer[65536];
	size_t got;
	if (!file)
		return fail_errno(err, errno, "'%s'", path);
	*version = (struct digest){ 0 };
	while ((got = fread(buffer, 1, sizeof(buffer), file)) > 0)
		*version = digest_mix(*version, digest_of(buffer, got));
	bool fine = !ferror(file);
	fclose(file);
	return fine || fail(err, ERROR_READ, "'%s' could not be read", path);
}

static bool csv_version(
	void *store, enum store_version kind, struct digest *version, struct error *err)
{
	const char *path = ((const struct csv *)store)->settings->path;
	struct stat status;
	if (kind == STORE_HASH)
		return csv_hash(path, version, err);
	if (stat(path, &status) != 0)
		return fail_errno(err, errno, "'%s'", path);
	const int64_t facts[] = { status.st_size, clock_nanos(&status.st_mtim),
		clock_nanos(&status.st_ctim), (int64_t)status.st_ino, (int64_t)status.st_dev };
	*version = digest_of(facts, sizeof(facts));
	return true;
}

static void csv_identify(void *store, struct text *text)
{
	const struct csv_settings *settings = ((const struct csv *)store)->settings;
	char *path = realpath(settings->path, NULL);
	store_add_host(text);
	store_add_part(text, path ? path : settings->path);
	store_add_part(text, csv_delimiter_words[settings->delimiter]);
	free(path);
}

const struct store_plugin csv_store = {
	.plugin = { "csv", "A CSV file, which is read from end to end for every window of keys.",
		csv_options, sizeof(struct csv_settings) },
	.versions = 1U << STORE_TIMES | 1U << STORE_HASH | 1U << STORE_VERSION,
	.lasting = 1U << STORE_TIMES | 1U << STORE_HASH | 1U << STORE_VERSION,
	.open = csv_open,
	.columns = csv_columns,
	.prepare = csv_prepare,
	.get_many = csv_get_many,
	.scan = csv_scan,
	.version = csv_version,
	.identify = csv_identify,
	.put_check = csv_put_check,
	.put_begin = csv_put_begin,
	.put_many = csv_put_many,
	.put_commit = csv_put_commit,
	.put_end = csv_put_end,
	.release = csv_release,
	.close = csv_close,
};
